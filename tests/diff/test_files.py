"""Reading and writing files as pandas does, on 1, 2 and 3 ranks."""

import pandas as pd
import pytest
from data import make_frame
from like import compiled, same

SIZES = (0, 1, 50)


def read_parquet(p):
    return pd.read_parquet(p)


def read_part(p):
    d = pd.read_parquet(p)
    return d[d.i > 0].groupby("k").f.sum()


def read_columns(p):
    return pd.read_parquet(p, columns=["s", "i"])


def read_csv(p):
    return pd.read_csv(p)


def read_some_csv(p):
    return pd.read_csv(p, usecols=["f", "i"], dtype={"i": "float64"})


def read_nullable(p):
    """Ints that are there in all rows, and some that are not; a text too."""
    return pd.read_csv(
        p, dtype={"i": "Int64", "g": "Int32", "f": "Float64", "b": "boolean"}
    )


def last_text(p):
    """The text of a column that ends with the call."""
    return pd.read_parquet(p).s.dropna().iloc[-1]


def read_dates(p):
    return pd.read_csv(p, parse_dates=["t"])


def read_no_header(p):
    return pd.read_csv(p, header=None, names=["x", "y"])


def read_json(p):
    return pd.read_json(p, lines=True)


def count_rows(p):
    return len(pd.read_parquet(p))


def kept_rows(p):
    d = pd.read_parquet(p)
    d = d[(d.i > -20) & (d.s != "ab")]
    d["twice"] = d.f * 2
    d["upper"] = d.s.str.upper()
    return d[d.twice > -8]


def filtered_and_whole(p):
    d = pd.read_parquet(p)
    limit = d.i.mean()
    some = d[d.f.notna()]
    return some, d.s, len(d), some[some.i > limit].t, d[d.i > 1000]


def no_columns(p):
    d = pd.read_parquet(p)
    return len(d[d.i > 0])


