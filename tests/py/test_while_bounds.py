"""Element accesses of while loops: what is in bounds whatever the data is not checked, what
may be outside raises IndexError as NumPy does."""

from copy import deepcopy

import numpy as np
import pytest

import shoal

jit = shoal.jit(distributed=False)
BIG = 2**63 - 1


def same(function, *args):
    mine, theirs = deepcopy(args), deepcopy(args)
    try:
        want = function.py_func(*theirs)
    except IndexError as error:
        with pytest.raises(IndexError) as got:
            function(*mine)
        assert str(got.value) == str(error)
        return
    got = function(*mine)
    assert np.array_equal(got, want), (got, want)
    for a, b in zip(mine, theirs, strict=True):
        assert np.array_equal(a, b)


@jit
def insertion(a):
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


def test_insertion_sort():
    for n in 0, 1, 2, 3, 9, 50:
        same(insertion, np.random.default_rng(n).random(n))


@jit
def one_too_far(a):
    i = 0
    s = 0.0
    while i <= len(a):
        s += a[i]
        i += 1
    return s


@jit
def one_too_low(a, i):
    s = 0.0
    while i >= -1:
        s += a[i]
        i -= 1
    return s


@jit
def from_anywhere(a, i):
    s = 0.0
    while i < len(a):
        s += a[i]
        i += 1
    return s


def test_starts_and_ends():
    a = np.arange(1.0, 6.0)
    same(one_too_far, a)
    same(one_too_far, a[:0])
    for i in 4, 3, 0, -1, 5:
        same(one_too_low, a, i)
    for i in 0, 3, 5, 7, -1, -5, -6, -9:
        same(from_anywhere, a, i)


@jit
def wraps_up(a, i, n):
    s = 0.0
    k = 0
    while i > 0 and k < n:
        i = i + 4611686018427387904
        k += 1
    if i < 3:
        s = a[i]
    return s


@jit
def wraps_down(a, i):
    k = 0
    while i < 3 and k < 4:
        i = i - 4611686018427387904
        k += 1
    return a[i]


@jit
def wraps_doubled(a, i):
    while 2 * i + 1 < 3:
        if a[i] < 0:
            return i
        i = 2 * i + 1
    return i


def raises_or_gives(function, *args):
    try:
        function(*args)
    except IndexError as error:
        return str(error)
    return None


def test_numbers_that_wrap():
    """Python's do not: the index must be found outside, not read."""
    a = np.arange(1.0, 6.0)
    assert wraps_up(a, 5, 1) == 0.0
    assert "out of bounds" in raises_or_gives(wraps_up, a, 5, 2)
    assert "out of bounds" in raises_or_gives(wraps_down, a, 2)
    assert "out of bounds" in raises_or_gives(wraps_doubled, a, 2**62 + 2**61)
    assert "out of bounds" in raises_or_gives(wraps_doubled, a, -(2**61))


@jit
def heap(a):
    n = len(a)
    start = n // 2
    end = n
    while end > 1:
        if start > 0:
            start -= 1
        else:
            end -= 1
            a[0], a[end] = a[end], a[0]
        root = start
        while 2 * root + 1 < end:
            child = 2 * root + 1
            if child + 1 < end and a[child] < a[child + 1]:
                child += 1
            if not a[root] < a[child]:
                break
            a[root], a[child] = a[child], a[root]
            root = child
    return a


def test_heap_sort():
    for n in 0, 1, 2, 3, 10, 77:
        same(heap, np.random.default_rng(n).random(n))


@jit
def heap_with_a_slip(a):
    n = len(a)
    root = 0
    s = 0.0
    while 2 * root + 1 < n:
        s += a[2 * root + 2]
        root = 2 * root + 1
    return s


def test_one_past_the_child():
    same(heap_with_a_slip, np.arange(7.0))
    same(heap_with_a_slip, np.arange(8.0))


@jit
def search(a, x):
    low = 0
    high = len(a)
    while low < high:
        mid = (low + high) // 2
        if a[mid] < x:
            low = mid + 1
        else:
            high = mid
    return low


@jit
def search_from(a, x, low, high):
    while low < high:
        mid = (low + high) // 2
        if a[mid] < x:
            low = mid + 1
        else:
            high = mid
    return low


def test_binary_search():
    a = np.arange(0.0, 20.0, 2.0)
    for x in -1.0, 0.0, 3.0, 4.0, 18.0, 99.0:
        same(search, a, x)
        same(search, a[:0], x)
        for low, high in (0, 10), (3, 11), (-3, 10), (8, 30), (-30, -20):
            same(search_from, a, x, low, high)


