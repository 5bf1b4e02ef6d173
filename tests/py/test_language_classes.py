# ruff: noqa: C416
"""Plain classes: instances whose attributes are found by running __init__ (front/instance.c)."""

import abc
import functools
import math
import re

import numpy as np
import pytest

import shoal


class P:
    SCALE = 2

    def __init__(self, x, y=1.5):
        self.x = x
        self.y = y

    def norm(self):
        return math.sqrt(self.x * self.x + self.y * self.y)

    def move(self, d):
        self.x += d
        return self

    @property
    def double(self):
        return self.x * self.SCALE

    @staticmethod
    def st(a):
        return a + 1

    @classmethod
    def origin(cls):
        return cls(0.0, 0.0)

    def __add__(self, o):
        return P(self.x + o.x, self.y + o.y)

    def __eq__(self, o):
        return isinstance(o, P) and self.x == o.x and self.y == o.y

    def __lt__(self, o):
        return self.x < o.x

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return self.x if i == 0 else self.y

    def __setitem__(self, i, v):
        self.x = v

    def __call__(self, k):
        return self.x * k

    def __contains__(self, v):
        return v == self.x

    def __repr__(self):
        return f"P({self.x}, {self.y})"

    def __neg__(self):
        return P(-self.x, -self.y)

    def __iadd__(self, o):
        self.x += o.x
        return self

    def __hash__(self):
        return hash_of(self.x)

    def __iter__(self):
        return iter([self.x, self.y])


def hash_of(x):
    return int(x) * 31


class Q(P):
    def __init__(self, x, z):
        super().__init__(x)
        self.z = z

    def norm(self):
        return super().norm() + self.z


class Bare:
    pass


class Acc:
    def __init__(self):
        self.n = 0
        self.total = 0.0
        self.seen = []
        self.by = {}

    def add(self, v):
        self.n += 1
        self.total += v
        self.seen.append(v)
        self.by[self.n] = v

    def mean(self):
        return self.total / self.n


def t1(a):
    p = P(a)
    return p.x, p.y, p.norm(), p.double, P.st(3), P.origin().x, p.SCALE


def t2(a):
    p = P(a, 2.0)
    q = p
    q.move(2.0)
    return p.x, q.x, p is q, p == P(a + 2.0, 2.0), p != q, P(1.0) < P(2.0)


def t3(a):
    p = P(a)
    p[0] = 9.0
    return (
        len(p),
        p[0],
        p[1],
        p(3),
        9.0 in p,
        str(p),
        repr(p),
        f"{p}",
        (-p).x,
        [v for v in p],
        list(p),
        sum(p),
        hash(p),
    )


def t4(a):
    p = P(a)
    p += P(1.0)
    return p.x, (p + P(3.0, 4.0)).y


def t5(a):
    q = Q(a, 2.0)
    return (
        q.norm(),
        q.double,
        isinstance(q, P),
        isinstance(q, Q),
        isinstance(P(1.0), Q),
        q.z,
    )


def t6(n):
    acc = Acc()
    for i in range(n):
        acc.add(i * 0.5)
    return acc.mean(), acc.n, acc.seen, acc.by


def t7(n):
    ps = [P(float(i)) for i in range(n)]
    for p in ps:
        p.x += 1.0
    ps[0].move(10.0)
    return (
        sum(p.x for p in ps),
        ps[0].x,
        [p.norm() for p in ps],
        len(ps),
        max(p.x for p in ps),
    )


def t8(n):
    d = {}
    for i in range(n):
        k = i % 3
        if k not in d:
            d[k] = Acc()
        d[k].add(float(i))
    return [(k, d[k].mean(), d[k].n) for k in d]


def t9(a):
    return P(a), [P(a), P(1.0)], {"k": P(a)}


def t10(n):
    return [P(float(i), 2.0) for i in range(n)]


def t11(c):
    b = Bare()
    b.x = 3
    if c > 1:
        b.x = 2.5
    return b.x


def t12(n):
    best = None
    for i in range(n):
        p = P(float(i * 7 % 5))
        if best is None or p.x > best.x:
            best = p
    return best.x, best is None


