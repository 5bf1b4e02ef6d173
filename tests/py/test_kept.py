"""Plans (python/shoal/_kept.py): a new process takes what another has compiled without the
front end, as long as its world gives the same answers."""

import os
import subprocess
import sys

import pytest

RUN = """
import sys
sys.path.insert(0, {folder!r})
import shoal
from shoal import _core
compile_, runs = _core.compile, []
_core.compile = lambda *args: runs.append(1) or compile_(*args)
{before}
import program
try:
    print(repr(shoal.jit(distributed=False)(program.f)({args})))
except Exception as e:
    line = e.__traceback__
    while line.tb_next:
        line = line.tb_next
    print(type(e).__name__, e, line.tb_lineno)
print(len(runs))
"""


class World:
    """A program in a folder, run in processes that share a cache."""

    def __init__(self, folder):
        self.folder, self.cache = folder, folder / "cache"

    def write(self, text: str) -> None:
        (self.folder / "program.py").write_text(text)

    def run(self, args: str = "3", before: str = "") -> tuple[str, int]:
        """(the result's text, how often the compiler ran)"""
        code = RUN.format(folder=str(self.folder), args=args, before=before)
        out = subprocess.run(
            [sys.executable, "-c", code],
            env={
                **os.environ,
                "SHOAL_CACHE_DIR": str(self.cache),
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert out.returncode == 0, out.stderr
        result, runs = out.stdout.splitlines()[-2:]
        return result, int(runs)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


PROGRAM = """
import math
import numpy as np

K = 2
TABLE = (1, 2.5, "x")


def helper(x, by=10):
    return x * by


def f(x):
    a = np.zeros(4)
    for i in range(4):
        a[i] = helper(x) + K + len(TABLE) + math.sqrt(4.0)
    return a.sum()
"""


def test_a_second_process_runs_no_front_end(world):
    world.write(PROGRAM)
    assert world.run() == ("np.float64(148.0)", 1)
    assert world.run() == ("np.float64(148.0)", 0)
    assert world.run("3.5") == ("np.float64(168.0)", 1)  # another type
    assert world.run("3") == ("np.float64(148.0)", 0)
    assert world.run("4") == ("np.float64(188.0)", 0)


@pytest.mark.parametrize(
    "old, new, want",
    [
        ("K = 2", "K = 3", 152),
        ("K = 2", "K = 2.5", 150),
        ("K = 2", "K = True", 144),
        ("x * by", "x + by", 80),
        ("by=10", "by=11", 160),
        ("by=10", "by=10.0", 148),
        ("math.sqrt(4.0)", "math.sqrt(9.0)", 152),
        ("import math", "from types import SimpleNamespace as math", None),
        ('2.5, "x"', '2.5, "x", 7', 152),
        ("np.zeros", "np.ones", 148),
        ("def helper(x, by=10):", "helper = abs\ndef other(x, by=10):", 40),
    ],
)
def test_a_changed_world_is_noticed(world, old, new, want):
    world.write(PROGRAM)
    assert world.run() == ("np.float64(148.0)", 1)
    assert old in PROGRAM
    world.write(PROGRAM.replace(old, new))
    result, runs = world.run()
    assert runs == 1
    if want is not None:
        assert result == f"np.float64({float(want)})"
    world.write(PROGRAM)
    assert world.run() == ("np.float64(148.0)", 0)


def test_guards_hold_after_a_plan(world):
    """A global that changes while the process runs is compiled anew."""
    world.write(
        PROGRAM
        + "\n\ndef changing(g):\n    global K\n    first = g(3)\n    K = 5\n    return first, g(3)\n"
    )
    change = "import program; g = shoal.jit(distributed=False)(program.f); program.f = g.py_func; print(program.changing(g)); program.K = 2; runs.clear()"
    assert world.run()[1] == 1
    result, runs = world.run("3", change)
    assert result == "np.float64(148.0)"
    assert runs == 0


def test_values_that_the_code_depends_on(world):
    world.write(
        "import numpy as np\n\ndef f(n):\n    return np.ones((2, 3)).sum(axis=n).shape\n"
    )
    assert world.run("0") == ("(3,)", 1)
    assert world.run("0") == ("(3,)", 0)
    assert world.run("1") == ("(2,)", 1)
    assert world.run("0") == ("(3,)", 0)  # both are kept
    assert world.run("1") == ("(2,)", 0)


def test_lines_of_errors_are_those_of_the_file(world):
    text = "import numpy as np\n\ndef f(n):\n    a = np.zeros(2)\n    return a[n]\n"
    world.write(text)
    want = "IndexError index 3 is out of bounds for axis 0 with size 2 5"
    assert world.run() == (want, 1)
    assert world.run() == (want, 0)
    world.write("\n\n" + text)
    assert world.run() == (want[:-1] + "7", 1)
    assert world.run() == (want[:-1] + "7", 0)
    world.write(text)
    assert world.run() == (want, 0)


def test_damaged_plans_count_as_none(world):
    world.write(PROGRAM)
    assert world.run()[1] == 1
    for path in world.cache.iterdir():
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
    assert world.run() == ("np.float64(148.0)", 1)
    assert world.run() == ("np.float64(148.0)", 0)


@pytest.mark.parametrize(
    "text",
    [
        "class Bad(Exception):\n    pass\n\ndef f(x):\n    if x > 2:\n        raise Bad('no')\n    return x\n",
        "import enum\n\nclass E(enum.Enum):\n    A = 1\n    B = 2\n\ndef f(x):\n    return E.B if x > 2 else E.A\n",
        "class C:\n    def __init__(self, a):\n        self.a = a\n\ndef f(x):\n    return C(x).a + 1\n",
        "from typing import NamedTuple\n\nclass P(NamedTuple):\n    a: int\n    b: float\n\ndef f(x):\n    return P(x, x / 2).b\n",
    ],
)
def test_classes_of_the_user_are_not_kept(world, text):
    """They are numbered in the order in which a process meets them."""
    world.write(text)
    first = world.run()
    assert first[1] == 1
    assert world.run() == first


def test_closures_and_calls_of_python(world):
    world.write(
        "import shoal\n\n"
        "@shoal.wrap_python('int64')\ndef outside(x):\n    return x * 7\n\n"
        "def make(k):\n    def f(x):\n        return outside(x) + k\n    return f\n\n"
        "f = make(5)\n"
    )
    assert world.run() == ("26", 1)
    assert world.run() == ("26", 0)
    text = (world.folder / "program.py").read_text()
    world.write(text.replace("make(5)", "make(6)"))
    assert world.run() == ("27", 1)
    world.write(text.replace("x * 7", "x * 8"))  # runs in Python: it is as it is
    assert world.run()[0] == "29"


def test_the_cache_can_be_off(world, monkeypatch):
    monkeypatch.setenv("SHOAL_CACHE", "0")
    world.write(PROGRAM)
    assert world.run()[1] == 1
    assert world.run()[1] == 1
