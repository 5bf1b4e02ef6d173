"""What programs for Numba use beside jit and prange: vectorize, typed, types, error_model."""

import numpy as np
import pandas as pd
import pytest

import shoal


@shoal.vectorize
def clipped(x):
    if x < 0:
        return 0.0
    if x > 1:
        return 1.0
    return x


@shoal.vectorize(["float64(float64, float64)"], nopython=True)
def added(a, b):
    return a + b


def same(got, want):
    assert type(got) is type(want)
    if isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    else:
        np.testing.assert_array_equal(got, want)
        assert np.asarray(got).dtype == np.asarray(want).dtype


def test_vectorize(ranks):
    x = np.linspace(-1, 2, 7)
    same(clipped(x), np.clip(x, 0, 1))
    same(clipped(3.5), 1.0)
    rows = pd.Series(x, index=list("abcdefg"), name="x")
    same(clipped(rows)[:], rows.clip(0, 1))
    same(
        added(np.arange(3), np.arange(6).reshape(2, 3)),
        np.array([[0.0, 2, 4], [3, 5, 7]]),
    )
    same(added(1, 2), np.float64(3.0))

    @shoal.jit
    def inside(x, k):
        return clipped(x) + added(x, k), added(k, k)

    got = inside(x, 2)
    same(got[0], np.clip(x, 0, 1) + x + 2)
    same(got[1], np.float64(4.0))


def test_vectorize_of_nothing(ranks):
    same(added(np.zeros(0), 2), np.zeros(0))
    same(added(np.zeros((0, 3)), np.arange(3)), np.zeros((0, 3)))
    same(
        added(pd.Series([], dtype=float, name="k"), 2)[:],
        pd.Series([], dtype=float, name="k"),
    )


def test_vectorize_of_what_is_no_function():
    with pytest.raises(TypeError, match="a Python function"):
        shoal.vectorize(np.add)
    with pytest.raises(TypeError, match="no option 'speed'"):
        shoal.vectorize(speed=1)(lambda x: x)


def test_typed_containers():
    def made(n):
        lst, d = (
            shoal.typed.List(),
            shoal.typed.Dict.empty(
                key_type=shoal.types.int64, value_type=shoal.float64
            ),
        )
        for i in range(n):
            lst.append(i * 0.5)
            d[i % 3] = lst[i]
        empty = shoal.typed.List.empty_list(shoal.int64)
        empty.append(n)
        return lst, d, empty, shoal.typed.List([1, 2]), shoal.typed.Dict({"a": 1})

    assert shoal.jit(made)(7) == made(7)


def test_division_by_zero_as_in_numpy():
    def divided(a, b, k, m):
        return a / b, -a / b, a // b, a % b, k / m, k // m, k % m, 1j * a / b, 1.0 / 0

    f = shoal.njit(error_model="numpy")(divided)
    got = f(1.5, 0.0, 7, 0)
    inf, nan = np.inf, np.nan
    np.testing.assert_equal(got[:5], (inf, -inf, inf, nan, inf))
    assert got[5:7] == (0, 0)
    assert np.isinf(abs(got[7]))
    assert got[8] == inf
    np.testing.assert_equal(f(6.0, 4.0, 7, 2)[:7], (1.5, -1.5, 1.0, 2.0, 3.5, 3, 1))
    with pytest.raises(ZeroDivisionError):
        shoal.njit(lambda a, b: a / b)(1.5, 0.0)


def test_it_holds_for_the_function_alone():
    @shoal.njit
    def strict(a, b):
        return a / b

    @shoal.njit(error_model="numpy")
    def loose(a, b):
        return a / b, strict(a, b)

    def plain(a, b):
        return a / b

    with pytest.raises(ZeroDivisionError):
        loose(1.0, 0.0)
    assert shoal.njit(error_model="numpy")(lambda a, b: plain(a, b))(1.0, 0.0) == np.inf


@pytest.mark.parametrize("name", ["guvectorize", "stencil", "jitclass"])
def test_what_is_absent_says_what_to_write(name):
    with pytest.raises(
        shoal.UnsupportedError, match=f"shoal.{name} is not supported; instead"
    ):
        getattr(shoal, name)(lambda x: x)


def test_types_are_names_of_the_module():
    assert shoal.float64[:] == shoal.types.float64[:]
    assert shoal.jit(shoal.float64(shoal.int64))(lambda x: x)(2) == 2.0
