"""Random parallel loops (loops_gen.py) on 1, 2 and 3 ranks: what the same loops over range()
give, in the results and in the arguments, or the same exception.

tests/random_programs.py runs any number of them.
"""

import random
import warnings

import numpy as np
import pytest
from loops_gen import program
from random_programs import load

import shoal

SEEDS = 25
SIZES = (0, 1, 2, 3, 5, 8, 50, 1000)


def outcome(f, args):
    """(result, the arguments after the call) or (exception, None)."""
    args = [a.copy() for a in args]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return f(*args), args
    except Exception as e:
        return e, None


def same(got, want) -> None:
    assert np.shape(got) == np.shape(want)
    if np.ndim(want):
        assert np.asarray(got).dtype == want.dtype
    np.testing.assert_allclose(got, want, rtol=1e-9)


def check(seed: int, ranks: int, scale: int = 1) -> None:
    source = program(random.Random(seed).randrange)
    data = np.random.default_rng(seed)
    n = int(data.choice(SIZES)) * scale
    a, b, m = (data.integers(-20, 20, shape) / 4 for shape in (n, n, (n, 2)))
    args = a, b, data.integers(0, 50, n), m
    options = {"distributed": False} if ranks == 1 else {}
    name = f"<loops {seed}>"
    want, left = outcome(load(source, name, np=np, prange=range), args)
    compiled = shoal.jit(load(source, name, np=np, prange=shoal.prange), **options)
    got, mine = outcome(compiled, args)
    what = f"seed {seed}, {n} rows\n{source}"
    if isinstance(got, Exception) or isinstance(want, Exception):
        if type(got) is not type(want):
            raise AssertionError(f"{got!r} instead of {want!r}, {what}")
        return
    try:
        for g, w in zip([*got, *mine], [*want, *left], strict=True):
            same(g, w)
    except AssertionError as e:
        raise AssertionError(f"{e}\n{what}") from None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_like_a_plain_loop(ranks, seed):
    check(1000 * ranks + seed, ranks)
