"""Rows that one use needs on every rank are gathered for it; the rest stays distributed."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo

    @bodo.jit
    def frame(n):
        return pd.DataFrame({"A": np.arange(n), "B": np.arange(n) % 3})

    @bodo.jit
    def array(n):
        return np.arange(n) * 2

    @bodo.jit
    def backwards(a):
        s = 0
        for i in range(len(a)):
            s = s * 2 % 1000003 + a[len(a) - 1 - i]
        return s

    @bodo.jit
    def column_backwards(df):
        return backwards(df.A.to_numpy()) + df.B.sum()

    @bodo.jit
    def filtered(n):
        A = np.arange(n)
        B = A[A > 3]
        return B[0] + B[len(B) - 1] + B.sum()

    @bodo.jit
    def grouped(df):
        g = df.groupby("B").A.sum().to_numpy()
        return g[0] * 100 + g[len(g) - 1]

    @bodo.jit
    def writes(a):
        for i in range(len(a)):
            a[i] = i + 1

    plain = pd.DataFrame({"A": np.arange(20), "B": np.arange(20) % 3})
    df, a = frame(20), array(20)
    assert backwards(a) == backwards.py_func(np.arange(20) * 2)
    want = backwards.py_func(np.arange(20)) + plain.B.sum()
    assert column_backwards(df) == want
    assert column_backwards(plain) == want
    assert filtered(20) == filtered.py_func(20)
    assert grouped(df) == grouped(plain) == grouped.py_func(plain)
    if bodo.get_size() > 1:
        try:
            writes(a)
        except bodo.DistributionError as e:
            assert "written at any place" in str(e)
        else:
            raise AssertionError
        a = np.zeros(20, dtype=np.int64)
    writes(a)
    assert a.tolist() == list(range(1, 21))
    assert bodo.scatterv(df) is not None
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
