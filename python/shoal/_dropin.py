"""Names of the system whose programs run with `import shoal as bodo`: what is the same thing
under another name here. Others that are known there are there too, and refuse to be used.
The modules utils, libs, pandas and numba_compat are files of these names."""

import importlib

from ._absent import Absent
from ._errors import ShoalError, ShoalWarning


def _spawn_mode() -> bool:
    """Whether functions run on a pool unless they say otherwise."""
    import os

    return os.environ.get("SHOAL_SPAWN_MODE", "1") != "0"


def _module(name: str):
    return lambda: importlib.import_module(f".{name}", __package__)


def _verbose(name: str):
    return lambda: getattr(_module("_verbose")(), name)


_MADE = {
    "BodoError": lambda: ShoalError,
    "BodoWarning": lambda: ShoalWarning,
    "spawn_mode": _spawn_mode,
    "set_verbose_level": _verbose("set_verbose_level"),
    "set_bodo_verbose_logger": _verbose("set_bodo_verbose_logger"),
    **{name: _module(name) for name in ("utils", "libs", "pandas", "numba_compat")},
}
_ABSENT = {
    "guvectorize": "jit, of a function that takes and returns whole arrays",
    "stencil": "jit, of a function with the loops, or with slices: u[1:-1] = u[:-2] + u[2:]",
    "jitclass": "plain classes and data classes, which compiled functions make and take",
    "get_gpu_ranks": "nothing here runs on GPUs",
    "spawn_process_on_nodes": "subprocess, in the program that starts the functions",
    "stop_process_on_nodes": "subprocess, in the program that starts the functions",
}


def get(name: str):
    """The object of a name."""
    if name in _MADE:
        return _MADE[name]()
    return Absent(f"shoal.{name}", _ABSENT[name])
