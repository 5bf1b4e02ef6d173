"""Times with a time zone: columns, indexes and single times, on several ranks."""

import numpy as np
import pandas as pd
import pytest
from programs import MODES, check_program

import shoal

PROGRAM = """
import sys
import warnings

import numpy as np
import pandas as pd

import shoal
from shoal._chunks import mark_of

warnings.simplefilter("ignore")
SPMD = {spmd}


def table(n):
    t = pd.Series(pd.date_range("2020-03-28 22:00", periods=n, freq="37min", tz="Europe/Paris"))
    if n > 4:
        t[4] = pd.NaT
    return pd.DataFrame({{
        "t": t, "x": np.arange(n) * 1.5, "k": np.arange(n) % 3,
        "u": t.dt.tz_convert("UTC"), "n": t.dt.tz_convert(None),
    }})


def read(a, c):
    r = pd.read_parquet(FILE)
    r["later"] = r.t + pd.Timedelta("2h")
    return r[r.t > c]


def written(a, c):
    a["later"] = a.t + pd.Timedelta("1D")
    a["tokyo"] = a.u.dt.tz_convert("Asia/Tokyo")


def carried(a, c):
    m = c
    for i in range(3):
        m = m + pd.Timedelta("1h") if i > 0 else c
    return m


FUNCTIONS = [
    lambda a, c: a,
    lambda a, c: a.dropna().set_index("t"),
    lambda a, c: a.set_index("t").index[2:],
    lambda a, c: a[a.x > 3],
    lambda a, c: a[a.t > c],
    lambda a, c: a[a.t == c],
    lambda a, c: a[a.t.between(c, c)],
    lambda a, c: a.sort_values("t", ascending=False),
    lambda a, c: a.dropna().set_index("t").sort_index(ascending=False),
    lambda a, c: a.groupby("t").x.sum(),
    lambda a, c: a.groupby(["t", "k"]).x.mean(),
    lambda a, c: a.groupby("k").agg({{"t": "max", "u": "first", "x": "sum"}}),
    lambda a, c: a.dropna().set_index("t").groupby("t").x.sum(),
    lambda a, c: a[["t", "x"]].merge(a[["t", "k"]], on="t"),
    lambda a, c: a.merge(a[["t", "k"]], on="t", how="left"),
    lambda a, c: (a.t.min(), a.u.max(), a.t.count(), a.t.nunique(), a.t.mean()),
    lambda a, c: (a.t.iloc[2], c, a.t.max() - c, c - pd.Timedelta("1h"), c < a.t.max()),
    lambda a, c: (a.t == a.u, a.t - a.u, a.t + pd.Timedelta("1h"), a.t - c, a.t.diff()),
    lambda a, c: (a.t.shift(1), a.t.isna(), a.t.fillna(c), a.t.where(a.x > 3)),
    lambda a, c: pd.concat([a, a]).drop_duplicates("t"),
    lambda a, c: (a.set_index("t").reset_index(), a.head(3), a.iloc[2:5]),
    lambda a, c: (a.u.dt.hour, a.u.dt.normalize(), a.n.dt.tz_localize("UTC")),
    lambda a, c: (a.t.dt.tz_convert(None), a.t.dt.tz_convert("Asia/Tokyo")),
    lambda a, c: (a.u.dt.tz_localize(None), a.t.values, a.u.astype("int64")),
    lambda a, c: a.assign(c=c),
    lambda a, c: a.apply(lambda r: r.x if r.t > c else 0.0, axis=1),
    carried,
    read,
]


def whole(v):
    return shoal.allgatherv(v) if mark_of(v) not in ("", "REP") else v


def same(got, want):
    if isinstance(want, tuple):
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(whole(got).copy(), want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(whole(got).copy(), want)
    elif isinstance(want, pd.Index):
        pd.testing.assert_index_equal(whole(got), want)
    elif isinstance(want, np.ndarray):
        np.testing.assert_array_equal(whole(got), want)
    else:
        assert (got is want) or got == want, (got, want)
        assert getattr(got, "tz", None) == getattr(want, "tz", None), (got, want)


FILE = {folder!r} + "/zones.parquet"
a = table(9)
c = a.t[5]
if shoal.get_rank() == 0:
    a.to_parquet(FILE)
for n in (9, 2, 0):
    a = table(n)
    if shoal.get_size() > 1 and SPMD:
        shoal.barrier()
    for function in FUNCTIONS if n == 9 else FUNCTIONS[:15]:
        part = shoal.scatterv(a if shoal.get_rank() == 0 else None) if SPMD else a
        try:
            same(shoal.jit(function)(part, c), function(a.copy(), c))
        except Exception:
            print(function.__code__.co_firstlineno, n, file=sys.stderr)
            raise
a = table(9)
part = shoal.scatterv(a if shoal.get_rank() == 0 else None) if SPMD else a.copy()
shoal.jit(written)(part, c)
written(a, c)
same(part, a)
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_zones(ranks, mode, tmp_path):
    program = PROGRAM.format(spmd=mode == "spmd", folder=str(tmp_path))
    check_program(program, ranks, mode, tmp_path)


def aware(zone="Europe/Paris"):
    t = pd.date_range("2020-01-01", periods=4, freq="6h", tz=zone)
    return pd.DataFrame({"t": t, "n": t.tz_localize(None), "x": np.arange(4)})


REFUSED = [
    lambda a: a.t.dt.hour,
    lambda a: a.t.astype("str"),
    lambda a: a.t.to_numpy(),
    lambda a: a.t.unique(),
    lambda a: a.t.dtype == "datetime64[us]",
    lambda a: a.t.min().hour,
    lambda a: str(a.t.min()),
    lambda a: list(a.t),
    lambda a: [x.value for x in a.t],
    lambda a: a.t == a.n,
    lambda a: a[a.t > "2020-01-02"],
    lambda a: np.where(a.x > 1, a.t, a.t),
    lambda a: pd.concat([a[["t"]], a[["n"]].rename(columns={"n": "t"})]),
    lambda a: a.n.dt.tz_localize("Europe/Paris"),
    lambda a: a.t.dt.tz_localize(None),
    lambda a: {i: a.t.min() for i in range(len(a))},
    lambda a: print(a.t.min()),
    lambda a: a.to_csv("/nowhere/file.csv"),
    lambda a: a.merge(a.assign(t=a.t.dt.tz_convert("Asia/Tokyo")), on="t"),
]


@pytest.mark.parametrize("function", REFUSED)
def test_what_needs_a_calendar_is_refused(function):
    with pytest.raises(shoal.UnsupportedError, match="zone"):
        shoal.jit(function)(aware())


@pytest.mark.parametrize(
    "function",
    [
        lambda a: a.t > a.n,
        lambda a: a.t - a.n,
        lambda a: a.t.min() < a.n.min(),
        lambda a: a.t.astype("datetime64[ns]"),
        lambda a: a.n.dt.tz_convert("UTC"),
        lambda a: a.t.dt.tz_localize("UTC"),
        lambda a: a.merge(a, left_on="t", right_on="n"),
    ],
)
def test_errors_are_those_of_pandas(function):
    with pytest.raises((TypeError, ValueError)) as want:
        function(aware())
    with pytest.raises(want.type):
        shoal.jit(function)(aware())


def test_a_zone_without_a_name_is_refused():
    class Odd(__import__("datetime").tzinfo):
        def utcoffset(self, when):
            return pd.Timedelta("90min").to_pytimedelta()

        dst = utcoffset

    t = pd.Series(pd.DatetimeIndex(["2020-01-01"]).tz_localize(Odd()), name="t")
    with pytest.raises(shoal.UnsupportedError, match="has no name"):
        shoal.jit(lambda s: s)(t)


def test_fixed_offsets():
    t = pd.Series(pd.date_range("2020-01-01", periods=3, tz="+02:00"))
    pd.testing.assert_series_equal(shoal.jit(lambda s: s[1:])(t), t[1:])
