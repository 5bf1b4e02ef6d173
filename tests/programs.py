"""Run programs as their users do: on a pool of so many workers, or started by mpiexec.

As a program itself: runs the Python files that are its arguments one after the other, each
in its folder, and writes what each prints to files beside it (see run_all).
"""

import os
import re
import runpy
import subprocess
import sys
import textwrap
import traceback
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

MODES = ("pool", "spmd")
# What MPICH's launcher writes between the output of the ranks when it reaps one that it killed,
# after an abort, before the one that aborted.
BANNER = re.compile(
    r"\n=+\n= +BAD TERMINATION OF .*?\n=+\nYOUR APPLICATION .*?\n(This typ.*?\n.*?\n)?",
    re.S,
)
EVERYWHERE = [(1, "pool"), (2, "pool"), (3, "pool"), (4, "pool"), (3, "spmd")]


def run(file: Path, ranks: int, mode: str, timeout: float = 100, *args, **env: str):
    """The finished process; mode is one of MODES. Its folder is the file's own."""
    # Unbuffered, Python writes a line and its end apart, and ranks come between.
    drop = ("SHOAL_NUM", "PYTHONUNBUFFERED")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(drop)}
    paths = [str(Path(__file__).parent), plain.get("PYTHONPATH")]  # comparing.py
    plain["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, str(file), *map(str, args)]
    if mode == "spmd":
        from shoal import _mpi

        command = [*_mpi.mpiexec(), "-n", str(ranks), *command]
    else:
        plain["SHOAL_NUM_WORKERS"] = str(ranks)
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**plain, **env},
        cwd=file.parent,
        check=False,
    )
    if done.returncode:
        done.stdout = BANNER.sub("", done.stdout)
    return done


def run_all(files: list[Path], ranks: int, mode: str) -> dict[str, object]:
    """What run gives for each file, by stem; one start of Python, MPI and workers for
    all of them. In SPMD a file's output is that of all ranks; a file that fails has the
    status 1."""
    done = run(Path(__file__), ranks, mode, 30 + 20 * len(files), *files)
    assert done.returncode == 0, done.stdout + done.stderr

    def result(file: Path):
        out, err, failed = (
            file.with_suffix(end) for end in (".out", ".err", ".failed")
        )
        return subprocess.CompletedProcess(
            str(file), int(failed.exists()), out.read_text(), err.read_text()
        )

    return {file.stem: result(file) for file in files}


def run_text(source: str, ranks: int, mode: str, folder: Path, **env: str):
    program = folder / "program.py"
    program.write_text(textwrap.dedent(source))
    return run(program, ranks, mode, **env)


def check_program(source: str, ranks: int, mode: str, folder: Path) -> None:
    """The program says that it passed: once from a pool, else every rank does."""
    done = run_text(source, ranks, mode, folder)
    said = ["passed"] * (ranks if mode == "spmd" else 1)
    assert done.stdout.splitlines() == said, done.stdout + done.stderr


def run_here(file: Path) -> None:
    os.chdir(file.parent)
    # Lines of several ranks go to one file.
    with (
        file.with_suffix(".out").open("a", buffering=1) as out,
        file.with_suffix(".err").open("a", buffering=1) as err,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            runpy.run_path(str(file), run_name="__main__")
        except Exception:
            traceback.print_exc()
            file.with_suffix(".failed").touch()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run_here(Path(name))
