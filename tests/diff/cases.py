"""Calls of every row of the op table, as users write them: name -> functions of a frame `a`
and, where they take two, a second one `b` (tests/diff/data.py says of which columns).

A row of ir/ops.def without a case here is a failure of `make lint`.
"""

import numpy as np
import pandas as pd


def part(x):
    if x < 0:
        return "low"
    if x < 25:
        return "middle"
    return "high"


def set_columns(a):
    a["n"] = a.i + 1
    a["m"] = 2.5
    a["w"] = "text"
    a["f"] = a["f"] * 2
    return a


def set_loc(a):
    a.loc[a.i > 0, "i"] = 0
    a.loc[a.f.isna(), "f"] = 1.5
    a.loc[a.b, "s"] = "new"
    return a


def set_new_loc(a):
    a.loc[a.i > 0, "new"] = 1.0
    return a


def drop_inplace(a):
    a.drop(columns=["s", "t"], inplace=True)
    a.rename(columns={"i": "x"}, inplace=True)
    return a


def insert_pop(a):
    a.insert(1, "z", a.i * 2)
    p = a.pop("f")
    del a["s"]
    return a, p


def text_times(a):
    a["x"] = np.where(a.b, "2020-01-31", "2021-12-01")
    return pd.to_datetime(a.x)


def branch_frames(a):
    if a.i.sum() > 0:
        a["q"] = 1
    else:
        a["q"] = 2
    return a


def branch_on_data(a):
    if len(a) > 5:
        a = a[a.b]
        a = a[a.i > 0]
    else:
        a = a[~a.b]
    return a


def columns_assigned(a):
    a = a[["i", "f"]]
    a.columns = ["x", "y"]
    return a


def loop_columns(a):
    for c in ["i", "u"]:
        a[c + "2"] = a[c] * 2
    return a[[c for c in a.columns if c.endswith("2")]]


def values_written(a):
    x = a.f.values  # pandas' own memory
    x[:1] = 1.0
    return x


def values_copied(a):
    x, y = a.f.to_numpy(copy=True), a.i.values.copy()
    x[:1] = 1.0
    y[:1] = 7
    return x, y, a.f


def frame_of_arrays(a):
    return pd.DataFrame({"x": a.i.values, "y": a.f.to_numpy(), "z": 1})


def write_too_large(a):
    a["j"] = a.j.astype("uint8")
    a.loc[a.i > 0, "j"] = 300
    return a


def year_then_written(a):
    a["y"] = a.t.dt.year
    a.loc[a.i < 1000, "y"] = 1
    return a


def left_then(a, b):
    """Columns of ints in which missing rows may have arisen."""
    return a[["s", "k"]].merge(
        b[["s", "v", "j"]].rename(columns={"j": "c"}), on="s", how="left"
    )


def rows(f):
    """Only on frames with rows: pandas takes the dtype of its result from the data there."""
    f.when = lambda a: len(a) > 0
    return f


def times(f):
    """Only on frames with a time that is there."""
    f.when = lambda a: a.t.notna().any()
    return f


