"""Bounds of element accesses: proved before a nest, checked, or left unchecked on request."""

import numpy as np
import pytest

import shoal

jit = shoal.jit(distributed=False)


@jit
def nest(a, n, m, shift):
    s = 0.0
    for i in range(n):
        for j in range(m):
            s += a[i * m + j + shift]
    return s


@jit
def triangle(a, n):
    s = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            s += a[j] - a[j - i]
    return s


@jit
def down(a, first):
    s = 0.0
    for i in range(first, -1, -2):
        s += a[i]
    return s


@jit
def stretched(a, step):
    s = 0.0
    for i in range(0, 10, step):
        s += a[i * 2**62]
    return s


@jit
def row(a, n, shift):
    s = 0.0
    for i in range(n):
        s += a[i + shift]
    return s


def test_the_checked_copy_gives_the_same():
    a = np.arange(10_000.0)
    assert row(a, 10_000, 0) == row(a, 10_000, -10_000) == a.sum()
    assert row(a, 10_000, -5) == a.sum()


def test_the_last_element_is_the_last():
    a = np.arange(12.0)
    assert nest(a, 3, 4, 0) == a.sum()
    with pytest.raises(IndexError, match=r"index 12 is out of bounds .* size 12"):
        nest(a, 3, 4, 1)
    assert nest(a, 3, 4, -12) == a.sum()  # from the end
    assert nest(a, 3, 4, -1) == a.sum()
    with pytest.raises(IndexError, match="index -13 "):
        nest(a, 3, 4, -13)
    assert nest(a, 0, 4, 100) == 0
    assert nest(a, 3, 0, 100) == 0


def test_ranges_that_depend_on_outer_indices():
    a = np.arange(12.0)
    want = sum(a[j] - a[j - i] for i in range(12) for j in range(i + 1, 12))
    assert triangle(a, 12) == want
    with pytest.raises(IndexError, match="index 12 is"):
        triangle(a, 13)
    assert triangle(a, 0) == 0


def test_downwards():
    a = np.arange(12.0)
    assert down(a, 11) == sum(range(1, 12, 2))
    with pytest.raises(IndexError, match="index 13 is"):
        down(a, 13)


def test_indices_that_overflow_prove_nothing():
    with pytest.raises(IndexError):
        stretched(np.arange(12.0), 1)
    assert stretched(np.arange(12.0), 100) == 0


@jit
def copied(a, b, n):
    for i in range(n):
        b[i + 1] = a[i]
    return b[n]


def test_arrays_that_share_memory():
    """The fast copy takes arrays to be apart; these are not."""
    a = np.arange(5000.0)
    b = a.copy()
    assert copied(a, b, 4999) == 4998
    assert (b[1:] == np.arange(4999.0)).all()


@shoal.jit(distributed=False, boundscheck=False)
def unchecked(a, i):
    return a[i] + a[-1]


def test_bounds_may_be_left_unchecked():
    a = np.arange(12.0)
    assert unchecked(a[:5], 7) == 11  # beyond the array, inside its base
    assert unchecked(a, -2) == 21


def test_while_loops_keep_their_exits():
    @jit
    def place(a, x):
        j = len(a) - 1
        while j >= 0 and a[j] > x:
            j -= 1
        return j

    a = np.arange(12.0)
    assert [place(a, x) for x in (-1.0, 0.0, 5.5, 20.0)] == [-1, 0, 5, 11]


def halves(a, low, high):
    if high - low == 1:
        return a[low]
    middle = (low + high) // 2
    return halves(a, low, middle) + halves(a, middle, high)


@jit
def of_two_functions(a, n):
    return halves(a, 0, n) + a[n - 1]


def test_each_function_has_its_own_cold_path():
    a = np.arange(12.0)
    assert of_two_functions(a, 12) == a.sum() + 11
    with pytest.raises(IndexError, match="index 12 is"):
        of_two_functions(a, 13)
