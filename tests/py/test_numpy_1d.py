"""NumPy's functions of one-dimensional arrays, against NumPy, on 1, 2 and 3 ranks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shoal

pytestmark = pytest.mark.usefixtures("ranks")
NAN = np.nan


def compare(func, *args, rtol=1e-13):
    """func is the same when compiled, on any number of ranks: values, dtypes, errors."""
    try:
        want = func(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
    except Exception as e:
        want = e
    if isinstance(want, Exception):
        with pytest.raises(type(want)) as got:
            shoal.jit(func)(*args)
        assert str(got.value).splitlines()[0] == str(want)
        return
    got = shoal.jit(func)(*(a.copy() if isinstance(a, np.ndarray) else a for a in args))
    same(got, want, rtol)


def same(got, want, rtol):
    if isinstance(want, tuple):
        assert isinstance(got, tuple) and len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            same(a, b, rtol)
        return
    a, b = np.asarray(got), np.asarray(want)
    assert a.dtype == b.dtype and a.shape == b.shape, (
        a.dtype,
        b.dtype,
        a.shape,
        b.shape,
    )
    if a.dtype.kind == "f":
        narrow = a.dtype == np.float32  # NumPy makes them in float32, we in float64
        np.testing.assert_allclose(a, b, rtol=1e-6 if narrow else rtol, atol=1e-300)
    else:
        np.testing.assert_array_equal(a, b)


A = np.array([3.0, -1.5, NAN, 2.0, 2.0, -0.0, 0.0, 9.25, NAN, -7.0])
B = np.array([5, 3, 3, -2, 8, 0, 5, 5, 11], np.int64)
C = np.array([200, 3, 3, 250, 8, 0, 0], np.uint8)
D = np.array([0.5, 1.5, 1.5, -3.0], np.float32)
E = np.array([True, False, True, True, False])
ARRAYS = {"float": A, "int": B, "uint8": C, "float32": D, "bool": E}
ARRAYS |= {
    "none": np.zeros(0),
    "one": np.array([4.0]),
    "two": np.array([2, 1]),
    "large": np.random.default_rng(3).integers(-50, 50, 3001),
    "real": np.random.default_rng(4).normal(size=2000),
}


@pytest.fixture(params=ARRAYS)
def array(request):
    return ARRAYS[request.param]


def ordered(a):
    return np.sort(a), np.argsort(a, kind="stable"), a.argsort(kind="stable")


def test_sort(array):
    compare(ordered, array)


def in_place(a):
    b = a * 1
    b.sort()
    return b, np.histogram_bin_edges(a, bins=3), np.array_equiv(a, b)


def test_sort_in_place():
    for name in ("int", "real", "one"):
        compare(in_place, ARRAYS[name])


def distinct(a):
    u, i, inv, n = np.unique(
        a, return_index=True, return_inverse=True, return_counts=True
    )
    return np.unique(a), u, i, inv, n


def test_unique(array):
    compare(distinct, array)


def found(a, v):
    s = np.sort(a)
    return (
        np.searchsorted(s, v),
        np.searchsorted(s, v, side="right"),
        s.searchsorted(v),
        np.searchsorted(s, 3),
        np.searchsorted(s, 2.5, side="right"),
    )


def test_searchsorted(array):
    for other in (A, B, D):
        compare(found, array, other)


def by_sorter(a, v):
    return np.searchsorted(a, v, sorter=np.argsort(a, kind="stable"))


def binned(x, edges):
    return (
        np.digitize(x, edges),
        np.digitize(x, edges, right=True),
        np.digitize(2.0, edges),
    )


@pytest.mark.parametrize(
    "edges", [[-2.0, 0.0, 2.0, 5.0], [5.0, 2.0, 2.0, -2.0], [1.0], [1.0, 3.0, 2.0]]
)
def test_digitize(array, edges):
    compare(binned, array, np.array(edges))


def sets(a, b):
    return (
        np.intersect1d(a, b),
        np.union1d(a, b),
        np.setdiff1d(a, b),
        np.setxor1d(a, b),
        np.isin(a, b),
        np.isin(a, b, invert=True),
    )


def test_sets(array):
    for other in (np.array([3, 5, 0, -7, 77]), np.array([2.0, 0.5, 3.0])):
        compare(sets, array, other)


def isin_list(a):
    return np.isin(a, [3, 5, 0]), np.isin(3, a), np.isin(99, a)


def test_isin_of_a_list(array):
    compare(isin_list, array)


def positions(a):
    return (
        np.nonzero(a),
        np.flatnonzero(a),
        a.nonzero(),
        np.where(a),
        np.flatnonzero(a > 1),
    )


def test_positions(array):
    compare(positions, array)


METHODS = (
    "linear lower higher nearest midpoint inverted_cdf averaged_inverted_cdf "
    "closest_observation interpolated_inverted_cdf hazen weibull median_unbiased "
    "normal_unbiased"
).split()


def quantiles_of(a, q):
    return np.quantile(a, q), np.percentile(a, 100 * q)


def all_methods(a):
    return (
        np.quantile(a, 0.3, method="linear"),
        np.quantile(a, 0.3, method="lower"),
        np.quantile(a, 0.3, method="higher"),
        np.quantile(a, 0.3, method="nearest"),
        np.quantile(a, 0.3, method="midpoint"),
        np.quantile(a, 0.3, method="inverted_cdf"),
        np.quantile(a, 0.3, method="averaged_inverted_cdf"),
        np.quantile(a, 0.3, method="closest_observation"),
        np.quantile(a, 0.3, method="interpolated_inverted_cdf"),
        np.quantile(a, 0.3, method="hazen"),
        np.quantile(a, 0.3, method="weibull"),
        np.quantile(a, 0.3, method="median_unbiased"),
        np.quantile(a, 0.3, method="normal_unbiased"),
    )


def some_quantiles(a):
    q = np.array([0.0, 0.25, 0.5, 0.99, 1.0])
    return np.quantile(a, q), np.percentile(a, [5.0, 95.0]), np.quantile(a, [0.5])


NUMBERS = [A[~np.isnan(A)], A, B, C, D, np.array([4.0]), np.array([2, 1]), np.zeros(0)]


@pytest.mark.parametrize("a", NUMBERS, ids=range(len(NUMBERS)))
def test_quantiles(a):
    for q in (0.0, 0.1, 0.5, 1.0):
        compare(quantiles_of, a, q)
    compare(all_methods, a)
    compare(some_quantiles, a)


def nan_quantiles(a):
    return (
        np.nanmedian(a),
        np.nanquantile(a, 0.3),
        np.nanpercentile(a, [10.0, 60.0]),
    )


def test_nan_quantiles():
    for a in (A, B, D):
        compare(nan_quantiles, a)


QUANTILES, ALL_METHODS = shoal.jit(quantiles_of), shoal.jit(all_methods)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0, 1))
def test_any_quantile(values, q):
    a = np.array(values)
    same(QUANTILES(a, q), quantiles_of(a, q), 1e-12)
    same(ALL_METHODS(a), all_methods(a), 1e-12)


def test_bad_quantiles():
    compare(lambda a, q: np.percentile(a, q), A, 101.0)
    compare(lambda a, q: np.quantile(a, q), A, -0.5)


def counted(x, w, n):
    return np.bincount(x), np.bincount(x, minlength=n), np.bincount(x, weights=w)


def test_bincount():
    x = np.random.default_rng(1).integers(0, 9, 400)
    compare(counted, x, np.arange(400.0), 20)
    compare(counted, np.array([3, 1], np.uint8), np.array([0.5, 2.0]), 0)
    compare(lambda x: np.bincount(x, minlength=4), np.zeros(0, np.int64))
    compare(lambda x: np.bincount(x), np.array([1, -1, 3]))
    compare(counted, x, np.arange(3.0), 20)
    compare(counted, x, np.arange(400.0), -20)


def histograms(a):
    return (
        *np.histogram(a),
        *np.histogram(a, bins=4),
        *np.histogram(a, bins=7, range=(-3.0, 5.0)),
        *np.histogram(a, bins=3, range=(0, 5), density=True),
        *np.histogram(a, bins=[-5, 0, 1, 1, 20]),
    )


@pytest.mark.parametrize(
    "name", ["int", "uint8", "float32", "one", "two", "large", "real"]
)
def test_histogram(name):
    compare(histograms, ARRAYS[name])


def test_histogram_errors():
    compare(lambda a: np.histogram(a, bins=0), B)
    compare(lambda a: np.histogram(a, bins=[3, 1]), B)
    compare(lambda a: np.histogram(a, range=(3, 1)), B)
    compare(lambda a: np.histogram(a), np.zeros(0))
    compare(lambda a, w: np.histogram(a, weights=w), B, np.arange(9.0))


def differences(a):
    return np.diff(a), np.diff(a, n=2), np.ediff1d(a), np.diff(a, n=0)


def test_diff(array):
    if array.dtype == bool:
        compare(lambda a: np.diff(a), array)
    else:
        compare(differences, array)


def slopes(a):
    return np.gradient(a), np.gradient(a, 0.5)


def test_gradient():
    for a in (B, A, ARRAYS["real"], ARRAYS["two"], ARRAYS["one"]):
        compare(slopes, a)


def areas(y, x):
    return np.trapezoid(y), np.trapezoid(y, dx=0.25), np.trapezoid(y, x)


def test_trapezoid():
    for n in (1, 2, 9, 500):
        y = np.random.default_rng(n).normal(size=n)
        compare(areas, y, np.arange(n) ** 1.5, rtol=1e-11)


def interpolated(x, xp, fp):
    return (
        np.interp(x, xp, fp),
        np.interp(x, xp, fp, left=-1.0, right=7.0),
        np.interp(1.25, xp, fp),
    )


def test_interp():
    xp, fp = np.array([-2.0, 0.0, 1.0, 4.0]), np.array([1.0, 3.0, -1.0, 2.0])
    for x in (A, B, np.zeros(0)):
        compare(interpolated, x, xp, fp)
    compare(interpolated, A, xp[:1], fp[:1])
    compare(interpolated, A, xp[:0], fp[:0])
    compare(interpolated, A, xp, fp[:2])


def convolved(a, v):
    return (
        np.convolve(a, v),
        np.convolve(a, v, mode="same"),
        np.convolve(a, v, "valid"),
    )


def test_convolve():
    real = ARRAYS["real"][:50]
    for a, v in [
        (B, B[:3]),
        (B[:2], B),
        (real, B),
        (real, real[:7]),
        (C, C[:2]),
        (B, B[:0]),
        (B[:0], B),
    ]:
        compare(convolved, a, v, rtol=1e-11)


def clipped(a):
    return np.clip(a, 1, 5), np.clip(a, None, 3), np.clip(a, 2, None), a.clip(0, 2)


def test_clip(array):
    if array.dtype != bool:
        compare(clipped, array)


def selected(a):
    return np.select([a > 3, a < 0], [a * 2, a + 10]), np.select([a > 3], [a], -1)


def test_select():
    compare(selected, A)
    compare(selected, B)
    compare(lambda a: np.select([a > 3, a < 3], [a]), B)


def near(a, b):
    return (
        np.isclose(a, b),
        np.allclose(a, b),
        np.isclose(a, b, equal_nan=True),
        np.allclose(a, b, atol=10, rtol=0.5),
        np.isclose(a, 2.0),
    )


def test_isclose():
    for b in (A, A + 1e-9, A + 1):
        compare(near, A, b)


def equals(a, b):
    return (
        np.array_equal(a, b),
        np.array_equal(a, a),
        np.array_equal(a, b, equal_nan=True),
    )


def test_array_equal():
    for a, b in [(A, A.copy()), (B, B.copy()), (B, B + 1), (B, B[:3]), (B, B * 1.0)]:
        compare(equals, a, b)


def averages(a, w):
    return np.average(a), np.average(a, weights=w)


def test_average():
    compare(averages, B, np.arange(9.0))
    compare(averages, B, np.zeros(9))
    compare(lambda a, w: np.average(a, weights=w, returned=True), B, np.ones(9))


def stays_distributed(n):
    a = np.arange(n) * 7 % 101
    u, k = np.unique(a, return_counts=True)
    h, _ = np.histogram(a * 0.5, bins=8)
    return (
        u.sum(),
        k.max(),
        h,
        np.median(a * 1.0),
        np.diff(a).sum(),
        np.isin(a, [3, 5]).sum(),
    )


def test_made_on_ranks():
    compare(stays_distributed, 10_000)
    compare(stays_distributed, 1)
