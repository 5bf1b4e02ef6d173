"""The copy of a nest that checks its accesses is compiled when the proof of its bounds fails.
Every function here is called so that it holds, then so that it does not: an index is
negative, or two arguments share memory.
"""

import os
import subprocess
import sys
import traceback

import numpy as np
import pytest

import shoal


def around(a, n):
    s = 0.0
    for i in range(n):
        for j in range(3):
            s += a[i - 1] * a[j]
            a[i] = s
    return s


def shifted(a, b):
    for i in range(1, len(a)):
        b[i] = a[i - 1] + 1.0
    return b[len(b) - 1]


def several(a, k):
    """Two nests, the second with what the first gives; text and a list among the values."""
    most = -1.0
    at = 0
    for i in range(len(a)):
        if a[i - k] > most:
            most = a[i - k]
            at = i
    names = []
    word = "x"
    for i in range(at, len(a)):
        word = "near" if a[i - k] > 1.0 else word + "far"
        for _ in range(2):
            names.append(word)  # noqa: PERF401
    return most, at, names, word


def leaves(a, k):
    for i in range(len(a)):
        for j in range(4):
            if a[i - k] == 3.0 and j == 2:
                break
        else:
            continue
        return i, j
    return -1, -1


def caught(a, k):
    total = 0.0
    try:
        for i in range(len(a)):
            total += a[i + k]
    except IndexError as e:
        return total, str(e)
    return total, "none"


CASES = [
    (around, lambda: (np.arange(10.0), 3), lambda: (np.arange(10.0), 10)),
    (several, lambda: (np.arange(9.0), 0), lambda: (np.arange(9.0), 2)),
    (leaves, lambda: (np.arange(6.0), 0), lambda: (np.arange(6.0), 1)),
    (caught, lambda: (np.arange(6.0), 0), lambda: (np.arange(6.0), 3)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c[0].__name__)
def test_same_as_python(case):
    function, *makes = case
    compiled = shoal.jit(distributed=False)(function)
    for make in [*makes, *makes]:
        want, got = make(), make()
        assert compiled(*got) == function(*want)
        assert np.array_equal(got[0], want[0])


def test_shared_memory():
    compiled = shoal.jit(distributed=False)(shifted)
    for same in False, True, False:
        want = np.zeros(8)
        got = want.copy()
        ours = compiled(got, got if same else np.zeros(8))
        assert ours == shifted(want, want if same else np.zeros(8))
        assert np.array_equal(got, want)


def rows(a, k):
    out = np.zeros(a.shape[0])
    for i in range(a.shape[0]):
        s = 0.0
        for j in range(a.shape[1]):
            s = max(s, a[i, j - k])
        out[i] = s
    return out


def test_long_inner_loops():
    """Beyond so many rounds they test the abort word, in a copy of their own."""
    compiled = shoal.jit(distributed=False)(rows)
    for columns in 10, (1 << 25) + 9:
        a = np.zeros((2, columns), np.int8)
        a[:, columns // 2] = 5, 7
        for k in 0, 1:
            assert np.array_equal(compiled(a, k), a.max(axis=1))


def cubes(a, n):
    out = np.zeros(a.shape[0])
    for i in range(a.shape[0]):
        s = 0.0
        for j in range(n):
            for k in range(n):
                s += a[i] * (j & k)
        out[i] = s
    return out


def test_short_loops_that_are_long_together():
    compiled = shoal.jit(distributed=False)(cubes)
    a = np.arange(3.0)
    for n in 5, 6000:
        once = sum(float((j & np.arange(n)).sum()) for j in range(n))
        assert np.array_equal(compiled(a, n), a * once)


def test_fails_at_its_line():
    compiled = shoal.jit(distributed=False)(around)
    with pytest.raises(IndexError, match="index 10 is out of bounds") as caught:
        compiled(np.arange(10.0), 12)
    line = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert line.line == "a[i] = s"


def total(a, k):
    s = 0.0
    for i in range(len(a)):
        s += a[i - k] * (i + 1)
    return s


def test_on_ranks():
    """Each rank compiles for itself."""
    a = np.arange(12.0)

    def both(n):
        return [total(a, k) for k in range(n)]

    everywhere = shoal.jit(replicated=["a"])(lambda a: total(a, 2) + shoal.get_rank())
    assert everywhere(a) == total(a, 2)
    assert both(2) == [total(a, 0), total(a, 1)]


SECOND = """
import numpy as np, shoal, sys
sys.path.insert(0, {folder!r})
from test_late_nests import total
assert shoal.jit(distributed=False)(total)(np.arange(5.0), 1) == total(np.arange(5.0), 1)
print(any("libLLVM" in line for line in open("/proc/self/maps")))
"""


def test_from_the_disk(tmp_path):
    """A second process needs no LLVM: it finds the function, and the nest."""
    code = SECOND.format(folder=os.path.dirname(__file__))
    for loads in "True", "False":
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "SHOAL_CACHE_DIR": str(tmp_path), "SHOAL_CACHE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip() == loads
