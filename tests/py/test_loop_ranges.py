"""Parallel loops over distributed rows that do not begin at 0: numbers below 0 stand for
rows from the end, and ranges of any step, at any place, give what plain Python gives."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import copy
    import numpy as np, pandas as pd, shoal as bodo
    from shoal import prange
    from comparing import outcome, same

    def added(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-3, n):
            B[i] += A[i]
        return B

    def summed(A, M):
        s = 0.0
        for i in prange(-3, len(A)):
            s += A[i]
        return s

    def only_below(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-3, 0):
            B[i] = A[i] + i
        return B

    def all_from_the_end(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-n, 0):
            B[i] = A[i] * 2
        return B

    def beyond_the_first(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-n - 1, 0):
            B[i] = A[i] * 2
        return B

    def rows(A, M):
        B = np.zeros(len(M))
        for i in prange(-2, 3):
            B[i] = M[i].sum() + M[i, 1]
        return B

    def guarded(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-1, n + 1):
            if i >= 0 and i < n:
                B[i] = A[i]
        return B

    def beside(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(-3, n - 1):
            B[i] = A[i - 1] + A[i + 1]
        return B

    def both_ways(A, M):
        n = len(A)
        B = np.zeros(n)
        s = -1.0
        for i in prange(-1, -n - 1, -1):
            B[i] = A[i] * 2
            s = max(s, A[i])
        return B, s

    def first_smallest(A, M):
        s, k = 1e9, 99
        for i in prange(-3, len(A)):
            if A[i] % 4 < s:
                s, k = A[i] % 4, i
        return s, k

    def joined(A, M):
        df = pd.DataFrame({"i": np.arange(0), "x": np.zeros(0)})
        for i in prange(-2, len(A)):
            df = pd.concat([df, pd.DataFrame({"i": [i], "x": [A[i]]})], ignore_index=True)
        return df.i.values, df.x.values

    def fails_first(A, M):
        s = 0
        for i in prange(-2, len(A)):
            s += 1 // (abs(int(A[i])) - int(A[i - i])) if i < 1 else 0
        return s

    def behind(A, M):
        n = len(A)
        B = np.zeros(n)
        for i in prange(n):
            B[-1 - i] = A[-i]
        return B

    def any_range(A, a, b, c):
        B = np.zeros(len(A))
        s = 0.0
        for i in prange(a, b, c):
            B[i] = A[i] + 1
            s += A[i] * i
        return B, s

    def begins_anywhere(A, a, b):
        B = np.zeros(len(A))
        s = 0.0
        for i in prange(a, b):
            B[i] = A[i] + 1
            s += A[i] * i
        return B, s

    def check(f, g, *args):
        got, want = outcome(g, *args), outcome(f, *args)
        assert same(got, want), (f.__name__, args[1:], got, want)

    for f in (added, summed, only_below, all_from_the_end, beyond_the_first, rows, guarded,
              beside, both_ways, first_smallest, joined, fails_first, behind):
        g = bodo.jit(f)
        for n in (1, 2, 3, 11):
            check(f, g, np.arange(1, n + 1) * 1.5, np.arange(2.0 * n).reshape(n, 2))
    g = bodo.jit(any_range)
    h = bodo.jit(begins_anywhere)
    rng = np.random.default_rng(1)
    for _ in range(60):
        n, a, b = int(rng.integers(1, 9)), int(rng.integers(-11, 11)), int(rng.integers(-11, 11))
        A = rng.integers(0, 50, n) / 2
        check(any_range, g, A, a, b, int(rng.choice([-3, -1, 1, 2])))
        check(begins_anywhere, h, A, a, b)
    for g in (bodo.jit(added), h):
        g(np.ones(9), *([np.ones((9, 2))] if g is not h else [-2, 5]))
        assert N_RANKS == 1 or "iterations 1D_Block" in str(g.explain()), g.explain()
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)


BESIDE = """
    import numpy as np, shoal
    from shoal import prange

    @shoal.jit
    def f(A, a):
        B = np.zeros(len(A))
        for i in prange(a, len(A) - 1):
            B[i] = A[i + 1]
        return B

    assert len(f(np.arange(5.0), 2)) > 0
    try:
        f(np.arange(5.0), -1)
    except shoal.UnsupportedError as e:
        assert "begins at -1" in str(e), e
        print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), [(2, "pool"), (3, "spmd")])
def test_only_known_when_it_runs(ranks, mode, tmp_path):
    """A loop that reads beside its index is refused below 0 when it comes to that."""
    check_program(BESIDE, ranks, mode, tmp_path)
