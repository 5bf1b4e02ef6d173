"""Columns of Python's dates, as date32 of a Parquet file is in pandas, and what they differ
by: columns of datetime.timedelta objects. On 1, 2 and 3 ranks, as arguments and from a file."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from like import compiled, kind_of, outcome, same

import shoal

DAY = date(2024, 2, 28)


def frame(n: int) -> pd.DataFrame:
    """d, e: dates; g: some missing; x: timedeltas; y: some missing; k, i: numbers."""
    rng = np.random.default_rng(n)

    def dates(span):
        return [DAY + timedelta(days=int(x)) for x in rng.integers(0, span, n)]

    d, e = dates(9), dates(40)
    x = pd.Series(pd.to_timedelta(rng.integers(-50, 50, n), unit="h"))
    return pd.DataFrame(
        {
            "d": pd.Series(d, dtype=object),
            "e": pd.Series(e, dtype=object),
            "g": pd.Series(
                [None if i % 3 == 1 else v for i, v in enumerate(e)], dtype=object
            ),
            "x": x,
            "y": x.where(rng.random(n) < 0.7),
            "k": rng.integers(0, 3, n),
            "i": np.arange(n),
        }
    )


def added(a):
    a["days"] = a.d - a.e
    a["z"] = a.d - a.g
    a["n"] = a.days.map(lambda t: t.days)
    return a


def grouped(a):
    a["z"] = a.d - a.e
    return a.groupby("k").agg(a=("z", "first"), b=("z", "count"), c=("z", "mean"))


def largest(a):
    a["z"] = a.d - a.e
    return a.groupby("k").z.max(), a.groupby("z").i.sum()


def merged(a):
    a["z"] = a.d - a.g
    return a.merge(a[["i", "z"]], on="i")


def looped(a):
    s = 0
    for r in a.itertuples():
        s += (r.d - r.e).days
    return s


def written(a):
    a.loc[a.d - a.e > timedelta(days=5), "k"] = -1
    return a


CASES = [
    added,
    grouped,
    largest,
    merged,
    looped,
    written,
    lambda a: a.d - a.e,
    lambda a: a.d - a.g,
    lambda a: a.d - date(2024, 1, 1),
    lambda a: date(2025, 1, 1) - a.d,
    lambda a: a.d + timedelta(hours=30),
    lambda a: a.d - timedelta(hours=30),
    lambda a: a.d - timedelta(hours=-1),
    lambda a: timedelta(hours=-1) + a.d,
    lambda a: a.d - pd.Timedelta(days=2),
    lambda a: a.d + a.x,
    lambda a: a.d - a.x,
    lambda a: a.d + a.y,
    lambda a: a.e + (a.d - a.e),
    lambda a: (a.d - a.e) + (a.e - a.g),
    lambda a: (a.d - a.g) * 2,
    lambda a: -(a.d - a.g),
    lambda a: (a.d - a.g).abs(),
    lambda a: (a.d - a.g) > timedelta(days=-10),
    lambda a: (a.d - a.g) <= pd.Timedelta(days=-10),
    lambda a: (a.d - a.e) > a.x,
    lambda a: (a.d - a.e).apply(lambda t: t.total_seconds() / 86400),
    lambda a: (a.d - a.g).map(lambda t: t.days),
    lambda a: a.apply(lambda r: (r.d - r.e).days, axis=1),
    lambda a: pd.to_timedelta(a.d - a.g),
    lambda a: pd.to_timedelta(a.d - a.e).dt.days,
    lambda a: (a.d - a.g).astype("timedelta64[ns]"),
    lambda a: ((a.d - a.e).min(), (a.d - a.e).max(), (a.d - a.e).iloc[0]),
    lambda a: ((a.d - a.g).isna(), (a.d - a.g).dropna(), (a.d - a.g).nunique()),
    lambda a: (a.d - a.g).fillna(timedelta(0)),
    lambda a: pd.concat([a.d - a.e, a.d - a.g]),
    lambda a: pd.to_timedelta(a.i, unit="D"),
    lambda a: a[(a.d - a.e) > timedelta(days=-10)],
    lambda a: a.sort_values(["d", "i"]),
    lambda a: a.drop_duplicates("d"),
    lambda a: a.set_index("d").sort_index(kind="stable"),
    lambda a: (a.g.isin([DAY]), a.g.min(), a.g.shift(1), a.g.fillna(DAY)),
    lambda a: (a.g < a.d, a.d == "2024-02-28", a.g != pd.Timestamp("2024-02-28")),
    lambda a: a.d < "2024-02-28",
    lambda a: a.groupby("d", as_index=False).agg(n=("i", "sum"), m=("e", "max")),
]


@pytest.mark.parametrize("source", ["argument", "file"])
@pytest.mark.parametrize("case", range(len(CASES)))
def test_like_pandas(ranks, case, source, tmp_path):
    f = CASES[case]
    for n in (2, 9):
        a = frame(n)
        if source == "file":
            a.to_parquet(tmp_path / "a.parquet", row_group_size=4)
            a = pd.read_parquet(tmp_path / "a.parquet")
        want, left, error = outcome(f, [a])
        got, mine, failure = outcome(compiled(f, ranks), [a])
        if error is not None:
            assert failure is not None and kind_of(failure) == kind_of(error), (
                f"{failure!r}"
            )
            continue
        if failure is not None:
            raise failure
        same(got, want)
        same(mine[0], left[0])


def test_file_in_place(ranks, tmp_path):
    """The file is read by the function itself; what is written is what pandas writes."""
    frame(9).drop(columns=["x", "y"]).to_parquet(
        tmp_path / "a.parquet", row_group_size=4
    )

    def f(path, out):
        a = pd.read_parquet(path)
        a["z"] = a.e - a.d
        a["w"] = pd.to_timedelta(a.z)
        a = a[a.z >= timedelta(days=1)]
        a.to_parquet(out)
        return a

    path = str(tmp_path / "a.parquet")
    want = f(path, str(tmp_path / "want.parquet"))
    same(compiled(f, ranks)(path, str(tmp_path / "got.parquet")), want)
    same(
        pd.read_parquet(tmp_path / "got.parquet"),
        pd.read_parquet(tmp_path / "want.parquet"),
    )


REFUSED = [
    lambda a: (a.d - a.e).sum(),
    lambda a: (a.d - a.e).value_counts(),
    lambda a: (a.d - a.e).sort_values(),
    lambda a: (a.d - a.e) / timedelta(days=1),
    lambda a: (a.d - a.e).astype(str),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_refused(case):
    with pytest.raises(shoal.UnsupportedError, match=r"pd.to_timedelta\(\)"):
        shoal.jit(REFUSED[case])(frame(9))
