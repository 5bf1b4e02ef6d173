"""Two names of one list, dict, set or Series are one object, whichever path leads there."""

import language
import numpy as np
import pandas as pd
import pytest

import shoal


def nested_before(c):
    a = [1, 2]
    d = {"x": a}
    if c > 0:
        a.append(3)
    d["x"].append(9)
    return a, d


def list_of_the_other_length(c):
    a = [1]
    b = [a] if c > 0 else [a, a]
    a.append(5)
    b[0].append(6)
    return a, b


def this_or_a_new_one(c):
    a = [1]
    b = [a, [2]] if c > 0 else [[3], a]
    a.append(5)
    b[0].append(6)
    return a, b


def one_of_two(c):
    a, x = [1], [2]
    if c > 0:
        b = a
    else:
        b = x
    b.append(5)
    return a, b, x


def name_given_anew(c):
    a = [1]
    b = {"k": a}
    if c > 0:
        a = [7, 8]
    b["k"].append(4)
    a.append(2)
    return a, b


def in_tuples(c):
    a = [1]
    t = [(a, 3)]
    if c > 0:
        t.append((a, 4))
    t[0][0].append(5)
    return a, t


def container_grows(c):
    a = [1]
    o = [a]
    while c > 0:
        o.append(a)
        c -= 1
    o[0].append(5)
    a.append(6)
    return a, o


def element_of_a_dict(c):
    a = {1: 2}
    o = {"p": a, "q": {3: 4}}
    if c > 0:
        o["q"] = a
    a[5] = c
    o["q"][6] = 7
    return a, o


def perhaps_none(c):
    a = [1]
    o = None
    if c > 0:
        o = [a]
    a.append(3)
    if o is not None:
        o[0].append(4)
    return a


def changed_within_a_loop(c):
    a, s = [1], [2]
    b = a
    for i in range(c):
        if i == 1:
            b = s
        b.append(i)
    return a, b, s


def stored_within_a_loop(c):
    a = [1]
    x = [[0]]
    for _ in range(c):
        x[0] = a
    x[0].append(5)
    return a, x


def only_read(c):
    a, x = [1, "one"], [2, "two"]
    b = a if c > 0 else x
    return b[0], b[1], a[0]


def in_place(c):
    a, s, d = [1], {1}, {1: 2}
    b, t, e = a, s, d
    if c > 0:
        a += [c]
        s |= {c, 1}
        d |= {c: 3}
    s -= {1}
    a *= 2
    return a, b, sorted(s), sorted(t), d, e


@pytest.mark.parametrize(
    "func",
    [f for f in list(globals().values()) if getattr(f, "__module__", "") == __name__],
)
def test_identity(func):
    language.check(shoal.jit(distributed=False)(func), 0, 1, 3, -2)


def test_arguments():
    @shoal.jit(distributed=False)
    def f(a, b, c):
        d = a if c > 0 else b
        d.append(7)
        return len(a), len(b)

    a, b = [1], [2]
    assert f(a, b, 1) == (2, 1)
    assert f(a, b, 0) == (2, 2)
    assert (a, b) == ([1, 7], [2, 7])


def test_frames():
    """A frame can't be an object of the run time: what may be a changed one is refused."""
    import pandas as pd

    def f(df, c):
        x = df[df.A > 1]
        y = df[df.A > 2]
        out = x if c > 0 else y
        out["B"] = 1
        return x

    with pytest.raises(shoal.UnsupportedError, match="changed under another name"):
        shoal.jit(distributed=False)(f)(pd.DataFrame({"A": [1, 2, 3]}), 1)


def known_index(a, n):
    if n > 3:
        a.pop(2)
    return 1


def known_key(n):
    d = {}
    print("before")
    if n > 3:
        return d["x"]
    return 1


def test_failures_wait_for_control():
    """What fails in any case fails only when control gets there."""
    f = shoal.jit(distributed=False)(known_index)
    assert f([], 1) == 1
    with pytest.raises(IndexError, match="pop"):
        f([], 4)
    language.check(shoal.jit(distributed=False)(known_key), 1, 4)


# -- Series ------------------------------------------------------------------------------------


def two_names(S, c):
    s = S * 2
    t = s
    if c:
        s += 1
    s.iloc[0] = 9
    return t, s


def in_containers(S, c):
    s = S * 2
    items, pair, by_key = [s, S], (s, c), {"s": s}
    s[1] = 5
    return items[0], pair, by_key["s"], pd.concat(items)


def bound_method(S, c):
    s = S * 2
    total = s.sum
    s[0] = 100
    return total(), s.iloc[1:].sum()


def callee_and_closure(S, c):
    def fill(t):
        t[:] = 3

    def read():
        return s.sum()

    s = S * 2
    fill(s)
    return s, read()


def perhaps_a_copy(S, c):
    if c:
        S = S.copy()
    S.iloc[1] = -1
    return S.sum()


def one_of_two_series(S, c):
    a, b = S * 1, S * 2
    x = a if c else b
    x.iloc[0] = 8
    return x


def swapped(S, c):
    a, b = S * 1, S * 2
    a, b = b, a
    a.iloc[0] = 8
    for x in (a, b):
        x[1] = 7
    return a, b


def in_a_run_time_loop(S, c):
    s = S * 2
    t = s
    for i in range(len(S)):
        s.iloc[i] = i * 10
        if c and i > 1:
            s.iloc[0] += 1
    return t


def in_a_handler(S, c):
    s = S * 2
    try:
        s.iloc[0] = 1
        if c:
            raise ValueError("x")
        s.iloc[0] = 2
    except ValueError:
        s.iloc[1] = 3
    return s


def columns_are_copies(S, c):
    df = pd.DataFrame({"a": S})
    s = df["a"]
    s.iloc[0] = 50
    df["b"] = s
    s.iloc[1] = 60
    return df, s


def chosen_columns(S, c):
    df = pd.DataFrame({"a": S, "b": S * 2})
    for name in df.columns:
        s = df[name]
        s.iloc[0] = 5
    return df


SERIES = [
    two_names,
    in_containers,
    bound_method,
    callee_and_closure,
    perhaps_a_copy,
    one_of_two_series,
    swapped,
    in_a_run_time_loop,
    in_a_handler,
    columns_are_copies,
    chosen_columns,
]


def same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    else:
        assert got == want


@pytest.mark.parametrize("func", SERIES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("c", [True, False])
def test_series(func, c):
    got, want = pd.Series(np.arange(4)), pd.Series(np.arange(4))
    same(shoal.jit(func)(got, c), func(want, c))
    same(got, want)


def test_series_of_two_names_as_arguments():
    @shoal.jit
    def f(a, b):
        a.iloc[0] = 9
        return b.sum()

    s = pd.Series(np.arange(4))
    assert f(s, s) == 15 and f(s, pd.Series(np.arange(4))) == 6


def nested_with_names(n):
    if n > 0:
        p = [(1, [1])]
        v = p
    else:
        q = [(2, [n])]
        v = q
    v[0][1].append(5)
    return v


def nested_from_calls(n):
    def make(k):
        items = [0]
        items[0] = [k]
        return items

    v = make(1) if n > 0 else make(2)
    v[0].append(5)
    return v


@pytest.mark.parametrize("n", [0, 1])
@pytest.mark.parametrize("f", [nested_with_names, nested_from_calls])
def test_nested_lists_that_have_names_on_their_paths(f, n):
    assert shoal.jit(f)(n) == f(n)
