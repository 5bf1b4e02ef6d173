"""Lists and dicts of rows as results and arguments: row_lists.py on 1 to 4 ranks."""

import gc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from programs import MODES, run

import shoal

PROGRAM = Path(__file__).parent / "row_lists.py"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_row_lists(ranks, mode, tmp_path):
    file = tmp_path / "row_lists.py"
    text = PROGRAM.read_text()
    file.write_text(text.replace('"spmd" in sys.argv', repr(mode == "spmd")))
    done = run(file, ranks, mode, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "listed\n" * (ranks if mode == "spmd" else 1), done.stderr


def test_many_that_differ():
    @shoal.jit
    def count(parts):
        return len(parts)

    parts = [pd.DataFrame({"A": [1]}), pd.DataFrame({"B": [0.5]})]
    assert count(parts) == 2
    with pytest.raises(TypeError, match=r"DataFrame\('A': int64\) and DataFrame\('B'"):
        count(parts * 40)


def test_nothing_is_left():
    """Also of calls that fail while a list holds rows."""
    import shoal._core as core

    @shoal.jit(distributed=False)
    def one_of(parts, n, k):
        lst = []
        for i in range(n):
            lst.append(np.arange(i))
        return lst[k], parts

    parts = [np.arange(k) for k in range(12)]
    for _ in range(2):
        assert len(one_of(parts, 4, 2)[0]) == 2
    gc.collect()
    before = core.live()[1]
    for _ in range(3):
        one_of(parts, 4, 2)
        with pytest.raises(IndexError):
            one_of(parts, 4, 7)
    gc.collect()  # what the exceptions hold
    assert core.live()[1] == before
