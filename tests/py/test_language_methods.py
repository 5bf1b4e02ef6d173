"""What dataclasses, named tuples and enums define themselves, against CPython."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

import pytest
from language import check
from programs import check_program

import shoal


@dataclass(frozen=True)
class Vec:
    x: float
    y: float = 0.0

    SCALE = 10

    def dot(self, other):
        return self.x * other.x + self.y * other.y

    def scaled(self, k=2.0, *, up=0.0):
        return Vec(self.x * k + up, self.y * k)

    @property
    def norm(self):
        return (self.dot(self)) ** 0.5

    @staticmethod
    def twice(a):
        return a * 2

    @classmethod
    def unit(cls, y=0.0):
        return cls(1.0, y)

    def __add__(self, other):
        return Vec(self.x + other.x, self.y + other.y)

    def __rmul__(self, k):
        return Vec(self.x * k, self.y * k)

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __lt__(self, other):
        return self.x < other.x

    def __str__(self):
        return f"<{self.x}|{self.y}>"

    def fib(self, n):
        if n < 2:
            return self.x
        return self.fib(n - 1) + self.fib(n - 2)


@dataclass(eq=False)
class Own:
    a: int
    b: int

    def __eq__(self, other):
        return self.a == other.a

    def __bool__(self):
        return self.b > 0


class Point(NamedTuple):
    x: int
    y: int

    def moved(self, dx, dy=0):
        return Point(self.x + dx, self.y + dy)

    @property
    def total(self):
        return self.x + self.y


class Color(enum.Enum):
    RED = 1
    BLUE = 2

    def next(self):
        return Color.BLUE if self is Color.RED else Color.RED

    @property
    def double(self):
        return self.value * 2


@shoal.jit
def methods(x, y):
    v = Vec(x, y)
    w = v.scaled(3.0).scaled(up=1.0)
    f = v.dot
    return (
        *(v.dot(w), f(v), v.norm, Vec.twice(x), v.twice(2), Vec.unit(), v.unit(y)),
        *(Vec.dot(v, w), v.SCALE, Vec.SCALE, w, v.fib(9)),
    )


@shoal.jit
def operators(v, w):
    return (
        *(v + w, 2.0 * v, -v, len(v), v[0], v[1], v < w, v > w, v == w, v != w),
        *(str(v), f"{v}", bool(v), [v, w][1].norm),
    )


@shoal.jit
def in_loops(n):
    total = Vec(0.0, 0.0)
    kept = []
    for i in range(n):
        v = Vec(i * 1.0, 1.0)
        total = total + v.scaled(0.5)
        kept.append(total)
    return total, kept, sum([v.norm for v in kept])


@shoal.jit
def own_equality(p, q):
    return p == q, p != q, (1 if p else 2), (1 if not q else 2)


@shoal.jit
def tuples(p, k):
    return p.moved(k), p.moved(1, dy=k).total, p.total, Point(1, 2).moved(k)[0]


@shoal.jit
def enums(c):
    return c.next(), c.double, c.next().next() == c


def test_methods_and_properties():
    check(methods, (3.0, 4.0), (0.0, -1.5))
    check(operators, (Vec(1.0, 2.0), Vec(3.0)), (Vec(1.0), Vec(1.0)))
    check(in_loops, 1, 5)
    check(own_equality, (Own(1, 2), Own(1, 0)), (Own(1, 0), Own(2, 0)))
    check(tuples, (Point(1, 2), 5))
    check(enums, Color.RED, Color.BLUE)


def test_refused():
    @shoal.jit
    def assigned(v):
        v.x = 2.0
        return v

    @shoal.jit
    def unknown(v):
        return v.nothing()

    with pytest.raises(shoal.UnsupportedError, match=r"Vec\.x can't be assigned"):
        assigned(Vec(1.0))
    with pytest.raises(shoal.UnsupportedError, match=r"Vec\.nothing is no method"):
        unknown(Vec(1.0))


PROGRAM = """
from dataclasses import dataclass
import numpy as np
import shoal

@dataclass
class Line:
    a: float
    b: float

    def at(self, x):
        return self.a * x + self.b

@shoal.jit
def f(n, line):
    out = np.zeros(n)
    for i in shoal.prange(n):
        out[i] = line.at(i)
    return out.sum(), line.at(2.0)

assert f(100, Line(2.0, 1.0)) == f.py_func(100, Line(2.0, 1.0))
Line.at = lambda self, x: self.b
assert f(100, Line(2.0, 1.0)) == (100.0, 1.0), "the class has changed"
print("passed")
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_on_ranks(ranks, tmp_path):
    check_program(PROGRAM, ranks, "pool", tmp_path)
