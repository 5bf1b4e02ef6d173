"""SPMD: chunks stay chunks in Python and in containers, all ranks agree on their types, and
what is no replicated argument is not taken for one."""

import pytest
from programs import check_program

pytestmark = pytest.mark.ranks

START = """
import numpy as np, pandas as pd, shoal as bodo
rank, size = bodo.get_rank(), bodo.get_size()
n = 2 * size + 1
first, last = bodo.get_start(n, size, rank), bodo.get_end(n, size, rank)
total = n * (n - 1) // 2
whole = pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5})

def part():
    return whole.iloc[first:last].copy()

@bodo.jit
def make(n):
    return pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5})

@bodo.jit
def array(n):
    return np.arange(n)

@bodo.jit
def sum_a(df):
    return df.a.sum()

@bodo.jit
def sum_of(s):
    return s.sum()

@bodo.jit(distributed=["df"])
def sum_chunks(df):
    return df.a.sum(), len(df)

def fails(f, *args):
    try:
        f(*args)
    except (ValueError, TypeError) as e:
        return str(e)
    raise AssertionError("no error")
"""

DERIVED = """
df = make(n)
assert sum_a(df) == sum_a(df.copy()) == sum_a(df[df.a >= 0]) == total
assert sum_a(df.assign(c=1)) == sum_a(df + 0) == sum_of(df.a) == total
assert sum_of(df.a[df.a > 1] * 2) == 2 * (total - 1)
assert getattr(whole.copy(), "_shoal_dist", None) is None
assert sum_a(whole.copy()) == total
x = array(2 * size)
assert "so it is not replicated" in fails(sum_of, x * 1)
assert "distributed=['s']" in fails(sum_of, x * 1)
assert "labels from 0 on rank 0 and from 2" in fails(
    sum_a, pd.DataFrame({"a": [0, 0]}, index=range(2 * rank, 2 * rank + 2))
)

@bodo.jit
def fill(x, out):
    for i in bodo.prange(len(x)):
        out[i] = x[i]

out = np.full(3, rank)  # what is written may hold anything
fill(np.arange(3), out)
assert out.tolist() == [0, 1, 2]

# Machines may differ in the last place.
assert sum_of(np.array([0.5 + rank * 1e-12])) == 0.5
"""

CONTAINERS = """
@bodo.jit
def several(n):
    a = np.arange(n)
    return [a, a + 1], (pd.Series(a), 3), {"x": pd.DataFrame({"a": a}), "y": 4}

@bodo.jit
def use(l, t, d):
    return l[0].sum() + l[1].sum(), t[0].sum() + t[1], d["x"].a.sum() + d["y"]

assert use(*several(n)) == (2 * total + n, total + 3, total + 4)

@bodo.jit
def joined(l):
    return pd.concat(l)

got = bodo.allgatherv(joined([make(n), make(2)]))
assert got.a.tolist() == [*range(n), 0, 1]

@bodo.jit(distributed=["l", "t"])
def flagged(l, t):
    return l[0].sum() + l[1].a.sum(), t[0].sum() + t[1]

mine = np.arange(n)[first:last]
assert flagged([mine, part()], (mine, 3)) == (2 * total, total + 3)
assert "has" in fails(use, [mine, mine], (pd.Series(mine), 1), {"x": part(), "y": 1})
"""

TYPES = """
zero = rank == 0
df = pd.DataFrame({"a": np.arange(5), "s": list("abcde")})
empty = pd.DataFrame({"a": [], "s": []})
assert sum_chunks(df if zero else empty) == (10, 5)
assert sum_chunks(empty if zero else df) == (10 * (size - 1), 5 * (size - 1))
null = pd.DataFrame({"a": [1], "s": [None]})
assert sum_chunks(df if zero else null) == (10 + size - 1, 5 + size - 1)
assert sum_chunks(df if zero else df.iloc[[3, 1]]) == (10 + 4 * (size - 1), 5 + 2 * (size - 1))

@bodo.jit(distributed=["s"])
def sum_s(s):
    return s.sum()

for own, other in (
    (np.array([1.0, 2]), np.array([], int)),
    (pd.Series([1.0, 2]), pd.Series([])),
    (pd.Series([1, 2]), pd.Series([], dtype=object)),
    (pd.Series([1.0, 2]), pd.Series([None, None])),
):
    assert sum_s(own if zero else other) == 3

@bodo.jit(distributed=["s"])
def labels(s):
    return s

kept = labels(pd.Series([1, 2], [7, 5]) if zero else pd.Series([3], range(9, 10)))
assert kept.index.tolist() == ([7, 5] if zero else [9])
text = fails(sum_chunks, df if zero else df.assign(a="x"))
assert "in chunks) instead of (" in text, text
"""

