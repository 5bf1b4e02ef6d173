"""Lists in loops: lengths and places that are read once, room for what is pushed, lists that
are used again. What a loop does to a list through another name is seen all the same."""

from copy import deepcopy

import numpy as np
import pytest

import shoal

# ruff: noqa: PERF401, B007

jit = shoal.jit(distributed=False)


def same(function, *args):
    """As CPython does it, or the same IndexError."""
    try:
        want = function.py_func(*deepcopy(args))
    except IndexError as error:
        with pytest.raises(IndexError) as got:
            function(*args)
        assert str(got.value) == str(error)
        return
    assert function(*args) == want


@jit
def rows(a, b):
    before = list(range(len(b) + 1))
    for i in range(len(a)):
        now = [i + 1]
        for j in range(len(b)):
            least = before[j] + (0 if a[i] == b[j] else 1)
            if before[j + 1] + 1 < least:
                least = before[j + 1] + 1
            if now[j] + 1 < least:
                least = now[j] + 1
            now.append(least)
        before = now
    return before[len(b)]


def test_rows_of_a_table():
    for a in "", "a", "kitten", "naïve", "日本語", "x" * 5000:
        for b in "", "b", "sitting", "naive", "日本", "xyz" * 7:
            same(rows, a, b)


@jit
def two_names(n, back):
    a = [1, 2, 3]
    b = a
    total = 0
    for i in range(n):
        b.append(i)
        total += a[len(a) - back] * len(a)
        total += a[i]
    return total, a, len(b)


def test_a_push_through_another_name():
    for n in 0, 1, 5, 5000:
        for back in 1, 2, 3:
            same(two_names, n, back)


@jit
def either(n, which):
    a = [1]
    b = [2]
    c = a if which else b
    s = 0
    for i in range(n):
        c.append(i)
        a.append(-i)
        s += a[i] + b[0] + len(b) * 3
    return s, a, b


def test_one_of_two_lists():
    for n in 0, 1, 10, 5000:
        same(either, n, True)
        same(either, n, False)


@jit
def shrinks(a, n):
    s = 0
    for i in range(n):
        s += a[i]
        if i % 3 == 2:
            a.pop()
    return s


def test_a_list_that_shrinks():
    same(shrinks, list(range(10)), 8)
    same(shrinks, list(range(10)), 7)


@jit
def ahead(n, by):
    a = [0]
    for i in range(n):
        a.append(a[i + by] + 1)
    return a


def test_an_index_along_a_growing_list():
    for n in 0, 1, 9, 9000:
        for by in 0, -1, 1, -20:
            same(ahead, n, by)


@jit
def some_rounds(n, skip):
    a = [5]
    for i in range(n):
        if i == skip:
            continue
        a.append(a[i] + i)
    return a


def test_a_round_without_a_push():
    same(some_rounds, 10, 3)
    same(some_rounds, 10, 9)
    same(some_rounds, 10, 20)


@jit
def two_pushes(n, odd):
    a = []
    for i in range(n):
        a.append(i)
        if i % 2 == odd:
            a.append(-i)
        a.append(a[2 * i] + a[i])
    return a


def test_more_pushes_than_one():
    for n in 0, 1, 6, 5000:
        same(two_pushes, n, 0)
        same(two_pushes, n, 1)
        same(two_pushes, n, 5)


@jit
def stops(n, at):
    a = []
    for i in range(n):
        if i == at:
            break
        a.append(i)
    return a


def test_a_loop_that_is_left():
    same(stops, 10**12, 3)
    same(stops, 4, 9)


@jit
def caught(n, words):
    out = []
    try:
        for i in range(n):
            out.append(len(words[i]))
    except IndexError:
        out.append(-1)
    return out


def test_what_was_pushed_before_a_failure_is_there():
    same(caught, 2, ["a", "bb", "ccc"])
    same(caught, 9, ["a", "bb", "ccc"])


@jit
def kept(n):
    every = []
    for i in range(n):
        row = [i]
        for j in range(i % 5):
            row.append(i * j)
        if i % 2 == 0:
            every.append(row)
    return every


def test_a_list_that_is_kept_is_not_used_again():
    same(kept, 50)


