"""One element of each row, a[i, j], read and written: what NumPy gives, and the rows stay on
their ranks."""

import numpy as np
import pytest
from language import outcome, same

import shoal

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
rng = np.random.default_rng(7)


def read(a, y):
    n = np.arange(len(y))
    return a[n, y], a[y, y], a[n[::-1], y], (a * 2)[n, y], a[n, -1 - y]


def one_hot(y, k):
    out = np.zeros((len(y), k))
    out[np.arange(len(y)), y] = 1
    each = np.zeros((len(y), k), np.int32)
    each[np.arange(len(y)), k - 1 - y] = y * 2
    return out, each, out.sum(axis=0)


def best(a):
    at = a.argmax(axis=1)
    return a[np.arange(len(a)), at], np.take_along_axis(a, at[:, None], axis=1)


@pytest.mark.filterwarnings("ignore:No parallelism", "ignore:Mean of empty")
@pytest.mark.parametrize("n", [0, 1, 2, 12])
def test_like_numpy(n):
    a, y = rng.normal(size=(n, 4)), rng.integers(0, 4, n)
    rows = np.minimum(y, max(n - 1, 0))
    for f, args in (
        (read, (a, rows)),
        (read, (a[:, :2] * 1, rows)),  # a column that is not there, for some
        (one_hot, (y, 4)),
        (one_hot, (y, 3)),
        (best, (a,)),
    ):
        want, got = outcome(f, args), outcome(shoal.jit(f), args)
        assert same(got, want), (f, n, got, want)


@pytest.mark.parametrize("f", [read, one_hot])
def test_the_rows_stay(f, ranks):
    y = rng.integers(0, 2, 9)
    args = (rng.normal(size=(9, 4)), y) if f is read else (y, 4)
    jitted = shoal.jit(f)
    jitted(*args)
    assert ranks == 1 or "any place" not in str(jitted.explain()), jitted.explain()
