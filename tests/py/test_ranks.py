"""What a function says of ranks: the same answer on 1, 2 and 3 of them."""

import pytest
from programs import run_text

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo

    @bodo.jit
    def who():
        bodo.barrier()
        return bodo.get_size()

    @bodo.jit
    def moved(df):
        d = df[df.A > 3]
        e = bodo.allgatherv(d)
        return e, bodo.rebalance(d), bodo.scatterv(e), bodo.rebalance(d, dests=[0])

    @bodo.jit(distributed={"df"})
    def total(df):
        df = df[df["A"] > 3]
        df = bodo.rebalance(df, dests=[0])
        return df.sum()

    @bodo.jit
    def said():
        bodo.parallel_print("rank", bodo.get_rank())

    df = pd.DataFrame({"A": range(10), "B": np.arange(10) * 0.5})
    print(who())
    for x in moved(df):
        pd.testing.assert_frame_equal(df[df.A > 3], x)
    pd.testing.assert_series_equal(df[df.A > 3].sum(), total(df))
    said()
"""


@pytest.mark.ranks
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_moved_rows(ranks, tmp_path):
    done = run_text(PROGRAM, ranks, "pool", tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == str(ranks), done.stderr
    assert sorted(lines[1:]) == [f"rank {r}" for r in range(ranks)], done.stderr
