"""Random chains of frame operations (pipelines.py) on random data: pandas' values, dtypes,
index and order on 1, 2 and 3 ranks. Outside of pytest it runs many:

    PYTHONPATH=build/release/python python tests/diff/test_pipelines.py --seed 0 --count 2000
"""

import linecache
import random

import numpy as np
import pandas as pd
import pytest
from data import SHAPES, SIZES, make_frame
from like import compiled, kind_of, outcome, same
from pipelines import program, with_more_types

SEEDS = 40


def load(source: str, name: str):
    """The function of the source, which is found by its file name as any other."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    space = {"np": np, "pd": pd}
    exec(compile(source, name, "exec"), space)
    return space["f"]


def frames(r: random.Random, seed: int, scale: int = 1):
    n, m, shape = r.choice(SIZES) * scale, r.choice(SIZES) * scale, r.choice(SHAPES)
    right = make_frame(m, shape, seed + 1, nkeys=6 * scale)
    right = right.rename(columns={"i": "w", "u": "v"})
    left = with_more_types(make_frame(n, shape, seed, nkeys=4 * scale), seed)
    return left, right[["k", "j", "w", "f", "s", "t", "v"]]


def check(seed: int, ranks: int, folder, scale: int = 1) -> None:
    """The program of this seed gives what pandas gives, or both raise alike."""
    r = random.Random(seed)
    from_file = seed % 3 == 0
    source = program(r.randrange, 8, from_file)
    f = load(source, f"<pipeline {seed}>")
    a, b = frames(r, seed, scale)
    if from_file:  # several row groups, so that ranks read parts and batches
        path = str(folder / f"{seed}.parquet")
        a.to_parquet(path, row_group_size=5 * scale)

    def given(a, b, f=f):
        return f(path if from_file else a, b)

    want, _, error = outcome(given, (a, b))
    got, _, failure = outcome(lambda a, b: given(a, b, compiled(f, ranks)), (a, b))
    what = f"seed {seed}, {len(a)} and {len(b)} rows\n{source}"
    if error is not None:
        assert failure is not None and kind_of(failure) == kind_of(error), what
        return
    if failure is not None:
        raise failure
    try:
        same(got, want)
    except AssertionError as e:
        raise AssertionError(f"{e}\n{what}") from None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_like_pandas(ranks, seed, tmp_path):
    check(1000 * ranks + seed, ranks, tmp_path)


def main() -> int:
    import argparse
    import os
    import pathlib
    import tempfile

    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--seed", type=int, default=0, help="of the first program")
    p.add_argument("--count", type=int, default=200)
    p.add_argument("--ranks", type=int, default=2)
    p.add_argument("--scale", type=int, default=1, help="times as many rows and keys")
    opt = p.parse_args()
    os.environ["SHOAL_NUM_WORKERS"] = str(opt.ranks)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(opt.seed, opt.seed + opt.count):
            try:
                check(seed, opt.ranks, pathlib.Path(folder), opt.scale)
            except Exception as e:
                bad += 1
                print(f"-- {type(e).__name__}: {e}\n   seed {seed}")
    print(f"{opt.count} programs on {opt.ranks} ranks, {bad} differ")
    return bad != 0


if __name__ == "__main__":
    raise SystemExit(main())
