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


OWN_PLACES = """
    import numpy as np, pandas as pd, shoal as bodo

    @bodo.jit
    def read(n):
        r = bodo.get_rank()
        return np.arange(n)[-1 - r]

    @bodo.jit
    def write(n):
        a = np.arange(n)
        a[bodo.get_rank()] = 100
        return a

    @bodo.jit
    def part(df):
        return df.head(bodo.get_rank())

    @bodo.jit
    def rounds():
        s = 0
        for i in bodo.prange(bodo.get_rank()):
            s += i
        return s

    for f, args in (read, (6,)), (write, (6,)), (part, (pd.DataFrame({"A": range(6)}),)), (rounds, ()):
        try:
            f(*args)
        except bodo.DistributionError as e:
            assert "differs between ranks" in str(e), e
        else:
            raise AssertionError(f)

    @bodo.jit
    def values(n):  # in values it may be
        a = np.arange(n)
        return a + bodo.get_rank(), a[a > bodo.get_rank()]

    @bodo.jit
    def block(n):  # the numbers of this rank's rows, by hand
        r, p = bodo.get_rank(), bodo.get_size()
        rows = 0
        for i in range(bodo.get_start(n, p, r), bodo.get_end(n, p, r)):
            rows += 1
        bodo.parallel_print(rows)

    a, b = values(6)
    assert a.tolist() == [0, 1, 3, 4, 6, 7], a
    assert b.tolist() == [1, 2, 3, 4, 5], b
    block(11)
"""


@pytest.mark.ranks
def test_places_that_each_rank_has_its_own_of(tmp_path):
    """They are refused among distributed rows; as values they may differ."""
    done = run_text(OWN_PLACES, 3, "pool", tmp_path)
    assert sorted(done.stdout.split()) == ["3", "4", "4"], done.stderr


PRINTED = """
    import shoal as bodo, time

    @bodo.jit
    def f(n):
        print("all", n, time.time() > 0)
        print("rank", bodo.get_rank())
        print(f"text {bodo.get_rank()}")
        if bodo.get_rank() == 0:
            print("first", bodo.get_rank())

    f(4)
"""


@pytest.mark.ranks
def test_prints_of_what_differs_between_ranks(tmp_path):
    """Each rank prints its own; what is the same on all of them is printed once."""
    done = run_text(PRINTED, 3, "pool", tmp_path)
    each = [f"{word} {r}" for word in ("rank", "text") for r in range(3)]
    assert sorted(done.stdout.splitlines()) == ["all 4 True", "first 0", *each], (
        done.stderr
    )
