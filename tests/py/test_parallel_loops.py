"""Random parallel loops (loops_gen.py) on 1, 2 and 3 ranks: what the same loops over range()
give, in the results and in the arguments, or the same exception.

Outside of pytest it runs many:

    PYTHONPATH=build/release/python python tests/py/test_parallel_loops.py --count 500 --ranks 3
"""

import linecache
import random
import warnings

import numpy as np
import pytest
from loops_gen import program

import shoal

SEEDS = 25
SIZES = (0, 1, 2, 3, 5, 8, 50, 1000)


def load(source: str, name: str, prange):
    """The function of the source, which is found by its file name as any other."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space = {"np": np, "prange": prange}
    exec(compile(source, name, "exec"), space)
    return space["f"]


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


def check(seed: int, ranks: int) -> None:
    source = program(random.Random(seed).randrange)
    data = np.random.default_rng(seed)
    n = int(data.choice(SIZES))
    a, b, m = (data.integers(-20, 20, shape) / 4 for shape in (n, n, (n, 2)))
    args = a, b, data.integers(0, 50, n), m
    options = {"distributed": False} if ranks == 1 else {}
    name = f"<loops {seed}>"
    want, left = outcome(load(source, name, range), args)
    compiled = shoal.jit(load(source, name, shoal.prange), **options)
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


def main() -> int:
    import argparse
    import os

    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--seed", type=int, default=0, help="of the first program")
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--ranks", type=int, default=2)
    opt = p.parse_args()
    os.environ["SHOAL_NUM_WORKERS"] = str(opt.ranks)
    bad = 0
    for seed in range(opt.seed, opt.seed + opt.count):
        try:
            check(seed, opt.ranks)
        except Exception as e:
            bad += 1
            print(f"-- {type(e).__name__}: {e}\n   seed {seed}")
    print(f"{opt.count} programs on {opt.ranks} ranks, {bad} differ")
    return bad != 0


if __name__ == "__main__":
    raise SystemExit(main())
