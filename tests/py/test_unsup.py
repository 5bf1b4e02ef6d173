"""Every row of unsup.def has a case here: what is refused says so, and what to do instead."""

import collections
import dataclasses
import datetime
import decimal
import linecache
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal

TABLE = Path(__file__).parents[2] / "src/front/unsup.def"
ROWS = {
    m[1]: (m[2], m[3])
    for m in re.finditer(
        r'UNSUP\((\w+),\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)',
        TABLE.read_text(),
    )
}
DF = pd.DataFrame({"a": [1, 2], "b": [1.0, 2.0]})
OTHER = object()
DECIMAL = decimal.Decimal("1.5")
Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass(frozen=True)
class Data:
    a: int


BIG = 1
CASES: dict = {}


def case(id_, *args):
    def add(func):
        CASES.setdefault(id_, []).append((func, args))
        return func

    return add


@case("ASYNC", 1)
def _(n):
    async def g():
        return n

    return n


@case("YIELD", 1)
def _(n):
    yield n


@case("CLASS", 1)
def _(n):
    class A:
        pass

    return n


@case("WITH", "x")
def _(path):
    with open(path):
        return 1


@case("TRY", 1)
def _(n):
    try:
        n += 1
    except* ValueError:
        n = 0
    return n


@case("IMPORT", 1)
def _(n):
    from . import nothing

    return nothing + n


@case("GLOBAL", 1)
def _(n):
    global BIG
    BIG = n
    return n


@case("NONLOCAL", DF, 3)
def _(df, n):
    def g(n):
        nonlocal df
        df = df.head(n)
        return 0 if n == 0 else g(n - 1)

    return g(n) + len(df)


@case("MATCH", 1j)
def _(n):
    match n:
        case complex(2):
            return 1
    return 0


@case("RECURSION", DF, 2)
def _(df, n):
    def g(groups, n):
        return 0 if n == 0 else g(groups, n - 1)

    return g(df.groupby("a"), n)


@case("LOOP_OVER", DF)
def _(df):
    s = 0
    for row in df.groupby("a"):
        s += 1
    return s


@case("FSTRING", DF)
def _(df):
    return f"{df}"


@case("ASYNC", 1)
async def _(n):
    return n


@case("DECIMAL", 1)
def _(n):
    return decimal.Decimal(n)


@case("DECIMAL", 1)
def _(n):
    return DECIMAL * n


@case("STRUCTURED", 3)
def _(n):
    return np.zeros(n, dtype=[("x", "i8"), ("y", "f8")])


@case("RECORD", Data(1))
def _(d):
    d.a = 5
    return d


@case("RECORD", Point(1, 2))
def _(p):
    p.x += 1
    return p


class Linked:
    def __init__(self, v):
        self.v = v
        self.next = None

    @property
    def twice(self):
        return 2 * self.v


@case("ATTRIBUTE", 1)
def _(n):
    a = Linked(n)
    a.twice = n
    return a.v


class Cat:
    def __init__(self, n):
        self.n = n


class Dog(Cat):
    pass


@case("CLASSES", 1)
def _(n):
    pet = Cat(n) if n > 2 else Dog(n)
    return pet.n


@case("RECURSIVE", 3)
def _(n):
    a = []
    for _i in range(n):
        a.append(a)
    return len(a)


@case("NODE_FIELD", 3)
def _(n):
    head = None
    for i in range(n):
        a = Linked(i)
        a.next = head
        head = a
    head.v = "text"
    return head.v


@case("HOSTOBJ", 1)
def _(n):
    return OTHER(n)


@case("API", np.ones(3))
def _(a):
    return np.kaiser(3, 2.0) + a


@case("METHOD", DF)
def _(df):
    return df.a.to_latex()


@case("OPERATOR", DF)
def _(df):
    return df @ df


@case("CONST_ONLY", DF)
def _(df):
    return getattr(df, "a" if df.a.sum() > 2 else "b").sum()


@case("TYPES", 1)
def _(n):
    x = 1
    if n > 0:
        x = "a"
    return x


@case("FRAME_JOIN", DF, 1)
def _(df, n):
    if n > 0:
        df = df[["a"]]
    return df.a.sum()