def t13(a):
    p = P(a)
    return p.nope


def t14(n):
    a = P(1.0)
    b = P(2.0)
    for i in range(n):
        a, b = b, a
        a.x += 1.0
    return a.x, b.x


def t15(n):
    s = sorted([P(float(i * 7 % 5)) for i in range(n)], key=lambda p: p.x)
    return [p.x for p in s]


class Node:
    def __init__(self, v):
        self.v = v
        self.next = None


class Stack:
    def __init__(self):
        self.items = []

    def push(self, x):
        self.items.append(x)

    def pop(self):
        if not self.items:
            raise IndexError("pop from empty stack")
        return self.items.pop()

    def __len__(self):
        return len(self.items)

    def __bool__(self):
        return len(self.items) > 0


class Grid:
    def __init__(self, n):
        self.n = n
        self.a = np.zeros((n, n))

    def step(self):
        self.a[1:-1, 1:-1] += 1.0
        self.a = self.a * 0.5

    def total(self):
        return self.a.sum()


class Counter2:
    __slots__ = ("c", "k")

    def __init__(self, k):
        self.k = k
        self.c = 0

    def hit(self, times=1, *, scale=2):
        self.c += times * scale


@functools.total_ordering
class V:
    def __init__(self, x):
        self.x = x

    def __eq__(self, o):
        if not isinstance(o, V):
            return NotImplemented
        return self.x == o.x

    def __lt__(self, o):
        return self.x < o.x


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...


class Sq(Shape):
    def __init__(self, s):
        self.s = s

    def area(self):
        return self.s**2


class Rng:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1103515245 + 12345) % 2147483648
        return self.state


class Tree:
    def __init__(self):
        self.left = []
        self.right = []
        self.val = []

    def insert(self, v):
        self.val.append(v)
        self.left.append(-1)
        self.right.append(-1)
        if len(self.val) == 1:
            return
        i = 0
        while True:
            if v < self.val[i]:
                if self.left[i] < 0:
                    self.left[i] = len(self.val) - 1
                    return
                i = self.left[i]
            else:
                if self.right[i] < 0:
                    self.right[i] = len(self.val) - 1
                    return
                i = self.right[i]

    def walk(self, i, out):
        if i < 0:
            return
        self.walk(self.left[i], out)
        out.append(self.val[i])
        self.walk(self.right[i], out)


def u1(n):
    s = Stack()
    for i in range(n):
        s.push(i)
    t = 0
    while s:
        t = t * 3 + s.pop()
    return t, len(s)


def u2(n):
    s = Stack()
    try:
        s.pop()
    except IndexError as e:
        return str(e)


def u3(n):
    g = Grid(n)
    for _ in range(3):
        g.step()
    return g.total(), g.n


def u4(n):
    c = Counter2(n)
    for i in range(n):
        c.hit(i)
        c.hit(scale=i)
    return c.c, c.k


def u5(a):
    return V(a) > V(1), V(a) <= V(3), V(a) == V(2), V(a) == 3, V(a) != V(2)


def u6(n):
    t = 0.0
    for i in range(n):
        t += Sq(i * 0.5).area()
    return t


def u7(n):
    r = Rng(n)
    return [r.next() % 100 for _ in range(n)], r.state


def u8(vals):
    t = Tree()
    for v in vals:
        t.insert(v)
    out = []
    t.walk(0, out)
    return out


def u9(n):
    a = Node(1)
    b = Node(2)
    a.next = b
    return a.next.v


def u10(n):
    head = None
    for i in range(n):
        x = Node(i)
        x.next = head
        head = x
    return head.v


def u11(n):
    b = Rng(n)
    if n > 2:
        b.extra = 3
    return b.extra


def u12(n):
    ps = [Rng(i) for i in range(n)]
    return ps[0] in ps


def u13(n):
    return str(Rng(n))


def u14(n):
    return Rng(n, 2)


def u15(n):
    return Rng()


def u16(n):
    return Rng(n) + 1


def u17(n):
    return Rng(n) < Rng(n)


def u18(n):
    d = {}
    d[Rng(n)] = 1
    return len(d)


