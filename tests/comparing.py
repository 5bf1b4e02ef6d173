"""For the programs that tests start (programs.py): what a function gives beside what plain
Python gives. `from comparing import outcome, same, whole`."""

import copy
import linecache

import numpy as np
import pandas as pd

import shoal

COMMON = (ArithmeticError, LookupError, TypeError, ValueError)


def outcome(f, *args):
    """The result of a call on copies of the arguments, or the exception's type and first
    line."""
    try:
        return f(*copy.deepcopy(args))
    except (*COMMON, pd.errors.IndexingError) as e:
        return type(e), str(e).splitlines()[0]


def whole(x):
    """All rows of what is this rank's chunk."""
    return shoal.allgatherv(x) if getattr(x, "_shoal_dist", "") else x


def same(got, want) -> bool:
    """The same values up to rounding, in the same shapes and dtypes."""
    if isinstance(want, tuple | list):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, pd.Series | pd.DataFrame):
        got = whole(got)
        if isinstance(want, pd.DataFrame):
            pd.testing.assert_frame_equal(pd.DataFrame(got), want)
        else:
            pd.testing.assert_series_equal(pd.Series(got), want)
        return True
    if isinstance(want, np.ndarray):
        got = whole(got)
        alike = (got.dtype, got.shape) == (want.dtype, want.shape)
        if want.dtype.kind in "mM":  # NaT is no NaT
            return alike and np.array_equal(got.view("i8"), want.view("i8"))
        exact = want.dtype.kind not in "fc"
        return alike and (
            np.array_equal(got, want)
            if exact
            else np.allclose(got, want, equal_nan=True)
        )
    if isinstance(want, np.datetime64 | np.timedelta64):
        return bool(
            got.dtype == want.dtype and (got == want or np.isnat([got, want]).all())
        )
    if isinstance(want, float | complex):
        return bool(np.isclose(got, want, equal_nan=True))
    return bool(got == want)


def compiled(source: str, file: str, ranks: int):
    """The function f of a text, and the same compiled: rows split only on several ranks."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    space = {"np": np}
    exec(compile(source, file, "exec"), space)
    f = space["f"]
    return f, shoal.jit(f) if ranks > 1 else shoal.jit(f, distributed=False)
