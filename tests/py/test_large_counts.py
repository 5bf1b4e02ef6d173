"""Rows, elements and bytes beyond what one message holds, and beyond 2**31: large_moves.py.

No message of a move has more than 4 MB (exchange_direct.c; 512 KB of text, stream.c), so a
few megabytes take the same way in pieces as any number of them; whether all numbers on the
way have 64 bits only large ones tell. These take minutes and 8 GB, and run where they are
asked for: SHOAL_LARGE=1.
"""

import faulthandler
import os
from pathlib import Path

import pytest
from programs import run

PROGRAM = Path(__file__).parent / "large_moves.py"
GIGABYTES = 8  # at most, of both ranks and the driver together


def available() -> float:
    """Gigabytes of memory that nobody uses."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    kilobytes = dict(line.split(":") for line in lines)["MemAvailable"].split()[0]
    return int(kilobytes) / 1e6


def check(tmp_path, mode, ranks, seconds, *sizes) -> None:
    file = tmp_path / "large_moves.py"
    file.write_text(PROGRAM.read_text())
    done = run(file, ranks, mode, seconds, *sizes)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    assert done.stdout.split() == ["passed"] * (ranks if mode == "spmd" else 1)


FEW = {"bytes": (14_000_001,), "texts": (9, 700_001)}
MANY = {"bytes": (2_200_000_001,), "texts": (2200, 1_000_003)}


@pytest.mark.parametrize("mode", ["pool", "spmd"])
@pytest.mark.parametrize("ranks", [2, 3])
@pytest.mark.parametrize("kind", FEW)
def test_more_than_a_message(kind, ranks, mode, tmp_path):
    check(tmp_path, mode, ranks, 100, kind, *FEW[kind])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["pool", "spmd"])
@pytest.mark.parametrize("kind", MANY)
def test_beyond_31_bits(kind, mode, tmp_path):
    if os.environ.get("SHOAL_LARGE") != "1":
        pytest.skip("takes minutes: set SHOAL_LARGE=1")
    free = available()
    if free < GIGABYTES + 2:
        pytest.skip(f"wants {GIGABYTES + 2} GB of memory, {free:.1f} are available")
    faulthandler.cancel_dump_traceback_later()  # four minutes may not do
    check(tmp_path, mode, 2, 1500, kind, *MANY[kind])
