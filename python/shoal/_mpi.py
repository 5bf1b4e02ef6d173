"""The MPI that came with the package: found by its own installation, never through PATH."""

import functools
import os
import sys


def _records():
    """The lists of files of every installed mpich, as pip wrote them. (importlib.metadata
    would say the same, but to load it takes longer than to start MPI.)"""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith("mpich-") and name.endswith(".dist-info"):
                yield folder, os.path.join(folder, name, "RECORD")


@functools.cache
def package_file(name: str) -> str | None:
    """Path of a file that the mpich wheel installed."""
    end = f"/{name}"
    for folder, record in _records():
        try:
            with open(record, encoding="utf-8") as lines:
                for line in lines:
                    path = line.partition(",")[0].strip('"')
                    if path.endswith(end):
                        return os.path.realpath(os.path.join(folder, path))
        except OSError:
            continue
    return None


def mpiexec() -> list[str]:
    """The launcher's command: SHOAL_MPIEXEC, else the package's own."""
    chosen = os.environ.get("SHOAL_MPIEXEC")
    if chosen:
        import shlex

        return shlex.split(chosen)
    found = package_file("mpiexec.hydra") or package_file("mpiexec")
    if found is None:
        raise RuntimeError(
            "the package mpich is not installed beside shoal: pip install mpich, or set "
            "SHOAL_MPIEXEC to the cluster's launcher"
        )
    return [found]


def load_plugin() -> str:
    """Path of the plugin that uses MPI. Says where libmpi is: the plugin loads it by its
    path, and its name is found in no other way."""
    from ._native import MPI_PLUGIN

    if not os.environ.get("SHOAL_MPI_LIBRARY"):
        os.environ["SHOAL_MPI_LIBRARY"] = package_file("libmpi_abi.so.1") or ""
    return MPI_PLUGIN
