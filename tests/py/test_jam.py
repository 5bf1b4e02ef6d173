"""Rounds of a loop around a loop that are done several at once (codegen/cg_jam.c): every element
has the very value that Python's order of operations gives."""

import re

import numpy as np
import pytest

import shoal
from tests.py.test_loop_code import llvm_of


def product(a, b, c):
    n, m = a.shape
    for i in range(n):
        for k in range(m):
            x = a[i, k]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j]


def flat(a, b, c):
    n, m = a.shape
    p = b.shape[1]
    fa, fb, fc = a.reshape(-1), b.reshape(-1), c.reshape(-1)
    for i in range(n):
        for k in range(m):
            for j in range(p):
                fc[i * p + j] = fc[i * p + j] * 0.5 + fa[i * m + k] * fb[k * p + j]


def last_one(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] = a[i, k] + b[k, j]


def shifted(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1] - 1, -1, -2):
            for j in range(1, b.shape[1]):
                c[i, j - 1] -= a[i, k] * b[k, j]


def one_element(a, b, c):
    """All rounds of the inner loop meet one element: its order is the loops'."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, 0] = c[i, 0] * 0.5 + a[i, k] * b[k, j]


def neighbours(a, b, c):
    """An element that another round of the inner loop writes is read."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(1, b.shape[1]):
                c[i, j] += a[i, k] * b[k, j] + c[i, j - 1]


def moving(a, b, c):
    """Another element in each round of the loop around."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, k] * b[k, j]
            c[i, 0] += k


def before(a, b, c):
    """What the loop around reads is written by the inner one."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            x = c[i, 0]
            for j in range(b.shape[1]):
                c[i, j] += x * b[k, j] + a[i, k]


def growing(a, b, c):
    """The inner loop is another one in each round."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(min(k, b.shape[1])):
                c[i, j] += a[i, k] * b[k, j]


def columns(a, b, c):
    """The loop around walks along the elements, the inner one adds."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def conditional(a, b, c):
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            x = a[i, k]
            if x > 0.5:
                for j in range(b.shape[1]):
                    c[i, j] += x * b[k, j]


FUNCTIONS = [
    product,
    flat,
    last_one,
    shifted,
    one_element,
    neighbours,
    moving,
    before,
    growing,
    columns,
    conditional,
]
SHAPES = [(3, 4, 5), (2, 7, 9), (1, 1, 1), (2, 3, 0), (3, 0, 4), (0, 2, 2), (4, 2, 33)]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "int8"])
@pytest.mark.parametrize("func", FUNCTIONS, ids=lambda f: f.__name__)
def test_same_as_python(func, dtype):
    f = shoal.jit(distributed=False)(func)
    rng = np.random.default_rng(3)
    for n, m, p in SHAPES:
        if p == 0 and func in (moving, before):
            continue  # there is no element 0
        a, b, c = rng.random((n, m)), rng.random((m, p)), rng.random((n, p))
        args = [
            (x * 9).astype(dtype) if "int" in dtype else x.astype(dtype)
            for x in (a, b, c)
        ]
        mine = [x.copy() for x in args]
        with np.errstate(over="ignore"):
            func(*args)
        f(*mine)
        if "float32" in dtype:
            np.testing.assert_allclose(mine[2], args[2], rtol=1e-5)
        else:
            np.testing.assert_array_equal(mine[2], args[2])


def overlapping(a, w):
    c = w[3:]
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(w.shape[1]):
                c[i, j] += a[i, k] * w[k, j]


def test_shared_memory():
    """The array that is written is one that is read: nothing is done at once."""
    rng = np.random.default_rng(1)
    a, w = rng.random((3, 6)), rng.random((6, 6))
    got = w.copy()
    overlapping(a, w)
    shoal.jit(distributed=False)(overlapping)(a, got)
    np.testing.assert_array_equal(got, w)


def test_a_product_is_made_two_rows_at_once(tmp_path, monkeypatch):
    """Two products of vectors for one load and one store of the sum."""
    text = llvm_of("matmul", tmp_path, monkeypatch)
    blocks = re.split(r"\n(?=[\w.]+:)", text)
    walks = [b for b in blocks if b.count("fmul <") == 2]
    assert walks
    assert all(b.count("store <") == 1 and b.count("load <") == 3 for b in walks)
