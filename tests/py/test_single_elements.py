"""Elements of distributed arrays, read and written one at a time; views of their rows."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import whole

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


GUARDED = """
    import copy
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import outcome, same

    def guarded(x, k):
        if len(x) < 3:
            return x[0] if len(x) else -1.0
        if x[0] > 0:
            if k > 1:
                return x[k] + x.sum()
            s = x[-1]
        else:
            s = x[k] * 2
        return s - x[1]

    def written(x, k):
        y = x * 2
        if k > 1:
            y[0] = 5
            y[k] += y[0]
        elif k == 1:
            y[-1] = 3
        if x.max() > 100:
            y[50] = 1
        return y, y[0] if k else y[1]

    def scaled(x, k):
        if len(x) == 0:
            raise ValueError("nothing")
        low = x[0] if k else x[-1]
        return x - low

    def column(x, k):
        m = pd.DataFrame({"a": x}).a.to_numpy()
        if m.size and m[0] > m[-1]:
            return m[0] - k
        return m[len(m) // 2]

    x = np.random.default_rng(1).normal(size=9)
    for f in (guarded, written, scaled, column):
        g = bodo.jit(f)
        for y in (x, -x, x[:2], x[:0], x * 1e5):
            for k in range(4):
                got, want = outcome(g, y, k), outcome(f, y, k)
                assert same(got, want), (f.__name__, k, len(y), got, want)
        assert "any place" not in str(g.explain()), g.explain()
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_behind_a_branch(ranks, mode, tmp_path):
    """Decided alike on all ranks, a branch keeps single elements where they are."""
    check_program(GUARDED, ranks, mode, tmp_path)


MATRICES = """
    import copy
    import numpy as np, pandas as pd, shoal as bodo
    from shoal import prange
    from comparing import outcome, same

    def probed(X, k):
        n, m = X.shape
        u = X.copy()
        u[0] = 1.0
        u[k, 1] = 5
        u[-1, -1] += 3
        for t in range(3):
            v = u.copy()
            for i in prange(1, n - 1):
                for j in range(1, m - 1):
                    v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
            u = v
        return u[n // 2, m // 2], u[k], u[-1, 0], u[k - 1][::-1], u[k, 1] * 2, u[:, 1][k]

    def rows(X, k):
        out = np.zeros(len(X))
        for i in prange(len(X)):
            out[i] = X[i].sum()
        r = X[k, 1] - X[-1, 2] if k else X[0, 0]
        return out, X[k] - X[0], r, out[k], X.T[1, k]

    def written(X, k):
        m = X.copy()
        m[0, 0] = 100
        m[k, 3] = -1
        if k > 1:
            m[k, k] = 7
        for i in prange(len(m)):
            m[i, 1] = m[i].max()
        return m

    rng = np.random.default_rng(1)
    for f in (probed, rows, written):
        g = bodo.jit(f)
        for n in (4, 9, 20):
            X = rng.normal(size=(n, 4))
            for k in (0, 2, -1, 50):
                got, want = outcome(g, X, k), outcome(f, X, k)
                assert same(got, want), (f.__name__, n, k, got, want)
        listing = str(g.explain())
        assert N_RANKS == 1 or "iterations 1D_Block" in listing, listing
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_elements_and_rows_of_matrices(ranks, mode, tmp_path):
    """What is read or written once beside a parallel loop does not make it serial."""
    text = MATRICES.replace("N_RANKS", str(ranks))
    check_program(text, ranks, mode, tmp_path)
