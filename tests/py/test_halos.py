"""Parallel loops that read their neighbours' rows or those that an array of indices names,
elements or whole rows of matrices: what plain Python gives, errors with their numbers
included, and no array is replicated."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, shoal as bodo
    from shoal import prange
    from comparing import outcome, same

    def average(a, lo, hi):
        b = np.zeros(len(a))
        for i in prange(lo, hi):
            b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3
        return b

    def reduced(a, lo, hi):
        b = np.zeros(len(a))
        s, m = 0.0, -1.0
        for i in prange(lo, hi):
            b[i] = a[i - 3] + a[i + 2]
            s += a[i - 2]
            m = max(m, a[i + 1])
        return b, s, m

    def first_of(a, lo, hi):
        best, at = 1e9, -1
        for i in prange(lo, hi):
            x = abs(a[i - 1] - a[i])
            if x < best:
                best, at = x, i
        return best, at

    def two(a, lo, hi):
        b = a * 2
        c = np.zeros(len(a))
        for i in prange(lo, hi):
            if i % 2:
                c[i] = a[i - 1] + b[i + 2]
            else:
                c[i] = b[i - 2] - a[i]
        return c

    def steps(a, lo, hi):
        a = a.copy()
        b = np.zeros(len(a))
        for t in range(3):
            for i in prange(1, hi - 1):
                b[i] = a[i - 1] + a[i + 1]
            a, b = b, a
        return a, b

    def cells(a, lo, hi):
        m = a.shape[1]
        b = np.zeros(a.shape)
        for i in prange(lo, hi):
            for j in range(1, m - 1):
                b[i, j] = a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1]
        return b

    def rows(a, lo, hi):
        b = np.zeros(a.shape)
        s = 0.0
        for i in prange(lo, hi):
            b[i, :] = a[i - 1, :] + a[i + 1] * 2
            b[i, 0] = a[i, 1:].sum()
            s += a[i - 2].max()
        return b, s

    def norms(a, lo, hi):
        b = np.zeros(len(a))
        for i in prange(lo, hi):
            b[i] = np.sqrt((a[i] ** 2).sum()) + a[i, -1]
        return b

    def chosen(a, x):
        b = np.zeros(len(x))
        s = 0.0
        for i in prange(len(x)):
            b[i] = a[x[i]] * 2 + i
            s += b[i]
        return b, s

    def guarded(a, x):
        b = np.zeros(len(x))
        for i in prange(1, len(x) - 1):
            if -len(a) <= x[i] < len(a):
                b[i] = a[x[i]] + x[i - 1] + x[i + 1]
        return b

    def chosen_rows(a, x):
        b = np.zeros((len(x), a.shape[1]))
        for i in prange(len(x)):
            b[i] = a[x[i]] * 2
            b[i, 0] += a[x[i], -1]
        return b

    jit = {f: bodo.jit(f) for f in (average, reduced, first_of, two, steps, cells, rows, norms,
                                    chosen, guarded, chosen_rows)}
    flat = (average, reduced, first_of, two, steps)

    def check(f, a, *args):
        got, want = outcome(jit[f], a, *args), outcome(f, a, *args)
        assert same(got, want), (f.__name__, a.shape, args, got, want)

    for n in (0, 1, 2, 3, 4, 5, 7, 10, 23, 60):
        line = np.arange(n) ** 2 * 7 % 11 * 1.0
        for lo, hi in ((0, n), (1, n - 1), (3, n - 2), (3, n)):
            for f in flat:
                check(f, line, lo, hi)
        for m in (1, 3):
            grid = (np.arange(n * m) ** 2 * 7 % 11 * 1.0).reshape(n, m)
            for lo, hi in ((1, n - 1), (2, n)):
                check(cells, grid, lo, hi)
                check(norms, grid, lo, hi)
                if m > 1:
                    check(rows, grid, lo, hi)

    rng = np.random.default_rng(3)
    for n, m in ((0, 0), (0, 5), (1, 4), (3, 40), (40, 3), (40, 100), (100, 40)):
        line = np.arange(n) ** 2 * 7 % 11 * 1.0
        grid = (np.arange(3 * n) ** 2 * 7 % 11 * 1.0).reshape(n, 3)
        for kind in (np.int64, np.int32):
            x = rng.integers(-n, max(n, 1), m).astype(kind)
            check(chosen, line, x)
            check(guarded, line, rng.integers(-n - 2, n + 3, m).astype(kind))
            check(chosen_rows, grid, x)
        if m > 2:
            x[m // 2] = n + 3
            check(chosen, line, x)
            check(chosen_rows, grid, x)

    # Of what the ranks make themselves, in uneven chunks.
    def filtered(n, k):
        a = np.arange(n)
        a = a[a >= k]
        b = np.zeros(len(a), dtype=np.int64)
        for i in prange(2, len(a) - 2):
            b[i] = a[i - 2] * 3 + a[i + 2]
        return b

    def grid(n, m):
        a = np.ones((n, m), dtype=np.float32)
        b = np.zeros((n, m), dtype=np.float32)
        for i in prange(n):
            a[i] = np.arange(m) * i
        for i in prange(1, n - 1):
            b[i] = a[i - 1] + a[i + 1]
        return b

    def permuted(n, k):
        a = np.arange(n) * 3
        x = np.arange(k) * 7 % n
        b = np.zeros(k, dtype=np.int64)
        for i in prange(k):
            b[i] = a[x[i]]
        return b

    for f, loops, cases in (
        (permuted, 1, ((40, 40), (1000, 7), (3, 100))),
        (filtered, 1, ((40, 0), (40, 33), (40, 39), (40, 41))),
        (grid, 2, ((1, 2), (5, 3), (30, 4))),
    ):
        g = bodo.jit(f)
        for args in cases:
            assert same(g(*args), f(*args)), (f.__name__, args)
        text = str(g.explain())
        assert N_RANKS == 1 or text.count("iterations 1D") == loops, text
        said = text.count("neighbours' edges") + text.count("asked of their owners")
        assert N_RANKS == 1 or said == 1, text
        assert N_RANKS == 1 or f is not permuted or "rows REP" not in text, text
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)


ONCE = """
    import numpy as np, shoal
    from shoal import prange, _core

    def kept(a, x, n):
        b = np.zeros(len(x))
        for k in range(n):
            for i in prange(len(x)):
                b[i] += a[x[i]] * k
        return b

    def numbers_change(a, x, n):
        b, y = np.zeros(len(x)), x.copy()
        for k in range(n):
            for i in prange(len(x)):
                b[i] += a[y[i]] * k
            for i in prange(len(x)):
                y[i] = (y[i] + 1) % 7
        return b

    def rows_change(a, x, n):
        b, c = np.zeros(len(x)), a.copy()
        for k in range(n):
            for i in prange(len(x)):
                b[i] += c[x[i]] * k
            for i in prange(len(c)):
                c[i] += 1.0
        return b

    def made_inside(a, x, n):
        b = np.zeros(len(x))
        for k in range(n):
            c = a + k
            for i in prange(len(x)):
                b[i] += c[x[i]]
        return b

    def edges(a, x, n):
        b = np.zeros(len(a))
        for k in range(n):
            for i in prange(1, len(a) - 1):
                b[i] += a[i - 1] * k + a[i + 1]
        return b

    def rounds(f, *args):
        before = _core.traffic()[2]
        f(*args)
        return _core.traffic()[2] - before

    root = shoal.get_rank() == 0
    A, X = np.arange(7) * 1.5, np.arange(31) * 5 % 7
    a, x = shoal.scatterv(A if root else None), shoal.scatterv(X if root else None)
    for f in (kept, numbers_change, rows_change, made_inside, edges):
        g = shoal.jit(f, distributed=["a", "x"])
        for n in (0, 1, 20):
            got = shoal.allgatherv(g(a, x, n))
            assert np.array_equal(got, f(A, X, n)), (f.__name__, n)
        same = rounds(g, a, x, 2) == rounds(g, a, x, 20)
        assert same == (f in (kept, edges)), f.__name__
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("ranks", [2, 3])
def test_rows_that_stay_are_asked_once(ranks, tmp_path):
    """Not in each step of the loop around, unless the step changes rows or numbers."""
    check_program(ONCE, ranks, "spmd", tmp_path)
