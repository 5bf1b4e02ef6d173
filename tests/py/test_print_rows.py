"""print() of arrays, Series and frames in compiled code: once where all ranks have the same,
else each rank's own rows."""

import numpy as np
import pandas as pd
import pytest
from programs import run_text

import shoal

PROGRAM = """
import numpy as np, pandas as pd, shoal as bodo

@bodo.jit
def show(n, df):
    a = np.arange(n)
    print("chunk", a, sep="|")
    print("none", a[a > 100])
    whole = bodo.allgatherv(a)
    print("whole", whole)
    print(df.s)
    bodo.parallel_print("each", whole)
    if bodo.get_rank() == 0:
        print("first", bodo.get_rank(), whole)
    print("own", bodo.get_rank(), whole)

show(5, pd.DataFrame({"s": list("abcdef")}))
"""


def text(rank: int, size: int) -> list[str]:
    a = np.arange(5)
    mine = a[shoal.get_start(5, size, rank) : shoal.get_end(5, size, rank)]
    rows = slice(shoal.get_start(6, size, rank), shoal.get_end(6, size, rank))
    s = pd.DataFrame({"s": list("abcdef")}).s[rows]
    once = ["none []", f"whole {a}", f"first 0 {a}"] if rank == 0 else []
    return [
        f"chunk|{mine}",
        *once,
        *str(s).splitlines(),
        f"each {a}",
        f"own {rank} {a}",
    ]


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), [(1, "pool"), (2, "pool"), (3, "spmd")])
def test_rows(ranks, mode, tmp_path):
    done = run_text(PROGRAM, ranks, mode, tmp_path)
    want = [line for r in range(ranks) for line in text(r, ranks)]
    assert sorted(done.stdout.splitlines()) == sorted(want), done.stderr
    assert done.returncode == 0


def test_in_this_process(capsys):
    @shoal.jit(distributed=False)
    def show(df, a):
        print(df, a, end="!")

    df, a = pd.DataFrame({"x": [1.5, 2]}), np.eye(2)
    show(df, a)
    assert capsys.readouterr().out == f"{df} {a}!"


def test_an_index_is_refused():
    @shoal.jit
    def show(df):
        print(df.index)

    with pytest.raises(shoal.UnsupportedError, match="text of"):
        show(pd.DataFrame({"x": [1]}))