def u19(n):
    r = Rng(n)
    f = r.next
    f()
    return (
        f(),
        r.state,
        hasattr(r, "state"),
        hasattr(r, "foo"),
        type(r) is Rng,
        isinstance(r, (int, Rng)),
    )


def u20(n):
    a = [Stack() for _ in range(n)]
    for i in range(20):
        a[i % n].push(i)
    return [len(s) for s in a], [s.items for s in a]


def change(p):
    p.x += 5
    p.y = p.x * 2
    return p


def change_all(ps):
    for p in ps:
        p.x += 1.0
    return sum(p.x for p in ps)


def change_twice(p, q):
    p.x += 1.0
    q.x *= 2.0
    return p is q, p.x


def nested_lists(ls):
    ls[1].append(5)
    return len(ls)


def is_item(n):
    ls = [[i] for i in range(n)]
    a = ls[1]
    return a is ls[1], ls[0] is ls[1], a is not ls[1]


def holds_itself(n):
    a = []
    for _ in range(n):
        a.append(a)
    return len(a)


def run(f, *a):
    try:
        return f(*a)
    except Exception as e:
        return type(e).__name__, str(e).split("\n")[0]


CASES = [
    (t1, (3.0,)), (t2, (3.0,)), (t3, (3.0,)), (t4, (3.0,)), (t5, (3.0,)), (t6, (5,)), (t7, (5,)), (t7, (30,)),
    (t8, (10,)), (t9, (2.0,)), (t10, (4,)), (t11, (2,)), (t12, (6,)), (t12, (0,)), (t13, (1.0,)), (t14, (5,)),
    (t15, (9,)), (u1, (5,)), (u2, (1,)), (u3, (5,)), (u4, (5,)), (u5, (2,)), (u6, (4,)), (u7, (5,)),
    (u8, ([5, 2, 8, 1, 9, 3],)), (u9, (1,)), (u14, (1,)), (u15, (1,)), (u16, (1,)), (u17, (1,)), (u19, (5,)),
    (u10, (5,)), (u20, (3,)), (is_item, (4,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), CASES)
def test_same(f, args):
    assert repr(run(shoal.jit(f), *args)) == repr(run(f, *args))


REFUSED = [
    (u13, "the text of Rng would be its address: define __repr__"),
    (holds_itself, "a container would hold itself, or others of its type"),
]


@pytest.mark.parametrize(("f", "text"), REFUSED)
def test_refused(f, text):
    with pytest.raises(shoal.UnsupportedError, match=re.escape(text)):
        shoal.jit(f)(4)


def test_argument_is_changed_in_place():
    p = P(1, 2)
    assert shoal.jit(change)(p) is p
    assert vars(p) == {"x": 6, "y": 12}
    q = P(1.0, 2.0)
    assert shoal.jit(change_twice)(q, q) == (True, 4.0)
    assert q.x == 4.0
    assert shoal.jit(change_twice)(q, P(0.0)) == (False, 5.0)


@pytest.mark.parametrize("n", [3, 20])
def test_list_of_instances_is_changed(n):
    ps = [P(float(i)) for i in range(n)]
    want = [P(float(i)) for i in range(n)]
    assert shoal.jit(change_all)(ps) == change_all(want)
    assert ps == want


@pytest.mark.parametrize("n", [3, 20])
def test_list_of_lists_is_changed(n):
    ls = [[i] for i in range(n)]
    assert shoal.jit(nested_lists)(ls) == n
    assert ls[1] == [1, 5]


class Branch:
    def __init__(self, key):
        self.key = key
        self.left = None


def grow(node, k):
    if node is None:
        return Branch(k)
    if k < node.key:
        node.left = grow(node.left, k)
    return node


def test_a_tree_of_one_side():
    def tree(n):
        root = None
        for i in range(n):
            root = grow(root, i * 37 % 101)
        return root.key

    assert shoal.jit(tree)(10) == tree(10)


def test_an_attribute_that_is_always_none():
    @shoal.jit
    def f(n):
        some = [Branch(i) for i in range(n)]
        return [b.left is None for b in some], some[-1].left, some[0].key

    assert f(3) == ([True, True, True], None, 0)
