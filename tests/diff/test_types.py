"""The element types under the operations on columns: every pair against pandas, on 1, 2 and
3 ranks, with no row, with one, and with some. Each pair runs on one of the three numbers of
ranks, unless SHOAL_ALL_TYPES is set."""

import datetime
import os

import numpy as np
import pandas as pd
import pytest
from like import compiled, kind_of, outcome, same

import shoal

SIZES = (0, 1, 9)
ALL = bool(os.environ.get("SHOAL_ALL_TYPES"))  # else a third of the pairs each
INTS = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
FLOATS = ("float32", "float64")
WHOLE = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt32", "UInt64")
TIMES = ("M8[ns]", "M8[us]", "M8[s]")
DELTAS = ("m8[ns]", "m8[us]")
KINDS = (*INTS, *FLOATS, "bool", *WHOLE, "boolean", "str", "date", *TIMES, *DELTAS)
DAY = datetime.date(2024, 2, 28)


def values(kind: str, n: int, rng) -> pd.Series:
    """n of few different values, some of them missing where the type has that."""
    few, gone = rng.integers(0, 5, n), rng.random(n) < 0.3
    if kind in INTS:
        info = np.iinfo(kind)
        return pd.Series(np.array([0, 1, 7, info.max, info.min], kind)[few])
    if kind in FLOATS:
        return pd.Series(np.where(gone, np.nan, few / 4 - 0.5).astype(kind))
    if kind == "bool":
        return pd.Series(few > 2)
    if kind in WHOLE or kind == "boolean":
        plain = few > 2 if kind == "boolean" else few
        some = [None if g else x for g, x in zip(gone, plain, strict=True)]
        return pd.Series(pd.array(some, kind))
    if kind == "str":
        words = np.array(["", "b", "ab", "é", "z" * 40], object)[few]
        return pd.Series(np.where(gone, None, words), dtype="str")
    if kind == "date":
        days = [DAY + datetime.timedelta(days=int(d)) for d in few]
        return pd.Series(days, dtype=object)
    unit = kind[kind.index("[") :]
    a = (few * (86400 * 10**6 + 12345678)).astype("m8[us]").astype("m8" + unit)
    if kind in TIMES:
        a = (np.datetime64("2024-02-28T23:59:58") + a).astype(kind)
    return pd.Series(np.where(gone, np.array("NaT", a.dtype), a))


def frame(kind: str, n: int) -> pd.DataFrame:
    """v: the type's values; k: keys; m: a mask; u: other numbers."""
    rng = np.random.default_rng(3 + n)
    return pd.DataFrame(
        {
            "v": values(kind, n, rng),
            "k": rng.integers(0, 3, n),
            "m": rng.random(n) < 0.5,
            "u": np.arange(n)[::-1].copy(),
        }
    )


REDUCE = "sum mean min max var std prod median any all count nunique"
GROUP = "sum mean count size min max first last nunique var std prod median any all"
PARTS = (
    "year month day hour minute second microsecond nanosecond dayofweek dayofyear quarter "
    "date is_month_end days seconds microseconds"
)
# One expression of a frame `a` a line.
TEXTS = [
    "a[a.m]",
    "a.v.iloc[1:7:2]",
    "a.head(3)",
    "pd.concat([a, a[a.m]])",
    "pd.concat([a.v, a.v], ignore_index=True)",
    'a.merge(a[["v", "u"]].drop_duplicates("v"), on="v")',
    'a.merge(a[a.m][["v", "u"]], on="v", how="left")',
    'a.merge(a[a.m][["v", "u"]], on="v", how="outer")',
    'a[a.m].merge(a[["v", "u"]], on="v", how="right")',
    'a.merge(a[a.m][["k", "v"]], on="k", how="left")',
    'a[~a.m].merge(a[a.m][["k", "v"]], on="k", how="outer")',
    'a.sort_values("v", kind="stable")',
    'a.sort_values(["v", "u"], ascending=[False, True])',
    'a.sort_values("v", na_position="first", kind="stable")',
    "a.v.unique()",
    'a.drop_duplicates("v")',
    'a.drop_duplicates(["v", "m"], keep="last")',
    "a.v.drop_duplicates()",
    "a.v.duplicated()",
    "a.v.value_counts()",
    "a.v.value_counts(dropna=False)",
    "a.v.isin(a.v.head(2))",
    "a.v.isna()",
    "a.notna()",
    "a.dropna()",
    "a.v.fillna(a.v.max())",
    "a.v.shift(1)",
    "a.v.diff()",
    "a.v.cumsum()",
    "a.v.cummax()",
    "a.v.cummin()",
    "a.v == a.v.shift(1)",
    "a.v == a.v",
    "a.v < a.v.iloc[0]",
    "a.v + a.v",
    "a.v - a.v",
    "a.v * 2",
    "a.v / a.v",
    "a.v // a.v",
    "a.v % a.v",
    "-a.v",
    "~a.v",
    "a.v.abs()",
    "a.v.where(a.m)",
    "a.v.mask(a.m)",
    "a.v.where(a.m, a.v.iloc[0])",
    "a.v.map(lambda x: x)",
    "a.v.map(lambda x: x == x)",
    'a.groupby("v").u.sum()',
    'a.groupby("v", dropna=False).u.sum()',
    'a.groupby(["v", "m"], as_index=False).size()',
    'a.groupby("v", sort=False).u.max()',
    'a.groupby("k").agg(x=("v", "min"), y=("v", "count"))',
    "a.v.between(a.v.min(), a.v.max())",
    "a.v.nlargest(3)",
    "a.v.astype(str)",
    "a.v.to_numpy()",
    'a.set_index("v")',
    'a.set_index("v").reset_index()',
    "a.v.clip(a.v.min(), a.v.max())",
    "a.v.iloc[0]",
    *(f"a.v.{r}()" for r in REDUCE.split()),
    *(f'a.groupby("k").v.{g}()' for g in GROUP.split()),
    *(f"a.v.dt.{p}" for p in PARTS.split()),
    "a.v.dt.normalize()",
    "a.v.dt.total_seconds()",
]


