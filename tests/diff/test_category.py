"""Columns of dtype category as pandas has them, on 1, 2 and 3 ranks: categories of text,
ints, floats and times, ordered or not, some of them in no row; frames without rows, with
one row, with none but missing rows."""

import numpy as np
import pandas as pd
import pytest
from data import make_frame
from like import compiled, kind_of, outcome, same

import shoal

TEXTS = ["zz top", "b", "unused", "a", "ab", "", "abc", "B", " x ", "ä", "日本"]


def frame(n: int, shape: str = "mixed") -> pd.DataFrame:
    """s, o: texts, o ordered; i, f, t: ints, floats, times; w: text; x, y: numbers."""
    a = make_frame(n, shape, 7)
    gone = a.f.isna()
    ints = a.j.where(~gone).astype("Int64").astype(object).where(~gone, None)
    return pd.DataFrame(
        {
            "s": pd.Categorical(a.s, categories=TEXTS),
            "o": pd.Categorical(a.s, categories=TEXTS, ordered=True),
            "i": pd.Categorical(ints, categories=[2, -3, 9, 0, 1, -1, -2]),
            "f": pd.Categorical(a.f, categories=np.arange(-20, 21) / 4, ordered=True),
            "t": pd.Categorical(
                a.t.dt.normalize(),
                categories=pd.date_range("2019-12-20", periods=600).as_unit("us")[::-1],
            ),
            "w": a.s,
            "x": a.i,
            "y": a.f,
        }
    )


def added(a):
    a["new"] = a.w.astype("category")
    a["o"] = a.o.cat.as_unordered()
    return a


def grown(a):
    if len(a) > 3:
        a = a[a.x > 0]
    return a


def loop(a):
    total = 0
    for row in a.itertuples():
        if row.s == "b":
            total += row.x
    return total


def values_in_loop(a):
    n = 0.0
    for v in a[a.f.notna()].f:
        n += v
    return n


def merged_right(a):
    b = a[["i", "x"]].drop_duplicates("i").rename(columns={"x": "right"})
    return a.merge(b, on="i", how="left")


def chosen_path(a):
    """Both paths have one type, though not one set of categories."""
    if a.x.sum() > 0:
        a["s"] = a.w.fillna("none").astype("category")
    return a


def written(a):
    a.loc[a.x > 0, "s"] = "unused"
    a.loc[a.y.isna(), "o"] = np.nan
    return a


def written_new(a):
    a.loc[a.x > -1000, "s"] = "no category"
    return a


def collected(a):
    parts = [a]
    for k in range(len(a)):
        parts.append(a[a.x == k])  # noqa: PERF401
    return pd.concat(parts)


def kept(a):
    parts = {}
    for k in range(3):
        parts[k] = a[a.x > k]
    return parts[2]


