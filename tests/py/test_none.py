"""Values that may be None: what tests on None tell the compiler, None and NaN of text."""

import numpy as np
import pandas as pd
import pytest

import shoal

CASES = []


def case(f):
    CASES.append(f)
    return f


@case
def skipped(xs):
    out = [x if x > 2 else None for x in xs]
    s = 0.0
    n = 0
    for x in out:
        if x is None:
            n += 1
            continue
        s += x
    return (
        s,
        n,
        np.array([x for x in out if x is not None]),
        [x for x in out if x is not None],
    )


@case
def least(xs):
    best = None
    for x in xs:
        if best is None or x < best:
            best = x
    return best


@case
def most_and_where(xs):
    best = None
    at = -1
    for i in range(len(xs)):
        if best is None or xs[i] > best:
            best = xs[i]
            at = i
    if best is None:
        return None
    return best * 2, at


@case
def reset(xs):
    a = None
    for x in xs:
        a = a + x if a is not None else x
        if x > 3:
            a = None
    return a


@case
def looked_up(xs):
    d = {}
    for x in xs:
        v = d.get(int(x) % 3)
        if v is None:
            d[int(x) % 3] = x
        else:
            d[int(x) % 3] = v + x
    return d


@case
def found(xs):
    def find(t):
        for i, x in enumerate(xs):
            if x == t:
                return i
        return None

    r = []
    for t in (2.0, 77.0):
        k = find(t)
        r.append(-1 if k is None else k + 1)
    return r


@case
def joined_text(xs):
    s = None
    for x in xs:
        t = str(int(x)) if x > 1 else None
        if t:
            s = t if s is None else s + t
    return s


@case
def steps(xs):
    prev = None
    out = []
    for x in xs:
        if prev is not None and x > prev:
            out.append(x - prev)
        prev = x if x != 3 else None
    return np.array(out), prev


@case
def early(xs):
    a = None if xs[0] > 0 else xs[0]
    if a is None:
        return a, "none"
    return a, "some"


@case
def last_text(xs):
    s = None
    for x in xs:
        t = str(int(x)) if x > 1 else None
        if t is not None:
            s = t
    return s


@case
def text_or_none(xs):
    s = None
    for x in xs:
        if x > 1:
            s = str(int(x))
    return s


@case
def all_text(xs):
    s = None
    for x in xs:
        t = str(int(x))
        s = t if s is None else s + t
    return s


def plain(x):
    """With Python's numbers in the place of NumPy's: an element may be either."""
    if isinstance(x, np.ndarray):
        return [plain(v) for v in x]
    if isinstance(x, (list, tuple)):
        return type(x)(plain(v) for v in x)
    if isinstance(x, dict):
        return {plain(k): plain(v) for k, v in x.items()}
    return x.item() if isinstance(x, np.generic) else x


@pytest.mark.parametrize("f", CASES)
def test_as_python(f):
    g = shoal.jit(f)
    for values in ([0.0, 1, 2, 3, 4], [4.0, 1, 3, 9], [1.0], [4.0, 3.0]):
        xs = np.array(values)
        want, got = f(xs), g(xs)
        assert repr(plain(want)) == repr(plain(got)), values


TEXT = pd.DataFrame({"s": ["a", None, "c", ""], "k": [1, 2, 3, 4]})


@pytest.mark.parametrize(
    "f",
    [
        lambda df: (df.s.iloc[1], df.s.iloc[0]),
        lambda df: df.s.apply(lambda x: "yes" if x else "no"),
        lambda df: df.s[df.k == 2].min(),
        lambda df: df.apply(lambda r: r.s is None, axis=1),
        lambda df: df.s.values[1],
        lambda df: list(df.s),
        lambda df: df.s.max() if df.k.max() > 10 else None,
    ],
)
def test_missing_text_of_a_column_is_nan(f):
    assert repr(f(TEXT)) == repr(shoal.jit(f)(TEXT))


@pytest.mark.parametrize("k", [3, 9])
def test_an_arm_that_always_raises_joins_a_list(k):
    def f(k):
        a = [][k] if k > 5 else [i * j for i in range(k) for j in range(i)]
        return a, len(a)

    try:
        assert shoal.jit(f)(k) == f(k)
    except IndexError as e:
        assert k == 9
        assert str(e) == "list index out of range"
