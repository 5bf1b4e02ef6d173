"""Keyword arguments of Python's and NumPy's functions: what is not the default is heeded, what
is not known is refused."""

import math

import numpy as np
import pytest
from language import check

import shoal

jit = shoal.jit(distributed=False)


@jit
def even(a, b):
    out = []
    try:
        for x, y in zip(a, b, strict=True):
            out.append((x, y))
    except ValueError as e:
        return out, str(e)
    return out, ""


@jit
def even_of_three(a, b, c):
    return list(zip(a, b, c, strict=True))


@jit
def stopped(a, b):
    for x, y in zip(a, b, strict=True):
        if x == y:
            return x
    return -1


@jit
def growing(a):
    b = list(a)
    s = 0
    for x, y in zip(a, b, strict=True):
        s += x * y
        if x == 2:
            b.append(7)
    return s


A, B, C = [1, 2, 3], [4, 5], [1.5, 2.5, 3.5, 4.5]


@pytest.mark.parametrize("args", [(A, B), (B, A), (A, A), ([], A), ([], []), (A, C)])
def test_zip_strict(args):
    assert even(*args) == even.py_func(*args)


@pytest.mark.parametrize(
    "args", [(A, A, B), (B, B, A), (A, A, C), (A, B, C), (A, C, B), (A, A, A)]
)
def test_zip_strict_names_the_argument(args):
    check(even_of_three, args)


def test_zip_strict_asks_at_the_end():
    check(stopped, ([1, 5], [4, 5, 6]))
    check(stopped, ([1, 2], [4, 5, 6]))
    check(growing, ([1, 2, 3],))
    check(growing, ([1, 3, 4],))


@jit
def named(a, x, s):
    return (
        list(enumerate(iterable=a, start=3)),
        sum(a, start=10),
        round(number=x, ndigits=1),
        pow(base=7, exp=3, mod=5),
        int(s, base=16),
        math.isclose(a=x, b=2.6, rel_tol=0.1),
        math.prod(a, start=2),
    )


def test_arguments_by_name():
    check(named, ([1, 2], 2.55, "ff"))


def unknown_len(a):
    return len(obj=a)


def unknown_sum(a):
    return sum(a, begin=1)


def unknown_append(a):
    a.append(object=1)
    return a


def twice(a):
    return sum(a, 1, start=2)


@pytest.mark.parametrize("f", [unknown_len, unknown_sum, unknown_append, twice])
def test_unknown_names(f):
    with pytest.raises(TypeError) as want:
        f([1, 2])
    with pytest.raises(TypeError) as got:
        jit(f)([1, 2])
    if f in (unknown_len, unknown_append):  # other texts depend on the release
        assert str(got.value).splitlines()[0] == str(want.value)


@jit
def arrays(A, V, K):
    return (
        np.linspace(0, 10, 5, dtype=np.int64),
        np.linspace(0, 1, 5, endpoint=False, retstep=True),
        np.diff(V, prepend=0.0),
        np.diff(A, axis=0, append=A[:1]),
        np.trace(A, offset=1),
        np.concatenate((K, K), dtype=np.float32),
        np.stack((K, K), axis=1, dtype=np.float32),
        np.vstack((K, K), dtype=np.float64),
        np.round(A * 1.2345, decimals=2),
        np.setdiff1d(K, [1], assume_unique=True),
        np.sum(A, initial=5.0),
    )


def same(got, want):
    if isinstance(want, tuple):
        return all(map(same, got, want))
    alike = np.asarray(got).dtype == np.asarray(want).dtype
    return alike and np.shape(got) == np.shape(want) and np.allclose(got, want)


def test_numpy():
    A = np.array([[3.0, 1, 2], [6, 5, 4]])
    args = A, np.array([3.0, 1, 2, 5]), np.array([3, 1, 2, 1, 5])
    assert same(arrays(*args), arrays.py_func(*args))


def narrowed(V):
    return np.concatenate((V, V), dtype=np.int64)


def test_casting():
    with pytest.raises(TypeError, match="according to the rule 'same_kind'"):
        jit(narrowed)(np.array([1.5]))


def with_shape(A):
    return np.zeros_like(A, shape=(3,))


def no_such(A):
    return np.mean(A, begin=2)


def smallest(A):
    return np.nanmin(A, initial=1.0)


def test_numpy_names():
    A = np.array([3.0, 1])
    with pytest.raises(
        shoal.UnsupportedError, match="shape parameter is not supported"
    ):
        jit(with_shape)(A)
    with pytest.raises(TypeError, match="unexpected keyword argument 'begin'"):
        jit(no_such)(A)
    assert jit(smallest)(A) == smallest(A)
