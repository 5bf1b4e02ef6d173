"""Elements of distributed arrays, read and written one at a time; views of their rows."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo

    @bodo.jit
    def indexing(n, m, a):
        A = np.arange(n)
        B = A[A > 3]
        C = A[::2]
        b = A[m]
        A[A > 3] = a
        A[::2] = a
        A[m] = a
        return A, B, C, b

    @bodo.jit
    def floats(n, k):
        A = np.zeros(n, dtype=np.float32)
        A[k] = 2.5
        A[-1] = A[k] + 1
        return A, A[0]

    @bodo.jit
    def view(n):
        A = np.arange(n) + 10
        return A[::2], A[1::3]

    @bodo.jit
    def outside(n, k):
        A = np.arange(n)
        A[k] = 4
        return A

    @bodo.jit
    def read_outside(n, k):
        A = np.arange(n)
        return A[k] + A.sum()

    @bodo.jit
    def columns(df):
        return df.sum()

    def whole(x):
        return bodo.allgatherv(x) if getattr(x, "_shoal_dist", "") else x

    def same(f, *args):
        for got, want in zip(f(*args), f.py_func(*args), strict=True):
            np.testing.assert_array_equal(whole(got), want, err_msg=f"{f} {args}")

    for n in (3, 4, 11):
        same(view, n)
        for m in (-2, 0, 2):
            same(indexing, n, m, 7)
            same(floats, n, m)
    for f in (outside, read_outside):
        for k in (5, -6):
            try:
                f(5, k)
            except IndexError as e:
                assert str(e) == f"index {k} is out of bounds for axis 0 with size 5", e
            else:
                raise AssertionError
    df = pd.DataFrame({"A": np.arange(10), "B": 1.5})
    pd.testing.assert_series_equal(columns(df), df.sum())
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
