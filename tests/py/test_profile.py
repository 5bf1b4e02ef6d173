"""SHOAL_PROFILE: a line for every runtime call, in a file for each rank."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.ranks

PROGRAM = """
import sys
import pandas as pd
import shoal

@shoal.jit
def total(path):
    df = pd.read_parquet(path)
    return df.groupby("k").v.sum().sum()

print(total(sys.argv[1]))
"""


JOINED = """
import sys
import pandas as pd
import shoal

@shoal.jit
def total(path, few):
    df, by = pd.read_parquet(path), pd.read_parquet(few)
    df = df[df.v > 10]
    df = df.merge(by, on="k")
    df["x"] = df.v * df.weight
    return df.groupby("k").x.sum().sum()

print(total(sys.argv[1], sys.argv[2]))
"""


def run(tmp_path, program, *files) -> tuple[str, list]:
    """What it printed, and the calls of each of two ranks."""
    (tmp_path / "program.py").write_text(program)
    environment = dict(
        os.environ, SHOAL_PROFILE=str(tmp_path / "p"), SHOAL_NUM_WORKERS="2"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py", *(tmp_path / f for f in files)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert not done.returncode, done.stderr
    calls = []
    for rank in range(2):
        lines = (tmp_path / f"p.{rank}").read_text().splitlines()
        assert lines[0].split() == ["wall", "cpu", "live", "peak", "rows", "call"]
        calls.append([line.split() for line in lines[1:]])
    return done.stdout.strip(), calls


def test_every_rank_writes_its_calls(tmp_path):
    pd.DataFrame({"k": [1, 2, 1, 3], "v": [1, 2, 3, 4]}).to_parquet(tmp_path / "a.pq")
    printed, ranks = run(tmp_path, PROGRAM, "a.pq")
    assert printed == "10"
    for calls in ranks:
        assert {"readnext", "groupadd", "grouped"} <= {c[-1] for c in calls}
        assert [c[-2] for c in calls if c[-1] == "readnext"] == ["2", "0"]
        assert all(len(c) == 6 for c in calls)


def test_batches_are_not_kept(tmp_path):
    """A join and a group-by of a file have columns of a few batches alive, not of its rows."""
    rows = 2_000_000
    k = np.arange(rows) % 50
    df = pd.DataFrame({"k": k, "v": k * 2.0, "unused": k})
    df.to_parquet(tmp_path / "a.pq", row_group_size=1 << 17)
    by = pd.DataFrame({"k": np.arange(50), "weight": 0.5})
    by.to_parquet(tmp_path / "b.pq")
    printed, ranks = run(tmp_path, JOINED, "a.pq", "b.pq")
    assert float(printed) == df.v[df.v > 10].sum() / 2
    for calls in ranks:
        assert len([c for c in calls if c[-1] == "joinprobe"]) > rows // 2 // 65536
        assert max(float(c[2]) for c in calls) < rows / 2 * 16 / 1e6 / 2
