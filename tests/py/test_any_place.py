"""Parallel loops that write rows and read others of that axis at any place, or all of them:
what plain Python gives, and the loop is divided all the same."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import copy
    import numpy as np, pandas as pd, shoal as bodo
    from shoal import prange
    from comparing import outcome, same

    def distances(X):
        n = len(X)
        D = np.zeros((n, n))
        for i in prange(n):
            for j in range(n):
                D[i, j] = np.sqrt(((X[i] - X[j]) ** 2).sum())
        return D

    def nearest(X):
        n = len(X)
        out = np.zeros(n)
        for i in prange(n):
            d = ((X - X[i]) ** 2).sum(axis=1)
            out[i] = np.sort(d)[min(1, n - 1)]
        return out

    def squared(A):
        n = A.shape[0]
        C = np.zeros((n, n))
        for i in prange(n):
            for j in range(n):
                s = 0.0
                for k in range(A.shape[1]):
                    s += A[i, k] * A[k % n, j % A.shape[1]]
                C[i, j] = s
        return C

    def columns(X):
        df = pd.DataFrame({"a": X[:, 0], "b": X[:, 1]})
        x = df.a.values
        n = len(x)
        out = np.zeros(n)
        for i in prange(n):
            out[i] = x[i] - df.b.sum() + x[n - 1 - i]
        return out

    def bodies(X):
        x = X[:, 0].copy()
        n = len(x)
        v = np.zeros(n)
        for t in range(3):
            a = np.zeros(n)
            for i in prange(n):
                s = 0.0
                for j in range(n):
                    d = x[j] - x[i]
                    s += d / (abs(d) ** 3 + 0.01)
                a[i] = s
            v = v + a * 0.1
            x = x + v * 0.1
        return x, v

    def written_between(X):
        x = X[:, 0].copy()
        n = len(x)
        y = np.zeros(n)
        for t in range(3):
            for i in prange(n):
                y[i] += x[(i + t) % n]
            for i in prange(n):
                x[i] = y[n - 1 - i] / 2
        return x, y

    def around(X):
        for t in range(3):
            Y = np.zeros_like(X)
            n, m = X.shape
            for i in prange(n):
                for j in range(m):
                    Y[i, j] = X[i, j] + X[(i + 1) % n, j] + X[(i - 1) % n, (j + 1) % m]
            X = Y
        return X

    def on_a_branch(X):
        n = len(X)
        y = np.zeros(n)
        if n > 2:
            for i in prange(n):
                y[i] = X[n - 1 - i, 0]
        else:
            for i in prange(n):
                y[i] = X[i, 1]
        return y

    def beyond(X):
        n = len(X)
        y = np.zeros(n)
        for i in prange(n):
            y[i] = X[i * 2, 0]
        return y

    rng = np.random.default_rng(1)
    for f in (distances, nearest, squared, columns, bodies, written_between, around, on_a_branch,
              beyond):
        g = bodo.jit(f)
        for n in (1, 2, 7, 30):
            X = rng.random((n, 3))
            got, want = outcome(g, X), outcome(f, X)
            assert same(got, want), (f.__name__, n, got, want)
        text = str(g.explain())
        assert N_RANKS == 1 or "iterations 1D_Block" in text, (f.__name__, text)
        assert N_RANKS == 1 or "all rows to every rank" in text, (f.__name__, text)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)
