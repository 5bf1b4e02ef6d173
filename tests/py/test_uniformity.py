"""Collectives below what can differ between ranks: found when compiling, whatever way the
value takes, and no false alarm where it does not come there."""

import numpy as np
import pandas as pd
import pytest
from programs import MODES, check_program

import shoal


class Cell:
    def __init__(self, v):
        self.v = v


@shoal.jit
def put(items, v):
    items.append(v)


@shoal.jit
def put_often(items, k):
    if k == 0:
        return 0
    items.append(shoal.get_rank())
    return put_often(items, k - 1)


@shoal.jit
def even(k):
    return shoal.get_rank() if k == 0 else odd(k - 1)


@shoal.jit
def odd(k):
    return shoal.get_rank() if k == 0 else even(k - 1)


@shoal.wrap_python("int64")
def asked():
    return shoal.get_rank()


@shoal.jit
def asked_below(k):
    return asked() if k == 0 else asked_below(k - 1)


@shoal.jit
def meets(k):
    if k > 0:
        shoal.barrier()
        return 1 + meets(k - 1)
    return 0


def in_a_list(n):
    items = []
    for k in range(n):
        put(items, k + shoal.get_rank())
    return items[0] == 0


def at_a_place(n):
    items = [0] * n
    items[n - 1] = shoal.get_rank()
    return items[n - 1] == 0


def in_length(n):
    items = [0] * n
    if shoal.get_rank() == 1:
        items.append(3)
    return len(items) == n


def in_a_dict(n):
    d = {k: k for k in range(n)}
    d[n] = shoal.get_rank()
    return d[n] == 0


def as_a_key(n):
    d = {}
    d[shoal.get_rank()] = n
    return 0 in d


def in_a_set(n):
    d = set()
    d.add(shoal.get_rank())
    return n in d


def in_a_field(n):
    cells = [Cell(k) for k in range(n)]
    cells[0].v = shoal.get_rank()
    return cells[0].v == 0


def inside_of_a_list(n):
    items = [[0] for _ in range(n)]
    items[0].append(shoal.get_rank())
    return items[0][1] == 0


def under_another_name(n):
    inner = [0]
    items = [inner for _ in range(n)]
    inner.append(shoal.get_rank())
    return items[0][1] == 0


def in_a_loop_that_carries_it(n):
    a, b = [0], [1]
    for _ in range(n):
        a, b = b, a
        a.append(shoal.get_rank())
    return b[-1] == 0


def in_an_array(n):
    a = np.array([shoal.get_rank(), n])
    return a[0] == 0


def by_a_function(n):
    items = [0] * n
    put(items, shoal.get_rank())
    return items[-1] == 0


def by_a_recursion(n):
    items = [0] * n
    put_often(items, 3)
    return items[-1] == 0


def by_the_order(n):
    items = sorted([3, 1, 2], key=lambda v: v if shoal.get_rank() else -v)
    return items[0] == n


def of_a_pair_of_recursions(n):
    return even(n) == 0


def of_python_in_a_recursion(n):
    return asked_below(n) == 0


def of_gathered_rows(n):
    return len(shoal.gatherv(np.arange(n))) > 0


def of_a_gathered_sum(n):
    df = pd.DataFrame({"a": np.arange(n)})
    return shoal.gatherv(df).a.sum() > 0


WAYS = [
    in_a_list, at_a_place, in_length, in_a_dict, as_a_key, in_a_set, in_a_field, inside_of_a_list,
    under_another_name, in_a_loop_that_carries_it, in_an_array, by_a_function, by_a_recursion,
    by_the_order, of_a_pair_of_recursions, of_python_in_a_recursion, of_gathered_rows,
    of_a_gathered_sum,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda f: f.__name__)
def test_a_branch_that_ranks_decide_differently_is_refused(way):
    differs = shoal.jit(way)

    @shoal.jit
    def branch(n):
        a = np.arange(n)
        if differs(n):
            return a.sum()
        return 0

    with pytest.raises(
        shoal.DistributionError, match="ranks can take different paths here"
    ):
        branch(4)


def test_a_barrier_in_a_recursion():
    @shoal.jit
    def alike(n):
        return meets(n) + np.arange(n).sum()

    @shoal.jit
    def apart(n):
        return meets(shoal.get_rank() + n)

    assert alike(3) == 6
    with pytest.raises(shoal.DistributionError, match="different paths"):
        apart(1)


def test_what_has_nothing_to_do_with_it_is_not_refused():
    @shoal.jit
    def f(n):
        mine, other, counts = [shoal.get_rank()], [1, 2], np.zeros(4)
        mine.append(3)
        other.append(n)
        place = np.arange(n) % 4
        total = 0
        for i in shoal.prange(n):
            private = []
            for k in range(i):
                private.extend((k, i))
            total += sum(private)
            counts[place[i]] += 1
        if other[2] > 3 and counts[0] > 1 and total > 0:
            return np.arange(n).sum()
        return mine[0]

    assert f(10) == 45


def meets_rows(n):
    a = np.arange(n)
    return (a + shoal.gatherv(a)).sum()


def becomes_a_column(n):
    df = pd.DataFrame({"a": np.arange(n)})
    df["b"] = shoal.gatherv(df.a * 2)
    return df.b.sum()


def is_joined(n):
    df = pd.DataFrame({"a": np.arange(n), "b": np.arange(n) % 3})
    return len(df.merge(shoal.gatherv(df[df.a < 3]), on="b"))


def is_put_behind(n):
    df = pd.DataFrame({"a": np.arange(n)})
    return len(pd.concat([df, shoal.gatherv(df)]))


def is_looked_for(n):
    df = pd.DataFrame({"a": np.arange(n)})
    return df.a.isin(shoal.gatherv(df.a[df.a < 3])).sum()


def is_read_in_a_loop(n):
    a = np.arange(n)
    g = shoal.gatherv(a)
    s = 0
    for i in shoal.prange(n):
        s += g[a[i] % 3]
    return s


def says_how_long(n):
    g = shoal.gatherv(np.arange(n))
    s = 0
    for i in shoal.prange(len(g)):
        s += i
    return s


@pytest.mark.parametrize(
    "use",
    [meets_rows, becomes_a_column, is_joined, is_put_behind, is_looked_for,
     is_read_in_a_loop, says_how_long],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_rows_that_only_the_first_rank_has_meet_no_others(use):
    with pytest.raises(shoal.DistributionError, match=r"allgatherv\(\) gives them"):
        shoal.jit(use)(10)


GATHERED = """
import numpy as np
import pandas as pd

import shoal

rank = shoal.get_rank()


@shoal.wrap_python(shoal.types.none)
def show(df):
    assert len(df) == 10


@shoal.jit
def f(n):
    df = pd.DataFrame({"a": np.arange(n)})
    g = shoal.gatherv(df)
    g.to_parquet("first.pq")
    if shoal.get_rank() == 0:
        show(g)
    b = shoal.scatterv(g.a * 2)
    return df.a.sum(), b.sum(), len(b), g.a.sum(), g


total, twice, length, first, g = f(10)
assert (total, twice, length) == (45, 90, 10)
assert (first, len(g)) == ((45, 10) if rank == 0 else (0, 0))
shoal.barrier()
assert pd.read_parquet("first.pq").a.tolist() == list(range(10))
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 3])
def test_gathered_rows(ranks, mode, tmp_path):
    """Written, shown and scattered again by the rank that has them."""
    check_program(GATHERED, ranks, mode, tmp_path)
