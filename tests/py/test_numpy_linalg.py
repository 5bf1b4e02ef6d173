"""Products of vectors and matrices, np.linalg, against NumPy on 1, 2 and 3 ranks."""

import sys

import numpy as np
import pytest

import shoal

rng = np.random.default_rng(5)
M, N = rng.normal(size=(7, 5)), rng.normal(size=(5, 4))
S, V, W = rng.normal(size=(5, 5)), rng.normal(size=5), rng.normal(size=7)
K = rng.integers(-9, 9, (7, 5))


pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]


def compare(func, *args):
    try:
        want = func(*args)
    except Exception as e:
        with pytest.raises(type(e)) as got:
            shoal.jit(func)(*args)
        assert str(got.value).splitlines()[0] == str(e)
        return
    for a, b in zip(shoal.jit(func)(*args), want, strict=True):
        a, b = np.asarray(a), np.asarray(b)
        assert a.dtype == b.dtype and a.shape == b.shape
        narrow = b.dtype == np.float32
        np.testing.assert_allclose(a, b, rtol=1e-5 if narrow else 1e-10, atol=1e-12)


def products(m, n, v, w):
    return (
        m @ n,
        m @ v,
        w @ m,
        np.dot(m, n),
        np.matmul(m, v),
        v @ v,
        np.dot(v, v),
        np.inner(v, v),
        np.vdot(v, v),
        m.T @ m,
        m.T @ w,
        m.dot(v),
        np.outer(v, w),
        np.dot(m, 2.0),
        n.T @ m.T,
        m[::2] @ n[:, 1:3],
        np.inner(m, m),
    )


def test_products():
    compare(products, M, N, V, W)
    compare(products, K, K.T[:, :4] * 1, K[0] * 1, K[:, 0] * 1)
    compare(products, M.astype(np.float32), N, V, W.astype(np.float32))


def test_many_sizes(monkeypatch):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "1")
    f = shoal.jit(lambda a, b: a @ b)
    for m, k, n in [
        (0, 3, 2),
        (1, 1, 1),
        (5, 0, 3),
        (9, 17, 33),
        (130, 300, 70),
        (3, 2, 1100),
    ]:
        a, b = rng.normal(size=(m, k)), rng.normal(size=(k, n))
        np.testing.assert_allclose(f(a, b), a @ b, rtol=1e-10, atol=1e-12)


def test_errors():
    compare(lambda a, b: (a @ b,), M, M)
    compare(lambda a, b: (np.dot(a, b),), M, M)
    compare(lambda a, b: (np.dot(a, b),), V, W)
    compare(lambda a, b: (a @ b,), V, W)
    compare(lambda a: (np.linalg.inv(a),), M)
    compare(lambda a: (np.linalg.inv(a),), np.ones((3, 3)))
    compare(lambda a, b: (np.linalg.solve(a, b),), np.zeros((2, 2)), V[:2])
    compare(lambda a, b: (np.linalg.solve(a, b),), S, W)
    compare(lambda a: (np.linalg.cholesky(a),), -np.eye(3))


def factors(s, v, n):
    return (
        np.linalg.solve(s, v),
        np.linalg.solve(s, n),
        np.linalg.inv(s),
        np.linalg.det(s),
        np.linalg.cholesky(s @ s.T),
        np.linalg.norm(v),
        np.linalg.norm(n),
        np.linalg.norm(v, 1),
        np.linalg.norm(v, np.inf),
        np.trace(s),
        s.trace(),
    )


def test_linalg():
    compare(factors, S, V, N)
    compare(factors, np.array([[2, 1], [1, 3]]), np.array([1, 2]), np.eye(2))


def regression(x, y, rounds):
    w = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(x @ w)))
        w = w + 0.01 * (x.T @ (y - p))
    return (w,)


def made_here(n):
    x = np.arange(n * 3).reshape(n, 3) * 0.01
    y = np.arange(n) * 0.5
    return x.T @ y, (x @ np.array([1.0, 2.0, 3.0])).sum()


def test_rows_on_ranks():
    x = rng.normal(size=(200, 3))
    y = (x @ np.array([1.0, -2.0, 0.5]) > 0) * 1.0
    compare(regression, x, y, 20)
    for n in (1, 2, 50):
        compare(made_here, n)


