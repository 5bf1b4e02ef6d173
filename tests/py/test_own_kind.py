"""Classes whose instances hold others of their kind: front/kin.c."""

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


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_on_ranks(ranks):
    """Every rank makes the same objects, in driver and ranks alike."""

    @shoal.jit
    def f(n):
        return own_kind.bst(n), own_kind.nbody(30), shoal.get_size() > 0

    assert f(100) == (own_kind.bst(100), own_kind.nbody(30), True)


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
