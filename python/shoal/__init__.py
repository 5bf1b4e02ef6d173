"""Shoal compiles functions that use pandas and NumPy and runs them on all cores.

import shoal
@shoal.jit
def f(path): ...

Importing the package loads neither pandas nor the compiler: both come with the first use.
"""

from ._errors import (
    DistributionError,
    InternalError,
    LostResultError,
    RankDiedError,
    ShoalWarning,
    UnsupportedError,
    UnsupportedRewriteError,
)
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
from .decorator import jit, wrap_python

__version__ = "0.1.0"


class prange:
    """range() outside of compiled functions; inside one, a loop split over the ranks."""

    def __new__(cls, *args):
        return range(*args)


def __getattr__(name: str):
    if name == "types":
        import importlib

        return importlib.import_module(".types", __name__)
    if name == "typeof":
        from .types import typeof

        return typeof
    if name in ("close", "pool"):
        from . import _pool

        return _pool.close if name == "close" else _pool
    raise AttributeError(f"module 'shoal' has no attribute {name!r}")


__all__ = [
    "DistributionError",
    "InternalError",
    "LostResultError",
    "RankDiedError",
    "ShoalWarning",
    "UnsupportedError",
    "UnsupportedRewriteError",
    "allgatherv",
    "barrier",
    "gatherv",
    "get_end",
    "get_nodes_first_ranks",
    "get_num_nodes",
    "get_rank",
    "get_size",
    "get_start",
    "is_jit_execution",
    "jit",
    "parallel_print",
    "prange",
    "random_shuffle",
    "rebalance",
    "scatterv",
    "wrap_python",
]
