"""scatterv, gatherv, allgatherv, rebalance, random_shuffle in compiled functions, of
every kind of rows, with no rows, fewer rows than ranks, uneven and empty chunks. Run on
several ranks by test_moves_compiled.py: as SPMD, or with a pool.
"""

import os
import sys
import warnings

import numpy as np
import pandas as pd
from kinds import alike as same
from kinds import freqs, rows, take
from kinds import kinds as all_kinds

import shoal

warnings.simplefilter("ignore")
SPMD = "spmd" in sys.argv
RANK, SIZE = shoal.get_rank(), shoal.get_size()


def compiled(n: int) -> dict:
    """What compiled functions take, and keep as it is: not the freq, a number as an
    index's name, or the dtype of no column names; one of each kind of number."""
    known = all_kinds(n)
    less = "int8 int16 int32 uint16 uint32 uint64 Int8 Int16 Int32 UInt16 UInt32 UInt64"
    more = "Float32 complex64 M8[s] M8[ms] m8[s] m8[ms] m8[ns]"
    words = (*less.split(), *more.split())
    gone = {*freqs(n), "Index named by a number", "no columns"}
    return {
        name: v
        for name, v in known.items()
        if name not in gone
        and not name.endswith(words)
        and not isinstance(v, pd.api.extensions.ExtensionArray)
    }


def block(v, rank=RANK, size=SIZE):
    n = len(v)
    return rows(v, shoal.get_start(n, size, rank), shoal.get_end(n, size, rank))


# -- In compiled functions, SPMD or pool -------------------------------------------------------


@shoal.jit(replicated=["v"])
def moved(v):
    d = shoal.scatterv(v)
    e = shoal.rebalance(d, dests=[0])
    f = shoal.rebalance(e)
    return d, e, f, shoal.allgatherv(e), shoal.random_shuffle(d, seed=5)


@shoal.jit(replicated=["v"])
def on_root(v):
    return shoal.gatherv(shoal.scatterv(v))


@shoal.jit
def permutation(n):
    return shoal.random_shuffle(np.arange(n), seed=5)


def whole(v):
    return shoal.allgatherv(v) if SPMD else v


def inside(name, v):
    d, e, f, g, h = moved(v)
    if SPMD:
        same(d, block(v), f"scatterv {name}")
        same(e, v if RANK == 0 else rows(v, 0, 0), f"dests {name}")
        same(f, block(v), f"rebalance {name}")
        same(on_root(v), v if RANK == 0 else rows(v, 0, 0), f"gatherv {name}")
    for part in (d, e, f):
        same(whole(part), v, f"jit {name}")
        assert isinstance(part, type(v)), name
        if hasattr(v, "index"):
            assert isinstance(part.index, type(v.index)), name
    same(g, v, f"allgatherv {name}")
    order = np.asarray(whole(permutation(len(v))))
    same(np.sort(order), np.arange(len(v)), "all rows")
    same(whole(h), take(v, order), f"random_shuffle {name}")


# -- Default mode: results that are on the workers stay there ----------------------------------


@shoal.jit
def made(n):
    return pd.DataFrame({"k": np.arange(n), "f": np.arange(n) / 4})


def lazy(n):
    v = made(n)
    want = made.py_func(n)
    for got in (shoal.rebalance(v, dests=[0]), shoal.rebalance(v), shoal.gatherv(v)):
        if n:
            assert type(got).__name__ == "LazyFrame" and type(v).__name__ == "LazyFrame"
        same(got.copy(), want, "lazy")
        v = made(n)
    got = shoal.random_shuffle(v, seed=5)
    order = np.asarray(permutation(n))
    same(got.copy(), want.take(order), "lazy random_shuffle")


for n in (0, 1, 5):
    for name, v in compiled(n).items():
        inside(name, v)
    if not SPMD and os.environ["SHOAL_NUM_WORKERS"] != "1":
        lazy(n)

if SPMD and SIZE > 1:
    v = {"a": np.arange(5), "b": [np.arange(3), (np.arange(4.0),)]}
    part = shoal.scatterv(v if RANK == 0 else None)
    same(part["b"][1][0], block(np.arange(4.0)), "members")
    back = shoal.allgatherv(part)
    same(back["a"], v["a"], "members")
    same(back["b"][0], v["b"][0], "members")
    for bad in (3, "text", [1, 2]):
        try:
            shoal.scatterv(bad if RANK == 0 else None)
        except shoal.UnsupportedError as e:
            assert "scatterv() not available for" in str(e)
        else:
            raise AssertionError(bad)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        shoal.scatterv(np.arange(3))
    assert len(seen) == (RANK > 0), seen
print("moved")
