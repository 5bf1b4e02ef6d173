"""explain() after a call: what each line has sent; and where functions stand that work alone."""

import re

import numpy as np
import pandas as pd
import pytest
from programs import check_program

import shoal

pytestmark = pytest.mark.ranks


@pytest.fixture(autouse=True, scope="module")
def pool():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOAL_NUM_WORKERS", "2")
        yield


@shoal.jit
def works(df):
    big = df[df.a > 3]
    x = np.arange(len(df))
    joined = df.merge(big, on="a")
    s = joined.sort_values("a")
    return s, x.sum()


def below(text: str, line: str) -> list[str]:
    """What stands below a line of the source."""
    rest = text[text.index(line) :].splitlines()[1:]
    end = next(i for i, r in enumerate(rest) if re.match(r" *\d+ ", r) or r[:1] != " ")
    return [r for r in rest[:end] if "| sent" in r]


def test_bytes_and_rounds_by_line():
    df = pd.DataFrame({"a": np.arange(5000)})
    before = works.explain(df)
    assert "| sent" not in before
    works(df)
    text = works.explain()
    assert not below(text, "x = np.arange")
    assert re.search(
        r"[0-9,]{5,} bytes.*, \d+ rounds? \(join\)", below(text, "joined =")[0]
    )
    assert "(sort)" in below(text, "s = joined")[-1]
    assert any("1 round (allreduce)" in r for r in below(text, "return s"))
    assert text.endswith(
        "sent: by all ranks, in the last call; a round is 64 bytes to every rank\n"
    )
    works(df[:0])
    assert works.explain() != text


def test_the_last_call_is_told_also_after_others(capsys):
    @shoal.jit
    def other(df):
        return df.a.sum()

    df = pd.DataFrame({"a": np.arange(100)})
    works(df)
    text = works.explain()
    other(df)
    assert works.explain() == text
    other.distributed_diagnostics(level=2)
    assert "1 round (allreduce)" in capsys.readouterr().out


SPMD = """
import numpy as np, shoal as bodo

@bodo.jit
def total(n):
    return np.arange(n).sum()

@bodo.jit(distributed=False)
def alone(n):
    return np.arange(n).sum(), bodo.get_rank(), bodo.get_size(), len(bodo.get_nodes_first_ranks())

@bodo.jit(distributed=False)
def only_rank():
    return bodo.get_rank()

total(10)
assert "sent       1 round (allreduce)" in total.explain()
assert "sent: by this rank" in total.explain()
where = bodo.get_rank(), bodo.get_size()
assert alone(5) == (10, *where, 1), alone(5)
assert only_rank() == only_rank() == where[0]
print("passed\\n", end="")
"""


def test_in_spmd(tmp_path):
    check_program(SPMD, 3, "spmd", tmp_path)
