"""Run a program as its user does: on a pool of so many workers, or started by mpiexec."""

import os
import subprocess
import sys
from pathlib import Path

MODES = ("pool", "spmd")


def run(file: Path, ranks: int, mode: str, timeout: float = 100, **env: str):
    """The finished process; mode is one of MODES. Its folder is the file's own."""
    # Unbuffered, Python writes a line and its end apart, and ranks come between.
    drop = ("SHOAL_NUM", "PYTHONUNBUFFERED")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    command = [sys.executable, str(file)]
    if mode == "spmd":
        from shoal import _mpi

        command = [*_mpi.mpiexec(), "-n", str(ranks), *command]
    else:
        plain["SHOAL_NUM_WORKERS"] = str(ranks)
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**plain, **env},
        cwd=file.parent,
        check=False,
    )
