"""Dataclasses whose fields are assigned: instances are objects, as in Python."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np
import pytest
from language import check

import shoal

jit = shoal.jit(distributed=False)


@dataclass
class Item:
    name: str
    qty: int = 0
    price: float = 1.0
    tags: list = field(default_factory=list)

    def total(self):
        return self.qty * self.price

    def add(self, n=1):
        self.qty += n
        return self


@dataclass(order=True)
class Ranked:
    rank: int
    label: str = field(default="?", compare=False)
    hidden: int = field(default=3, repr=False)


@dataclass(order=True)
class Pair:
    a: int
    b: float


@dataclass
class Post:
    a: int
    twice: int = field(init=False)
    by: int = field(default=2, kw_only=True)

    def __post_init__(self):
        self.twice = self.a * self.by


@dataclass
class Child(Item):
    level: int = 7


@dataclass
class Outer:
    inner: Pair
    n: int


@dataclass(eq=False)
class Bare:
    x: float


@jit
def inventory(n):
    items = [Item(f"i{k}", k) for k in range(n)]
    for it in items:
        it.qty += 2
        it.price = it.price * 1.5
        it.tags.append(it.qty)
    first = items[0]
    first.qty = 100
    again = first
    again.add(5).add()
    return items, sum(i.total() for i in items), first is items[0], first is again


@jit
def aliases(c):
    a = Pair(1, 2.0)
    b = a if c else Pair(1, 2.0)
    equal = a == b
    b.a = 9
    return a, b, a is b, equal, a == b, a != b


@jit
def changed(p, d):
    p.a += 10
    d["x"].b = p.b
    d["y"] = p
    return p.a


@jit
def in_dicts(keys):
    d = {}
    for k in keys:
        if k not in d:
            d[k] = Item(k)
        d[k].qty += 1
    return d, [(k, v.qty) for k, v in d.items()]


@jit
def by_fields(n):
    out = []
    for i in range(n):
        p = Post(i, by=i % 3)
        p.a = p.twice
        out.append(p)
    return out


@jit
def texts(n):
    r = Ranked(n)
    return str(r), repr(Item("a", n)), f"{Pair(n, 0.5)}", str([Pair(1, 2.0)][0])


@jit
def orders(n):
    ps = [Pair((i * 7) % 5, float(i)) for i in range(n)]
    ps.sort()
    q = Pair(2, 1.0)
    return (
        ps,
        Ranked(1, "a") == Ranked(1, "b"),
        Ranked(1) < Ranked(2),
        min(ps),
        Pair(1, 2.0) in ps,
        ps.count(q),
        q <= Pair(2, 1.0),
        [Pair(n, 1.0)] == [Pair(n, 1.0)],
    )


@jit
def functions(n):
    p = Pair(n, 0.5)
    q = dataclasses.replace(p, b=9.0)
    q.a += 1
    return p, q, dataclasses.asdict(p), dataclasses.astuple(q)


@jit
def nested(n):
    o = Outer(Pair(n, 1.0), 0)
    inner = o.inner
    for i in range(n):
        inner.b += i
        o.n += 1
    o.inner.a = -1
    return o, inner is o.inner, isinstance(Child("c"), Item), Child("c", level=2)


@jit
def bare(n):
    a, b = Bare(1.0), Bare(1.0)
    a.x = float(n)
    return a == b, a == a, a.x, b.x


@dataclass
class Link:
    value: int
    after: object = None


@jit
def linked(n):
    a = Link(n)
    b = Link(2, a)
    a.value += 1
    return b.after.value, b.after is a, str(b), f"{a.after}"


@jit
def caught(n):
    p = Pair(0, 0.0)
    try:
        for i in range(n):
            p.a = i
            if i == 3:
                raise ValueError("three")
    except ValueError:
        p.b = 5.0
    return p


@jit
def recursive(p, n):
    if n == 0:
        return p.a
    p.a += n
    return recursive(p, n - 1)


@jit
def walk(n):
    """A hot loop that assigns fields."""
    p = Pair(0, 0.0)
    for i in range(n):
        p.a = (p.a * 3 + i) % 1000
        p.b += p.a * 0.5
    return p


def test_fields_are_assigned():
    check(inventory, 3, 1, 12)
    check(aliases, True, False)
    check(nested, 0, 4)
    check(walk, 0, 1, 1000)


def test_arguments_are_changed():
    got = Pair(1, 2.0), {"x": Pair(3, 4.0)}
    want = Pair(1, 2.0), {"x": Pair(3, 4.0)}
    assert changed(*got) == changed.py_func(*want)
    assert got == want
    assert got[1]["y"] is got[0]
    p, q = Pair(0, 1.0), Pair(0, 1.0)
    assert recursive(p, 5) == recursive.py_func(q, 5)
    assert p == q


def test_containers_of_them():
    check(in_dicts, (["a", "b", "a"],), ([],))
    check(orders, 2, 9)


def test_what_the_decorator_made():
    check(by_fields, 0, 5)
    check(texts, 3)
    check(functions, 3)
    check(bare, 1, 2)
    check(linked, 1)
    check(caught, 2, 6)


LIMIT = Pair(5, 0.5)


def limited(n):
    return min(n, LIMIT.a)


def test_globals(monkeypatch):
    f = jit(limited)
    assert f(9) == 5
    monkeypatch.setattr(LIMIT, "a", 7)
    assert f(9) == 7


def few():
    return Pair(1)


def many():
    return Pair(1, 2.0, 3)


def unknown():
    return Pair(1, c=2)


def twice():
    return Pair(1, a=2)


def two():
    return Pair()


def keyed():
    return {Pair(1, 2.0): 1}


def no_attribute():
    p = Pair(1, 2.0)
    return p.z


@pytest.mark.parametrize("f", [few, many, unknown, twice, two, keyed, no_attribute])
def test_errors(f):
    with pytest.raises((TypeError, AttributeError)) as want:
        f()
    with pytest.raises((TypeError, AttributeError)) as got:
        jit(f)()
    assert got.type is want.type
    assert str(got.value).splitlines()[0] == str(want.value)


@dataclass(frozen=True)
class Frozen:
    a: int


def frozen_assigned():
    x = Frozen(1)
    x.a = 2
    return x


def chain(n):
    head = None
    for i in range(n):
        head = Link(i, head)
    return head.value


def test_chains_of_any_length():
    assert jit(chain)(3) == chain(3)


def test_frozen_ones_are_refused():
    with pytest.raises(shoal.UnsupportedError, match="not frozen"):
        jit(frozen_assigned)()


@shoal.jit
def on_ranks(A, n):
    p = Pair(0, 0.0)
    for i in range(n):
        p.a += i
    p.b = A.sum()
    return p


def test_ranks(ranks):
    A = np.arange(100.0)
    assert on_ranks(A, 4) == Pair(6, 4950.0)
