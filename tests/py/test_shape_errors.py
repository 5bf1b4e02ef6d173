"""Arrays whose shapes do not go together: NumPy's exception and text, with the lengths of all
rows on any number of ranks."""

import numpy as np
import pytest
from comparing import compiled

import shoal

DATA = {
    "A": np.arange(20.0).reshape(5, 4),
    "B": np.arange(12.0).reshape(3, 4),
    "C": np.arange(24.0).reshape(2, 3, 4),
    "a": np.arange(7.0),
    "w": np.arange(5.0),
    "v": np.arange(4.0),
    "k": np.array([0, 3, 1, 2, 0]),
}

FAILS = {
    "column": "return A + w",
    "longer": "return A * a",
    "nested": "return A + C",
    "nested_first": "return C - A",
    "three": "return np.where(A > 0, A, w)",
    "function": "return np.minimum(A, w)",
    "slices": "return A[1:] + w",
    "rows": "return A + B",
    "reduced": "return A - A.mean(axis=1)",
    "store": "x = A.copy(); x[:] = w; return x",
    "store_rows": "x = A.copy(); x[1:3] = B; return x",
    "in_place": "x = A.copy(); x += w; return x",
    "chosen_rows": "x = A.copy(); x[[0, 2]] = w; return x",
    "chosen_by_array": "x = A.copy(); x[k] = B; return x",
    "chosen_elements": "x = A.copy(); x[[0, 2], 1] = [5, 6, 7]; return x",
    "indices": "return A[[0, 1, 2], [0, 1]]",
    "dimensions": "return np.concatenate([A, w])",
}


@pytest.mark.parametrize("name", FAILS)
def test_like_numpy(ranks, name):
    source = f"def f(A, B, C, a, w, v, k):\n    {FAILS[name]}\n"
    f, g = compiled(source, f"<shapes {name}>", ranks)
    with pytest.raises((ValueError, IndexError)) as want:
        f(*DATA.values())
    with pytest.raises(type(want.value)) as got:
        g(*DATA.values())
    assert str(got.value).splitlines()[0] == str(want.value)


def caught(A, w):
    try:
        return f"{(A + w).sum()}"
    except ValueError as e:
        return str(e)


def test_caught(ranks):
    want = caught(DATA["A"], DATA["w"])
    g = shoal.jit(caught)
    assert g(DATA["A"], DATA["w"]) == want
