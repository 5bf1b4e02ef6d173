# ruff: noqa: C416, RUF005, UP042
"""Named tuples, dataclasses and members of enums."""

import collections
import dataclasses
from enum import Enum, Flag, IntEnum, IntFlag
from typing import NamedTuple

import pytest

import shoal

Point = collections.namedtuple("Point", "x y")


class Named(NamedTuple):
    x: int
    y: float = 2.5
    name: str = "q"


@dataclasses.dataclass(frozen=True)
class Frozen:
    a: int
    b: float = 1.5


@dataclasses.dataclass
class Plain:
    a: int
    s: str = "m"


@dataclasses.dataclass(order=True)
class Ordered:
    a: int


class Color(Enum):
    RED = 1
    GREEN = "g|%"
    BLUE = 3


class Side(Enum):
    LEFT = "l"
    RIGHT = "r"


class Num(IntEnum):
    ONE = 1
    TWO = 2


class Perm(Flag):
    R = 4
    W = 2
    X = 1


class Bits(IntFlag):
    A = 1
    B = 2


def run(f, args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__


def types_of(v):
    if isinstance(v, (tuple, list)) and not isinstance(v, (Point, Named)):
        return [types_of(x) for x in v]
    return type(v)


def same(f, *args):
    got, want = run(shoal.jit(f), args), run(f, args)
    assert repr(got) == repr(want), (f.__name__, args)
    assert types_of(got) == types_of(want)
    return got


# -- Named tuples ------------------------------------------------------------------------------


def ident(x):
    return x, [x], {"k": x}


def fields(p):
    return p.x + p.y, p[0], p[-1], len(p), tuple(p), p[:1], p + (1,), p == (1, 2)


def make(a, b):
    return (
        Point(a, b),
        Point(x=a, y=b),
        Point(y=a, x=b),
        Named(a),
        Named(a, b),
        Named(a, name="z"),
        Point._make([a, b]),
        Point._fields,
    )


def replace(p):
    return p._replace(x=5), p._asdict(), p._fields


def unpack(p):
    x, y = p
    return x * y


def made_list(n):
    return [Point(i, i * i) for i in range(n)]


def over_list(ps):
    t = 0
    for p in ps:
        t += p.x * p.y
    return t, ps[0], ps[-1].x, max(ps), sorted(ps, reverse=True), Point(1, 2) in ps


def counted(n):
    d = {}
    for i in range(n):
        d[Point(i % 2, 0)] = d.get(Point(i % 2, 0), 0) + i
    return d


def branch(c):
    return Point(1, 2) if c > 0 else Point(3, c)


def loop(n):
    p = Point(0, 0.0)
    for i in range(n):
        p = Point(p.x + i, p.y + 0.5)
    return p


def recursive(p, n):
    return p if n == 0 else recursive(Point(p.x + n, p.y), n - 1)


def text(p):
    return str(p), repr(p), f"{p}", f"{p!r}"


def best(n):
    found = None
    for i in range(n):
        p = Point(i % 3, i)
        if found is None or p.x > found.x:
            found = p
    return found


def wrong(a):
    return Point(a)


def test_named_tuples():
    for x in (Point(1, 2), Point(1.5, "a"), Named(1), Point(Point(1, 2), (3,))):
        same(ident, x)
    same(fields, Point(1, 2))
    same(make, 1, 2.0)
    same(replace, Point(1, 2))
    same(unpack, Point(3, 4))
    same(made_list, 3)
    same(over_list, [Point(1, 2), Point(3, 4)])
    same(over_list, [Point(i, 2) for i in range(20)])
    same(counted, 5)
    same(branch, 1)
    same(branch, -1)
    same(loop, 4)
    same(recursive, Point(1, 2), 3)
    for p in (Point(1, 2), Named(1), Point("a", (1, 2))):
        same(text, p)
    same(best, 7)
    same(best, 0)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'y'"):
        shoal.jit(wrong)(1)


# -- Dataclasses -------------------------------------------------------------------------------


def data(a):
    d = Frozen(a)
    return (
        d,
        Frozen(a, 2.0),
        dataclasses.replace(d, b=9.0),
        d == Frozen(a),
        d == Frozen(a, 3.0),
        d != (a, 1.5),
        dataclasses.asdict(d),
        dataclasses.astuple(d),
        d.b,
        str(d),
    )


def data_list(n):
    return [Frozen(i, i / 2) for i in range(n)], Plain(n), Ordered(n) < Ordered(n + 1)


def data_sum(ds):
    t = 0.0
    for d in ds:
        t += d.a * d.b
    return t, ds[-1]


def test_dataclasses():
    for x in (Frozen(1), Plain(2), Ordered(3)):
        same(ident, x)
    same(data, 3)
    same(data_list, 3)
    same(data_sum, [Frozen(i, 0.5) for i in range(12)])


@dataclasses.dataclass(frozen=True)
class Post:
    a: int

    def __post_init__(self):
        print(self.a)


def test_dataclasses_with_code():
    with pytest.raises(shoal.UnsupportedError, match="__post_init__"):
        shoal.jit(ident)(Post(1))


# -- Enums -------------------------------------------------------------------------------------


def asked(c):
    return (
        c is Color.RED,
        c is not Color.RED,
        c == Color.GREEN,
        c != Color.BLUE,
        c == 1,
        c.value,
        c.name,
        str(c),
        repr(c),
        f"{c}",
        isinstance(c, Color),
        isinstance(c, Num),
        type(c) is Color,
        c in (Color.RED, Color.BLUE),
    )


def toggled(n):
    s = Side.LEFT
    for _ in range(n):
        s = Side.RIGHT if s is Side.LEFT else Side.LEFT
    return s, s.name, s.value, str(s), [s]


def price(c):
    return {Color.RED: 1.5, Color.GREEN: 2.5, Color.BLUE: 3.5}[c]


def matched(c):
    match c:
        case Color.RED:
            return "r"
        case Color.GREEN | Color.BLUE:
            return "gb"


def members(v):
    return (
        [c for c in Color],
        [c.name for c in Color],
        Color("g|%"),
        Color["BLUE"],
        Side(v),
    )


def numbers(v):
    n = Num(v)
    return (
        n,
        n + 1,
        n < Num.TWO,
        n == 1,
        Num.ONE * 3,
        int(Num.TWO),
        str(n),
        n.name,
        [10, 20, 30][Num.ONE],
        max(n, Num.TWO),
    )


def flags(a, b):
    return a | b, a & b, (a | b).value, bool(a & b), a in (Perm.R, Perm.W), a ^ b


def int_flags(a):
    return a | Bits.B, a & 1, a + 1, a == 1


def tally(cs):
    d = {}
    for c in cs:
        d[c] = d.get(c, 0) + 1
    return d, cs[0], Color.RED in cs


def maybe(n):
    found = None
    for i in range(n):
        if i == 3:
            found = Side.RIGHT
    return found, found is Side.RIGHT, found == Side.LEFT


def below(c):
    return c < Color.RED


def choose(c, n):
    t = 0
    for i in range(n):
        if c is Side.LEFT:
            t += i
        else:
            t -= i
    return t


PRICES = {Color.RED: 3, Color.BLUE: 4}
GP, GF = Point(1, 2), Frozen(4)


def globals_(c):
    return PRICES[c], GP, GP.x, GF, GF.a, Num.TWO


def test_enums():
    for x in (*Color, *Num, *Perm, Perm.R | Perm.W, Bits.A, Bits.A | Bits.B):
        assert same(ident, x)[0] is x
    for c in Color:
        same(asked, c)
        same(price, c)
        same(matched, c)
    same(toggled, 3)
    same(toggled, 4)
    same(members, "r")
    same(members, "z")
    same(numbers, 1)
    same(numbers, 2)
    same(numbers, 7)
    same(flags, Perm.R, Perm.W)
    same(flags, Perm.R, Perm.R)
    same(int_flags, Bits.A)
    same(tally, [Color.RED, Color.BLUE, Color.RED])
    same(tally, [Color.RED] * 12)
    same(maybe, 2)
    same(maybe, 5)
    same(below, Color.RED)
    same(choose, Side.LEFT, 5)
    same(choose, Side.RIGHT, 5)
    same(globals_, Color.RED)
    same(globals_, Color.GREEN)


class Mode(str, Enum):
    FAST = "fast"
    SLOW = "slow"


def by_mode(m):
    return m == Mode.FAST, m == "fast", m + "!", Mode.SLOW + m


def test_enums_of_text():
    same(by_mode, Mode.FAST)
    same(by_mode, Mode.SLOW)


def _zeros():
    return [0.0, 0.0]


@dataclasses.dataclass
class Stack:
    name: str = "s"
    items: list = dataclasses.field(default_factory=list)
    seen: dict = dataclasses.field(default_factory=dict)
    sums: list = dataclasses.field(default_factory=_zeros)

    def push(self, x):
        self.items.append(x)
        self.seen[x] = self.seen.get(x, 0) + 1
        self.sums[x % 2] += x


def test_default_factory():
    """Each instance has containers of its own, which methods change."""

    def f(n):
        a, b = Stack(), Stack("t")
        for i in range(n):
            a.push(i // 2)
        b.push(7)
        a.items.pop()
        return a, b, len(a.items), b.items, sum(a.items)

    assert shoal.jit(f)(6) == f(6)


def test_default_factory_given():
    def f(n):
        s = Stack("g", [n])
        s.push(n + 1)
        return s.items, s.sums, s.name

    assert shoal.jit(f)(4) == f(4)


def test_field_assigned():
    def f():
        p = Frozen(1)
        p.a = 2
        return p

    with pytest.raises(shoal.UnsupportedError, match="a dataclass that is not frozen"):
        shoal.jit(f)()


def test_no_member_of_that_value():
    @shoal.jit
    def f(n, s):
        out = []
        try:
            out.append(Num(n).name)
        except ValueError as e:
            out.append(str(e))
        try:
            out.append(Side(s).name)
        except ValueError as e:
            out.append(str(e))
        return out

    for args in (1, "l"), (9, "zz"):
        assert f(*args) == f.py_func(*args)