CASES = {
    "pd.DataFrame": [frame_of_arrays, lambda a: pd.DataFrame({"p": a.i, "q": a.f + 1})],
    "pd.Series": [lambda a: pd.Series(a.i.values, name="q")],
    "getitem": [
        lambda a: a["i"],
        lambda a: a.f,
        lambda a: a[["s", "i"]],
        lambda a: a[a.i > 0],
        lambda a: a[(a.i > 0) & a.f.notna() | (a.s == "a")],
        lambda a: a[a.i > 0].f,
        lambda a: a.f[a.b],
        lambda a: a[~a.b][["i", "t"]],
        lambda a: a[2:5],
        lambda a: a[a["t"] > "2020-03-01"],
    ],
    "loc": [
        lambda a: a.loc[a.i > 0],
        lambda a: a.loc[a.i > 0, "f"],
        lambda a: a.loc[a.b, ["i", "s"]],
        lambda a: a.loc[:, ["i", "s"]],
        lambda a: a.iloc[1:4],
        lambda a: a.iloc[:-1],
        lambda a: a.iloc[-2:],
        lambda a: a.i.iloc[1:],
        lambda a: a.iloc[::2],
        set_loc,
        rows(set_new_loc),
    ],
    "setitem": [set_columns, columns_assigned, loop_columns],
    "DataFrame.rename": [
        lambda a: a.rename(columns={"i": "x", "nowhere": "y"}),
        lambda a: a.rename(columns=lambda c: c + "_"),
    ],
    "Series.rename": [lambda a: a.i.rename("z")],
    "DataFrame.drop": [
        lambda a: a.drop(columns=["s"]),
        lambda a: a.drop("s", axis=1),
        drop_inplace,
    ],
    "DataFrame.assign": [lambda a: a.assign(x=a.i + 1, y=lambda d: d.x * 2)],
    "DataFrame.insert": [insert_pop],
    "DataFrame.pop": [insert_pop],
    "DataFrame.get": [lambda a: a.get("i")],
    "DataFrame.copy": [lambda a: a.copy()],
    "DataFrame.astype": [
        lambda a: a[["i", "j", "b"]].astype("float64"),
        lambda a: a.astype({"i": "int32", "j": float}),
        lambda a: a.i.astype("int8"),
        lambda a: a.t.astype("str"),
        lambda a: a.t.dt.normalize().astype("str"),
        lambda a: a.sort_values("t").t.tail(2).dt.normalize().astype("str"),
        lambda a: a.b.astype(int),
        lambda a: a.i.astype(bool),
        lambda a: a.f.astype("float32"),
        lambda a: a.i.astype("Int64"),
    ],
    "DataFrame.set_axis": [lambda a: a[["i", "f"]].set_axis(["p", "q"], axis=1)],
    "DataFrame.add_prefix": [
        lambda a: a.add_prefix("p_"),
        lambda a: a.add_suffix("_s"),
    ],
    "DataFrame.select_dtypes": [
        lambda a: a.select_dtypes(include="number"),
        lambda a: a.select_dtypes(exclude=["datetime64[us]"]),
    ],
    "shape": [
        lambda a: a.shape,
        lambda a: len(a),
        lambda a: len(a[a.i > 0]),
        lambda a: a.empty,
        lambda a: a.i.size,
        lambda a: a[a.i > 1000].empty,
    ],
    "DataFrame.head": [
        lambda a: a.head(),
        lambda a: a.head(3),
        lambda a: a.tail(3),
        lambda a: a.head(-2),
        lambda a: a.tail(-2),
        lambda a: a.i.head(2),
        lambda a: a[a.i > 0].head(2),
    ],
    "DataFrame.sort_values": [
        lambda a: a.sort_values("u"),
        lambda a: a.sort_values(["k", "u"], ascending=[False, True]),
        lambda a: a.sort_values(["f", "u"], na_position="first"),
        lambda a: a.sort_values(["s", "u"], ascending=False),
        lambda a: a.sort_values(["t", "j", "u"], ignore_index=True),
        lambda a: a.sort_values(["b", "u"]).head(4),
    ],
    "Series.sort_values": [
        lambda a: a.u.sort_values(),
        lambda a: a.u.sort_values(ascending=False, ignore_index=True),
    ],
    "DataFrame.sort_index": [
        lambda a: a.sort_values("u").sort_index(),
        lambda a: a.sort_index(ascending=False),
        lambda a: a.groupby("k", sort=False).i.sum().sort_index(),
    ],
    "DataFrame.nlargest": [
        lambda a: a.nlargest(3, "u"),
        lambda a: a.nsmallest(3, ["k", "u"]),
    ],
    "Series.nlargest": [lambda a: a.u.nlargest(3), lambda a: a.u.nsmallest()],
    "DataFrame.reset_index": [
        lambda a: a[a.i > 0].reset_index(drop=True),
        lambda a: a[a.i > 0].reset_index(),
        lambda a: a.groupby("k").i.sum().reset_index(),
        lambda a: a.groupby(["k", "b"]).agg({"i": "sum"}).reset_index(),
    ],
    "Series.reset_index": [
        lambda a: a.groupby("k").i.sum().reset_index(name="total"),
        lambda a: a[a.b].i.reset_index(drop=True),
    ],
    "DataFrame.set_index": [
        lambda a: a.set_index("u"),
        lambda a: a.set_index(["k", "s"]),
        lambda a: a.set_index("k", drop=False),
    ],
    "DataFrame.drop_duplicates": [
        lambda a: a.drop_duplicates("k"),
        lambda a: a.drop_duplicates(["k", "b"], keep="last"),
        lambda a: a.drop_duplicates(["s"], keep=False),
        lambda a: a[["k", "f"]].drop_duplicates(ignore_index=True),
    ],
    "Series.drop_duplicates": [
        lambda a: a.s.drop_duplicates(),
        lambda a: a.t.drop_duplicates(),
    ],
    "DataFrame.duplicated": [
        lambda a: a.duplicated(["k", "b"]),
        lambda a: a.duplicated("s", keep="last"),
        lambda a: a.f.duplicated(keep=False),
    ],
    "DataFrame.dropna": [
        lambda a: a.dropna(),
        lambda a: a.dropna(subset=["f"]),
        lambda a: a[["f", "s"]].dropna(how="all"),
        lambda a: a.s.dropna(),
    ],
    "DataFrame.fillna": [
        lambda a: a.fillna({"f": 0.0, "s": "none"}),
        lambda a: a[["f", "i"]].fillna(1.5),
        lambda a: a.f.fillna(0),
        lambda a: a.s.fillna("?"),
        lambda a: a.t.fillna(pd.Timestamp("2020-01-01")),
        lambda a: a.f.fillna(a.i),
    ],
    "DataFrame.isna": [
        lambda a: a.isna(),
        lambda a: a.notna(),
        lambda a: a.s.isna(),
        lambda a: a.t.notna(),
        lambda a: pd.isna(a.f),
    ],
    "DataFrame.merge": [
        lambda a, b: a.assign(k=a.j).merge(b[["k", "w"]], on="k", how="left"),
        lambda a, b: b.merge(a.assign(k=a.j)[["k", "i"]], on="k"),
        lambda a, b: a.merge(b, on="k"),
        lambda a, b: a.merge(b, on="k", how="left"),
        lambda a, b: a.merge(b, on=["k", "j"], how="right"),
        lambda a, b: a.merge(b, on=["k", "j"], how="outer"),
        lambda a, b: a[["t", "i"]].merge(b[["t", "w"]], on="t", how="outer"),
        lambda a, b: a[["k", "t", "i"]].merge(b, on=["k", "t"], sort=True),
        lambda a, b: a.merge(b, on=["s"], how="inner"),
        lambda a, b: a.merge(b, left_on="i", right_on="w", how="left"),
        lambda a, b: a.merge(b, left_on=["k", "i"], right_on=["k", "w"]),
        lambda a, b: a.merge(b, on="k", suffixes=("", "_r")),
        lambda a, b: a.merge(b[["k", "w"]], how="left"),
        lambda a, b: a.merge(b, left_on="j", right_on="k"),
        lambda a, b: a[["i"]].head(5).merge(b[["w"]].head(4), how="cross"),
        lambda a, b: a.merge(b, on="t", how="left"),
        lambda a, b: a.merge(b, on="f", how="left"),
        lambda a, b: a.merge(
            b[["k", "w"]].drop_duplicates("k"), on="k", how="left"
        ).w.sum(),
    ],
    "pd.merge": [lambda a, b: pd.merge(a, b, on="k", how="left")],
    "pd.concat": [
        lambda a, b: pd.concat([a, b]),
        lambda a, b: pd.concat([a[["k", "f"]], b[["k", "f"]]], ignore_index=True),
        lambda a, b: pd.concat([a, b], join="inner"),
        lambda a: pd.concat([a.i, a.u]),
        lambda a: pd.concat([a[["i"]], a[["f"]]], axis=1),
        lambda a, b: pd.concat({"p": a[["k", "f"]], "q": b[["k"]]}),
        lambda a: pd.concat({1: a.i, 2.5: a.u}, names=["key"]),
        lambda a, b: pd.concat({"p": a, "q": b}, ignore_index=True),
        lambda a, b: pd.concat([a, b], keys=["p", "q"], names=["key", "row"]),
        lambda a, b: pd.concat({"p": a, "q": b, "r": None}, keys=["q", "r"]),
        lambda a, b: pd.concat(
            {True: a.set_index(["k", "s"]), False: b.set_index(["k", "s"])}
        ),
        lambda a: pd.concat({"p": a.i, "q": a.u}, axis=1),
        lambda a: pd.concat({"p": a[["i"]], "q": a[["i", "u"]]}, axis=1),
        lambda a: pd.concat([a.i, a.u], axis=1, ignore_index=True),
        lambda a, b: pd.concat([a, b], keys=["p"]),
        lambda a, b: pd.concat({"p": a, "q": b}, keys=["z"]),
        lambda a, b: pd.concat({"p": a, "q": b}, names=["a", "b", "c"]),
    ],
    "DataFrame.apply": [
        rows(lambda a: a.apply(lambda r: r.i * 2 + r.u, axis=1)),
        rows(lambda a: a[["i", "u"]].apply(lambda r, m: r["i"] + m, axis=1, args=(3,))),
        rows(lambda a: a[["i", "u"]].apply(lambda r, m: r["i"] * m, axis=1, m=3)),
    ],
    "Series.map": [
        # a missing text is a float
        rows(lambda a: a.s.map(str.upper)),
        rows(lambda a: a.s.map(lambda s: s[:1])),
        rows(lambda a: a.s.map(lambda s: "a" in s)),
        rows(lambda a: a.s.map(lambda s: s < "b")),
        rows(lambda a: a.i.map(part)),
        rows(lambda a: a.i.map(lambda x: x * 0.5)),
        lambda a: a.k.map({0: 10, 1: 20, 2: 30}),
        lambda a: a.k.map({0: "a", 1: "b"}),
        lambda a: a.f.map(lambda x: x + 1),
    ],
    "Series.apply": [
        rows(lambda a: a.i.apply(part)),
        rows(lambda a: a.i.apply(lambda x, y: x + y, args=(2,))),
    ],
    "DataFrame.pipe": [lambda a: a.pipe(lambda d, n: d.head(n), 2)],
    "DataFrame.groupby": [
        lambda a: a.groupby("k").agg({"i": "sum", "f": "mean", "s": "count"}),
        lambda a: a.groupby("k", as_index=False).agg({"i": "sum", "f": "mean"}),
        lambda a: a.groupby(["k", "b"]).agg(x=("i", "sum"), y=("f", "max")),
        lambda a: a.groupby(["k", "s"], as_index=False).agg(n=("i", "size")),
        lambda a: a.groupby("s", dropna=False).agg({"i": "sum"}),
        lambda a: a.groupby("s").i.sum(),
        lambda a: a.groupby("k")["f"].mean(),
        lambda a: a.groupby("k")[["f", "i"]].mean(),
        lambda a: a.groupby("k", sort=False).i.sum(),
        lambda a: a.groupby("f").i.count(),
        lambda a: a.groupby(a.t.dt.month).i.sum(),
        lambda a: a.groupby("k").f.agg(["sum", "mean", "count"]),
        lambda a: a.groupby("k").agg({"f": ["min", "max"], "i": ["sum"]}),
        lambda a: a.groupby("k").agg(x=pd.NamedAgg("i", "min")),
        lambda a: a.groupby("t").u.max(),
    ],
    "GroupBy.sum": [
        lambda a: a.groupby("k")[["i", "j", "f", "b"]].sum(),
        lambda a: a.groupby("k")[["i", "f"]].prod(),
        lambda a: a.groupby("k")[["i", "j", "f", "s", "t", "b"]].min(),
        lambda a: a.groupby("k")[["i", "j", "f", "s", "t", "b"]].max(),
        lambda a: a.groupby("k")[["i", "j", "f", "s", "t", "b"]].first(),
        lambda a: a.groupby("k")[["i", "j", "f", "s", "t", "b"]].last(),
        lambda a: a.groupby("k").f.sum(min_count=2),
        lambda a: a.groupby("k").sum(numeric_only=True),
    ],
    "GroupBy.mean": [
        lambda a: a.groupby("k")[["i", "j", "f", "b"]].mean(),
        lambda a: a.groupby("k")[["i", "j", "f", "b"]].median(),
    ],
    "GroupBy.var": [
        lambda a: a.groupby("k")[["i", "j", "f", "b"]].var(),
        lambda a: a.groupby("k")[["i", "f"]].std(ddof=0),
    ],
    "GroupBy.count": [
        lambda a: a.groupby("k").count(),
        lambda a: a.groupby("k").size(),
        lambda a: a.groupby(["k", "b"], as_index=False).size(),
        lambda a: a.groupby("k").b.any(),
        lambda a: a.groupby("k").b.all(),
    ],
    "GroupBy.nunique": [
        lambda a: a.groupby("k")[["i", "f", "s", "t", "b"]].nunique(),
        lambda a: a.groupby("k").s.nunique(),
    ],
    "GroupBy.transform": [
        lambda a: a.groupby("k").i.transform("sum"),
        lambda a: a.groupby("b")[["f", "i"]].transform("mean"),
    ],
    "Series.groupby": [lambda a: a.i.groupby(a.k).sum()],
    "Series.sum": [
        lambda a: a.i.sum(),
        lambda a: a.f.sum(),
        lambda a: a.b.sum(),
        lambda a: a.j.sum(),
        lambda a: a.f.prod(),
        lambda a: a.f.sum(skipna=False),
        lambda a: a.f.sum(min_count=1),
        lambda a: a[a.i > 1000].i.sum(),
        lambda a: (a.f * a.i).sum(),
    ],
    "Series.min": [
        lambda a: a.f.min(),
        lambda a: a.f.max(),
        lambda a: a.f.mean(),
        lambda a: a.i.mean(),
        lambda a: a.f.median(),
        lambda a: a.i.median(),
        lambda a: a.t.min(),
        lambda a: a.t.max(),
        lambda a: a.s.min(),
        lambda a: a.i.min(),
        lambda a: a.i.max(),
        lambda a: a[a.i > 0].i.max(),
    ],
    "Series.var": [lambda a: a.f.var(), lambda a: a.f.std(), lambda a: a.i.std(ddof=0)],
    "Series.any": [
        lambda a: a.b.any(),
        lambda a: a.b.all(),
        lambda a: (a.i > 10).any(),
    ],
    "Series.count": [lambda a: a.f.count(), lambda a: a.s.count()],
    "Series.nunique": [
        lambda a: a.s.nunique(),
        lambda a: a.f.nunique(dropna=False),
        lambda a: a.k.nunique(),
    ],
    "Series.idxmax": [lambda a: a.u.idxmax(), lambda a: int(a[a.b].i.idxmin())],
    "Series.quantile": [lambda a: a.f.quantile(0.25), lambda a: a.i.quantile()],
    "ndarray.sum": [
        lambda a: a.i.values.sum(),
        lambda a: a.f.values.sum(),
        lambda a: a.b.values.any(),
    ],
    "ndarray.var": [lambda a: a.i.values.std(), lambda a: a.i.values.var()],
    "DataFrame.sum": [
        lambda a: a[["i", "f"]].sum(),
        lambda a: a[["i", "f"]].mean(),
        lambda a: a[["i", "u"]].max(),
        lambda a: a.sum(numeric_only=True),
    ],
    "DataFrame.var": [lambda a: a[["i", "f"]].std()],
    "DataFrame.count": [lambda a: a.count()],
    "DataFrame.nunique": [lambda a: a.nunique()],
    "Series.unique": [lambda a: a.k.unique(), lambda a: a.f.unique()],
    "pd.unique": [lambda a: pd.unique(a.k)],
    "Series.value_counts": [
        lambda a: a.k.value_counts(),
        lambda a: a.s.value_counts(),
        lambda a: a.s.value_counts(dropna=False),
        lambda a: a.b.value_counts(ascending=True),
        lambda a: a.k.value_counts(sort=False),
        lambda a: a.k.value_counts(normalize=True),
    ],
    "Series.cumsum": [
        lambda a: a.i.cumsum(),
        lambda a: a.f.cumsum(),
        lambda a: a.f.cummax(),
        lambda a: a.i.cummin(),
        lambda a: (a.i % 3).cumprod(),
    ],
    "DataFrame.cumsum": [lambda a: a[["i", "f"]].cumsum()],
    "Series.shift": [
        lambda a: a.f.shift(),
        lambda a: a.i.shift(1),
        lambda a: a.i.shift(-2),
        lambda a: a.s.shift(1),
        lambda a: a.t.shift(3),
    ],
    "Series.diff": [
        lambda a: a.i.diff(),
        lambda a: a.f.diff(2),
        lambda a: a.t.diff(),
        lambda a: a.j.diff(),
    ],
    "Series.isin": [
        lambda a: a.i.isin([1, 2, 3]),
        lambda a: a.s.isin(["a", "ab"]),
        lambda a: a.k.isin([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        lambda a, b: a.k.isin(b.k),
        lambda a, b: a[~a.s.isin(b.s)],
        lambda a: a.f.isin([1.5, np.nan]),
    ],
    "Series.between": [
        lambda a: a.i.between(-5, 5),
        lambda a: a.f.between(0, 2, inclusive="left"),
    ],
    "Series.ffill": [
        lambda a: a.f.ffill(),
        lambda a: a.s.bfill(),
        lambda a: a.d.ffill(limit=1),
        lambda a: a[["f", "s", "n"]].ffill(),
        lambda a: a[["f", "s"]].bfill(),
    ],
    "Series.replace": [
        lambda a: a.i.replace(1, 2),
        lambda a: a.f.replace({0.5: 1.0, 1.5: 2.0}),
        lambda a: a[["i", "f"]].replace([1, 2], 0),
    ],
    "Series.clip": [lambda a: a.i.clip(-5, 5), lambda a: a.f.clip(lower=0)],
    "Series.where": [
        lambda a: a.f.where(a.i > 0),
        lambda a: a.i.where(a.i > 0, 0),
        lambda a: a.i.where(a.b),
        lambda a: a.f.mask(a.b, 1.0),
    ],
    "np.where": [
        lambda a: np.where(a.i > 0, a.i, 0),
        lambda a: np.where(a.b, "yes", "no"),
        lambda a: a.assign(z=np.where(a.f > 0, a.f, -1.0)),
    ],
    "Series.round": [
        lambda a: a.f.round(1),
        lambda a: a.f.round(),
        lambda a: a.f.round(decimals=1),
    ],
    "DataFrame.round": [lambda a: a[["f", "i"]].round(1), lambda a: a.round({"f": 0})],
    "DataFrame.to_numpy": [
        lambda a: a[["i", "f"]].values,
        lambda a: a[["i", "u"]].to_numpy(),
        lambda a: a[a.i > 2][["f"]].to_numpy("float32"),
        lambda a: a[["b"]].values,
        lambda a: a[["t"]].values,
        lambda a: a[["f", "i"]].values.sum(axis=1),
        lambda a: a[["i", "f"]].values.T @ a[["i", "f"]].values,
    ],
    "Series.to_numpy": [
        values_written,
        values_copied,
        lambda a: a.i.to_numpy(),
        lambda a: a.f.values,
    ],
    "Series.to_frame": [lambda a: a.i.to_frame(), lambda a: a.i.to_frame("z")],
    "arithmetic": [
        lambda a: a.i + a.j,
        lambda a: a.i * 2.5 - a.f,
        lambda a: a.i / a.j,
        lambda a: a.i // 7,
        lambda a: a.i % 7,
        lambda a: -a.i,
        lambda a: a.i**2,
        lambda a: a.i.abs(),
        lambda a: a[["i", "f"]] * 2,
        lambda a: a.f.add(1),
        lambda a: a.i & 3,
        lambda a: a.b | (a.i > 3),
        lambda a: a.b ^ (a.i > 3),
        lambda a: ~a.b,
        lambda a: np.left_shift(a.i, 1),
        lambda a: np.right_shift(a.i, 1),
        lambda a: a.i << 1,
        lambda a: a.i.sub(1).mul(2).div(3),
        lambda a: np.minimum(a.i, a.u),
        lambda a: np.maximum(a.f, 0.0),
    ],
    "comparison": [
        lambda a: a.i == 3,
        lambda a: a.i != a.j,
        lambda a: a.f < 1,
        lambda a: a.f >= a.i,
        lambda a: a.s == "a",
        lambda a: a.s != "a",
        lambda a: a.s < "b",
        lambda a: a.t <= pd.Timestamp("2020-06-01 12:00:00"),
        lambda a: a.i.eq(2),
        lambda a: a.i.gt(2),
    ],
    "math": [
        lambda a: np.sqrt(a.u),
        lambda a: np.exp(a.f),
        lambda a: np.log(a.u + 1),
        lambda a: np.log10(a.u + 1),
        lambda a: np.log2(a.u + 1),
        lambda a: np.sin(a.f) + np.cos(a.f) + np.tan(a.f),
        lambda a: np.arctan2(a.f, a.u),
        lambda a: np.copysign(a.u, a.f),
        lambda a: np.floor(a.f),
        lambda a: np.ceil(a.f),
        lambda a: np.trunc(a.f),
        lambda a: np.round(a.f),
        lambda a: np.abs(a.f),
    ],
    "pd.to_timedelta": [
        lambda a: pd.to_timedelta(a.i, unit="h"),
        lambda a: pd.to_timedelta(a.i),
        lambda a: pd.to_timedelta(a.t - a.t.min()),
    ],
    "pd.to_datetime": [
        lambda a: pd.to_datetime(a.t),
        lambda a: a.t - pd.Timestamp("2020-01-01"),
        lambda a: a.t + pd.Timedelta(days=1),
        lambda a: a.t + pd.Timedelta("2h"),
    ],
    "fields of lengths of time": [
        lambda a: (a.t - pd.Timestamp("2020-06-01 10:30")).dt.days,
        lambda a: (a.t - pd.Timestamp("2020-06-01 10:30")).dt.seconds,
        lambda a: (a.t - pd.Timestamp("2020-06-01 10:30:00.5")).dt.microseconds,
        lambda a: (a.t.dropna() - pd.Timestamp("2020-06-01")).dt.days.sum(),
        lambda a: (a.t - a.t.min()).dt.total_seconds(),
        lambda a: a.t.dt.total_seconds(),
    ],
    "Series.dt": [
        lambda a: a.t.dt.year,
        lambda a: a.t.dt.month,
        lambda a: a.t.dt.day,
        lambda a: a.t.dt.hour,
        lambda a: a.t.dt.minute,
        lambda a: a.t.dt.second,
        lambda a: a.t.dt.dayofweek,
        lambda a: a.t.dt.weekday,
        lambda a: a.t.dt.dayofyear,
        lambda a: a.t.dt.quarter,
        lambda a: a.t.dt.days_in_month,
        lambda a: a.t.dt.is_month_start,
        lambda a: a.t.dt.is_month_end,
        lambda a: a.t.dt.is_quarter_end,
        lambda a: a.t.dt.is_leap_year,
        lambda a: a.t.dropna().dt.date,
        lambda a: a.t.dt.normalize(),
        lambda a: a.t.dt.tz_localize("UTC"),
        lambda a: a.t.dt.tz_localize("UTC").dt.tz_convert("Europe/Paris"),
        lambda a: (
            a.t.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo").dt.tz_convert(None)
        ),
        lambda a: a.t.dt.month.isin([1, 6]),
        times(lambda a: a.groupby(a.t.dt.date).i.sum()),
    ],
    "Series.str": [
        lambda a: a.s.str.startswith("a"),
        lambda a: a.s.str.endswith("b"),
        lambda a: a.s.str.startswith(("a", "z")),
        lambda a: a.s.str.contains("b"),
        lambda a: a.s.str.contains("b", regex=False),
        lambda a: a.s.str.len(),
        lambda a: a.s.str.lower(),
        lambda a: a.s.str.upper(),
        lambda a: a.s.str.title(),
        lambda a: a.s.str.capitalize(),
        lambda a: a.s.str.strip(),
        lambda a: a.s.str.lstrip(),
        lambda a: a.s.str.rstrip("x"),
        lambda a: a.s.str.slice(1, 2),
        lambda a: a.s.str[:2],
        lambda a: a.s.str[-1:],
        lambda a: a[a.s.str.contains("a")],
    ],
    "programs": [
        branch_frames,
        branch_on_data,
        rows(lambda a: a.t.map(lambda t: t.hour if t.month > 6 else -1)),
        lambda a: (a.i.sum(), a.f.mean()),
        lambda a: {"x": a.i.sum(), "y": a.f.mean()}["x"],
        lambda a: a[a.i > a.i.mean()],
    ],
    "np.sum": [
        lambda a: (
            np.sum(a.i),
            np.mean(a.f),
            np.std(a.f),
            np.prod(a.f),
            np.median(a.f),
        ),
        lambda a: (np.any(a.b), np.all(a.b), np.sum(a.i.values), np.mean(a.i.values)),
        lambda a: a.groupby("k").agg({"i": np.sum}),
    ],
    "tuple.tolist": [lambda a: a[a.columns.tolist()[:3]]],
    "dtypes": [
        lambda a: (
            a.dtypes["i"] == np.int64,
            a.i.dtype == "int64",
            a.f.dtype == "int64",
        ),
        lambda a: a[[c for c in a.columns if a[c].dtype == "float64"]],
    ],
    "timedelta": [
        lambda a: a.t.max() - a.t.min(),
        lambda a: (a.t - pd.Timestamp("2020-01-01")) / pd.Timedelta(days=1),
        lambda a: pd.to_datetime(a.t.dropna().dt.date),
    ],
    "text times": [rows(text_times)],
    "types that are never equal": [
        lambda a: a.s == 1,
        lambda a: a.f != "x",
        lambda a: a[a.i == "x"],
        lambda a: a[a.s != a.i],
        lambda a: a.t == 3,
    ],
    "nullable": [
        lambda a: np.where(a.i.where(a.b).astype("Int64") > 0, 1, 2),
        lambda a: a.k.where(a.i.where(a.b).astype("Int64") > 0, 7),
        lambda a: a.k.mask(a.i.where(a.b).astype("Int64") > 0, 7),
        lambda a: a.k.mask(a.b, 7),
        lambda a: a.i.where(a.b).astype("Int64").isin([1, 2, 3]),
        lambda a: a.i.where(a.b).astype("Int64").isin([1, None]),
        lambda a: a.i.where(a.b).astype("Int64").isin(["a"]),
        lambda a: a.i.where(a.b).astype("Int64").isin(a.k),
        lambda a: a.i.where(a.b).astype("Int64").isin(list(range(12))),
        lambda a: a.i.where(a.b).astype("Int64").value_counts().sort_index(),
        lambda a: (a.i.where(a.b).astype("Int64") > 0) + (a.j.astype("Int32") > 0),
        lambda a: (a.i.where(a.b).astype("Int64") > 0) * (a.j.astype("Int32") > 0),
        lambda a: a.assign(g=a.f.astype("Float32")).groupby("k").g.mean(),
    ],
    "promoted in chains": [
        lambda a: a.drop_duplicates("t").drop_duplicates("i").groupby("b").f.count(),
        lambda a: a.drop_duplicates("k", keep="last").groupby("b").i.sum(),
        lambda a: a[a.t.notna()].assign(y=lambda x: x.t.dt.year).groupby("y").i.sum(),
        lambda a: a.assign(c=a.j.cumsum())[a.b],
        lambda a: a.t.dt.hour.max(),
        year_then_written,
        lambda a, b: left_then(a, b)[left_then(a, b).v > 1000].v.sum(),
        lambda a, b: left_then(a, b).groupby("k").agg(x=("v", "sum"), y=("c", "sum")),
        lambda a, b: left_then(a, b).merge(b[["v", "f"]], on="v", how="right"),
        lambda a, b: left_then(a, b).merge(b[["v", "f"]], on="v", how="outer"),
    ],
    "errors": [
        lambda a: a["nowhere"],
        lambda a: a[["i", "nowhere"]],
        lambda a: a.sort_values("nowhere"),
        lambda a: a.groupby("nowhere").i.sum(),
        lambda a: a.merge(a, on="nowhere"),
        lambda a: a.merge(a[["i"]].rename(columns={"i": "z"})),
        lambda a: a.drop(columns=["nowhere"]),
        lambda a: a.s + 1,
        lambda a: a.head(n=2, m=3),
        lambda a: a.groupby("k").s.mean(),
        lambda a: a.rename(columns={"q": "x"}, errors="raise"),
        lambda a: a.set_index("nowhere"),
        lambda a: a.dropna(subset=["nowhere"]),
        rows(lambda a: a.drop_duplicates("nowhere")),
        lambda a: a.astype({"nowhere": int}),
        lambda a: a.astype("nonsense"),
        lambda a: a.groupby("k").agg({"nowhere": "sum"}),
        lambda a: a.merge(a, left_on="s", right_on="i"),
        lambda a: a.i.dt.year,
        lambda a: a.i.str.len(),
        lambda a: a.sort_values(["i", "f"], ascending=[True]),
        rows(write_too_large),
    ],
}
