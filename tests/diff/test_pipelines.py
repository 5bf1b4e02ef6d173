"""Random chains of frame operations (pipelines.py) on random data: pandas' values, dtypes,
index and order on 1, 2 and 3 ranks. tests/random_programs.py runs any number of them.
"""

import datetime
import random
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from data import SHAPES, SIZES, make_frame
from like import compiled, kind_of, outcome, same
from pipelines import program, with_more_types
from random_programs import load

SEEDS = 40


def frames(r: random.Random, seed: int, scale: int = 1):
    n, m, shape = r.choice(SIZES) * scale, r.choice(SIZES) * scale, r.choice(SHAPES)
    right = make_frame(m, shape, seed + 1, nkeys=6 * scale)
    right = right.rename(columns={"i": "w", "u": "v"})
    left = with_more_types(make_frame(n, shape, seed, nkeys=4 * scale), seed)
    return left, right[["k", "j", "w", "f", "s", "t", "v"]]


def without_rows(result) -> bool:
    first = result[0] if isinstance(result, tuple) else result
    return len(first) == 0


def check(seed: int, ranks: int, scale: int = 1) -> None:
    """The program of this seed gives what pandas gives, or both raise alike."""
    with tempfile.TemporaryDirectory() as folder:
        check_in(Path(folder), seed, ranks, scale)


def check_in(folder: Path, seed: int, ranks: int, scale: int) -> None:
    r = random.Random(seed)
    from_file = seed % 3 == 0
    a, b = frames(r, seed, scale)
    source = program(r.randrange, 8, from_file, set(a.columns))
    f = load(source, f"<pipeline {seed}>", np=np, pd=pd, datetime=datetime)
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
    if failure is None and "datetime." in source and without_rows(want):
        return  # what no objects differ by, and sums of them, have any dtype
    if failure is not None:
        raise failure
    try:
        same(got, want)
    except AssertionError as e:
        raise AssertionError(f"{e}\n{what}") from None


@pytest.mark.parametrize("seed", range(SEEDS))
def test_like_pandas(ranks, seed):
    check(1000 * ranks + seed, ranks)
