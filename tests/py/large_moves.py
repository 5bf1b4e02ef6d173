"""Arrays or text moved in every way: `large_moves.py bytes rows` or `large_moves.py texts
number width`. test_large_counts.py runs it with a few megabytes, which is more than any message, and with rows, elements and
bytes beyond 2**31. SPMD, or with a pool of the compiled functions.
"""

import sys

import numpy as np
import pandas as pd
import pyarrow as pa

import shoal
from shoal._order import permutation

RANK, SIZE = shoal.get_rank(), shoal.get_size()
KIND, *SIZES = sys.argv[1], *map(int, sys.argv[2:])
N = TEXTS = SIZES[0]
WIDTH = SIZES[-1]
PERIOD = 1_000_003  # no power of two: what is misplaced differs
BASE = np.tile(np.random.default_rng(5).integers(-128, 128, PERIOD).astype("int8"), 2)


def bytes_made(n: int) -> np.ndarray:
    out = np.empty(n, np.int8)
    for k in range(0, n, PERIOD):
        out[k : k + PERIOD] = BASE[: min(PERIOD, n - k)]
    return out


def check_bytes(a, start: int, n: int, what: str) -> None:
    """a is the elements start to start + n of bytes_made()."""
    a = np.asarray(a)
    assert (a.dtype, a.shape) == (np.int8, (n,)), (what, a.dtype, a.shape)
    for k in range(0, n, PERIOD):
        m, at = min(PERIOD, n - k), (start + k) % PERIOD
        assert np.array_equal(a[k : k + m], BASE[at : at + m]), (what, start + k)


def texts_made() -> pd.Series:
    """Text i begins with i, and is full of one letter."""
    data = np.empty(TEXTS * WIDTH, np.uint8)
    for i in range(TEXTS):
        data[i * WIDTH : (i + 1) * WIDTH] = 97 + i % 26
        data[i * WIDTH : i * WIDTH + 6] = np.frombuffer(b"%06d" % i, np.uint8)
    off = np.arange(TEXTS + 1, dtype=np.int64) * WIDTH
    buffers = pa.py_buffer(off), pa.py_buffer(data)
    a = pa.LargeStringArray.from_buffers(TEXTS, *buffers)
    return pd.Series(pd.array(a, dtype="str"), name="t")


def check_texts(s, numbers, what: str) -> None:
    assert len(s) == len(numbers), (what, len(s))
    texts = s.array.__arrow_array__()
    for i, text in zip(numbers, texts, strict=True):
        b = np.frombuffer(text.as_buffer(), np.uint8)
        ends = bytes(b[:6]), b[len(b) // 2], b[-1]
        assert len(b) == WIDTH, (what, i, len(b))
        assert ends == (b"%06d" % i, 97 + i % 26, 97 + i % 26), (what, i, ends)


# -- SPMD: Python code ---------------------------------------------------------------------


def moved(v, n: int, check) -> None:
    """v, which only the first rank has, in every way but at random."""
    block = shoal.get_start(n, SIZE, RANK), shoal.get_end(n, SIZE, RANK)
    all_, none = (0, n), (0, 0)
    part = shoal.scatterv(v)
    del v
    check(part, *block, "scatterv")
    there = shoal.rebalance(part, dests=[SIZE - 1])
    del part
    check(there, *(all_ if RANK == SIZE - 1 else none), "dests")
    even = shoal.rebalance(there)
    del there
    check(even, *block, "rebalance")
    check(shoal.gatherv(even), *(all_ if RANK == 0 else none), "gatherv")
    check(shoal.allgatherv(even), *all_, "allgatherv")


def bytes_in_python() -> None:
    moved(
        bytes_made(N) if RANK == 0 else None,
        N,
        lambda a, start, stop, what: check_bytes(a, start, stop - start, what),
    )


def texts_in_python() -> None:
    moved(
        texts_made() if RANK == 0 else None,
        TEXTS,
        lambda s, start, stop, what: check_texts(s, range(start, stop), what),
    )
    part = shoal.scatterv(texts_made() if RANK == 0 else None)
    mine = slice(shoal.get_start(TEXTS, SIZE, RANK), shoal.get_end(TEXTS, SIZE, RANK))
    mixed = shoal.random_shuffle(part, seed=5)
    check_texts(mixed, permutation(5, TEXTS)[mine], "random_shuffle")


# -- A pool: compiled functions -------------------------------------------------------------


@shoal.jit
def looked_at(v, k):
    """All on one rank, and single elements."""
    w = shoal.rebalance(v, dests=[0])
    return w, len(w), v[k], v[-1], w[k], v.sum()


@shoal.jit
def written(n):
    v = np.ones(n, np.int8)
    v[5] = 7
    v[n - 2] = 9
    for i in shoal.prange(n - 50, n - 40):
        v[i] = 11
    return v


@shoal.jit
def chosen(v):
    w = v[v != 3]
    return w, len(w)


@shoal.jit
def in_order(t):
    return t.sort_values(ascending=False), t.str.len().sum()


@shoal.jit
def mixed(t):
    return shoal.random_shuffle(t, seed=5)


@shoal.jit
def grouped(t):
    df = pd.DataFrame({"t": t, "k": np.arange(len(t)) % 7})
    return df.groupby("t").k.sum()


@shoal.jit
def mixed_rows(v):
    return shoal.random_shuffle(v, seed=5)


def of_bytes() -> None:
    v, k = bytes_made(N), N - N // 40
    w, *rest = looked_at(v, k)
    assert rest == [N, v[k], v[-1], v[k], v.sum(dtype=np.int64)], rest
    check_bytes(w, 0, N, "dests")
    del w
    few = min(
        N, 64_000_000
    )  # positions of the rows that are chosen take 8 times as much
    w, n = chosen(v[:few])
    want = v[:few][v[:few] != 3]
    assert n == len(w) == len(want)
    assert np.array_equal(w, want)
    del w, want
    rows = v[: few // 1000 * 1000].reshape(-1, 1000)
    got = mixed_rows(rows)
    for i, k in enumerate(permutation(5, len(rows))):
        assert np.array_equal(got[i], rows[k]), (i, k)
    del v, rows, got
    w = written(N)
    assert len(w) == N
    assert w[[4, 5, N - 51, N - 50, N - 41, N - 40, N - 2]].tolist() == [
        1, 7, 1, 11, 11, 1, 9,
    ]  # fmt: skip


def of_texts() -> None:
    t = texts_made()
    s, n = in_order(t)
    assert n == TEXTS * WIDTH
    check_texts(s, range(TEXTS)[::-1], "sort_values")
    del s
    check_texts(mixed(t), permutation(5, TEXTS), "random_shuffle")
    groups = grouped(t)
    check_texts(groups.index.to_series(), range(TEXTS), "groupby")
    assert groups.tolist() == [i % 7 for i in range(TEXTS)]


if KIND == "bytes":
    (bytes_in_python if SIZE > 1 else of_bytes)()
else:
    (texts_in_python if SIZE > 1 else of_texts)()
print("passed")