CASES = [
    lambda a: a,
    lambda a: a[a.x > 0],
    lambda a: a[a.s.notna()].s,
    lambda a: a.iloc[1:5],
    lambda a: a.iloc[::2],
    lambda a: a.head(3),
    lambda a: a.tail(3),
    lambda a: (a.s.isna(), a.i.notna()),
    lambda a: a.dropna(),
    lambda a: a.select_dtypes("category"),
    lambda a: a.s.to_frame(),
    lambda a: a.set_index("s"),
    lambda a: a.set_index(["i", "s"]).reset_index(),
    lambda a: a.s.dtype == "category",
    lambda a: (a.s.count(), a.nunique(), a.i.nunique()),
    lambda a: a.s.shift(1),
    added,
    grown,
    # comparisons
    lambda a: (a.s == "b", a.s != "b", a.s == "no category"),
    lambda a: (a.i == 2, a.i != 2.0, a.i == 2.5, a.f == 1, a.i == "x"),
    lambda a: (a.o < "b", a.o <= "b", a.o > "b", a.o >= "b"),
    lambda a: a.f > 1.25,
    lambda a: a.o < "no category",
    lambda a: a.s < "b",
    lambda a: (a.s == a.s, a.s != a.s, a.o < a.o, a.o <= a.o),
    lambda a: a.s == a.o,
    lambda a: a.s == a.i,
    lambda a: (a.s == a.w, a.w != a.s),
    lambda a: a.t == pd.Timestamp("2020-02-01"),
    lambda a: a.s + "x",
    lambda a: a[(a.s == "b") | (a.i == 1)],
    lambda a: (a.s.isin(["b", "none"]), a.i.isin([1, 2, 3]), a.s.isin(["b", None])),
    # choices and writes
    written,
    written_new,
    chosen_path,
    collected,
    kept,
    lambda a: (a.o.where(a.x > 0), a.o.mask(a.x > 0, "b"), a.s.where(a.x > 0, a.s)),
    lambda a: np.where(a.x > 0, a.s.fillna("a"), "zz"),
    lambda a: a.s.fillna("a").to_numpy(),
    # missing rows
    lambda a: a.s.fillna("unused"),
    lambda a: a.s.fillna("no category"),
    lambda a: a.i.fillna(9),
    lambda a: a.fillna({"s": "b", "i": 9}),
    # other types
    lambda a: (a.s.astype(str), a.f.astype(float), a.i.astype(float)),
    lambda a: a.i.astype(int),
    lambda a: a.i.fillna(9).astype(int),
    lambda a: a.astype({"s": "str"}),
    lambda a: (a.w.astype("category"), a.x.astype("category"), a.y.astype("category")),
    lambda a: a.w.astype("category").cat.codes,
    lambda a: a.s.astype("category"),
    # .cat
    lambda a: (a.s.cat.codes, a.f.cat.codes, a.t.cat.codes),
    lambda a: (a.s.cat.ordered, a.o.cat.ordered),
    lambda a: a.s.cat.as_ordered(),
    lambda a: a.o.cat.as_unordered(),
    lambda a: a.i.cat.rename_categories([10, 20, 30, 40, 50, 60, 70]),
    lambda a: a.i.cat.rename_categories(["a", "b", "c", "d", "e", "f", "g"]),
    lambda a: a.i.cat.rename_categories([10, 20]),
    lambda a: a.i.cat.rename_categories([1, 1, 2, 3, 4, 5, 6]),
    lambda a: a.s.cat.rename_categories({"b": "bee", "none": "x"}),
    lambda a: a.s.cat.rename_categories(lambda v: v + "!"),
    lambda a: a.s.cat.set_categories(["b", "a", "no", "zz top"]),
    lambda a: a.s.cat.set_categories(["b", "a"], ordered=True),
    lambda a: a[a.s.notna()].s.map(lambda v: v + "!"),
    lambda a: a.s.cat.add_categories(["q", "r"]),
    lambda a: a.i.cat.add_categories(12),
    lambda a: a.s.cat.add_categories(["q", "b"]),
    lambda a: (a.s.cat.remove_categories(["ab"]), a.o.cat.remove_categories("b")),
    lambda a: a.s.cat.remove_categories(["q", "b"]),
    lambda a: a.i.cat.reorder_categories([0, 1, 2, 9, -1, -2, -3], ordered=True),
    lambda a: a.i.cat.reorder_categories([0, 1]),
    lambda a: (a.s.cat.remove_unused_categories(), a.o.cat.remove_unused_categories()),
    lambda a: a[a.x > 5].t.cat.remove_unused_categories().value_counts(),
    # the values' own methods
    lambda a: (a.s.str.len(), a.s.str.contains("b"), a[a.o.str.startswith("a")]),
    lambda a: (a.t.dt.year, a.t.dt.month, a.t.dt.normalize(), a.t.dt.is_month_end),
    # reductions
    lambda a: (a.o.min(), a.o.max()),
    lambda a: a.s.max(),
    lambda a: a.i.sum(),
    lambda a: a.f.mean(),
    # groups
    lambda a: a.groupby("s").x.sum(),
    lambda a: a.groupby("o", as_index=False).agg({"x": "mean", "y": "count"}),
    lambda a: a.groupby(["i", "s"]).size(),
    lambda a: a.groupby("i", sort=False).x.sum(),
    lambda a: a.groupby("i", dropna=False).x.sum(),
    lambda a: a.groupby("i").agg(
        a=("s", "count"), b=("s", "nunique"), c=("s", "first"), d=("o", "last")
    ),
    lambda a: a.groupby("i").o.min(),
    lambda a: a.groupby("i").o.max(),
    lambda a: a.groupby("i").s.min(),
    lambda a: a.groupby("i").s.sum(),
    lambda a: a.groupby("x").s.first(),
    lambda a: a.x.groupby(a.s).max(),
    lambda a: a.groupby("i").x.transform("sum"),
    lambda a: a.groupby("i", observed=False).x.sum(),
    lambda a: a.groupby("i", observed=False).agg({"x": ["min", "count", "mean"]}),
    lambda a: a.groupby("s", observed=False, sort=False).x.sum(),
    lambda a: a.groupby("i", observed=False, dropna=False).size(),
    lambda a: a.groupby("i", observed=False).s.first(),
    lambda a: a.groupby(["s", "i"], observed=False).x.sum(),
    lambda a: a.groupby(["x", "i"], observed=False).y.agg(["max", "mean", "count"]),
    lambda a: a.groupby(["i", "w", "o"], observed=False, as_index=False).size(),
    lambda a: a.s.value_counts(),
    lambda a: a.i.value_counts(dropna=False),
    lambda a: a.s.value_counts(sort=False),
    lambda a: a.s.value_counts(ascending=True),
    # order and duplicates
    lambda a: a.sort_values("i", kind="stable"),
    lambda a: a.sort_values("o", ascending=False, kind="stable", na_position="first"),
    lambda a: a.sort_values(["i", "x"], ascending=[False, True], kind="stable"),
    lambda a: a.s.sort_values(kind="stable"),
    lambda a: a.drop_duplicates("s"),
    lambda a: a.s.drop_duplicates(),
    lambda a: a.duplicated("i"),
    # tables together
    lambda a: pd.concat([a, a]),
    lambda a: pd.concat([a[["s", "x"]], a[["x"]]]),
    lambda a: pd.concat([a.s, a.o]),
    lambda a: pd.concat([a.s, a.w]),
    lambda a: a[["s", "x"]].merge(a[["s", "y"]], on="s"),
    lambda a: a[["i", "x"]].merge(a[["i", "y"]], on="i", how="outer").x.sum(),
    lambda a: a[["s", "x"]].merge(a[["w", "y"]], left_on="s", right_on="w"),
    lambda a: a[["s", "x"]].merge(a[["o", "y"]], left_on="s", right_on="o").x.sum(),
    merged_right,
    # single values and rows
    lambda a: a.s.iloc[0],
    lambda a: a.i.iloc[0],
    lambda a: a[a.i.notna()].i.iloc[-1],
    loop,
    values_in_loop,
]
FRAMES = {
    "none": frame(0),
    "one": frame(1, "full"),
    "two": frame(2),
    "many": frame(60),
    "full": frame(40, "full"),
    "null": frame(9, "null"),
}


