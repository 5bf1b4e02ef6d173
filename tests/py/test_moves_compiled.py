"""Every kind of rows, moved between ranks in every way: moves.py on 1 to 4 ranks."""

from pathlib import Path

import pytest
from programs import MODES, run

PROGRAM = Path(__file__).parent / "moves.py"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_rows_are_moved(ranks, mode, tmp_path):
    file = tmp_path / "moves.py"
    text = f"import sys\nsys.path.insert(0, {str(PROGRAM.parent)!r})\n{PROGRAM.read_text()}"
    file.write_text(text.replace('"spmd" in sys.argv', repr(mode == "spmd")))
    done = run(file, ranks, mode, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == "moved\n" * (ranks if mode == "spmd" else 1), done.stderr
