"""Vectors put together, repeated and summed up as they go: what NumPy gives, and where they
are distributed they stay so."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import copy, warnings
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import same, whole

    warnings.simplefilter("ignore")

    def joined(a, b): return np.concatenate((a, b))
    def parts(a, b): return np.concatenate((a[:-1], b[1:]))
    def turned(a, b): return np.hstack((a[2:], a[:2]))
    def one_more(a, b): return np.append(a, 1.0)
    def two_more(a, b): return np.append(a, [1, 2])
    def before(a, b): return np.concatenate(([0.0], np.cumsum(a)))
    def numbers(a, b): return np.concatenate((a, np.arange(3)))
    def strided(a, b): return np.concatenate((a[::-1], b[::2]))
    def nothing(a, b): return np.concatenate((a, b[:0]))
    def columns(a, b): return np.column_stack((a, b))
    def stacked(a, b): return np.stack((a, b), axis=1)
    def by_c(a, b): return np.c_[a, b]
    def by_r(a, b): return np.r_[a, b]
    def sums(a, b): return np.cumsum(a)
    def products(a, b): return np.cumprod(a)
    def sums_within(a, b): return np.cumsum(a[1:-1])
    def sums_of_bools(a, b): return np.cumsum(a > 3)
    def repeated(a, b): return np.repeat(a, 3)
    def not_at_all(a, b): return np.repeat(a, 0)
    def tiled(a, b): return np.tile(a, 2)

    def written(a, b):
        c = np.concatenate((a, b))
        c[0] = 5
        c[-1] = 7
        return c

    def rows_of_two(a, b): return np.vstack((a, b)), np.dstack((a, b))

    def outcome(f, args):
        try:
            return f(*copy.deepcopy(args))
        except (ValueError, IndexError) as e:
            return type(e), str(e).splitlines()[0]

    def check(f, *args):
        g = bodo.jit(f)
        got, want = outcome(g, args), outcome(f, args)
        assert same(got, want), (f.__name__, args, got, want)
        return g

    rng = np.random.default_rng(0)
    x, y = rng.random(11) * 9, rng.random(11) * 9
    ints, gap = rng.integers(-5, 5, 11), np.where(x > 6, np.nan, x)
    vectors = (joined, parts, turned, one_more, two_more, before, numbers, strided, nothing,
               columns, stacked, by_c, by_r, sums, products, sums_within, sums_of_bools, repeated,
               not_at_all, tiled, written)
    for a, b in ((x, y), (x, ints), (ints, ints), (x.astype("float32"), x), (gap, x),
                 (x[:1], y[:1]), (x[:2], y[:2])):
        for f in (*vectors, rows_of_two):
            g = check(f, a, b)
            if f in vectors and len(a) > 2 and N_RANKS > 1 and SPAWNED:
                assert "all rows to every rank" not in str(g.explain()), (f.__name__, g.explain())
                assert "No parallelism" not in str(g.explain()), f.__name__
    for f in (joined, sums, repeated, columns):
        check(f, x[:0], y[:0])
    check(columns, x, y[1:])

    def added(a, b): return a + b
    def filled(S): return S.shift(1, fill_value=0), S.shift(-2, fill_value=0)
    def filled_far(S): return S.shift(20, fill_value=1), S.shift(-20, fill_value=1)
    def filled_text(S): return S.shift(1, fill_value="x"), S.shift(-1, fill_value="y")

    check(added, x, y[1:])
    for f, S in ((filled, pd.Series(ints)), (filled, pd.Series(gap)), (filled_far, pd.Series(gap)),
                 (filled_far, pd.Series(ints)), (filled_far, pd.Series(ints[:0])),
                 (filled_text, pd.Series(["a", None, "c", "d"]))):
        for got, want in zip(bodo.jit(f)(S), f(S)):
            pd.testing.assert_series_equal(whole(got), want)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    source = PROGRAM.replace("N_RANKS", str(ranks))
    check_program(source.replace("SPAWNED", str(mode == "pool")), ranks, mode, tmp_path)