@case("COLNAME", DF)
def _(df):
    for t in range(len(df)):
        df[f"c{t}"] = df.a
    return df


@case("COLNAME", DF)
def _(df):
    t = 0
    while t < 3:
        df[f"c{t}"] = df.a
        t += 1
    return df


@case("ELEMENT", DF, 3)
def _(df, n):
    kept = []
    for i in range(n):
        part = df[df.a > i]
        kept.append(part)
        part["a"] = i
    return len(kept)


@case("CHAINED", DF)
def _(df):
    df["a"][0] = 1


@case("CHAINED", DF)
def _(df):
    df.a.iloc[0] = 1


@case("STAR", DF)
def _(df):
    a, _b = df.groupby("a")
    return a


@case("NUMBER", 1)
def _(n):
    return n + 123456789012345678901234567890


@case("COMPLEX", np.array([[1 + 2j, 3j], [3j, 1]]))
def _(a):
    return np.linalg.cholesky(a)


@case("DELTAS", pd.DataFrame({"d": [datetime.date(2024, 1, 2)]}))
def _(df):
    return (df.d - df.d).sum()


@case("BYTES", DF)
def _(df):
    df["b"] = b"abc"
    return df


@case("CATEGORY", pd.DataFrame({"s": pd.Categorical(["a", "b"])}))
def _(df):
    return df.s.str.upper()


@case("DELETE", DF)
def _(df):
    del df.a
    return df


@case("PRANGE_EXIT", 3)
def _(n):
    s = 0
    for i in shoal.prange(n):
        if i == 1:
            break
        s += i
    return s


@case("PRANGE_RAISE", 3)
def _(n):
    s = 0
    for i in shoal.prange(n):
        if i == 7:
            raise ValueError("seven")
        s += i
    return s


@case("PRANGE_CARRIED", 3)
def _(n):
    s = 0
    t = 0
    for i in shoal.prange(n):
        t = s + t * 2 + i
    return t


@case("PRANGE_PRIVATE", 3)
def _(n):
    s = 0
    for i in shoal.prange(n):
        v = i * 2
        s += v
    return s + v


@case("RAISE", 1)
def _(n):
    raise ValueError([n, n])


@case("TOO_MANY", 1)
def _(n):
    t = (1, 2, 3) * 100000
    return t[0] + n


@case("VALUE", 1)
def _(n):
    try:
        return 1 // n
    except ValueError as e:
        return str(e.__cause__)


DEEP = "def f(n):\n    return " + "-" * 250 + "n\n"


def deep():
    """A function with an expression too deep for a file of this project."""
    space: dict = {}
    exec(compile(DEEP, "deep.py", "exec"), space)
    return space["f"]


case("LIMIT", 1)(deep())
ZONED = pd.Series(pd.to_datetime(["2020-01-01 12:00"])).dt.tz_localize("Europe/Berlin")


@case("ZONE", ZONED)
def _(s):
    return s.dt.hour


@case("MAYBE_ROWS", 3)
def _(n):
    df = None
    if n > 2:
        df = pd.DataFrame({"A": np.arange(n)})
    return pd.concat([df, df])


CASES.setdefault("NODE", []).append((None, ()))  # _kin.py takes it
CASES.setdefault("INTEGER_DIV", []).append((None, ()))  # columns: tests/diff


@pytest.mark.parametrize("id_", ROWS)
def test_row_has_a_case(id_):
    assert id_ in CASES, f"{id_} of unsup.def has no case in this file"


@pytest.mark.parametrize("id_", [i for i in CASES if CASES[i][0][0] is not None])
def test_message(id_, monkeypatch):
    lines = DEEP.splitlines(True)
    monkeypatch.setitem(linecache.cache, "deep.py", (len(DEEP), None, lines, "deep.py"))
    if id_ not in ROWS:
        pytest.skip("no longer refused")
    _text, way = ROWS[id_]
    for func, args in CASES[id_]:
        with pytest.raises(shoal.UnsupportedError) as caught:
            shoal.jit(func)(*args)
        lines = str(caught.value).splitlines()
        assert lines[0].endswith(f"; instead: {way}"), lines[0]
        assert len(lines) <= 20
        if id_ != "LIMIT":
            assert lines[1].startswith(f'  File "{__file__}", line '), lines
