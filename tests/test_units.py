"""Runs the C unit tests: every program t_* that the build made is one test here."""

import os
import subprocess
from pathlib import Path

import pytest
from paths import BUILD, ROOT

FOLDER = Path(os.environ.get("SHOAL_UNITS", BUILD / "tests"))
SOURCES = sorted((ROOT / "tests/unit").glob("t_*.c"))


def environment() -> dict[str, str]:
    """Under the sanitizers (tools/asan.sh) a C program has them built in, and what it does
    not free is a leak; for Python neither holds."""
    env = dict(os.environ)
    if env.pop("SHOAL_SANITIZED", None):
        del env["LD_PRELOAD"]
        env["ASAN_OPTIONS"] += ":detect_leaks=1"
    return env


@pytest.mark.parametrize("name", [source.stem for source in SOURCES])
def test_unit(name: str) -> None:
    done = subprocess.run(
        [FOLDER / name],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env=environment(),
    )
    assert done.returncode == 0, f"{name}:\n{done.stdout}\n{done.stderr}"
