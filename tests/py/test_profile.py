"""SHOAL_PROFILE: a line for every runtime call, in a file for each rank."""

import os
import subprocess
import sys

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


def test_every_rank_writes_its_calls(tmp_path):
    pd.DataFrame({"k": [1, 2, 1, 3], "v": [1, 2, 3, 4]}).to_parquet(tmp_path / "a.pq")
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = dict(
        os.environ, SHOAL_PROFILE=str(tmp_path / "p"), SHOAL_NUM_WORKERS="2"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "program.py", tmp_path / "a.pq"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "10", done.stderr
    for rank in range(2):
        lines = (tmp_path / f"p.{rank}").read_text().splitlines()
        assert lines[0].split() == ["wall", "cpu", "live", "peak", "rows", "call"]
        calls = [line.split() for line in lines[1:]]
        assert {"readnext", "groupadd", "grouped"} <= {c[-1] for c in calls}
        assert [c[-2] for c in calls if c[-1] == "readnext"] == ["2", "0"]
        assert all(len(c) == 6 for c in calls)
