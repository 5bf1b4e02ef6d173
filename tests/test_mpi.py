"""Runs the C programs of tests/mpi on several ranks, as tests/mpi/list says.

A rank that waits for more than some seconds says on stderr where (SHOAL_STALL), so a hang
is a failure that names the collective.
"""

import importlib.metadata
import os
import signal
import subprocess
from pathlib import Path

import pytest
from paths import BUILD, ROOT

FOLDER = Path(os.environ.get("SHOAL_UNITS", BUILD / "tests"))
PLUGIN = FOLDER.parent / "python/shoal/shoal_comm_mpi.so"
LINES = (ROOT / "tests/mpi/list").read_text().splitlines()
RUNS = [line.split() for line in LINES if line.strip() and not line.startswith("#")]


def mpich_file(name: str) -> Path:
    """Path of a file of the mpich wheel, by the wheel's own record."""
    for file in importlib.metadata.distribution("mpich").files or []:
        if file.name == name:
            return Path(file.locate()).resolve()
    raise FileNotFoundError(name)


def run_ranks(
    command: list, ranks: int, seconds: int, stall: float = 10
) -> tuple[int, str]:
    """Exit status and output; ranks 0: without a launcher. Ends all of it in time."""
    if ranks:
        command = [mpich_file("mpiexec"), "-n", str(ranks), *command]
    env = dict(os.environ, SHOAL_STALL=str(stall))
    env["SHOAL_MPI_LIBRARY"] = str(mpich_file("libmpi_abi.so.1"))
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGTERM)  # mpiexec ends its ranks
        output, _ = process.communicate()
        return -1, f"no end after {seconds} s\n{output}"
    return process.returncode, output


@pytest.mark.parametrize("run", RUNS, ids=[" ".join(run) for run in RUNS])
def test_ranks(run: list[str]) -> None:
    program, ranks, seconds, *sections = run
    plugin = "self" if ranks == "0" else PLUGIN
    command = [FOLDER / program, plugin, *sections]
    status, output = run_ranks(command, int(ranks), int(seconds))
    assert status == 0, output
    assert f"{max(int(ranks), 1)} ranks: ok" in output


def test_dead_rank() -> None:
    """A rank that dies ends the others, wherever they wait."""
    status, output = run_ranks([FOLDER / "t_comm", PLUGIN, "die"], 3, 30)
    assert status not in (0, -1), output
    assert "ok" not in output


def test_stop_now() -> None:
    """A rank told to leave a wait does, though its peer never comes."""
    _, output = run_ranks([FOLDER / "t_comm", PLUGIN, "leave"], 2, 30)
    assert "rank 1 has left" in output


def test_stall() -> None:
    """SHOAL_STALL: a rank that waits says where, the one it waits for does not."""
    command = [FOLDER / "t_comm", PLUGIN, "late"]
    status, output = run_ranks(command, 2, 30, stall=0.2)
    assert status == 0, output
    assert "rank 1 of 2 has waited" in output
    assert "in a barrier at line 7" in output
    assert "rank 0 of 2" not in output