@pytest.mark.parametrize("i", range(len(CASES)))
def test_like_pandas(ranks, i):
    run = compiled(CASES[i], ranks)
    for name, a in FRAMES.items():
        want, _, error = outcome(CASES[i], [a])
        got, _, failure = outcome(run, [a])
        if error is None and failure is not None:
            raise failure
        if error is not None:
            assert failure is not None, f"{name}: {got!r} instead of {error!r}"
            assert kind_of(failure) == kind_of(error), (name, failure, error)
            continue
        same(got, want)


def concat_two(a, b):
    return pd.concat([a, b])


def merge_two(a, b):
    return a.merge(b, on="s", how="left")


@pytest.mark.parametrize("f", [concat_two, merge_two])
def test_other_categories(ranks, f):
    """Equal dtypes stay categories, also with the categories in another order; others
    become values."""
    run = compiled(f, ranks)
    a = frame(20)[["s", "x"]]
    turned = a.s.cat.reorder_categories(TEXTS[::-1])
    for s in (a.s, turned, a.s.cat.as_ordered(), a.s.cat.remove_unused_categories()):
        b = pd.DataFrame({"s": s, "y": a.x})[::3].reset_index(drop=True)
        same(run(a, b), f(a, b))


def differ_when_run(a):
    return pd.concat([a[a.x > 0].w.astype("category"), a[a.x < 0].w.astype("category")])


def test_categories_of_data_differ(ranks):
    with pytest.raises(TypeError, match="categories of the columns differ"):
        compiled(differ_when_run, ranks)(frame(60))


def lengths(a):
    return a[a.s.notna()].s.map(lambda v: len(v))


def test_map_to_few_values(ranks):
    with pytest.raises(ValueError, match="one result for several categories"):
        compiled(lengths, ranks)(frame(60))


def test_categories(ranks):
    a = frame(5)
    f = compiled(categories, ranks)
    for got, column in zip(f(a), "sift", strict=True):
        want = a[column].cat.categories
        pd.testing.assert_index_equal(got, want, check_freq=False)


def categories(a):
    return (
        a.s.cat.categories,
        a.i.cat.categories,
        a.f.cat.categories,
        a.t.cat.categories,
    )