@shoal.jit
def logistic(X, y, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        p = 1 / (1 + np.exp(-(X @ w)))
        w -= 0.1 * (X.T @ (p - y)) / len(y)
    return w


@shoal.jit
def turned_shape(X):
    return X.T.shape, X.T.shape[1] + X.shape[1]


def test_rows_and_a_vector_of_its_own():
    rng = np.random.default_rng(0)
    X, y = rng.random((50, 3)), (rng.random(50) > 0.5).astype(float)
    want = logistic.py_func(X, y, 20)
    np.testing.assert_allclose(logistic(X, y, 20), want, rtol=1e-12)
    assert turned_shape(X) == turned_shape.py_func(X)


def power(A, n):
    v = np.ones(A.shape[1])
    for _ in range(n):
        w = A @ v
        v = w / np.linalg.norm(w)
    return (v,)


def jacobi(A, n):
    x, b, D = np.zeros(len(A)), A[:, 0] * 1, np.abs(A).sum(axis=1)
    for _ in range(n):
        x = (b - (A @ x - D * x)) / D
    return (x,)


def conjugate(A, b, n):
    x = np.zeros(len(b))
    r = b - A @ x
    p, rs = r.copy(), r @ r
    for _ in range(n):
        q = A @ p
        a = rs / (p @ q)
        x, r = x + a * p, r - a * q
        new = r @ r
        if np.sqrt(new) < 1e-12:
            break
        p = r + new / rs * p
        rs = new
    return (x,)


def subspace(A, n):
    Q = np.ones((len(A), 3))
    Q[:, 1] = np.arange(len(A))
    for _ in range(n):
        Z = A @ Q
        Q = Z / np.sqrt((Z * Z).sum(axis=0))
    return Q, A @ Q[:, :2], A @ A


def turned(A):
    return A.T.T.sum(axis=1), A.T.T @ A.T, np.cov(A, rowvar=False), np.corrcoef(A.T)


def turned_and_written(A):
    Z = A.T.T
    for i in shoal.prange(len(Z)):
        Z[i, 0] = Z[i, 1] * 2
    return A.sum(axis=0), A[None, :, 1].T + 1


@pytest.mark.filterwarnings("ignore:No parallelism")
def test_turned_twice(ranks):
    """The rows are in front again, and what needs no other rows stays distributed."""
    a = rng.normal(size=(9, 4))
    compare(turned, a)
    compare(turned_and_written, a * 1)
    f = shoal.jit(lambda A: np.corrcoef(A.T))
    f(a)
    assert ranks == 1 or "MATMUL     (all-reduction)" in str(f.explain()), f.explain()


def parts(A):
    v = A[:, 0]
    return A @ v, A[:, 1:] @ v[1:], A[:, ::2] @ v[::2], A[:, :-1] @ A[1:], A @ A.T


@pytest.mark.parametrize("n", [1, 2, 13])
def test_operands_on_the_rows_are_gathered(n, ranks):
    """The product of a matrix and what stands on its rows is made by each rank for its own."""
    a = rng.normal(size=(n, n))
    s = a @ a.T + np.eye(n)
    compare(parts, a)
    for f, args in (
        (power, (s, 20)),
        (jacobi, (a, 20)),
        (conjugate, (s, a[0] * 1, 40)),
        (subspace, (s, 4)),
    ):
        compare(f, *args)
        jitted = shoal.jit(f)
        jitted(*args)
        listing = str(jitted.explain())
        assert ranks == 1 or "MATMUL     rows 1D_Block" in listing, listing


@shoal.jit(distributed=False)
def large_products(a, b):
    return a @ b, a.T @ b, a @ b.T, a[:, ::2] @ b[::2]


def test_large_products():
    a, b = rng.random((680, 700)), rng.random((700, 680))
    square = rng.random((700, 700))
    for got, want in zip(
        large_products(square, square),
        large_products.py_func(square, square),
        strict=True,
    ):
        np.testing.assert_allclose(got, want, 1e-11)
    big = shoal.jit(lambda x, y: x @ y)
    np.testing.assert_allclose(big(a, b), a @ b, 1e-11)


def test_without_scipy(monkeypatch):
    solve = shoal.jit(lambda a, b: np.linalg.solve(a, b), distributed=False)
    a, b = np.eye(3), np.ones(3)
    for name in [n for n in sys.modules if n.split(".")[0] == "scipy"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "scipy", None)
    with pytest.raises(ImportError, match="pip install scipy"):
        solve(a, b)
    monkeypatch.undo()
    np.testing.assert_array_equal(solve(a, b), b)
