"""Group-by with so many groups that rows travel before they are grouped, and isin() with
many more values than rows: both take another way than small data does."""

import functools

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
ROWS = 1_100_000  # above rt_group.c's SAMPLE_FROM


@pytest.fixture(scope="session")
def file(tmp_path_factory):
    rng = np.random.default_rng(1)
    df = pd.DataFrame(
        {
            "k": rng.integers(-(10**12), 10**12, ROWS) // 10**6,
            "s": rng.integers(0, 10**6, ROWS).astype(str),
            "v": rng.integers(-99, 99, ROWS) / 4,
            "w": rng.integers(0, 99, ROWS),
        }
    )
    df.loc[[5, ROWS // 2], "v"] = np.nan
    path = str(tmp_path_factory.mktemp("groups") / "a.parquet")
    df.to_parquet(path, row_group_size=100_000)
    return path


def by_key(path):
    df = pd.read_parquet(path)
    return df.groupby("k", as_index=False).agg(
        total=("v", "sum"), rows=("w", "count"), mean=("w", "mean"), head=("v", "first")
    )


def by_appearance(path):
    df = pd.read_parquet(path)
    return df.groupby(["s", "k"], sort=False, as_index=False).agg(last=("w", "last"))


def masked(path):
    df = pd.read_parquet(path)
    df = df[df.w > 50]
    return df.groupby("k").v.mean()


@functools.cache
def expected(function, file):
    """What pandas takes a while for, once for all numbers of ranks."""
    return function(file)


@pytest.mark.parametrize("function", [by_key, by_appearance, masked])
def test_most_rows_are_groups_of_their_own(file, function):
    got, want = shoal.jit(function)(file), expected(function, file)
    if isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    else:
        pd.testing.assert_frame_equal(got, want)


def many_values(path):
    df = pd.read_parquet(path)
    few = df[df.w == 7]
    few = few[few.v > 10]
    rest = df[df.w != 7]
    return few[few.k.isin(rest.k)].k.sum(), few[~few.s.isin(rest.s)].s.count()


def missing_values(path):
    df = pd.read_parquet(path)
    few = df[(df.w == 3) | df.v.isna()]
    rest = df[(df.v > 20) | df.v.isna()]
    return few.v.isin(rest.v).sum()


@pytest.mark.parametrize("function", [many_values, missing_values])
def test_more_values_than_rows(file, function):
    assert shoal.jit(function)(file) == expected(function, file)


def sums(df):
    return df.groupby("k").v.sum()


@pytest.mark.parametrize("dtype", ["int8", "int32", "uint16"])
def test_a_sum_that_its_dtype_cannot_hold(dtype):
    """pandas makes the column int64 then, which the types of compiled code cannot tell."""
    top = np.iinfo(dtype).max
    df = pd.DataFrame({"k": [1, 2, 2], "v": np.array([top, top - 1, 1], dtype)})
    f = shoal.jit(sums)
    pd.testing.assert_series_equal(pd.Series(f(df)), sums(df))
    df.loc[0, "k"] = 2
    with pytest.raises(OverflowError, match=f"does not fit into {dtype}.*astype"):
        f(df)
    wide = df.astype({"v": "int64"})
    pd.testing.assert_series_equal(pd.Series(f(wide)), sums(wide))