@jit
def ring(a, start, n, size):
    s = 0.0
    i = start
    k = 0
    while k < n:
        s += a[i % size]
        i += 3
        k += 1
    return s


@jit
def ring_of_all(a, start, n):
    s = 0.0
    k = 0
    while k < n:
        s += a[start % len(a)]
        start += 3
        k += 1
    return s


def test_remainders():
    a = np.arange(1.0, 8.0)
    for start in 0, 5, -4, BIG - 40:
        same(ring_of_all, a, start, 9)
        for size in 7, 3, 8, 20, -3, -8:
            same(ring, a, start, 9, size)


@jit
def bounds_that_move(a, b):
    n = len(a)
    i = 0
    s = 0.0
    while i < n:
        s += a[i]
        if s > 3.0:
            n = len(b)
        i += 1
    return s


def test_a_bound_that_changes():
    same(bounds_that_move, np.ones(5), np.ones(3))
    same(bounds_that_move, np.ones(5), np.ones(9))


@jit
def arrays_that_change(a):
    s = 0.0
    i = 0
    while i < len(a):
        s += a[i]
        if a[i] > 2.0:
            a = a[1:]
        i += 1
    return s


@jit
def another_array(a, b):
    i = 0
    s = 0.0
    while i < len(a):
        s += b[i]
        i += 1
    return s


def test_arrays_of_other_lengths():
    same(arrays_that_change, np.arange(9.0))
    same(another_array, np.ones(4), np.ones(4))
    same(another_array, np.ones(4), np.ones(6))
    same(another_array, np.ones(4), np.ones(3))


@jit
def shifted_views(a):
    b = a[1:]
    i = 0
    while i < len(b):
        a[i] = b[i] + 1.0
        b[i] = a[i] * 2.0
        i += 1
    return a


@jit
def backwards(a):
    b = a[::-1]
    i = 0
    while i < len(b):
        a[i] += b[i]
        i += 1
    return a


def test_views_of_one_buffer():
    for n in 0, 1, 2, 9:
        same(shifted_views, np.arange(float(n)))
        same(backwards, np.arange(float(n)))


@jit
def grid(a):
    n, m = a.shape
    s = 0.0
    i = 0
    while i < n:
        j = m - 1
        while j >= 0:
            s += a[i, j] * (i - j)
            j -= 1
        i += 1
    return s


@jit
def grid_transposed(a):
    n, m = a.shape
    s = 0.0
    i = 0
    while i < m:
        j = 0
        while j < n:
            s += a[i, j]
            j += 1
        i += 1
    return s


def test_two_dimensions():
    for shape in (3, 4), (0, 3), (3, 0), (4, 4), (4, 3):
        a = np.arange(float(shape[0] * shape[1])).reshape(shape)
        same(grid, a)
        same(grid_transposed, a)


@jit
def guarded_both_ways(a, i):
    s = 0.0
    k = 0
    while k < 5:
        if 0 <= i < len(a):
            s += a[i]
        if i < 0 or i >= len(a):
            s += 100.0
        else:
            s += a[i] * 2
        if not (i > 0 and i <= len(a)):
            s += 1000.0
        else:
            s += a[i - 1]
        i += 1
        k += 1
    return s


def test_conditions():
    for i in -2, 0, 1, 3, 9, -BIG, BIG - 7:
        same(guarded_both_ways, np.arange(1.0, 4.0), i)


@jit
def either_or(a, i):
    while i < 9:
        if i >= 0 or len(a) > 3:
            return a[i]
        i += 1
    return 0.0


def test_a_condition_that_says_less():
    for i in -6, -3, 0, 2, 8:
        same(either_or, np.arange(5.0), i)
        same(either_or, np.arange(2.0), i)


@jit
def copies_of_a_round(a, n):
    i = 0
    k = 0
    while i < n:
        if a[i] == 0:
            break
        k += i
        i += 1
        if a[i] == 3:
            continue
        k += 1
    return i, k


def test_short_rounds():
    for n in range(12):
        a = np.ones(13)
        same(copies_of_a_round, a, n)
        a[n // 2] = 3
        same(copies_of_a_round, a, n)
        a[n] = 0
        same(copies_of_a_round, a, 12)


def test_without_checks():
    @shoal.jit(distributed=False, boundscheck=False)
    def last(a, i):
        s = 0.0
        while i < 0:
            s += a[i]
            i += 1
        return s

    assert last(np.arange(5.0), -3) == 9.0
