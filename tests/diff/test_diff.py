"""Every call of cases.py on random data: pandas' values, dtypes, index, order or exception,
on 1, 2 and 3 ranks."""

import numpy as np
import pandas as pd
import pytest
from cases import CASES
from data import inputs
from hypothesis import HealthCheck, given, settings

import shoal

RANKS = (1, 2, 3)
ALL = [(name, i, f) for name, fs in CASES.items() for i, f in enumerate(fs)]
_jitted = {}


@pytest.fixture(scope="session", params=RANKS, ids=lambda n: f"ranks{n}")
def ranks(request):
    """1: in this process; more: the pool."""
    import os

    old = os.environ.get("SHOAL_NUM_WORKERS")
    os.environ["SHOAL_NUM_WORKERS"] = str(request.param)
    yield request.param
    if old is None:
        del os.environ["SHOAL_NUM_WORKERS"]
    else:
        os.environ["SHOAL_NUM_WORKERS"] = old


def compiled(f, ranks: int):
    key = (f, ranks == 1)
    if key not in _jitted:
        options = {"distributed": False} if ranks == 1 else {}
        _jitted[key] = shoal.jit(f, **options)
    return _jitted[key]


def outcome(f, args):
    """(result, None) or (None, exception)."""
    try:
        return f(*(a.copy() for a in args)), None
    except Exception as e:
        return None, e


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
        pd.testing.assert_series_equal(pd.Series(got), want, check_freq=False, rtol=1e-12)
    elif isinstance(want, np.ndarray | pd.api.extensions.ExtensionArray):
        got, want = np.asarray(got), np.asarray(want)
        assert got.dtype.kind == want.dtype.kind or want.dtype.kind in "UO"
        if want.dtype.kind == "f":
            np.testing.assert_allclose(got, want, rtol=1e-12)
        else:
            np.testing.assert_array_equal(got, want)
    elif want is None or want is pd.NaT:
        assert got is want
    elif isinstance(want, float) and want != want:
        assert got != got, f"{got!r} for nan"
    elif isinstance(want, float):
        assert isinstance(got, float), f"{got!r} for {want!r}"
        assert got == pytest.approx(want, rel=1e-12)
    else:
        assert got == want and isinstance(got, bool | np.bool_) == isinstance(
            want, bool | np.bool_
        ), f"{got!r} for {want!r}"


def kind_of(e) -> str:
    return type(e).__name__


@pytest.mark.parametrize("case", ALL, ids=[f"{n}-{i}" for n, i, _ in ALL])
def test_like_pandas(ranks, case):
    _, _, f = case
    two = f.__code__.co_argcount == 2
    run = compiled(f, ranks)

    @settings(
        max_examples=6,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs())
    def check(pair):
        args = pair if two else pair[:1]
        if hasattr(f, "when") and not f.when(pair[0]):
            return
        want, error = outcome(f, args)
        got, failure = outcome(run, args)
        if error is None and failure is not None:
            raise failure
        if error is not None:
            assert failure is not None, f"{got!r} instead of {error!r}"
            assert kind_of(failure) == kind_of(error), f"{failure!r} instead of {error!r}"
            return
        same(got, want)

    check()
