"""What rows are is kept by every move in Python code: every type, on 0, 1 and 5 rows, on one
to four ranks, with the whole of it (freq, categories, names, attrs), and each rank's chunk
says what it is."""

from pathlib import Path

import pytest
from programs import run

PROGRAM = """
import sys
import warnings

sys.path.insert(0, {folder!r})
from kinds import alike, kinds, objects, rows, take

import shoal
from shoal._chunks import mark_of
from shoal._order import permutation

warnings.simplefilter("ignore")
SPMD = {spmd}
RANK, SIZE = shoal.get_rank(), shoal.get_size()


def chunk(got, want, dist, what):
    alike(got, want, what)
    mark = mark_of(got)
    assert mark == (dist if SPMD and SIZE > 1 else ""), (what, mark)


def moved(v, n, what):
    none, last = rows(v, 0, 0), SIZE - 1
    block = rows(v, shoal.get_start(n, SIZE, RANK), shoal.get_end(n, SIZE, RANK))
    part = shoal.scatterv(v if RANK == 0 else None)
    chunk(part, block, "1D_Block", f"scatterv {{what}}")
    end = shoal.rebalance(part, dests=[last])
    chunk(end, v if RANK == last else none, "1D_Var", f"dests {{what}}")
    even = shoal.rebalance(end)
    chunk(even, block, "1D_Block", f"rebalance {{what}}")
    for name, from_ in (("blocks", part), ("one chunk", end)):
        chunk(shoal.allgatherv(from_), v, "", f"allgatherv {{name}} {{what}}")
        here = v if RANK == 0 else none
        chunk(shoal.gatherv(from_), here, "", f"gatherv {{name}} {{what}}")
    mixed = take(v, permutation(5, n))
    mine = rows(mixed, shoal.get_start(n, SIZE, RANK), shoal.get_end(n, SIZE, RANK))
    got = shoal.random_shuffle(even, seed=5, parallel=True)
    chunk(got, mine, "1D_Block", f"random_shuffle {{what}}")


for n in (0, 1, 5):
    for name, v in (kinds(n) | objects(n)).items():
        moved(v, n, f"{{name}} ({{n}} rows)")
print("passed")
"""


@pytest.mark.parametrize(
    ("ranks", "mode"),
    [(1, "pool"), (1, "spmd"), (2, "spmd"), (3, "spmd"), (4, "spmd")],
)
def test_kinds_are_kept(ranks, mode, tmp_path):
    file = tmp_path / "kept.py"
    folder = str(Path(__file__).parent)
    file.write_text(PROGRAM.format(folder=folder, spmd=mode == "spmd"))
    done = run(file, ranks, mode, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.split() == ["passed"] * ranks
