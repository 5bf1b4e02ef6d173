"""Classes whose instances hold others of their kind: front/kin.c."""

import numpy as np
import own_kind
import pytest

import shoal
from shoal import _core

SKIP = shoal.UnsupportedError


def outcome(f, args):
    try:
        return f(*args)
    except SKIP:
        raise
    except Exception as e:
        return type(e), str(e).split("\n")[0]


def ids(value):
    return getattr(value, "__name__", "args")


@pytest.mark.parametrize(("f", "args"), own_kind.PROGRAMS, ids=ids)
def test_as_python(f, args):
    args = args if type(args) is tuple else (args,)
    assert outcome(shoal.jit(f), args) == outcome(f, args)


def long_chain(n):
    head = None
    for i in range(n):
        head = own_kind.LNode(i, head)
    t = 0
    node = head
    while node is not None:
        t += node.val
        node = node.next
    return t


def deep_tree(n):
    root = own_kind.TNode(0)
    node = root
    for i in range(n):
        node.left = own_kind.TNode(i)
        node.right = own_kind.TNode(-i)
        node = node.left
    return root.left.key + node.key


@pytest.mark.parametrize("f", [long_chain, deep_tree])
def test_a_million_deep_is_freed(f):
    """Without recursion, and nothing is left of it."""
    n = 1_000_000
    assert shoal.jit(f)(n) == f(n)
    assert _core.heap_stats()[::2] == (0, 0)


def dropped_in_rounds(n):
    t = 0
    for i in range(n):
        t += long_chain(20) + i
    return t


def test_memory_of_rounds_is_used_again():
    f = shoal.jit(dropped_in_rounds)
    assert f(2000) == dropped_in_rounds(2000)
    live, peak, rings = _core.heap_stats()
    assert live == rings == 0
    assert peak < 100_000


def test_on_ranks(ranks):
    """Every rank makes the same objects, also beside rows that are split, and of no rows;
    where one of them fails all end, and the next call works."""

    @shoal.jit
    def f(n):
        return own_kind.bst(n), own_kind.nbody(30), shoal.get_size()

    @shoal.jit
    def summed(x, bad):
        root = own_kind.made_tree([len(x), int(x.sum()), 3])
        out = np.empty(len(x))
        for i in shoal.prange(len(x)):
            if x[i] == bad:
                raise ValueError("bad row")
            out[i] = 2 * x[i]
        return out.sum(), root.root.key

    assert f(100) == (own_kind.bst(100), own_kind.nbody(30), ranks)
    x = np.arange(20.0)
    for _ in range(2):
        assert summed(x, -1.0) == (380.0, 20)
        assert summed(x[:0], -1.0) == (0.0, 0)
        with pytest.raises(ValueError, match="bad row"):
            summed(x, 19.0)


def shape(v, seen=None):
    """What v consists of; an instance that was met before is its number."""
    seen = {} if seen is None else seen
    if id(v) in seen:
        return seen[id(v)]
    if isinstance(v, list | tuple):
        return type(v), [shape(x, seen) for x in v]
    if isinstance(v, dict):
        return {k: shape(x, seen) for k, x in v.items()}
    if type(v).__module__ != "own_kind":
        return v
    seen[id(v)] = len(seen)
    names = [*getattr(v, "__dict__", ()), *getattr(v, "__slots__", ())]
    has = [n for n in sorted(names) if hasattr(v, n)]
    return type(v), [(n, shape(getattr(v, n), seen)) for n in has]


@pytest.mark.parametrize(("f", "arg"), own_kind.RESULTS, ids=ids)
def test_results(f, arg):
    """They are instances of the class; what is shared in them stays so, rings are rings."""
    got = shoal.jit(f)(arg)
    assert shape(got) == shape(f(arg))


def test_a_long_result():
    head = shoal.jit(own_kind.made_chain)(100_000)
    n = 0
    while head is not None:
        assert type(head) is own_kind.LNode
        head, n = head.next, n + 1
    assert n == 100_000


@pytest.mark.parametrize("k", range(len(own_kind.argument_cases())))
def test_arguments(k):
    """The caller sees what became of them; results that are among them are the same objects."""
    func, got = own_kind.argument_cases()[k]
    _, want = own_kind.argument_cases()[k]
    a, b = shoal.jit(func)(*got), func(*want)
    assert shape([a, *got]) == shape([b, *want])


def test_a_long_argument():
    head = own_kind.made_chain(100_000)
    assert shoal.jit(own_kind.chain_total)(head) == own_kind.chain_total(head)


def test_a_list_that_is_an_attribute_stays_the_same():
    v = own_kind.made_graph(3)[0]
    adj = v.adj

    @shoal.jit
    def f(v):
        v.adj.append(v)

    f(v)
    assert v.adj is adj
    assert adj[-1] is v


def test_an_argument_on_ranks(ranks):
    @shoal.jit
    def f(root, keys):
        for k in keys:
            root = own_kind.insert_one(root, k)
        return root, shoal.get_size()

    root = own_kind.TNode(5)
    got, size = f(root, [3, 8, 4])
    assert size == ranks
    assert got is root
    assert root.left.right.key == 4


class Odd:
    def __init__(self, v):
        self.v = v
        self.next = None


def two_types(n):
    a = Odd(1)
    for _ in range(n):
        b = Odd("text")
        b.next = a
        a = b
    return a.v


def test_an_attribute_of_two_types_is_refused():
    with pytest.raises(shoal.UnsupportedError, match=r"Odd\.v can't hold") as e:
        shoal.jit(two_types)(3)
    assert "Odd(" in str(e.value) or "self.v = v" in str(e.value)
