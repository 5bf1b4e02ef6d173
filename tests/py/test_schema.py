"""Schemas of files, and reading them in balanced blocks."""

import decimal
import json
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoal import UnsupportedError, _files, _schema


def types(schema) -> dict:
    return {name: type_ for name, type_, _ in schema[0]}


def test_parquet_types_and_nulls(tmp_path):
    file = str(tmp_path / "a.pq")
    table = pa.table(
        {
            "full": pa.array([1, 2, 3]),
            "holes": pa.array([1, None, 3]),
            "flags": pa.array([True, None, False]),
            "text": ["a", None, "c"],
            "day": pa.array([0, 1, None], pa.date32()),
            "time": pa.array([0, 1, None], pa.timestamp("ms")),
            "zone": pa.array([0, 1, None], pa.timestamp("us", "UTC")),
            "x": pa.array([1.5, None, 2], pa.float32()),
        }
    )
    pq.write_table(table, file)
    schema = _schema.read("parquet", file, None)
    assert types(schema) == {
        "full": ("int64", "none", ""),
        "holes": ("int64", "prom", ""),
        "flags": ("bool", "prom", ""),
        "text": ("str", "mask", ""),
        "day": ("date", "mask", ""),
        "time": ("datetime64", "nat", "ms"),
        "zone": ("datetime64", "nat", "us"),
        "x": ("float32", "nan", ""),
    }
    assert schema[1:] == (0, (0, 1, None))
    assert schema[0][6][2] == "UTC"


def test_parquet_without_statistics_may_have_nulls(tmp_path):
    file = str(tmp_path / "a.pq")
    pq.write_table(pa.table({"a": [1, 2]}), file, write_statistics=False)
    assert types(_schema.read("parquet", file, None))["a"] == ("int64", "prom", "")


def test_pandas_index_and_nullable(tmp_path):
    file = str(tmp_path / "a.pq")
    df = pd.DataFrame(
        {"a": pd.array([1, None], dtype="Int64"), "b": [1, 2]},
        index=pd.Index(["x", "y"], name="k"),
    )
    df.to_parquet(file)
    columns, nindex, ranged = _schema.read("parquet", file, None)
    assert [c[0] for c in columns] == ["a", "b", "k"]
    assert (nindex, ranged) == (1, ())
    assert columns[0][1] == ("int64", "mask", "")


def test_refused_and_missing(tmp_path):
    file = str(tmp_path / "a.pq")
    pq.write_table(pa.table({"d": [decimal.Decimal("1.5")]}), file)
    with pytest.raises(UnsupportedError, match="decimals"):
        _schema.read("parquet", file, None)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        _schema.read("parquet", str(tmp_path / "nowhere.pq"), None)
    bad = tmp_path / "bad.pq"
    bad.write_bytes(b"not a parquet file at all")
    with pytest.raises(OSError, match=r"bad\.pq"):
        _schema.read("parquet", str(bad), None)


CSV = """a,b,c,d,e,f,g,h
1,1.5,True,x,2020-01-01,1,,NA
2,,False,"y, z",2020-01-02,,,NULL
3,3,True,,2020-01-03,3,,N/A
"""