@jit
def alive(n):
    total = 0
    last = [0]
    for i in range(n):
        row = [i, i + 1]
        row.append(last[0])
        total += row[2] + len(row)
        last = row
    return total


def test_lists_used_again():
    same(alive, 1000)


@jit
def deep(n):
    if n == 0:
        return 0
    total = 0
    for i in range(2):
        row = [n, i]
        row.append(deep(n - 1))
        total += row[0] + row[2]
    return total


def test_lists_used_again_in_each_call():
    same(deep, 8)


@jit
def nothing(n):
    a = []
    for i in range(n):
        row = []
        row.append(None)
        a.append(len(row))
    return a


def test_lists_of_none():
    same(nothing, 5)


@jit
def set_and_read(a, n, shift):
    for i in range(n):
        a[i] = a[i + shift] * 2
    return a


def test_items_that_are_set():
    for n, shift in (5, 0), (4, 1), (5, 1), (5, -1), (5, -5), (5, -6), (6, 0):
        want = list(range(1, 6))
        got = list(want)
        try:
            set_and_read.py_func(want, n, shift)
        except IndexError as error:
            with pytest.raises(IndexError, match=str(error)):
                set_and_read(got, n, shift)
            continue
        set_and_read(got, n, shift)
        assert got == want


@jit
def floats(n):
    a = []
    for i in range(n):
        a.append(i * 0.5)
    s = 0.0
    for i in range(len(a)):
        s += a[i] * a[-1 - i]
    return s


def test_a_list_of_floats():
    same(floats, 0)
    same(floats, 10_000)


@jit
def letters(text, pairs):
    n = 0
    for i in range(len(text)):
        for j in range(pairs):
            if text[i] == text[i + j]:
                n += 1
    return n


def test_characters_in_bounds():
    same(letters, "abcabc", 1)
    same(letters, "aßaßa", 1)
    same(letters, "abc", 2)


@jit
def matrix_of_lists(n):
    m = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            m[i][j] = float(i - j)
    t = 0.0
    for i in range(n):
        for j in range(n):
            t += m[i][j] * m[j][i]
    return t


def test_lists_of_lists():
    same(matrix_of_lists, 7)


@jit
def pushed_rows(values: np.ndarray, n):
    out = []
    for i in range(n):
        out.append(values[i])
    return out


def test_an_array_beside_a_list():
    a = np.arange(5.0)
    assert pushed_rows(a, 5) == a.tolist()
    with pytest.raises(IndexError, match="index 5 is out of bounds"):
        pushed_rows(a, 6)


@jit
def several_at_once(n, long):
    """Up to four lists wait for the next round; the others, and long ones, are freed."""
    total = 0
    for i in range(n):
        a = [i]
        b = [i, i + 1]
        c = [x * i for x in range(long)]
        d = [1]
        e = [2, 3]
        f = [4]
        if i % 3 == 0:
            f = a
        elif i % 3 == 1:
            d = e
        a.append(7)
        c.append(i)
        f.append(d[0])
        total += len(a) + b[1] + c[-1] + len(c) + d[-1] + e[0] + f[-1] * len(f)
    return total


@pytest.mark.parametrize("long", [0, 1, 5, 3000])
def test_several_lists_at_once(long):
    same(several_at_once, 40, long)


@jit
def made_and_pushed(n):
    """The length is known behind the making, until another name may push."""
    out = [0]
    for i in range(n):
        a = [i, i + 1]
        b = a
        a.append(3)
        if i % 2:
            b.append(4)
        a.append(5)
        a.extend(b)
        a.append(6)
        out.append(len(a) * 100 + a[-1] + a[i % 3])
    return out


def test_pushes_behind_the_making():
    same(made_and_pushed, 7)


@jit
def at_none(a, how):
    b = list(a)
    try:
        if how == 0:
            b.insert(None, 1)
        elif how == 1:
            b.pop(None)
        elif how == 2:
            a.insert(None, 1)
        else:
            a.pop("x")
    except TypeError as e:
        return str(e)
    return "none"


@pytest.mark.parametrize("how", [0, 1, 2, 3])
def test_places_that_are_no_numbers(how):
    for n in (3, 20):
        same(at_none, list(range(n)), how)