def by_the_data(text: str, kind: str, n: int, want) -> bool:
    """Where pandas takes a dtype or an error from the values, not from the types."""
    if n == 0:  # of a column of no objects, of a function that is never called
        if kind == "date" or ".map(" in text or text == "~a.v":
            return True
        if "set_index" in text or (text == "a.v.shift(1)" and kind == "bool"):
            return True
    if kind == "date":  # what is missing among objects; the sum of one is that object
        some = any(w in text for w in ("where(a.m)", "mask(", "how=", "shift"))
        return some or (n == 1 and ".v." in text)
    if kind == "float32" and '"k").v.mean' in text:
        return True  # float64 where float32 would round
    if kind in WHOLE and ".map(lambda x: x)" in text:
        return True  # the narrowest type that holds the values
    if kind in WHOLE and text == "a.v.unique()":
        return True  # an array of ours is NumPy's
    if kind == "int64" and '"k").v.mean' in text:
        return True  # rounding beside the largest of numbers
    if kind == "M8[ns]" and "v.std" in text:
        return True  # nanoseconds that float64 does not tell apart
    # A sum of narrow integers is of a wider dtype where it does not fit.
    return '"k").v.sum' in text and want is not None and want.dtype != kind


def refused(kind: str, failure: Exception) -> bool:
    """What the reference says is not compiled."""
    if isinstance(failure, shoal.UnsupportedError):
        return any(
            words in str(failure)
            for words in (
                "a dtype that depends on zeros",
                "which joins them",
                "a column of Python objects",
                "the texts of a column times a number",
            )
        )
    return kind == "date" and isinstance(failure, TypeError)


def alike(got, want) -> None:
    if want is pd.NA:
        assert got is pd.NA
    elif isinstance(want, np.ndarray) and want.dtype == object:
        same(pd.Series(got, dtype=object), pd.Series(want, dtype=object))
    elif isinstance(want, np.float32 | float) and want != want:
        assert got != got
    elif isinstance(want, np.float32):
        assert type(got) is np.float32
        assert got == pytest.approx(want, rel=1e-6)
    elif isinstance(want, pd.api.extensions.ExtensionArray):
        plain = None if want.dtype.kind in "Mm" else object
        alike(np.asarray(got, plain), np.asarray(want, plain))
    else:
        same(got, want)


@pytest.fixture(scope="module")
def functions(tmp_path_factory):
    """The expressions as functions of a file, so that they have a source."""
    import importlib.util

    file = tmp_path_factory.mktemp("types") / "type_ops.py"
    lines = ["import pandas as pd"]
    for i, text in enumerate(TEXTS):
        lines.append(f"def op{i}(a):\n    return {text}")
    file.write_text("\n".join(lines))
    spec = importlib.util.spec_from_file_location("type_ops", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {text: getattr(module, f"op{i}") for i, text in enumerate(TEXTS)}


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_like_pandas(ranks, functions, text):
    f = functions[text]
    run = compiled(f, ranks)
    for k, kind in enumerate(KINDS):
        if not ALL and (TEXTS.index(text) + k + ranks) % 3:
            continue
        for n in SIZES:
            args = [frame(kind, n)]
            want, _, error = outcome(f, args)
            if by_the_data(text, kind, n, want):
                continue
            got, _, failure = outcome(run, args)
            where = f"{text} of {n} {kind}"
            if failure is not None and refused(kind, failure):
                continue
            if error is None:
                assert failure is None, f"{where}: {failure!r}"
                try:
                    alike(got, want)
                except AssertionError as e:
                    raise AssertionError(f"{where}: {e}") from None
            else:
                assert failure is not None, f"{where}: {got!r}, not {error!r}"
                wanted = kind_of(failure) == kind_of(error)
                assert wanted or isinstance(error, type(failure)), (
                    f"{where}: {failure!r}, not {error!r}"
                )