def distinct(a):
    return a.i.unique()


def test_unique(ranks):
    for a in FRAMES.values():
        got, want = compiled(distinct, ranks)(a), a.i.unique()
        assert type(got) is pd.Categorical and got.dtype == want.dtype
        np.testing.assert_array_equal(got.codes, want.codes)


WIDE = [f"c{i:05}" for i in range(300)]


def test_width_of_codes(ranks):
    a = pd.DataFrame({"s": pd.Categorical(WIDE[::3], categories=WIDE), "w": WIDE[::3]})
    same(compiled(codes, ranks)(a), a.s.cat.codes)
    with pytest.raises(OverflowError, match="300 categories do not fit into int8"):
        compiled(codes_of_text, ranks)(pd.DataFrame({"w": WIDE}))


def codes(a):
    return a.s.cat.codes


def codes_of_text(a):
    return a.w.astype("category").cat.codes


# -- Files ---------------------------------------------------------------------------------


def read(p):
    return pd.read_parquet(p)


def read_some(p):
    d = pd.read_parquet(p)
    d = d[d.s == "b"]
    return d, d.groupby("o").x.sum()


def write(a, p):
    a.to_parquet(p)


def copy(p, q):
    pd.read_parquet(p).set_index("o").to_parquet(q)


def read_csv(p):
    return pd.read_csv(p, dtype={"s": "category"})


def read_csv_all(p):
    return pd.read_csv(p, dtype="category")


def write_csv(a, p):
    a.to_csv(p, index=False)


@pytest.mark.parametrize("n", [1, 60])
@pytest.mark.parametrize("group", [1, 7, 1000])
def test_parquet(ranks, tmp_path, n, group):
    a = frame(n)[["s", "o", "x"]]
    p, q = tmp_path / "a.parquet", tmp_path / "b.parquet"
    a.to_parquet(p, row_group_size=group)
    same(compiled(read, ranks)(str(p)), a)
    same(compiled(read_some, ranks)(str(p)), read_some(p))
    compiled(write, ranks)(a, str(q))
    same(pd.read_parquet(q).reset_index(drop=True), a)
    compiled(copy, ranks)(str(p), str(q))
    same(pd.read_parquet(q), a.set_index("o"))


def test_parquet_folder(ranks, tmp_path):
    """Files with other categories: those of all files in order, as pandas has them."""
    parts = [["b", "a"], ["c", "b"], ["d"]]
    for k, values in enumerate(parts):
        a = pd.DataFrame({"s": pd.Categorical(values), "x": range(len(values))})
        a.to_parquet(tmp_path / f"{k}.parquet")
    same(compiled(read, ranks)(str(tmp_path)), pd.read_parquet(tmp_path))


def test_csv(ranks, tmp_path):
    a = frame(40)[["s", "x"]]
    p, q = tmp_path / "a.csv", tmp_path / "b.csv"
    a.to_csv(p, index=False)
    for f in (read_csv, read_csv_all):
        same(compiled(f, ranks)(str(p)), f(p))
    compiled(write_csv, ranks)(a, str(q))
    assert p.read_text() == q.read_text()


def joined_batches(p, a):
    d = pd.read_parquet(p)
    d = d.merge(a, on="k")
    return d.groupby("c").x.sum(), d[d.x > 20]


def test_batches(ranks, tmp_path):
    """A file whose rows come in batches, joined with categories."""
    p = tmp_path / "a.parquet"
    d = pd.DataFrame({"k": np.arange(300) % 7, "x": np.arange(300)})
    d.to_parquet(p, row_group_size=40)
    a = pd.DataFrame({"k": range(6), "c": pd.Categorical(list("babbca"), list("cdba"))})
    same(compiled(joined_batches, ranks)(str(p), a), joined_batches(p, a))


# -- Results that stay on the workers ------------------------------------------------------


def some(a):
    return a[a.x > 0]


def by_key(a):
    return a.groupby("o").x.sum()


def test_lazy(ranks):
    a = frame(60)
    want = some(a)
    held = compiled(some, ranks)(a)
    assert (held.dtypes == want.dtypes).all()
    same(held.head(3), want.head(3))
    same(compiled(by_key, ranks)(held), by_key(want))
    same(shoal.rebalance(compiled(some, ranks)(a)), want)
    got = shoal.random_shuffle(compiled(some, ranks)(a), seed=3)
    same(got.sort_index(), want)
