"""Functions that make arrays, on 1, 2 and 3 ranks."""

import numpy as np
import pytest

import shoal

pytestmark = pytest.mark.usefixtures("ranks")


def test_arrays_like_others() -> None:
    def arrays(a):
        return np.zeros_like(a), np.ones_like(a), np.full_like(a, 7)

    def spaced(n):
        return np.linspace(0.0, 1.0, n)

    given = np.arange(5.0)
    for ours, theirs in zip(shoal.jit(arrays)(given), arrays(given), strict=True):
        np.testing.assert_array_equal(ours, theirs, strict=True)
    np.testing.assert_allclose(shoal.jit(spaced)(11), spaced(11), rtol=1e-15)
