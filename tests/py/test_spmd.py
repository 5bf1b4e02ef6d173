"""Programs that a launcher starts on several ranks: everything runs in place."""

import os

import pytest
from programs import run_text

pytestmark = pytest.mark.ranks

PROGRAM = """
import numpy as np, pandas as pd, shoal
rank, size = shoal.get_rank(), shoal.get_size()
df = pd.DataFrame({"a": np.arange(100), "s": [f"t{i % 3}" for i in range(100)]})

@shoal.jit
def over(df, n):
    return df[df.a > n]

@shoal.jit
def total(df):
    return df.a.sum()

@shoal.jit(distributed=["df"])
def chunks(df):
    return df.a.sum()

@shoal.jit
def double(a):
    return a * 2

@shoal.jit
def broken(df):
    return df.nope

@shoal.jit
def refused(df):
    if df.a.sum() > 3:
        raise ValueError("too much")
    return 1

part = over(df, 20)
assert shoal.gatherv(part, True).a.tolist() == list(range(21, 100)), part
assert total(part) == sum(range(21, 100))
assert total(df) == sum(range(100))
assert chunks(df[: rank + 1]) == sum(sum(range(r + 1)) for r in range(size))
if size > 1:
    try:
        total(df[: rank + 3])
    except ValueError as e:
        assert "distributed=['df']" in str(e)
    else:
        raise AssertionError
for f, error in ((broken, AttributeError), (refused, ValueError)):
    try:
        f(df)
    except error as e:
        pass
    else:
        raise AssertionError
x = shoal.scatterv(np.arange(10.0) if rank == 0 else None)
assert len(x) == shoal.get_end(10, size, rank) - shoal.get_start(10, size, rank)
y = double(x)
assert shoal.allgatherv(y).tolist() == [2.0 * i for i in range(10)]
assert shoal.gatherv(y).tolist() == ([2.0 * i for i in range(10)] if rank == 0 else [])
shoal.barrier()
print(f"passed {rank}\\n", end="", flush=True)
"""


@pytest.mark.parametrize("n", [1, 2, 3])
def test_program(n, tmp_path):
    done = run_text(PROGRAM, n, "spmd", tmp_path)
    assert sorted(done.stdout.split("\n")[:-1]) == [f"passed {r}" for r in range(n)], (
        done.stdout + done.stderr
    )
    assert done.returncode == 0


def test_a_rank_that_fails_ends_the_others(tmp_path):
    text = "import shoal\nif shoal.get_rank() == 1: raise RuntimeError('alone')\nshoal.barrier()\n"
    done = run_text(text, 3, "spmd", tmp_path)
    assert done.returncode != 0
    assert "RuntimeError: alone" in done.stderr


APART = [
    # Each rank's own operation, and what is said.
    ("shoal.barrier()", "shoal.allgatherv(x)", "rank 0 in a barrier"),
    ("shoal.allgatherv(x)", "shoal.rebalance(x)", "rank 0 in allgatherv"),
    ("f(3)", "g(3.5)", "ranks"),
    ("f(3)", "shoal.barrier()", "ranks are at different places"),
    ("raise SystemExit(0)", "shoal.barrier()", "rank 0 in its end"),
    ("raise SystemExit(0)", "f(3)", "rank 0 in its end"),
]


@pytest.mark.parametrize(("zero", "others", "says"), APART)
def test_ranks_at_different_places(zero, others, says, tmp_path):
    """They stop with a message that names both, soon, and nobody waits for ever."""
    import time

    text = f"""
import numpy as np
import shoal

@shoal.jit
def f(n):
    s = 0
    for i in shoal.prange(n):
        s += i
    return s

@shoal.jit
def g(n):
    return np.arange(n).sum()

x = np.arange(5)
f(2), g(2.5)
print("began", flush=True)
if shoal.get_rank() == 0:
    {zero}
else:
    {others}
print("passed")
"""
    start = time.monotonic()
    done = run_text(text, 3, "spmd", tmp_path)
    assert done.returncode != 0
    assert "passed" not in done.stdout
    assert says in done.stderr
    assert time.monotonic() - start < 60


def test_the_end_of_one_rank_is_soon_that_of_all(tmp_path):
    """An exception on one rank ends the job in under five seconds, wherever others wait."""
    import time

    text = """
import time
import shoal

@shoal.jit
def f(n):
    s = 0
    for i in shoal.prange(n):
        s += i
    return s

f(10)
print(f" {time.time()} ", flush=True)  # lines of ranks may run together
if shoal.get_rank() == 1:
    raise RuntimeError("alone")
f(10)
"""
    done = run_text(text, 3, "spmd", tmp_path)
    ended = time.time()
    assert done.returncode != 0
    assert "RuntimeError: alone" in done.stderr
    assert ended - max(map(float, done.stdout.split())) < 5


def test_an_error_of_all_ranks_ends_them_in_order(tmp_path):
    """None is killed before it has spoken, and the launcher writes nothing between."""
    text = "import shoal\nprint(' said ', shoal.get_size() * '.')\nraise ValueError('of all')\n"
    for _ in range(5):
        done = run_text(text, 3, "spmd", tmp_path)
        assert done.returncode == 1
        assert done.stdout.split() == ["said", "..."] * 3
        assert done.stderr.count("ValueError: of all") == 3
        assert "Abort" not in done.stderr


@pytest.mark.parametrize(
    "end",
    ["raise SystemExit(3)", "raise ValueError", "os.kill(os.getpid(), 9)", "stop()"],
)
def test_however_ranks_end_no_memory_is_left(end, tmp_path):
    """MPI's shared memory has no name any more when the program goes on."""
    text = f"""
import os
import shoal
from shoal._core import abort_comm as stop

shoal.barrier()
with open("/proc/self/maps") as maps:
    lines = [line.split() for line in maps if "/dev/shm/" in line]
print(*{{line[5] for line in lines}}, flush=True)
if shoal.get_rank() == 1:
    {end}
shoal.barrier()
"""
    done = run_text(text, 3, "spmd", tmp_path)
    assert done.returncode != 0
    files = [path for path in done.stdout.split() if path.startswith("/dev/shm/")]
    assert files
    assert [path for path in files if os.path.exists(path)] == []


CLASSES = """
import dataclasses, enum, warnings
from collections import namedtuple

import numpy as np

import shoal

Pair = namedtuple("Pair", "left right")
rank = shoal.get_rank()


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@dataclasses.dataclass
class Both:
    n: int
    rows: object


class Plain:
    def __init__(self, n):
        self.n = n


class Wrong(ValueError):
    pass


@shoal.jit
def many(n):
    return Pair(n, np.arange(n)), Colour.BLUE, Both(n, np.arange(n)), Plain(n)


@shoal.jit
def refused(n, r):
    if shoal.get_rank() == r:
        raise Wrong("too many", n)
    return n


pair, colour, both, plain = many(3)
assert pair == Pair(3, pair.right) and colour is Colour.BLUE
assert type(both) is Both and both.n == plain.n == 3 and type(plain) is Plain
for r in range(shoal.get_size()):
    try:
        refused(3, r)
    except Wrong as e:
        assert e.args == ("too many", 3)
    else:
        raise AssertionError("not raised")
print("passed")
"""


@pytest.mark.parametrize("n", [1, 3])
def test_classes_that_only_the_first_rank_has_met(n, tmp_path):
    """The rank that compiles numbers them; all others know the numbers too."""
    done = run_text(CLASSES, n, "spmd", tmp_path)
    assert done.stdout == "passed\n" * n, done.stderr
