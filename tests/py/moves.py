"""scatterv, gatherv, allgatherv, rebalance, random_shuffle in compiled functions, of
every kind of rows, with no rows, fewer rows than ranks, uneven and empty chunks. Run on
several ranks by test_moves_compiled.py: as SPMD, or with a pool.
"""

import os
import sys
import warnings

import numpy as np
import pandas as pd

import shoal

warnings.simplefilter("ignore")
SPMD = "spmd" in sys.argv
RANK, SIZE = shoal.get_rank(), shoal.get_size()


def kinds(n: int) -> dict:
    """Values of n rows of each kind; all are told apart by their contents."""
    k = np.arange(n)
    text = pd.array([f"text {i}" for i in k], dtype="str")
    missing = pd.array([None if i % 3 == 1 else int(i) for i in k], dtype="Int64")
    day = np.datetime64("2020-02-28") + k
    frame = pd.DataFrame(
        {"k": k, "f": k / 4, "s": text, "m": missing, "t": day.astype("M8[ns]")}
    )
    return {
        "int": k,
        "float32": (k / 8).astype("float32"),
        "bool": k % 2 == 0,
        "time": day.astype("M8[us]"),
        "2-d": np.stack([k, k + 1, k + 2], axis=1),
        "2-d of no columns": np.zeros((n, 0)),
        "Series": pd.Series(k, name="x"),
        "str": pd.Series(text, name="s"),
        "nullable": pd.Series(missing, name="m"),
        "nullable bool": pd.Series(
            pd.array([None if i % 4 == 2 else i % 2 == 0 for i in k], dtype="boolean")
        ),
        "zone": pd.Series(day.astype("M8[us]"), name="z").dt.tz_localize("Asia/Tokyo"),
        "zone index": frame.set_index(pd.DatetimeIndex(frame.t).tz_localize("UTC")),
        "Index with a zone": pd.DatetimeIndex(frame.t).tz_localize("Europe/Paris"),
        "category": pd.Series(pd.Categorical.from_codes(k % 3, ["z", "a", "k"])),
        "timedelta": pd.Series(k.astype("m8[ns]")),
        "range": pd.RangeIndex(5, 5 + 2 * n, 2, name="r"),
        "Index": pd.Index(k * 3, name="i"),
        "Index of text": pd.Index(text),
        "Index of times": pd.Index(day.astype("M8[ns]"), name="t"),
        "MultiIndex": pd.MultiIndex.from_arrays([k, text], names=["k", None]),
        "frame": frame,
        "text index": frame.set_index("s"),
        "time index": frame.set_index("t"),
        "range index": frame.set_index(pd.RangeIndex(5, 5 + 2 * n, 2)),
        "two levels": frame.set_index(["k", "s"]),
    }


def rows(v, start, stop):
    return v.iloc[start:stop] if hasattr(v, "iloc") else v[start:stop]


def take(v, order):
    return (
        v.take(order)
        if hasattr(v, "take") and not isinstance(v, np.ndarray)
        else v[order]
    )


def same(got, want, what):
    if isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want, obj=what)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want, obj=what)
    elif isinstance(want, pd.Index):
        pd.testing.assert_index_equal(got, want, obj=what)
    elif isinstance(want, np.ndarray):
        assert got.dtype == want.dtype, (what, got.dtype)
        np.testing.assert_array_equal(got, want, err_msg=what)
    else:
        pd.testing.assert_extension_array_equal(got, want, obj=what)


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


for n in (0, 2, 7):
    for name, v in kinds(n).items():
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
