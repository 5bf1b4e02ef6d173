"""The example functions, compiled, give what pandas gives on 1, 2 and 3 ranks."""

import functools
import json
import os
import subprocess
import sys

import pytest

from bench.tpch import QUERIES

NAMES = ["delays", "taxi", *(f"tpch {number}" for number in QUERIES)]


@functools.cache
def problems(ranks: int) -> dict[str, str]:
    """By function, what differs from pandas in one run of bench.check."""
    environment = dict(os.environ, SHOAL_NUM_WORKERS=str(ranks))
    done = subprocess.run(
        [sys.executable, "-m", "bench.check"],
        capture_output=True,
        text=True,
        timeout=200,
        env=environment,
        cwd=os.path.dirname(os.path.dirname(__file__)),
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line[:1] == "{"]
    lost = dict.fromkeys(NAMES, f"did not run: {done.stderr[-2000:]}")
    return lost | {row["name"]: row["problem"] for row in found}


@pytest.mark.ranks
@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("name", NAMES)
def test_like_pandas(name: str, ranks: int) -> None:
    problem = problems(ranks)[name]
    assert not problem, problem
