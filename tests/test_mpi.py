"""Runs the C programs of tests/mpi on several ranks, as tests/mpi/list says.

A rank that waits for more than some seconds says on stderr where (SHOAL_STALL), so a hang
is a failure that names the collective.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from paths import BUILD, ROOT

from shoal import _mpi

FOLDER = Path(os.environ.get("SHOAL_UNITS", BUILD / "tests"))
PACKAGE = FOLDER.parent / "python/shoal"
LINES = (ROOT / "tests/mpi/list").read_text().splitlines()
RUNS = [line.split() for line in LINES if line.strip() and not line.startswith("#")]


def plugins() -> list[tuple[_mpi.Abi, str]]:
    """Our plugins for the MPI under test, and its library for each."""
    if os.environ.get("SHOAL_MPI"):
        return [_mpi.library()]
    abis = _mpi.STANDARD, _mpi.MPICH
    return [(abi, _mpi.package_file(abi.library)) for abi in abis]


FIRST = plugins()[0]


def run_ranks(
    command: list, ranks: int, seconds: int, stall: float = 10, mpi=FIRST, **more: str
) -> tuple[int, str]:
    """Exit status and output of t_comm over a plugin; ranks 0: without a launcher. Ends
    all of it in time."""
    abi, library = mpi
    plugin = PACKAGE / abi.plugin if ranks else "self"
    command = [FOLDER / "t_comm", plugin, *command]
    if ranks:
        command = [*_mpi.mpiexec(), "-n", str(ranks), *command]
    env = dict(_mpi.launch_env(os.environ), SHOAL_STALL=str(stall), **more)
    env["SHOAL_MPI_LIBRARY"] = library
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
    assert program == "t_comm"
    status, output = run_ranks(sections, int(ranks), int(seconds))
    assert status == 0, output
    assert f"{max(int(ranks), 1)} ranks: ok" in output


def test_dead_rank() -> None:
    """A rank that dies ends the others, wherever they wait."""
    status, output = run_ranks(["die"], 3, 30)
    assert status not in (0, -1), output
    assert "ok" not in output


def test_stop_now() -> None:
    """A rank told to leave a wait does, though its peer never comes."""
    _, output = run_ranks(["leave"], 2, 30)
    assert "rank 1 has left" in output


def test_stall() -> None:
    """SHOAL_STALL: a rank that waits says where, the one it waits for does not."""
    status, output = run_ranks(["late"], 2, 30, stall=0.2)
    assert status == 0, output
    assert "rank 1 of 2 has waited" in output
    assert "in a barrier at line 7" in output
    assert "rank 0 of 2" not in output


@pytest.mark.parametrize("mpi", plugins()[1:], ids=lambda mpi: mpi[0].plugin)
def test_other_plugins(mpi) -> None:
    """One MPI, its other ABI."""
    status, output = run_ranks(["values", "shuffle", "errors"], 3, 120, mpi=mpi)
    assert status == 0, output
    assert "3 ranks: ok" in output


@pytest.mark.parametrize(
    "sections", ["values shuffle hash tables sort restore", "faults"]
)
def test_columns_go_directly(sections: str) -> None:
    """However few their bytes are: what otherwise only large tables do."""
    status, output = run_ranks(sections.split(), 3, 180, SHOAL_DIRECT="1")
    assert status == 0, output
    assert "3 ranks: ok" in output
