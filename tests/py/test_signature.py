"""Declared signatures, as programs of Numba have them."""

import pickle

import numpy as np
import pytest

import shoal
from shoal import types


def times(x, y=2):
    return x * y


@pytest.mark.parametrize(
    "signature",
    [
        "float64(float64, float64)",
        "f8(f8, f8)",
        "(float64, float64)",
        types.float64(types.float64, types.float64),
        (types.float64, types.float64),
        ["float64(float64, float64)"],
    ],
    ids=str,
)
def test_numbers_are_converted(signature):
    f = shoal.jit(signature, nopython=True)(times)
    assert repr(f(3, 2)) == "6.0"
    assert repr(f(3, y=4)) == repr(f(x=3, y=4)) == "12.0"
    assert repr(f(5)) == "10.0"
    assert repr(f(True, np.float32(1.5))) == "1.5"


def test_the_result_is_converted():
    assert repr(shoal.jit("float64(int64, int64)")(times)(3, 2)) == "6.0"
    assert repr(shoal.jit("int32(int64, int64)")(times)(3, 2)) == "np.int32(6)"
    assert shoal.jit("void(int64, int64)")(times)(3, 2) == 6


def test_the_best_of_several():
    f = shoal.njit(["int64(int64, int64)", "complex128(complex128, complex128)"])(times)
    assert repr(f(3, 2)) == "6" and repr(f(True, 2)) == "2"
    assert repr(f(3.0, 2)) == "(6+0j)"


def test_arrays():
    f = shoal.jit("float64[:](float64[:], int32)")(times)
    assert f(np.ones(3), 2).tolist() == [2.0, 2.0, 2.0]
    g = shoal.jit(types.float64[:, :](types.float64[:, ::1], types.int64))(times)
    assert g(np.ones((2, 2)), 2).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    for wrong in (np.ones(3, np.float32), np.ones((3, 1)), [1.0], 1.0):
        with pytest.raises(
            TypeError, match="no matching definition for argument types"
        ):
            f(wrong, 2)


def test_what_does_not_fit():
    f = shoal.jit("int64(int64, int64)")(times)
    with pytest.raises(TypeError, match=r"\(float64, int64\); declared: int64\(int64"):
        f(2.5, 1)
    with pytest.raises(TypeError, match="no matching definition"):
        f(1, 2, 3)
    with pytest.raises(
        TypeError, match=r"'flot' in the signature 'flot\(int64\)' is no type"
    ):
        shoal.jit("flot(int64)")
    with pytest.raises(TypeError, match="is no signature"):
        shoal.jit("int64")
    with pytest.raises(TypeError, match="takes a Python function, not 3"):
        shoal.jit(3)


def test_inside_of_another_and_pickled():
    f = shoal.jit("float64(float64, float64)")(times)

    @shoal.jit
    def g(x):
        return f(x, 3) + 1

    assert g(2) == 7
    assert repr(pickle.loads(pickle.dumps(f))(3, 2)) == "6.0"
