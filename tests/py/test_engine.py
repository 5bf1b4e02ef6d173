"""shoal.jit as the engine of pandas' own calls, and whether code is compiled."""

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = pytest.mark.usefixtures("ranks")
DF = pd.DataFrame({"A": np.arange(5), "B": np.arange(5) * 0.5})


def both(r):
    return r.A + r.B


def more(r, k, m=1):
    return r.B * k + m


def test_apply():
    got = DF.apply(both, axis=1, engine=shoal.jit)
    pd.testing.assert_series_equal(pd.Series(got), DF.apply(both, axis=1))
    got = DF.apply(more, axis=1, args=(3,), m=5, engine=shoal.jit)
    want = DF.apply(more, axis=1, args=(3,), m=5)
    pd.testing.assert_series_equal(pd.Series(got), want)
    engine = shoal.jit(distributed=False)
    got = DF.apply(shoal.jit(both), axis=1, engine=engine)
    pd.testing.assert_series_equal(got, DF.apply(both, axis=1))


def test_map():
    got = DF.A.map(lambda x: x * 2.5, engine=shoal.jit)
    pd.testing.assert_series_equal(pd.Series(got), DF.A * 2.5)


def test_is_jit_execution():
    def ask():
        return shoal.is_jit_execution()

    assert shoal.jit(ask)() is True
    assert ask() is False
