"""Random programs of whole arrays (arrays_gen.py) on 1, 2 and 3 ranks: NumPy's results, and
arguments changed as NumPy changes them, or the same exception.

tests/random_programs.py runs any number of them.
"""

import random

import numpy as np
import pytest
from arrays_gen import program
from random_programs import load
from test_parallel_loops import SIZES, outcome

import shoal
from shoal._errors import UnsupportedError

SEEDS = 25
NAMES = "ABIFSKM"


def arguments(seed: int, scale: int = 1) -> tuple:
    data = np.random.default_rng(seed)
    n = int(data.choice(SIZES)) * scale
    a, b, f = (data.integers(-20, 20, n) / 4 for _ in range(3))
    i, s = data.integers(-5, 50, n), data.integers(-9, 9, n)
    k, m = data.random(n) > 0.4, data.integers(-20, 20, (n, 3)) / 4
    return a, b, i, f.astype("f4"), s.astype("i4"), k, m


def same(got, want, single: bool) -> None:
    """single: some of it was computed in float32."""
    assert np.shape(got) == np.shape(want)
    g, w = np.asarray(got), np.asarray(want)
    assert g.dtype == w.dtype
    if w.dtype.kind != "f":
        np.testing.assert_array_equal(g, w)
        return
    tol = 2e-5 if single or w.dtype == np.float32 else 1e-9
    large = np.abs(w[np.isfinite(w)]).max(initial=1)  # sums of what cancels
    np.testing.assert_allclose(g, w, rtol=tol, atol=tol * large)


def check(seed: int, ranks: int, scale: int = 1) -> None:
    source = program(random.Random(seed).randrange)
    args = arguments(seed, scale)
    f = load(source, f"<arrays {seed}>", np=np)
    options = {"distributed": False} if ranks == 1 else {}
    want, left = outcome(f, args)
    got, mine = outcome(shoal.jit(f, **options), args)
    what = f"seed {seed}, {len(args[0])} rows\n{source}"
    if isinstance(got, UnsupportedError):
        return
    if isinstance(got, Exception) or isinstance(want, Exception):
        if type(got) is not type(want):
            raise AssertionError(f"{got!r} instead of {want!r}, {what}")
        return
    names = [*source.split("return ")[1].strip().split(", "), *NAMES]
    for name, g, w in zip(names, [*got, *mine], [*want, *left], strict=True):
        try:
            same(g, w, "F" in source)
        except AssertionError as e:
            raise AssertionError(f"{name}: {e}\n{what}") from None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_like_numpy(ranks, seed):
    check(1000 * ranks + seed, ranks)


def test_lengths_that_are_known_when_running(ranks):
    @shoal.jit(**({} if ranks > 1 else {"distributed": False}))
    def f(a, b):
        return a + b * 2

    a = np.arange(8.0)
    for left, right in [(a, a), (a, a[:1]), (a[:1], a[:1])]:
        np.testing.assert_array_equal(f(left, right), left + right * 2)
    with pytest.raises(ValueError, match=r"could not be broadcast .* \(8,\) \(3,\)"):
        f(a, a[:3])
    with pytest.raises(ValueError, match=r"shapes \(1,\) \(8,\).* write a\[0\]"):
        f(a[:1], a)


def test_a_stencil_of_slices_moves_its_neighbours(ranks, pooled):
    @shoal.jit
    def smooth(u, n):
        for _ in range(n):
            u[1:-1, 1:] += (u[2:, 1:] + u[:-2, 1:] + u[1:-1, :-1] - 3 * u[1:-1, 1:]) / 4
        return u

    u = np.random.default_rng(1).random((40, 5))
    want = smooth.__wrapped__(u.copy(), 3)
    np.testing.assert_allclose(smooth(u.copy(), 3), want, rtol=1e-12)
    text = smooth.explain()
    assert text.count("NDALIGN") == 2 and "NDJOIN" not in text


def test_the_length_of_what_is_reshaped_counts_all_rows(ranks):
    @shoal.jit(**({} if ranks > 1 else {"distributed": False}))
    def f(m):
        return m.reshape(2, -1).shape[1], (np.arange(12).reshape(2, 3, 2) * 0.5).shape[
            1
        ]

    assert f(np.ones((4, 3))) == (6, 3)
