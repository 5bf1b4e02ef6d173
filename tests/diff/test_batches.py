"""Files whose rows are joined and grouped as they are read (pass/batch.c), on 1, 2 and 3 ranks:
several batches a rank, batches without rows, texts whose dictionaries differ from batch to batch."""

import numpy as np
import pandas as pd
import pytest
from like import compiled, same

PARTS, ROWS = 5, 30_000


def joined_left(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    d = d[d.f.notna() & (d.i > -40)]
    j = d.merge(w, on=["k", "s"], how="left")
    j["wet"] = j.rain > 0.5
    return j.groupby(["word", "wet"], as_index=False).agg(
        n=("i", "count"), total=("i", "sum"), mean=("f", "mean"), least=("rain", "min")
    )


def joined_inner(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    j = d[d.i > 0].merge(w, on="k")
    return j.groupby("k").agg({"f": ["sum", "max"], "rain": "std", "b": "any"})


def joined_right(rows, few):
    w, d = pd.read_parquet(few), pd.read_parquet(rows)
    j = w.merge(d, on=["k", "s"], how="right")
    return j.groupby("word").agg({"i": "sum", "rain": "count"})


def build_left(rows, few):
    w, d = pd.read_parquet(few), pd.read_parquet(rows)
    j = w[w.rain < 0.7].merge(d, on="k")
    return j.groupby("word", dropna=False).agg({"i": "sum", "rain": "mean"})


def rows_of_join(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    j = d[(d.i > 30) & d.b].merge(w, on=["k", "s"], how="left")
    return j[["i", "k", "rain", "word", "t"]]


def rows_of_inner(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    a = d[d.i > 45].merge(w, on="k")
    b = w.merge(d[d.i > 45], on="k")
    return a, b


def two_joins(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    words = w.drop_duplicates("word")[["word", "rain"]]
    j = d.merge(w.drop_duplicates("k")[["k", "s"]], on="k", suffixes=("", "_w"))
    j = j.merge(words, on="word", how="left")
    j = j[j.rain.notna()]
    j["x"] = j.rain * j.i
    return j.x.sum(), j.groupby("s_w").x.mean(), (j.x > 3).any()


def first_seen(rows, few):
    d = pd.read_parquet(rows)
    d = d[d.i % 3 != 0]
    return d.groupby(["word", "k"], sort=False, dropna=False).agg(
        {"f": "sum", "i": "min"}
    )


def several(rows, few):
    d = pd.read_parquet(rows)
    d = d[d.b]
    a = d.groupby("k").i.sum()
    b = d.groupby("word").f.mean().reset_index()
    top = b.sort_values("f", ascending=False)
    return a, top, d.f.sum(), d.i.mean(), len(d), d.i.max(), (d.f < 0).all()


def not_in_batches(rows, few):
    d = pd.read_parquet(rows)
    d = d[d.i > 10]
    return d.groupby("k").agg(
        {"word": "nunique", "f": "median", "t": "first", "s": "max"}
    )


def every_row_a_group(rows, few):
    d = pd.read_parquet(rows)
    return d[d.i > 0].groupby("u", as_index=False).agg({"f": "sum", "i": "max"})


def groups_to_rows(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    by = d.groupby("u", as_index=False).agg(n=("i", "sum"))
    j = w.merge(by, left_on="k", right_on="u")
    return j[j.rain > 0.1].groupby("s").n.sum(), j


def keeps_batches(rows, few):
    """The rows that are there are more than the file's: its batches are kept."""
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    by = d.groupby("u", as_index=False).agg(n=("i", "sum"))
    j = w.merge(by, left_on="k", right_on="u")
    x = j.merge(d.drop_duplicates("k")[["k", "word"]], on="k", how="left")
    return j[["k", "n"]], x.groupby("word", dropna=False).rain.sum()


def used_twice(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    d = d[d.i > 20]
    j = d.merge(w, on="k", how="left")
    return (
        j.groupby("s_y").i.sum(),
        d.sort_values(["u"]).u.head(5),
        len(j),
        j.rain.sum(),
    )


def with_index(rows, few):
    d = pd.read_parquet(rows)
    a = d[d.i > 40]
    b = a[a.f > 0].reset_index()
    return a, a.f.tail(7), b[["index", "i"]], d.u[d.b]


def index_of_both(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    d = d[d.u > 29_500]
    w = w[w.rain > 0.2]
    d["twice"] = d.index * 2
    return d.merge(w, on="k").groupby("s_y").twice.sum(), d[["twice"]], w


def categories(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    j = d[d.i > 0].merge(w, on="k")
    by = j.groupby("kind", observed=True).i.sum()
    kept = j[j.i > 47][["i", "kind"]]
    left = d[d.i > 30].merge(w[w.rain > 0.5], on="k", how="left")
    return by, kept, left.groupby("kind", observed=True, dropna=False).i.count()


PROGRAMS = [
    categories,
    with_index,
    index_of_both,
    joined_left,
    joined_inner,
    joined_right,
    build_left,
    rows_of_join,
    rows_of_inner,
    two_joins,
    first_seen,
    several,
    not_in_batches,
    every_row_a_group,
    groups_to_rows,
    used_twice,
    keeps_batches,
]
FILES = {
    two_joins: "few.parquet",
    keeps_batches: "fat.parquet",
    categories: "kinds.parquet",
}


def make_rows(n: int, seed: int, part: int) -> pd.DataFrame:
    r = np.random.default_rng(seed + part)
    words = [f"w{part}-{i}" for i in range(7)] + ["all", "some", None]
    return pd.DataFrame(
        {
            "k": r.integers(0, 300, n),
            "u": r.permutation(n) + part * n,
            "i": r.integers(-50, 50, n),
            "f": np.where(r.random(n) < 0.1, np.nan, r.normal(size=n)),
            "b": r.random(n) < 0.3,
            "s": pd.array(r.choice(["x", "y", "z", None], n), dtype="str"),
            "word": pd.array(r.choice(words, n), dtype="str"),
            "t": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(r.integers(0, 10**6, n), "s"),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("batches")
    for name, sizes in {
        "many": [ROWS] * PARTS,
        "one": [2],
        "none": [0],
        "holes": [0, 3, 0, ROWS, 0],
    }.items():
        (out / name).mkdir()
        for k, n in enumerate(sizes):
            make_rows(n, 1, k).to_parquet(out / name / f"{k}.parquet", index=False)
    r = np.random.default_rng(5)
    few = pd.DataFrame(
        {
            "k": r.integers(0, 400, 900),
            "s": pd.array(r.choice(["x", "y", None], 900), dtype="str"),
            "rain": np.where(r.random(900) < 0.1, np.nan, r.random(900)),
        }
    )
    few["word"] = pd.array(
        r.choice(["all", "w1-1", "w4-0", "never", None], 900), dtype="str"
    )
    few.to_parquet(out / "few.parquet")
    few.drop(columns="word").to_parquet(out / "plain.parquet")
    few[:0].drop(columns="word").to_parquet(out / "empty.parquet")
    kinds = few[["k", "rain"]].assign(kind=few.word.astype("category"))
    kinds.to_parquet(out / "kinds.parquet")
    fat = few[["k", "rain"]].assign(long=[r.bytes(3000).hex() for _ in range(len(few))])
    fat.to_parquet(out / "fat.parquet")
    k = np.arange(50_000) // 100
    kind = pd.Categorical.from_codes(k % 3, ["some", "none", "all"])
    marked = pd.DataFrame({"k": k, "v": k % 7, "kind": kind})
    marked.to_parquet(out / "marked.parquet")
    k = np.arange(900_000) // 3
    pd.DataFrame({"k": k, "v": k % 7}).to_parquet(out / "groups.parquet")
    return out


@pytest.mark.parametrize("rows", ["many", "one", "none", "holes"])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_program(ranks, folder, f, rows):
    args = str(folder / rows), str(folder / FILES.get(f, "plain.parquet"))
    same(compiled(f, ranks)(*args), f(*args))


@pytest.mark.parametrize(
    "f", [joined_left, joined_inner, joined_right, build_left, used_twice]
)
def test_nothing_to_join_with(ranks, folder, f):
    args = str(folder / "many"), str(folder / "empty.parquet")
    same(compiled(f, ranks)(*args), f(*args))


def keeps_for_categories(many, few):
    """More rows to join with than the file has, with a column of categories."""
    w, m = pd.read_parquet(few), pd.read_parquet(many)
    j = w[w.rain > 0.1].merge(m, on="k")
    one = j[(j.v == 3) & (j.kind == "some")][["k", "kind"]]
    return j.groupby("kind", observed=True).rain.sum(), one


def test_kept_batches_and_categories(ranks, folder):
    args = str(folder / "marked.parquet"), str(folder / "fat.parquet")
    same(compiled(keeps_for_categories, ranks)(*args), keeps_for_categories(*args))


def keeps_and_groups(many, few):
    w, m = pd.read_parquet(few), pd.read_parquet(many)
    j = w[w.rain > 0.1].merge(m, on="k")
    return j.groupby("v").rain.sum(), len(j), j.groupby("k", sort=False).v.count()


def test_kept_batches_are_grouped(ranks, folder):
    """All rows come with the batch that ends the file, and are enough to be grouped."""
    args = str(folder / "marked.parquet"), str(folder / "fat.parquet")
    same(compiled(keeps_and_groups, ranks)(*args), keeps_and_groups(*args))


def in_order(p):
    d = pd.read_parquet(p)
    d = d[d.v < 6]
    return d.groupby("k", sort=False).v.sum(), d.groupby("v").k.count()


def test_many_groups(ranks, folder):
    """Groups become so many on the way that the rest of the rows is kept."""
    path = str(folder / "groups.parquet")
    same(compiled(in_order, ranks)(path), in_order(path))


def grouped(rows, few):
    d, w = pd.read_parquet(rows), pd.read_parquet(few)
    return d.merge(w, on="k").groupby("k").f.sum()


def caught(rows, few):
    try:
        d, w = pd.read_parquet(rows), pd.read_parquet(few)
        n = float(d.merge(w, on="k").groupby("k").f.sum().sum())
    except OSError:
        n = -1.0
    return n, pd.read_parquet(few).rain.sum()


@pytest.fixture
def damaged(folder, tmp_path):
    """Its last part can be opened, but not be decoded: one rank fails on the way."""
    for k in range(PARTS):
        data = bytearray((folder / "many" / f"{k}.parquet").read_bytes())
        if k == PARTS - 1:
            data[4 : len(data) // 2] = bytes(len(data) // 2 - 4)
        (tmp_path / f"{k}.parquet").write_bytes(data)
    return str(tmp_path)


def test_damaged(ranks, folder, damaged):
    few = str(folder / "plain.parquet")
    with pytest.raises(OSError, match=r"4\.parquet is not a readable Parquet file"):
        compiled(grouped, ranks)(damaged, few)
    same(
        compiled(grouped, ranks)(str(folder / "many"), few),
        grouped(str(folder / "many"), few),
    )


def test_damaged_and_caught(ranks, folder, damaged):
    few = str(folder / "plain.parquet")
    same(compiled(caught, ranks)(damaged, few), caught(damaged, few))


def test_which_is_missing(ranks, folder, tmp_path):
    """The file that is read first, though the other one is needed first."""
    few, many = str(folder / "plain.parquet"), str(folder / "many")
    run = compiled(grouped, ranks)
    run(many, few)
    with pytest.raises(FileNotFoundError, match="rows"):
        run(str(tmp_path / "rows"), str(tmp_path / "few"))
