"""Arguments and results: describing pandas objects, and boxing them again unchanged."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal import UnsupportedError, _box, _call, _core, _desc


def there_and_back(value):
    """Describe a value, lend its data, and box it again."""
    leaves = _desc.Leaves()
    d = _desc.describe(value, leaves)
    d = _desc.from_core(_core.desc_echo(d))
    return _box.box(d, _call.slot_values(leaves.at))


COLUMNS = {
    **{f"int{w}": np.array([1, -2, 3], f"i{w // 8}") for w in (8, 16, 32, 64)},
    **{f"uint{w}": np.array([1, 2, 200], f"u{w // 8}") for w in (8, 16, 32, 64)},
    "float32": np.array([1.5, np.nan, -0.0], "f4"),
    "float64": np.array([1.5, np.nan, np.inf]),
    "bool": np.array([True, False, True]),
    "str": pd.array(["a", None, "ä" * 40], dtype="str"),
    "empty text": pd.array(["", "", None], dtype="str"),
    "s": np.array(["2020-01-01", "NaT", "1969-12-31"], "M8[s]"),
    "ns": np.array(["2020-01-01", "NaT", "1969-12-31"], "M8[ns]"),
    "us": np.array(["2020-01-01T01:02:03.4", "NaT", "1969-12-31"], "M8[us]"),
    "td": np.array([1, -5, 2**40], "m8[ns]"),
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "UInt8": pd.array([1, None, 3], dtype="UInt8"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
    "Float64": pd.array([1.5, None, 2.5], dtype="Float64"),
    "tz": pd.DatetimeIndex(
        ["2020-01-01", None, "2021-06-01"], tz="Europe/Berlin"
    ).array,
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("rows", [0, 1, 3])
def test_series_of_every_dtype(name, rows):
    s = pd.Series(COLUMNS[name][:rows], name=name)
    pd.testing.assert_series_equal(there_and_back(s), s)


def test_frame_of_all_dtypes():
    df = pd.DataFrame(COLUMNS)
    pd.testing.assert_frame_equal(there_and_back(df), df)
    pd.testing.assert_frame_equal(there_and_back(df[:0]), df[:0])
    # Rows in another order: nothing in it is contiguous.
    pd.testing.assert_frame_equal(there_and_back(df[::-1]), df[::-1])


def test_dates():
    days = [datetime.date(2020, 1, 31), None, datetime.date(1950, 2, 1)]
    s = pd.Series(days, dtype=object)
    out = there_and_back(s)
    assert out.dtype == object
    assert out.tolist() == days


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(3),
        pd.RangeIndex(5, 11, 2, name="k"),
        pd.Index([3, 1, 2], name="k"),
        pd.Index(["a", "b", None]),
        pd.DatetimeIndex(["2020-01-01", "2020-01-02", "2020-01-05"]),
        pd.MultiIndex.from_arrays([[1, 1, 2], ["x", "y", "x"]], names=["n", None]),
    ],
    ids=str,
)
def test_indexes(index):
    df = pd.DataFrame({"a": [1, 2, 3]}, index=index)
    out = there_and_back(df)
    pd.testing.assert_frame_equal(out, df, check_freq=False)
    assert isinstance(out.index, pd.RangeIndex) == isinstance(index, pd.RangeIndex)


def test_columns_of_ints_and_without_columns():
    df = pd.DataFrame(np.arange(6).reshape(2, 3))
    pd.testing.assert_frame_equal(there_and_back(df), df)
    df = pd.DataFrame(index=pd.RangeIndex(4))
    assert len(there_and_back(df)) == 4


@pytest.mark.parametrize(
    "value",
    [
        1, -(2**63), True, 1.5, "text", "", None, (1, "a", (2.0,)), [1, 2], {"a": 1, "b": 2.5},
        pd.Timestamp("2020-01-01 12:00"), pd.Timedelta("3h"), datetime.date(2000, 2, 29),
        np.float32(1.5), np.int16(7),
    ],
    ids=repr,
)  # fmt: skip
def test_scalars(value):
    out = there_and_back(value)
    assert out == value
    assert type(out) is type(value)


def test_nat_and_pathlike(tmp_path):
    assert there_and_back(pd.NaT) is pd.NaT
    assert there_and_back(tmp_path) == str(tmp_path)


def test_arrays_are_shared_not_copied():
    a = np.arange(1000)
    lent = _core.from_numpy(a)
    assert (
        np.asarray(lent).__array_interface__["data"][0]
        == a.__array_interface__["data"][0]
    )
    assert not np.asarray(lent).flags.writeable
    own = np.asarray(lent.own())
    own[0] = 5
    assert a[0] == 0


def test_an_array_beside_a_frame_that_was_passed():
    @shoal.jit(distributed=False)
    def both(a, df):
        return a, df, a.sum()

    a, df = np.arange(6.0).reshape(3, 2), pd.DataFrame({"k": [1, 2]})
    got, frame, _ = both(a, df)
    assert np.shares_memory(got, a)
    pd.testing.assert_frame_equal(frame, df)


def test_strings_reach_pandas_without_a_copy():
    s = pd.Series(["ab", None, "cde"], dtype="str")
    leaves = _desc.Leaves()
    _desc.describe(s, leaves)
    lent = leaves.at[1].lend()
    assert _box.arrow(lent).to_pylist() == ["ab", None, "cde"]
    assert lent.null_count == 1


def test_categories():
    for values in (["b", "a", None], [3, 1, None], [1.5, None, 0.5], [None, None]):
        for ordered in (False, True):
            want = pd.Categorical(values, ordered=ordered)
            lent = _desc.Column(want, _desc.column_type(want, "it")[0]).lend()
            assert _desc.is_category(lent.type) and lent.ordered == ordered
            for a, b in ((lent, want), (lent.slice(1, 1), want[1:2])):
                out = _box.values(a, a.tz)
                assert out.dtype == b.dtype and out.codes.dtype == b.codes.dtype
                np.testing.assert_array_equal(out.codes, b.codes)


def test_numbers_of_categories():
    """Equal dtypes have one number, those that differ by the order of categories none."""
    a, b = pd.Categorical(["x", "y"]), pd.Categorical(["y", "x"], categories=["y", "x"])
    c = pd.Categorical(["z"])
    known: list = []
    types = [_desc.column_type(v, "it", known)[0][0] for v in (a, c, a[:1], b)]
    assert types == [f"category[str,1,{k}]" for k in (1, 2, 1, 0)]


def test_promoted_integers():
    a = _core.masked(
        _core.from_numpy(np.array([1, 2, 3])),
        _core.from_numpy(np.array([False, True, False])),
        "prom",
    )
    out = _box.values(a.retype("prom", None, True))
    assert out.dtype == "float64" and np.isnan(out[1]) and out[2] == 3.0
    b = _core.from_numpy(np.array([1, 2, 3])).retype("prom", None, False)
    assert _box.values(b).dtype == "int64"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (pd.Series([1, "a"], dtype=object), "give the column one dtype"),
        (pd.Series([decimal.Decimal(1)]), "float64"),
        (pd.Series(pd.cut([1, 2], 2)), "the categories of .* not supported"),
        (pd.DataFrame({("a", 1): [1]}), "rename"),
        (np.zeros(2, "c32"), "complex256"),
        (pd.NA, "no type"),
        pytest.param(object(), "not supported", id="object"),
    ],
    ids=str,
)
def test_refused(value, says):
    with pytest.raises(UnsupportedError, match=says):
        _desc.describe(value, _desc.Leaves())


def test_too_large_int():
    with pytest.raises(OverflowError):
        _desc.describe(2**63, _desc.Leaves())


def test_keys_leave_values_out():
    def key(v):
        return _desc.without_values(_desc.describe(v, _desc.Leaves()))

    assert key(1) == key(2) != key(1.0)
    assert key("a") == key("b")
    a, b = pd.DataFrame({"x": [1]}), pd.DataFrame({"x": [1, 2]})
    assert key(a) == key(b) != key(pd.DataFrame({"y": [1]}))
    assert key(pd.DataFrame({"x": [1]}, index=[0])) != key(a)


def test_damaged_placements_are_refused():
    place = ("int64", "none", "", None, 0, 1000, 0, -1, -1, 0, ())
    with pytest.raises(_core.Failure):
        _core.view(bytearray(64), place, True)
    with pytest.raises(ValueError):
        _core.put(_core.from_numpy(np.arange(9)), bytearray(64), place, 0, 0, 0)


def test_segment_round_trip():
    from shoal._wire import WIDTH, Layout

    for name, column in COLUMNS.items():
        leaves = _desc.Leaves()
        _desc.describe(pd.Series(column), leaves)
        a = leaves.at[1].lend()
        pieces = [a.slice(0, 1), a.slice(1, 0), a.slice(1, 2)]
        layout = Layout()
        sizes = [_core.measure(p) for p in pieces]
        place, starts = layout.place(a.type, a.tz, a.promoted, sizes, WIDTH[a.type[0]])
        memory = bytearray(layout.size)
        for i, (p, (row, byte)) in enumerate(zip(pieces, starts, strict=True)):
            _core.put(p, memory, place, row, byte, i)
        out = pd.Series(_box.values(_core.view(memory, place, False), a.tz))
        pd.testing.assert_series_equal(out, pd.Series(column), obj=name)
