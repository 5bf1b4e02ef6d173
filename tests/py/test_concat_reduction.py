"""Frames, Series and vectors that a prange concatenates, in the order of its iterations."""

import pytest
from programs import EVERYWHERE, check_program

import shoal

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import whole

    @bodo.jit
    def numbered(n):
        df = pd.DataFrame()
        for i in bodo.prange(n):
            df = pd.concat([df, pd.DataFrame({"A": np.arange(i), "s": "x"})], ignore_index=True)
        return df

    @bodo.jit
    def some(n):
        df = pd.DataFrame({"A": [5]})
        for i in bodo.prange(n):
            if i % 2 == 0:
                df = pd.concat([df, pd.DataFrame({"A": np.arange(i) * 2})])
        return df

    @bodo.jit
    def series(n):
        s = pd.Series([1.5])
        for i in bodo.prange(n):
            s = pd.concat([s, pd.Series([i * 1.0, 2.0])])
        return s

    @bodo.jit
    def from_nothing(n):
        s = pd.Series([], dtype="int64")
        for i in bodo.prange(n):
            s = pd.concat([s, pd.Series(np.arange(i))], ignore_index=True)
        return s

    @bodo.jit
    def texts(n):
        s = pd.Series(dtype="str", name="t")
        for i in bodo.prange(n):
            s = pd.concat([s, pd.Series(["a", "b"], name="t")], ignore_index=True)
        return s

    @bodo.jit
    def used(n):
        df = pd.DataFrame()
        total = 0
        for i in bodo.prange(n):
            df = pd.concat(
                [df, pd.DataFrame({"A": np.arange(i), "k": np.arange(i) % 3})],
                ignore_index=True,
            )
            total += i
        return df.groupby("k").A.sum() + total

    @bodo.jit
    def vectors(n):
        a, b, c = np.zeros(0), np.array([7, 8]), np.zeros(0, dtype="int64")
        for i in bodo.prange(n):
            a = np.concatenate((a, np.arange(i)))
            if i % 3:
                b = np.append(b, i)
            c = np.hstack([c, [i, 2], np.ones(1, dtype="int8")])
        return a, b, c, a.sum() + len(b)

    @bodo.jit(distributed=["x"])
    def chunks(x):
        a = np.zeros(0)
        for i in bodo.prange(len(x)):
            a = np.append(a, np.arange(x[i]) * 0.5)
        return (a,)

    x = np.arange(9) % 4
    for n in (0, 1, 2, 5, 9):
        own = bodo.scatterv(x[:n] if bodo.get_rank() == 0 else None)
        for f, n, m in ((vectors, n, n), (chunks, own, x[:n])):
            for got, want in zip(f(n), f.py_func(m)):
                assert whole(got).tolist() == want.tolist(), (n, got, want)
                assert got.dtype == want.dtype, (n, got, want)
    for n in (1, 2, 5, 9):
        for f in (numbered, some):
            pd.testing.assert_frame_equal(whole(f(n)), f.py_func(n))
        pd.testing.assert_series_equal(whole(series(n)), series.py_func(n))
        pd.testing.assert_series_equal(whole(used(n)), used.py_func(n))
    for n in (0, 1, 5):
        for f in (from_nothing, texts):
            pd.testing.assert_series_equal(whole(f(n)), f.py_func(n))
    empty = whole(numbered(0))  # no iteration: no rows, the columns that there would be
    assert len(empty) == 0 and list(empty.columns) == ["A", "s"]
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)


def test_other_uses_are_refused():
    import numpy as np
    import pandas as pd

    @shoal.jit
    def f(n):
        df = pd.DataFrame()
        for i in shoal.prange(n):
            df = pd.concat([df, pd.DataFrame({"A": np.arange(i)})])
            print(len(df))
        return df

    @shoal.jit
    def g(n):
        a = np.zeros(0)
        for i in shoal.prange(n):
            a = np.append(a, len(a) + i)
        return a

    @shoal.jit
    def h(n):
        a = np.zeros((0, 2))
        for i in shoal.prange(n):
            a = np.append(a, np.ones((i, 2)), axis=0)
        return a

    for k, name in ((f, "df is carried"), (g, "a is carried"), (h, "only .* vectors")):
        with pytest.raises(shoal.UnsupportedError, match=name):
            k(3)


def test_two_schemas_are_refused():
    import numpy as np
    import pandas as pd

    @shoal.jit
    def f(n):
        df = pd.DataFrame()
        for i in shoal.prange(n):
            if i > 2:
                df = pd.concat([df, pd.DataFrame({"A": np.arange(i)})])
            else:
                df = pd.concat([df, pd.DataFrame({"A": np.arange(i) * 0.5})])
        return df

    with pytest.raises(shoal.UnsupportedError, match="as int64 and as float64"):
        f(3)
