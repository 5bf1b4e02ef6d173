"""Running a function compiled and plain, and comparing what they give."""

import numpy as np
import pandas as pd
import pytest

import shoal

_jitted = {}


def compiled(f, ranks: int):
    key = (f, ranks == 1)
    if key not in _jitted:
        options = {"distributed": False} if ranks == 1 else {}
        _jitted[key] = shoal.jit(f, **options)
    return _jitted[key]


def outcome(f, args):
    """(result, the arguments after the call, None) or (None, None, exception)."""
    args = [a.copy() for a in args]
    try:
        return f(*args), args, None
    except Exception as e:
        return None, None, e


def same(got, want) -> None:
    if isinstance(want, tuple):
        assert isinstance(got, tuple) and len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, pd.DataFrame):
        got = pd.DataFrame(got)
        pd.testing.assert_frame_equal(
            got, want, check_freq=False, rtol=1e-12, check_column_type="equiv"
        )
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(
            pd.Series(got), want, check_freq=False, rtol=1e-12
        )
    elif isinstance(want, np.ndarray | pd.api.extensions.ExtensionArray):
        got, want = np.asarray(got), np.asarray(want)
        assert got.dtype.kind == want.dtype.kind or want.dtype.kind in "UO"
        if want.dtype.kind == "f":
            np.testing.assert_allclose(got, want, rtol=1e-12)
        else:
            np.testing.assert_array_equal(got, want)
    elif want is None or want is pd.NaT:
        assert got is want
    elif isinstance(want, bool | int | float | np.number | np.bool_):
        # pandas gives Python's nan or NumPy's by the data: for no rows, for example.
        alike = type(got) is type(want) or (want != want and isinstance(got, float))
        assert alike, f"{type(got)} instead of {type(want)}"
        assert got == pytest.approx(want, rel=1e-12, nan_ok=True)
    else:
        assert got == want, f"{got!r} for {want!r}"


def kind_of(e) -> str:
    return type(e).__name__
