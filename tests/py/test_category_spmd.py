"""Category columns in SPMD: chunks in and out, categories that the ranks agree on, and
chunks whose categories differ."""

import programs

PROGRAM = """
import numpy as np
import pandas as pd

import shoal

rank, size = shoal.get_rank(), shoal.get_size()
a = pd.DataFrame({
    "s": pd.Categorical(["b", "a", None, "b", "a", "c", "c"], list("cbau"), ordered=True),
    "x": range(7),
})


@shoal.jit(distributed=["d"])
def some(d):
    return d[d.s >= "b"]


@shoal.jit(distributed=["d"])
def sums(d):
    return d.groupby("s").x.sum()


@shoal.jit
def made(n):
    d = pd.DataFrame({"x": np.arange(n)})
    d["c"] = d.x.map(lambda v: "odd" if v % 2 else "even").astype("category")
    return d


part = shoal.scatterv(a if rank == 0 else None, warn_if_dist=False)
pd.testing.assert_frame_equal(shoal.allgatherv(some(part)), a[a.s >= "b"])
pd.testing.assert_series_equal(shoal.allgatherv(sums(part)), a.groupby("s").x.sum())
for n in (0, 1, 10):
    want = pd.DataFrame({"x": np.arange(n)})
    want["c"] = pd.Categorical(["odd" if v % 2 else "even" for v in range(n)])
    got = shoal.allgatherv(made(n))
    pd.testing.assert_frame_equal(got, want, check_categorical=n > 0)

mine = a.iloc[rank::size].reset_index(drop=True)
if rank == size - 1:
    mine["s"] = mine.s.cat.reorder_categories(list("abcu"))
try:
    some(mine)
    print("no error")
except TypeError as e:
    assert "with the categories" in str(e)
    print("refused")
pd.testing.assert_series_equal(shoal.allgatherv(sums(part)), a.groupby("s").x.sum())
"""


def test_chunks(tmp_path):
    file = tmp_path / "chunks.py"
    file.write_text(PROGRAM)
    done = programs.run(file, 3, "spmd")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["refused"] * 3
