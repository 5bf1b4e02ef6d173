"""Shoal compiles functions that use pandas and NumPy and runs them on all cores.

import shoal
@shoal.jit
def f(path): ...

Importing the package loads neither pandas nor the compiler: both come with the first use.
Names come from their modules when they are asked for, since a worker needs none of them.
"""

TYPE_CHECKING = False  # what type checkers take for True, without importing typing
if TYPE_CHECKING:
    from ._check import check as check
    from ._errors import (
        DeclarationError,
        DistributionError,
        InternalError,
        LostResultError,
        RankDiedError,
        ShoalError,
        ShoalWarning,
        UnsupportedError,
        UnsupportedRewriteError,
    )
    from ._pool import close
    from ._spmd import (
        allgatherv,
        barrier,
        gatherv,
        get_end,
        get_nodes_first_ranks,
        get_num_nodes,
        get_rank,
        get_size,
        get_start,
        is_jit_execution,
        parallel_print,
        random_shuffle,
        rebalance,
        scatterv,
    )
    from .decorator import jit, njit, wrap_python
    from .types import typeof

__version__ = "0.1.0"


def _newer_cpu(folder: str) -> bool:
    """Whether a wheel's second build of the runtime (CMakeLists.txt) is for this CPU."""
    import os

    if not os.path.isdir(folder) or os.environ.get("SHOAL_CPU_LEVEL") == "1":
        return False
    try:
        with open("/proc/cpuinfo") as f:
            text = f.read(1 << 14)  # the first CPU
    except OSError:
        return False
    flags = next((s for s in text.splitlines() if s.startswith("flags")), "").split()
    wanted = ("avx2", "bmi1", "bmi2", "f16c", "fma", "movbe", "abm", "xsave")
    return all(w in flags for w in wanted)


if _newer_cpu(f"{__path__[0]}/x86_64_v3"):
    __path__.insert(0, f"{__path__[0]}/x86_64_v3")  # where _core is found first

_NAMES = {
    "_errors": (
        "DeclarationError DistributionError InternalError LostResultError RankDiedError ShoalError "
        "ShoalWarning UnsupportedError UnsupportedRewriteError"
    ),
    "_check": "check",
    "_pool": "close",
    "_spmd": (
        "allgatherv barrier gatherv get_end get_nodes_first_ranks get_num_nodes get_rank "
        "get_size get_start is_jit_execution parallel_print random_shuffle rebalance "
        "scatterv"
    ),
    "decorator": "jit njit wrap_python",
    "types": (
        "typeof boolean int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 "
        "complex64 complex128 void"
    ),
    "_vectorize": "vectorize",
}
# What programs of another system find under the name that they import Shoal by.
_DROP_IN = {
    *"BodoError BodoWarning utils libs spawn_mode".split(),
    *"guvectorize stencil jitclass get_gpu_ranks set_verbose_level set_bodo_verbose_logger".split(),
    *"spawn_process_on_nodes stop_process_on_nodes numba_compat pandas".split(),
}
_home = {name: module for module, names in _NAMES.items() for name in names.split()}


class prange:
    """range() outside of compiled functions; inside one, a loop split over the ranks."""

    def __new__(cls, *args):
        return range(*args)


def __getattr__(name: str):
    import importlib

    if name in ("pool", "types", "typed"):
        return importlib.import_module(
            "._pool" if name == "pool" else f".{name}", __name__
        )
    if name in _DROP_IN:
        from . import _dropin

        return _dropin.get(name)
    if name not in _home:
        raise AttributeError(f"module 'shoal' has no attribute {name!r}")
    module = importlib.import_module(f".{_home[name]}", __name__)
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_home})


__all__ = [
    "DeclarationError",
    "DistributionError",
    "InternalError",
    "LostResultError",
    "RankDiedError",
    "ShoalError",
    "ShoalWarning",
    "UnsupportedError",
    "UnsupportedRewriteError",
    "allgatherv",
    "barrier",
    "close",
    "gatherv",
    "get_end",
    "get_nodes_first_ranks",
    "get_num_nodes",
    "get_rank",
    "get_size",
    "get_start",
    "is_jit_execution",
    "jit",
    "njit",
    "parallel_print",
    "prange",
    "random_shuffle",
    "rebalance",
    "scatterv",
    "typeof",
    "wrap_python",
]
