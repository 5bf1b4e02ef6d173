"""Runs the C unit tests: every program t_* that the build made is one test here."""

import os
import subprocess
from pathlib import Path

import pytest
from paths import BUILD, ROOT

FOLDER = Path(os.environ.get("SHOAL_UNITS", BUILD / "tests"))
SOURCES = sorted((ROOT / "tests/unit").glob("t_*.c"))


@pytest.mark.parametrize("name", [source.stem for source in SOURCES])
def test_unit(name: str) -> None:
    done = subprocess.run(
        [FOLDER / name], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
