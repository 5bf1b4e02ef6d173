"""Index objects as arguments, results and operands, in chunks and in pools."""

import pytest
from programs import MODES, check_program

PROGRAM = """
import sys
import warnings

import numpy as np
import pandas as pd

import shoal
from shoal._chunks import mark_of

warnings.simplefilter("ignore")
SPMD = {spmd}
k = np.arange(7)
KINDS = [
    pd.Index(k * 3, name="n"),
    pd.Index([f"t{{i % 4}}" for i in k], name="s"),
    pd.DatetimeIndex(np.datetime64("2020-01-01") + k, name="d"),
    pd.RangeIndex(5, 19, 2, name="r"),
    pd.Index(k[:1] * 1.5),
    pd.Index([], dtype="int64"),
    pd.Index([None if i % 3 == 0 else int(i) for i in k], dtype="Int64"),
]
FUNCTIONS = [
    lambda ix: ix,
    lambda ix: ix[1:4],
    lambda ix: ix[::-2],
    lambda ix: ix[ix == ix[::-1]],
    lambda ix: ix[ix != ix],
    lambda ix: ix[np.arange(len(ix))[::-1]],
    lambda ix: ix == ix,
    lambda ix: len(ix),
    lambda ix: ix.name,
    lambda ix: pd.Series(ix),
    lambda ix: pd.Series(ix, name="z"),
    lambda ix: pd.DataFrame({{"a": ix}}),
    lambda ix: pd.Series(np.arange(len(ix)), index=ix),
    lambda ix: (ix, ix[2:]),
]
NUMBERS = [
    lambda ix: ix + 1,
    lambda ix: -ix,
    lambda ix: ix * ix,
    lambda ix: ix + ix.values,
    lambda ix: ix / 2,
    lambda ix: ix + ix[:].astype("float64"),
]


def whole(v):
    return shoal.allgatherv(v) if mark_of(v) not in ("", "REP") else v


def same(got, want):
    if isinstance(want, tuple):
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, pd.Index):
        got = whole(got)
        pd.testing.assert_index_equal(got, want)
    elif isinstance(want, pd.Series):
        got = whole(got)
        pd.testing.assert_series_equal(got.copy(), want)
    elif isinstance(want, pd.DataFrame):
        got = whole(got)
        pd.testing.assert_frame_equal(got.copy(), want)
    elif hasattr(want, "dtype") and len(want.shape):
        got = whole(got)
        np.testing.assert_array_equal(np.asarray(got, bool), np.asarray(want, bool))
    else:
        assert got == want, (got, want)


def check(function, ix):
    part = shoal.scatterv(ix if shoal.get_rank() == 0 else None) if SPMD else ix
    try:
        same(shoal.jit(function)(part), function(ix))
    except Exception:
        print(function.__code__.co_firstlineno, ix, file=sys.stderr)
        raise


for ix in KINDS:
    for function in FUNCTIONS:
        if not (str(ix.dtype) == "Int64" and function in FUNCTIONS[3:7]):
            check(function, ix)
for ix in (KINDS[0], KINDS[3], KINDS[4]):
    for function in NUMBERS:
        check(function, ix)
two = pd.MultiIndex.from_arrays([k, k * 2], names=["a", "b"])
check(lambda ix: ix, two)
check(lambda ix: ix[2:5], two)
for bad in (lambda ix: ix + 1, lambda ix: ix[0]):
    try:
        shoal.jit(bad)(two)
    except shoal.UnsupportedError as e:
        assert "MultiIndex" in str(e)
    else:
        raise AssertionError(bad)
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_index_values(ranks, mode, tmp_path):
    check_program(PROGRAM.format(spmd=mode == "spmd"), ranks, mode, tmp_path)
