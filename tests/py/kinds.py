"""Values of every type that rows can have, and what of them must be the same after a move:
for programs that tests start. `from kinds import alike, kinds, rows, take`."""

import datetime
import decimal

import numpy as np
import pandas as pd

_NUMBERS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64"
_NULLABLE = "Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float32 Float64"


def _numbers(k) -> dict:
    out = {}
    for t in _NUMBERS.split():
        out[f"array {t}"] = k.astype(t)
        out[f"Series {t}"] = pd.Series(k.astype(t), name="x")
        out[f"Index {t}"] = pd.Index(k.astype(t), name="x")
    for t in ("complex64", "complex128"):
        out[f"array {t}"] = k.astype(t)
    out["2-d"] = np.stack([k, k + 1, k + 2], axis=1)
    out["3-d, column by column"] = np.asfortranarray(np.stack([out["2-d"]] * 2, axis=1))
    out["2-d of no columns"] = np.zeros((len(k), 0))
    out["Index named by a number"] = pd.Index(k * 2, name=3)
    out["RangeIndex"] = pd.RangeIndex(5, 5 + 2 * len(k), 2, name="r")
    out["falling RangeIndex"] = pd.RangeIndex(5, 5 - 3 * len(k), -3)
    return out


def _nullable(k) -> dict:
    out = {}
    for t in (*_NULLABLE.split(), "boolean"):
        cls = bool if t == "boolean" else int
        a = pd.array([None if i % 3 == 1 else cls(i % 2) for i in k], dtype=t)
        out[f"pd.array {t}"] = a
        out[f"Series {t}"] = pd.Series(a)
        out[f"Index {t}"] = pd.Index(a)
    return out


def _texts(k) -> dict:
    text = [f"t{i}" for i in k]
    s = pd.array([None if i == 3 else t for i, t in zip(k, text, strict=True)], "str")
    return {
        "pd.array str": s,
        "Series str": pd.Series(s, name="s"),
        "Index str": pd.Index(s, name="s"),
        "array of text": np.array(text, dtype="<U4"),
    }


def _times(k) -> dict:
    out = {}
    for u in ("s", "ms", "us", "ns"):
        times = (np.datetime64("2020-01-30") + k).astype(f"M8[{u}]")
        out[f"array M8[{u}]"] = times
        out[f"array m8[{u}]"] = k.astype(f"m8[{u}]")
        out[f"Series M8[{u}]"] = pd.Series(times)
        out[f"Index M8[{u}]"] = pd.DatetimeIndex(times, name="d")
        out[f"Index m8[{u}]"] = pd.TimedeltaIndex(k.astype(f"m8[{u}]"), name="d")
    zoned = out["Index M8[us]"].tz_localize("Asia/Tokyo")
    out["zoned Index"], out["zoned Series"] = zoned, pd.Series(zoned, name="z")
    out["zoned pd.array"] = zoned.array
    return out


def freqs(n: int) -> dict:
    """Times at equal distances."""
    days = pd.date_range("2020-01-30", periods=n)
    paris = pd.date_range("2020-03-28", periods=n, tz="Europe/Paris")
    frame = pd.DataFrame({"k": np.arange(n)})
    return {
        "days": days,
        "2 hours": pd.date_range("2020-01-01", periods=n, freq="2h", name="h"),
        "months": pd.date_range("2020-01-31", periods=n, freq="ME"),
        "zoned days": paris,
        "days of UTC": pd.date_range("2020-01-30", periods=n, tz="UTC", unit="ns"),
        "timedeltas": pd.timedelta_range("1D", periods=n),
        "Series by days": pd.Series(np.arange(n), index=days),
        "frame by days": frame.set_index(days),
        "frame by zoned days": frame.set_index(paris),
        "frame by timedeltas": frame.set_index(pd.timedelta_range("1D", periods=n)),
    }


def _categories(k) -> dict:
    make = pd.Categorical.from_codes
    few, none = k % 3, np.full(len(k), -1)
    out = {
        "pd.Categorical": make(few, ["z", "a", "k"]),
        "CategoricalIndex": pd.CategoricalIndex(make(few, ["z", "a", "k"]), name="c"),
        "ordered": make(few, ["z", "a", "k"], ordered=True),
        "unused": make(k % 2, ["z", "a", "k", "unused"]),
        "of int64": make(few, [30, 10, 20]),
        "of int8": make(few, pd.Index([30, 10, 20], dtype="int8")),
        "of float64": make(few, [0.5, 1.5, 2.5]),
        "of times": make(few, pd.DatetimeIndex(["2020", "2022", "2021"])),
        "of bools": make(k % 2, [True, False]),
        "with missing": make(few - 1, ["z", "a", "k"]),
        "many": make(few, [f"c{i}" for i in range(300)]),
    }
    for t in ("str", "int64", "M8[ns]", "float64"):
        out[f"none of {t}"] = make(none, pd.Index([], dtype=t))
    whole = ("pd.Categorical", "CategoricalIndex")
    return {
        n if n in whole else f"categories {n}": v if n in whole else pd.Series(v)
        for n, v in out.items()
    }


