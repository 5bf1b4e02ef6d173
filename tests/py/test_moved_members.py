"""Moves of tuples, lists and dicts, member by member, in compiled functions and in Python."""

import programs
import pytest

import shoal

COMMON = """
    import warnings
    from collections import namedtuple

    import numpy as np
    import pandas as pd

    import shoal
    from shoal import _chunks, _spmd

    warnings.simplefilter("ignore")
    SPMD = _spmd.launched()
    RANK, SIZE = shoal.get_rank(), shoal.get_size()
    Pair = namedtuple("Pair", "left right")


    def frame(n):
        return pd.DataFrame({"k": np.arange(n), "s": [f"text {i}" for i in range(n)]})


    def flat(v):
        if isinstance(v, dict):
            return [x for m in v.values() for x in flat(m)]
        return [x for m in v for x in flat(m)] if isinstance(v, (list, tuple)) else [v]


    def shape(v):
        if isinstance(v, dict):
            return {k: shape(x) for k, x in v.items()}
        if isinstance(v, (list, tuple)):
            return (type(v), *map(shape, v))
        return None


    def rows(v, part):
        return v.iloc[part] if hasattr(v, "iloc") else v[part]


    def same(got, want, part=slice(None)):
        assert shape(got) == shape(want), (shape(got), shape(want))
        for a, b in zip(flat(got), flat(want), strict=True):
            b = rows(b, part(len(b)) if callable(part) else part)
            if isinstance(b, pd.DataFrame):
                pd.testing.assert_frame_equal(a, b)
            elif isinstance(b, pd.Series):
                pd.testing.assert_series_equal(a, b)
            else:
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


    def block(n):
        return slice(shoal.get_start(n, SIZE, RANK), shoal.get_end(n, SIZE, RANK))


    def on_first(n):
        return slice(n if RANK == 0 else 0)


    def values():
        yield (frame(7), np.arange(2))
        yield [frame(5), frame(0)]
        yield {"a": frame(3), "b": (np.arange(4), [frame(2).k])}
        yield Pair(np.arange(6.0).reshape(3, 2), frame(4))
        yield [frame(i) for i in range(12)]
        yield {i: np.arange(i) for i in range(20)}
        yield [{i: frame(i), 9: frame(9)} for i in range(9)]
"""

COMPILED = (
    COMMON
    + """

    @shoal.jit(replicated=["d"])
    def scattered(d):
        return shoal.scatterv(d)


    @shoal.jit(replicated=["d"])
    def everywhere(d):
        return shoal.allgatherv(shoal.scatterv(d))


    @shoal.jit(replicated=["d"])
    def moved(d):
        first = shoal.rebalance(shoal.scatterv(d), dests=[0])
        return shoal.rebalance(first)


    @shoal.jit(replicated=["d"])
    def gathered(d):
        return shoal.gatherv(shoal.scatterv(d))


    @shoal.jit
    def chunks_gathered(d):
        return shoal.gatherv(d)


    @shoal.jit
    def shuffled(d):
        return shoal.random_shuffle(d, seed=5)


    @shoal.jit
    def grown(k):
        out = []
        for i in range(k):
            out.append(pd.DataFrame({"k": np.arange(i)}))
        out = shoal.rebalance(out)
        return pd.concat(out)


    for d in values():
        same(scattered(d), d, block if SPMD else slice(None))
        same(everywhere(d), d)
        same(moved(d), d, block if SPMD else slice(None))
        same(gathered(d), d, on_first if SPMD else slice(None))
        same(chunks_gathered(scattered(d)), d, on_first if SPMD else slice(None))
        for a, b in zip(flat(shuffled(d)), flat(d), strict=True):
            a = shoal.allgatherv(a) if SPMD and _chunks.mark_of(a) else a
            a, b = (np.asarray(getattr(v, "k", v)) for v in (a, b))
            assert sorted(a.ravel().tolist()) == sorted(b.ravel().tolist())
    got = grown(30)
    got = shoal.allgatherv(got) if SPMD else got
    same(got, grown.py_func(30))
    print("passed")
"""
)


@pytest.mark.parametrize(("ranks", "mode"), programs.EVERYWHERE)
def test_in_compiled_functions(ranks, mode, tmp_path):
    programs.check_program(COMPILED, ranks, mode, tmp_path)


PYTHON = (
    COMMON
    + """

    for d in values():
        part = shoal.scatterv(d if RANK == 0 else None)
        same(part, d, block)
        first = shoal.rebalance(part, dests=[0])
        same(first, d, on_first)
        same(shoal.gatherv(part), d, on_first)
        same(shoal.allgatherv(first), d)
        same(shoal.rebalance(first), d, block)
        mixed = shoal.allgatherv(shoal.random_shuffle(part, seed=3))
        for a, b in zip(flat(mixed), flat(d), strict=True):
            a, b = (np.asarray(getattr(v, "k", v)) for v in (a, b))
            assert sorted(a.ravel().tolist()) == sorted(b.ravel().tolist())
    try:
        shoal.rebalance([np.arange(3)] * (RANK + 1))
        assert SIZE == 1
    except ValueError as e:
        assert "rebalance(): ranks 0 and 1 have different members" in str(e)
    print("passed")
"""
)


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_in_python(ranks, tmp_path):
    programs.check_program(PYTHON, ranks, "spmd", tmp_path)


@pytest.mark.parametrize("bad", [3, [1, 2], {"a": "x"}, None], ids=repr)
@pytest.mark.parametrize("move", ["scatterv", "gatherv", "allgatherv", "rebalance"])
def test_what_has_no_rows(move, bad):
    text = "not supported for bodo" if move == "rebalance" else "not available for"
    with pytest.raises(shoal.UnsupportedError, match=text):
        getattr(shoal, move)(bad)


def test_scalars_in_compiled_functions(monkeypatch):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")

    @shoal.jit
    def known():
        return shoal.scatterv([1, 2])

    @shoal.jit
    def grown(n):
        return shoal.rebalance([i + 1 for i in range(n)])

    with pytest.raises(shoal.UnsupportedError, match=r"scatterv\(\) not available for"):
        known()
    with pytest.raises(shoal.UnsupportedError, match="int64 not supported for bodo"):
        grown(100)


def test_no_warnings_where_none_are_wanted(monkeypatch, recwarn):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")

    @shoal.jit
    def quiet(df):
        a = shoal.scatterv(df, warn_if_dist=False)
        b = shoal.allgatherv(shoal.allgatherv(a), warn_if_rep=False)
        return len(b)

    import pandas as pd

    assert quiet(pd.DataFrame({"k": [1, 2, 3]})) == 3
    assert not [w for w in recwarn if issubclass(w.category, shoal.ShoalWarning)]