FLAGS = """
@bodo.jit(replicated=["df"])
def all_rows(df):
    return df.a.sum(), len(df)

@bodo.jit(args_maybe_distributed=False)
def all_too(df):
    return df.a.sum(), len(df)

for f in (all_rows, all_too):
    assert f(make(n)) == f(whole) == (total, n)

@bodo.jit(distributed_block=["x"])
def by_row(x):
    y, s = np.arange(len(x)), 0
    for i in bodo.prange(len(x)):
        s += x[i] * i
    return s, (x * y).sum(), x[len(x) - 2]

# Rows that are no equal blocks, whatever the flag says.
x = np.arange(rank + 1) + 1
all_x = np.concatenate([np.arange(r + 1) + 1 for r in range(size)])
want = (all_x * np.arange(len(all_x))).sum()
assert by_row(x) == (want, want, all_x[-2])

@bodo.jit(distributed=["x", "y"])
def two(x, y):
    return (x * 2 + y * 3).sum()

y = np.arange(size - rank)
all_y = sum((size - r) * (size - r - 1) // 2 for r in range(size))
assert two(x, y) == all_x.sum() * 2 + all_y * 3
"""

CHANGES = """
with_c = whole.assign(c=whole.a * 2)
big = np.where(np.arange(n) > 2, -1, np.arange(n))

def adds(**flags):
    @bodo.jit(**flags)
    def add(df):
        df["c"] = df.a * 2
    return add

def writes(**flags):
    @bodo.jit(**flags)
    def write(x):
        x[x > 2] = -1
    return write

def in_list(**flags):
    @bodo.jit(**flags)
    def add(l):
        l[0]["c"] = l[0].a * 2
    return add

for add, df, rows in (
    (adds(distributed=["df"]), part(), slice(first, last)),
    (adds(), make(n), slice(first, last)),
    (adds(replicated=["df"]), make(n), slice(first, last)),
    (adds(distributed=False), part(), slice(first, last)),
    (adds(), whole.copy(), slice(None)),
    (adds(replicated=["df"]), whole.copy(), slice(None)),
):
    add(df)
    pd.testing.assert_frame_equal(df, with_c.iloc[rows])
for write, x, rows in (
    (writes(distributed=["x"]), np.arange(n)[first:last].copy(), slice(first, last)),
    (writes(), array(n), slice(first, last)),
    (writes(replicated=["x"]), array(n), slice(first, last)),
    (writes(), np.arange(n), slice(None)),
):
    write(x)
    assert x.tolist() == big[rows].tolist(), (rank, x)
for add, df in ((in_list(distributed=["l"]), part()), (in_list(), make(n))):
    add([df])
    pd.testing.assert_frame_equal(df, with_c.iloc[first:last])

@bodo.jit
def running(df):
    a = df.a.values
    s = np.zeros(len(a), np.int64)
    for i in range(1, len(a)):
        s[i] = s[i - 1] + a[i]
    df["c"] = s

df = make(n)
running(df)
pd.testing.assert_frame_equal(df, whole.assign(c=whole.a.cumsum()).iloc[first:last])
assert sum_a(df) == total
"""


MOVES = """
from shoal._order import permutation

values = {
    "category": pd.Categorical.from_codes(np.arange(n) % 3, ["x", "y", "z"]),
    "text": pd.array([f"s{k}" for k in range(n)], dtype="str"),
    "nullable": pd.array([None, *range(n - 1)], dtype="Int64"),
    "NA text": pd.Series([None, *map(str, range(n - 1))], dtype="string"),
    "objects": pd.Series(pd.Categorical(pd.Series([], dtype=object))),
}
order = permutation(5, n)
for what, v in values.items():
    take = (lambda i: v.iloc[i]) if isinstance(v, pd.Series) else (lambda i: v[i])
    chunk = bodo.scatterv(v if rank == 0 else None)
    for got, want in (
        (chunk, take(slice(first, last))),
        (bodo.allgatherv(chunk), v),
        (bodo.gatherv(chunk), v if rank == 0 else v[:0]),
        (bodo.rebalance(chunk), take(slice(first, last))),
        (
            bodo.random_shuffle(chunk, 5, parallel=True),
            take(order[first:last]) if len(v) else v,
        ),
    ):
        assert type(got) is type(want) and got.dtype == want.dtype, (what, got, want)
        got, want = (pd.Series(list(x)).fillna("none").tolist() for x in (got, want))
        assert got == want, (what, got, want)
"""


@pytest.mark.parametrize("ranks", [2, 3])
@pytest.mark.parametrize("text", [DERIVED, CONTAINERS, TYPES, FLAGS, CHANGES, MOVES])
def test_chunks(text, ranks, tmp_path):
    check_program(
        START + text + '\nprint("passed\\n", end="")\n', ranks, "spmd", tmp_path
    )