def _frames(k) -> dict:
    f = pd.DataFrame({"k": k, "f": k / 4, "b": k % 2 == 0}).assign(
        s=_texts(k)["pd.array str"],
        m=_nullable(k)["pd.array Int64"],
        t=(np.datetime64("2020-02-28") + k).astype("M8[us]"),
        c=pd.Categorical.from_codes(k % 3, ["z", "a", "k"]),
    )
    two = f[["k", "f"]]
    arrays = [f.c, pd.DatetimeIndex(f.t).tz_localize("Asia/Tokyo")]
    return {
        "frame": f,
        "by a range": f.set_index(pd.RangeIndex(5, 5 + 2 * len(k), 2, name="r")),
        "by text": f.set_index("s"),
        "by category": f.set_index("c"),
        "by two levels": f.set_index(["k", "s"]),
        "by category and time": f.set_index(["c", "t"]),
        "MultiIndex": pd.MultiIndex.from_arrays([k, f.s], names=["k", None]),
        "MultiIndex of a category": pd.MultiIndex.from_arrays(arrays, names=["c", "z"]),
        "named columns": f.rename_axis(columns="names"),
        "columns of numbers": two.set_axis([7, 3], axis=1),
        "columns 0, 1": two.set_axis([0, 1], axis=1),
        "the same name twice": two.set_axis(["a", "a"], axis=1),
        "no columns": f[[]],
        "Series named by a number": pd.Series(k, name=3),
    }


def kinds(n: int) -> dict:
    """n rows of every type that columns can have; all rows are told apart by contents."""
    k = np.arange(n)
    parts = _numbers(k), _nullable(k), _texts(k), _times(k), _categories(k), _frames(k)
    return {name: v for part in parts for name, v in part.items()} | freqs(n)


def objects(n: int) -> dict:
    """What only Python code moves: compiled functions make other types of it, or refuse
    it."""
    k, text = np.arange(n), [f"t{i}" for i in range(n)]
    days = pd.date_range("2020-01-30", periods=n)
    few = ["one", "two", "three"]
    values = {
        "text": text,
        "None": [None] * n,
        "mixed": [i if i % 2 else f"t{i}" for i in range(n)],
        "dates": [d.date() for d in days],
        "timedeltas": [datetime.timedelta(i) for i in range(n)],
        "bytes": [t.encode() for t in text],
        "decimals": [decimal.Decimal(i) for i in range(n)],
        "lists": [[i] for i in range(n)],
    }
    two = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")], names=["p", "q"])
    frame = pd.DataFrame({"k": k, "f": k / 4})
    out = {f"objects: {n}": pd.Series(v, dtype=object) for n, v in values.items()}
    for t in ("string[pyarrow]", "string[python]"):
        out[t] = pd.Series(pd.array(text, dtype=t))
    out |= {
        "text of Python": pd.Series(text, dtype=pd.StringDtype("python", np.nan)),
        "Index of objects": pd.Index(text, dtype=object),
        "array of objects": np.array(text, dtype=object),
        "periods": pd.period_range("2020-01", periods=n, freq="M"),
        "intervals": pd.interval_range(0, periods=n),
        "Series of periods": pd.Series(pd.period_range("2020-01", periods=n, freq="M")),
        "Series of intervals": pd.Series(pd.interval_range(0, periods=n)),
        "sparse": pd.Series(pd.arrays.SparseArray(k)),
        "frame by periods": frame.set_index(
            pd.period_range("2020", periods=n, freq="D")
        ),
        "columns of two levels": frame.set_axis(two, axis=1),
        "columns of objects": frame.set_axis(
            pd.Index(["a", "b"], dtype=object), axis=1
        ),
        "an object column": frame.assign(o=np.array(text, dtype=object)),
        "named by a tuple": pd.Series(k, name=("a", 1)),
        "zone without a name": pd.date_range(
            "2020", periods=n, tz=datetime.timezone(datetime.timedelta(hours=2))
        ),
    }
    categories = {
        "objects": pd.Index(few, dtype=object),
        "Int64": pd.array([3, 1, 2], dtype="Int64"),
        "intervals": pd.interval_range(0, periods=3),
        "days": pd.date_range("2020", periods=3),
        "zoned times": pd.date_range("2020", periods=3, tz="UTC"),
    }
    for name, c in categories.items():
        out[f"categories of {name}"] = pd.Series(pd.Categorical.from_codes(k % 3, c))
    for v in (frame.copy(), pd.Series(k, name="x")):
        v.attrs["unit"] = "km"
        out[f"{type(v).__name__} with attrs"] = v
    return out


def rows(v, start: int, stop: int):
    return v.iloc[start:stop] if hasattr(v, "iloc") else v[start:stop]


def take(v, order):
    """Rows in another order, at no equal distances."""
    v = v.iloc[order] if hasattr(v, "iloc") else v[order]
    if isinstance(v, pd.RangeIndex):
        return pd.Index(np.asarray(v), name=v.name)
    labels = v if isinstance(v, pd.Index) else getattr(v, "index", None)
    if isinstance(labels, pd.DatetimeIndex | pd.TimedeltaIndex):
        labels.freq = None
    return v


def alike(got, want, what: str) -> None:
    """AssertionError unless all of a value is what it should be."""
    assert isinstance(got, type(want)), f"{what}: a {type(got).__name__}"
    if isinstance(want, np.ndarray):
        got = np.asarray(got)
        assert (got.dtype, got.shape) == (want.dtype, want.shape), what
        np.testing.assert_array_equal(got, want, err_msg=what)
        return
    if isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want, obj=what)
        columns = got.columns.dtype, got.columns.names
        assert columns == (want.columns.dtype, want.columns.names), what
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want, obj=what)
    elif isinstance(want, pd.Index):
        pd.testing.assert_index_equal(got, want, exact="equiv", obj=what)
    else:
        pd.testing.assert_extension_array_equal(got, want, obj=what)
    for of in (lambda v: v, lambda v: getattr(v, "index", None)):
        assert getattr(of(got), "freq", None) == getattr(of(want), "freq", None), what
    assert getattr(got, "attrs", {}) == getattr(want, "attrs", {}), what
