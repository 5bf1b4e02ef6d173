"""Programs that a launcher starts on several ranks: everything runs in place."""

import pytest
from programs import run_text

pytestmark = pytest.mark.ranks

PROGRAM = """
import numpy as np, pandas as pd, shoal
rank, size = shoal.get_rank(), shoal.get_size()
df = pd.DataFrame({"a": np.arange(100), "s": [f"t{i % 3}" for i in range(100)]})

@shoal.jit
def over(df, n):
    return df[df.a > n]

@shoal.jit
def total(df):
    return df.a.sum()

@shoal.jit(distributed=["df"])
def chunks(df):
    return df.a.sum()

@shoal.jit
def double(a):
    return a * 2

@shoal.jit
def broken(df):
    return df.nope

@shoal.jit
def refused(df):
    if df.a.sum() > 3:
        raise ValueError("too much")
    return 1

part = over(df, 20)
assert shoal.gatherv(part, True).a.tolist() == list(range(21, 100)), part
assert total(part) == sum(range(21, 100))
assert total(df) == sum(range(100))
assert chunks(df[: rank + 1]) == sum(sum(range(r + 1)) for r in range(size))
if size > 1:
    try:
        total(df[: rank + 3])
    except ValueError as e:
        assert "distributed=['df']" in str(e)
    else:
        raise AssertionError
for f, error in ((broken, AttributeError), (refused, ValueError)):
    try:
        f(df)
    except error as e:
        pass
    else:
        raise AssertionError
x = shoal.scatterv(np.arange(10.0) if rank == 0 else None)
assert len(x) == shoal.get_end(10, size, rank) - shoal.get_start(10, size, rank)
y = double(x)
assert shoal.allgatherv(y).tolist() == [2.0 * i for i in range(10)]
assert shoal.gatherv(y).tolist() == ([2.0 * i for i in range(10)] if rank == 0 else [])
shoal.barrier()
print(f"passed {rank}\\n", end="", flush=True)
"""


@pytest.mark.parametrize("n", [1, 2, 3])
def test_program(n, tmp_path):
    done = run_text(PROGRAM, n, "spmd", tmp_path)
    assert sorted(done.stdout.split("\n")[:-1]) == [f"passed {r}" for r in range(n)], (
        done.stdout + done.stderr
    )
    assert done.returncode == 0


def test_a_rank_that_fails_ends_the_others(tmp_path):
    text = "import shoal\nif shoal.get_rank() == 1: raise RuntimeError('alone')\nshoal.barrier()\n"
    done = run_text(text, 3, "spmd", tmp_path)
    assert done.returncode != 0
    assert "RuntimeError: alone" in done.stderr