READERS = [
    *(
        (f, p)
        for f in (kept_rows, filtered_and_whole, no_columns)
        for p in ("a.parquet", "groups.parquet", "parts.parquet", "none.parquet")
    ),
    (read_parquet, "a.parquet"),
    (read_parquet, "index.parquet"),
    (read_part, "a.parquet"),
    (read_columns, "a.parquet"),
    (count_rows, "a.parquet"),
    (read_csv, "a.csv"),
    (read_some_csv, "a.csv"),
    (read_dates, "a.csv"),
    (read_nullable, "gaps.csv"),
    (last_text, "a.parquet"),
    (last_text, "groups.parquet"),
    (read_no_header, "bare.csv"),
    (read_json, "a.json"),
    (read_parquet, "nowhere.parquet"),
    (read_csv, "nowhere.csv"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The same frame in every format."""
    out = tmp_path_factory.mktemp("files")
    a = make_frame(50, "mixed", 3)
    a.to_parquet(out / "a.parquet")
    a.to_parquet(out / "groups.parquet", row_group_size=4)
    a[:0].to_parquet(out / "none.parquet")
    (out / "parts.parquet").mkdir()
    for k, part in enumerate((a[:9], a[9:9], a[9:])):
        part.to_parquet(out / "parts.parquet" / f"{k}.parquet", row_group_size=7)
    a.set_index("u").to_parquet(out / "index.parquet")
    a.to_csv(out / "a.csv", index=False)
    gaps = a.assign(
        g=a.i.astype("Int64").where(a.b), b=a.b.astype("boolean").where(a.i > 0)
    )
    gaps.to_csv(out / "gaps.csv", index=False)
    a[["i", "f"]].to_csv(out / "bare.csv", index=False, header=False)
    a[["k", "i", "f"]].to_json(out / "a.json", orient="records", lines=True)
    return out


@pytest.mark.parametrize(
    ("f", "name"), READERS, ids=lambda x: getattr(x, "__name__", x)
)
def test_read(ranks, folder, f, name):
    path = str(folder / name)
    want = got = error = failure = None
    try:
        want = f(path)
    except Exception as e:
        error = e
    try:
        got = compiled(f, ranks)(path)
    except Exception as e:
        failure = e
    if error is None and failure is not None:
        raise failure
    if error is not None:
        assert type(failure).__name__ == type(error).__name__, repr(failure)
        return
    same(got, want)


def write_all(d, p):
    d.to_parquet(p)


def write_filtered(d, p):
    d[d.i > 0].to_parquet(p)


def write_without_index(d, p):
    d.to_parquet(p, index=False)


def write_groups(d, p):
    d.groupby("k").agg({"i": "sum"}).to_parquet(p)


def write_csv(d, p):
    d.to_csv(p)


def write_csv_filtered(d, p):
    d[d.i > 0].to_csv(p, index=False)


def write_csv_part(d, p):
    d.set_index(["k", "u"]).to_csv(p, columns=["i", "f"], sep=";")


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize(
    "f", [write_all, write_filtered, write_without_index, write_groups]
)
def test_write_parquet(ranks, tmp_path, f, n):
    a = make_frame(n, "mixed", 7)
    want, got = str(tmp_path / "want.parquet"), str(tmp_path / "got.parquet")
    f(a, want)
    compiled(f, ranks)(a, got)
    pd.testing.assert_frame_equal(pd.read_parquet(got), pd.read_parquet(want))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("f", [write_csv, write_csv_filtered, write_csv_part])
def test_write_csv(ranks, tmp_path, f, n):
    a = make_frame(n, "mixed", 7)
    want, got = tmp_path / "want.csv", tmp_path / "got.csv"
    f(a, str(want))
    compiled(f, ranks)(a, str(got))
    assert got.read_text() == want.read_text()


def test_write_to_nowhere(ranks, tmp_path):
    path = str(tmp_path / "no" / "folder" / "x.parquet")
    with pytest.raises(OSError):
        compiled(write_all, ranks)(make_frame(5, "mixed", 7), path)


def test_what_is_not_read_is_refused(ranks, tmp_path):
    """Nothing is left out in silence."""
    import shoal

    df = pd.DataFrame({"i": range(6), "k": list("ababab")})
    df.to_parquet(tmp_path / "parted", partition_cols=["k"])
    df.to_parquet(tmp_path / "one.parquet")
    with pytest.raises(shoal.UnsupportedError, match=r"'k=a' .* set the column 'k'"):
        compiled(read_parquet, ranks)(str(tmp_path / "parted"))
    part = str(tmp_path / "parted" / "k=b")
    same(compiled(read_parquet, ranks)(part), pd.read_parquet(part))
    with pytest.raises(shoal.UnsupportedError, match="several paths"):
        compiled(read_csv, ranks)([part])


def test_several_parquet_files(ranks, tmp_path):
    df = make_frame(30, "mixed", 5)
    paths = [str(tmp_path / f"{k}.parquet") for k in range(3)]
    named = [p.replace(".parquet", ".pq") for p in paths]
    for k in range(3):
        part = df[k * 10 : k * 10 + 10 - k]
        part.to_parquet(paths[k])
        part.set_index("k").to_parquet(named[k])
    for chosen in (paths, paths[::-1], (paths[1],), named):
        for f in (read_parquet, read_part, read_columns):
            if chosen is not named or f is read_columns:
                same(compiled(f, ranks)(chosen), f(list(chosen)))


def read_sliced(p):
    d = pd.read_parquet(p)
    return d[d.i > 0], d.head(2), d.i.iloc[3:], d.set_index("k").i, d.loc[12:, "f"]


def read_counted(p):
    d = pd.read_parquet(p)
    d = d[d.f > 0]
    return d.reset_index()


@pytest.mark.parametrize("name", [None, "n"])
def test_range_index_that_is_stored(ranks, tmp_path, name):
    """df[10:40:2].to_parquet() notes where its labels begin and how they go on."""
    df = make_frame(50, "mixed", 5)[10:40:2].rename_axis(index=name)
    path = str(tmp_path / "part.parquet")
    df.to_parquet(path, row_group_size=4)
    for f in (read_parquet, read_columns, read_sliced, read_counted):
        same(compiled(f, ranks)(path), f(path))