def test_csv_types_are_those_of_pandas(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text(CSV)
    expected = pd.read_csv(file)
    got = _schema.csv_table(str(file), {}).to_pandas()
    for name in "abcdfgh":
        assert got[name].dtype == expected[name].dtype, name
    opts = {"parse_dates": ["e"]}
    expected = pd.read_csv(file, parse_dates=["e"])
    got = _schema.csv_table(str(file), opts)
    assert got.to_pandas()["e"].dtype == expected["e"].dtype
    assert (
        types(_schema.read("csv", str(file), json.dumps(opts)))["e"][0] == "datetime64"
    )


def test_csv_options(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("# note\n1;2\n3;4\n")
    opts = {"sep": ";", "names": ["p", "q"], "header": False, "skiprows": 1}
    assert _schema.csv_table(str(file), opts).to_pydict() == {"p": [1, 3], "q": [2, 4]}
    opts["dtype"] = {"q": "str"}
    opts["nrows"] = 1
    assert _schema.csv_table(str(file), opts).to_pydict() == {"p": [1], "q": ["2"]}


def read_all(*spec) -> pa.Table:
    """All rows of a rank's share, which are as many as was said beforehand."""
    reader, rows = _files.read_open(*spec)
    table = reader.read_all()
    assert table.num_rows == rows
    return table


def test_files_of_one_folder_may_differ_in_types(tmp_path):
    pq.write_table(pa.table({"a": pa.array([1, 2], "int32")}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": pa.array([3, 4], "int64")}), tmp_path / "2.parquet")
    table = read_all("parquet", str(tmp_path), ("a",), "{}", None, 0, 1, -1)
    assert table.schema.field("a").type == pa.int64()
    assert table["a"].to_pylist() == [1, 2, 3, 4]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("rows", [0, 1, 10, 100])
def test_blocks_of_a_parquet_folder(tmp_path, rows, size):
    data = pd.DataFrame({"a": np.arange(rows), "s": [f"t{i % 3}" for i in range(rows)]})
    half = rows // 2
    pq.write_table(
        pa.Table.from_pandas(data[:half]), tmp_path / "1.parquet", row_group_size=7
    )
    pq.write_table(
        pa.Table.from_pandas(data[half:]), tmp_path / "2.parquet", row_group_size=11
    )
    parts = [
        read_all("parquet", str(tmp_path), ("s", "a"), "{}", None, r, size, -1)
        for r in range(size)
    ]
    counts = [p.num_rows for p in parts]
    assert max(counts) - min(counts) <= 1
    assert [v for p in parts for v in p["a"].to_pylist()] == list(range(rows))
    assert all(p.schema.names == ["s", "a"] for p in parts)
    none = read_all("parquet", str(tmp_path), (), "{}", None, 0, 1, -1)
    assert none.num_rows == rows


def test_filters_skip_row_groups(tmp_path):
    file = str(tmp_path / "a.pq")
    pq.write_table(pa.table({"a": np.arange(100)}), file, row_group_size=10)
    test = json.dumps([["a", ">=", {"t": "int64", "v": 85}]])
    got = [read_all("parquet", file, ("a",), "{}", test, r, 2, -1) for r in range(2)]
    assert [v for t in got for v in t["a"].to_pylist()] == list(range(80, 100))
    assert [t.num_rows for t in got] == [10, 10]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_filters_on_times_dates_and_text(tmp_path, unit):
    file = str(tmp_path / "a.pq")
    days = pd.date_range("2020-01-01", periods=40)
    table = pa.table(
        {
            "t": pa.array(days.as_unit(unit)),
            "d": pa.array(days.date),
            "s": [f"k{i:03}" for i in range(40)],
        }
    )
    pq.write_table(table, file, row_group_size=10)
    us = int(pd.Timestamp("2020-01-25").as_unit("us")._value)
    day = (pd.Timestamp("2020-01-25") - pd.Timestamp(0)).days

    def rows(*test) -> int:
        test = json.dumps([test])
        return read_all("parquet", file, ("s",), "{}", test, 0, 1, -1).num_rows

    assert rows("t", ">", {"t": "datetime64[us]", "v": us}) == 20
    assert rows("t", "==", {"t": "datetime64[us]", "v": us}) == 10
    assert rows("d", "<", {"t": "date", "v": day}) == 30
    assert rows("s", "<=", {"t": "str", "v": "k009"}) == 10
    assert rows("s", "<=", {"t": "int64", "v": 3}) == 40
    assert rows("t", "!=", {"t": "datetime64[us]", "v": us}) == 40


class Capsule:
    """A table as write_part() gets it."""

    def __new__(cls, table):
        return table.__arrow_c_stream__()


@pytest.mark.parametrize("size", [1, 3])
def test_writing_is_whole_or_nothing(tmp_path, size, monkeypatch):
    monkeypatch.setenv("SHOAL_POOL_ID", "test")
    target = str(tmp_path / "out.pq")
    table = pa.table({"a": [1, 2, 3], "s": ["x", None, "z"]})
    for r in range(size):
        _files.write_part("parquet", target, "{}", Capsule(table), r, size)
    assert not (tmp_path / "out.pq").exists()
    for r in reversed(range(size)):
        _files.write_commit("parquet", target, "{}", True, r, size)
    assert [p.name for p in tmp_path.iterdir()] == ["out.pq"]
    got = pd.read_parquet(target)
    pd.testing.assert_frame_equal(
        got, pd.concat([table.to_pandas()] * size, ignore_index=True)
    )
    for r in range(size):
        _files.write_part("parquet", target, "{}", Capsule(table[:1]), r, size)
    _files.write_commit("parquet", target, "{}", False, 0, size)
    assert len(pd.read_parquet(target)) == 3 * size
    assert [p.name for p in tmp_path.iterdir()] == ["out.pq"]


def test_index_is_found_again(tmp_path):
    target = str(tmp_path / "out.pq")
    table = pa.table({"a": [1, 2], "k": ["x", "y"]})
    opts = json.dumps({"nindex": 1, "index_names": ["k"]})
    _files.write_part("parquet", target, opts, Capsule(table), 0, 1)
    _files.write_commit("parquet", target, opts, True, 0, 1)
    got = pd.read_parquet(target)
    assert got.index.name == "k" and list(got.columns) == ["a"]


def test_no_folder(tmp_path):
    with pytest.raises(OSError, match="non-existent directory"):
        _files.write_part(
            "parquet",
            str(tmp_path / "no" / "a.pq"),
            "{}",
            Capsule(pa.table({"a": [1]})),
            0,
            1,
        )


def test_names_of_files_that_are_computed_from_arguments(tmp_path):
    import shoal

    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(tmp_path / "one.pq")
    pd.DataFrame({"a": [1.5]}).to_parquet(tmp_path / "two.pq")

    @shoal.jit
    def added(folder, name):
        return pd.read_parquet(folder + "/" + name + ".pq").a.sum()

    @shoal.jit
    def formatted(folder, name):
        return pd.read_parquet(f"{folder}/{name}.pq").a.sum()

    @shoal.jit
    def joined(folder, name):
        return pd.read_parquet(os.path.join(folder, f"{name}.pq")).a.sum()

    for f in (added, formatted, joined):
        assert f(str(tmp_path), "one") == 6
        assert f(str(tmp_path), "two") == 1.5
