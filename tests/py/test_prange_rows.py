"""Parallel loops over the rows of distributed arrays: their own rows, their neighbours'."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import whole

    @bodo.jit
    def stencil(n, steps):
        A = np.arange(n) * 1.0
        B = np.zeros(n)
        for t in range(steps):
            for i in bodo.prange(1, n - 1):
                B[i] = (A[i - 1] + A[i] + A[i + 1]) / 3
            for i in bodo.prange(n):
                A[i] = B[i]
        return A

    @bodo.jit
    def far(n):
        A = np.arange(n)
        B = np.zeros(n, dtype=np.int64)
        for i in bodo.prange(n):
            B[i] = A[i - 5] * 10 + i
        return B

    @bodo.jit
    def swapped(n, steps):
        A = np.arange(n) * 1.0
        B = np.zeros(n)
        for t in range(steps):
            for i in bodo.prange(n - 1):
                B[i] = A[i] + A[i + 1]
            A, B = B, A
        return A

    @bodo.jit
    def reduced(n):
        A = np.arange(n)
        s, low = 0, 1000
        for i in bodo.prange(len(A)):
            s += A[i] * i
            low = min(low, A[i] + len(A))
        return s, low

    @bodo.jit
    def behind_the_end(n):
        A = np.arange(n)
        s = 0
        for i in bodo.prange(n):
            s += A[i + 1]
        return s

    @bodo.jit
    def any_place(df):
        a = df.A.to_numpy()
        b = df.B.to_numpy()
        out = np.empty(len(a))
        for i in bodo.prange(len(a)):
            out[i] = b[a[i]] + a[i]
        return out

    @bodo.jit
    def not_divided(n):
        A = np.zeros(n)
        for i in bodo.prange(n):
            A[n - 1 - i] = i
        return A

    @bodo.jit
    def filtered(n):
        A = np.arange(n)
        B = A[A % 3 == 0]
        C = np.zeros(len(B), dtype=np.int64)
        for i in bodo.prange(len(B)):
            C[i] = B[i] * i
        return C

    for n in (0, 1, 2, 3, 5, 17):
        frame = pd.DataFrame({"A": np.arange(n) * 7 % max(n, 1), "B": np.arange(n) * 1.5})
        cases = [(stencil, n, 4), (swapped, n, 3), (not_divided, n), (filtered, n)]
        if n == 0 or n >= 5:
            cases.append((far, n))
        for f, *args in cases:
            want = f.py_func(*args)
            got = whole(f(*args))
            np.testing.assert_array_equal(got, want, err_msg=f"{f} {args}")
            assert got.dtype == want.dtype
        np.testing.assert_array_equal(whole(any_place(frame)), any_place.py_func(frame))
        assert reduced(n) == reduced.py_func(n)
        try:
            behind_the_end(n)
            assert n == 0
        except IndexError as e:
            assert "out of bounds for axis 0" in str(e)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
