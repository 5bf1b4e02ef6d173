"""The MPI that came with the package: found by its own installation, never through PATH."""

import functools
import os


@functools.cache
def package_file(name: str) -> str | None:
    """Path of a file that the mpich wheel installed."""
    import importlib.metadata

    try:
        files = importlib.metadata.distribution("mpich").files or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.name == name:
            return os.path.realpath(file.locate())
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
    """Loads libmpi into this process and returns the path of the plugin that uses it."""
    import ctypes

    library = os.environ.get("SHOAL_LIBMPI") or package_file("libmpi_abi.so.1")
    if library:
        ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL)
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "shoal_comm_mpi.so")
