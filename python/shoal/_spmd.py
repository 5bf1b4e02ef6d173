"""Ranks of this very process, when a launcher started the program on several of them."""

import os

from .library.blocks import get_end as get_end
from .library.blocks import get_start as get_start

_ranks: tuple[int, int] | None = None
calls = 0  # of Python functions by compiled code that are running in this process


def is_worker() -> bool:
    """Whether this process is a worker of a pool."""
    return os.environ.get("SHOAL_WORKER") == "1"


def launched() -> bool:
    """Whether mpiexec or its like started this program (DESIGN: detected, not configured)."""
    if is_worker():
        return False
    from ._mpi import RANK_NAMES

    return any(name in os.environ for name in RANK_NAMES)


def be_worker(rank: int, size: int) -> None:
    """This process is that rank of a pool: Python functions that compiled code calls ask."""
    global _ranks
    _ranks = (rank, size)


def open_ranks() -> tuple[int, int]:
    """(rank, size), on a worker those of the pool; initialises MPI the first time."""
    global _ranks
    if _ranks is None:
        if not launched():
            _ranks = (0, 1)
        else:
            import atexit

            from . import _core, _mpi

            _ranks = _core.open_comm(_mpi.load_plugin())
            atexit.register(_core.close_comm)
            if _ranks[1] > 1:
                _end_together()
    return _ranks


def together(what: str) -> bool:
    """Whether there are other ranks to take part in a collective that is called in Python.
    Not in a function that compiled code calls: they may not come to it."""
    several = open_ranks()[1] > 1
    if several and calls:
        from ._errors import DistributionError

        raise DistributionError(
            f"{what}() is a matter of all ranks, but this Python function is called by "
            "compiled code, on the ranks that come to it; call it in the compiled function"
        )
    return several


END_TOGETHER_MS = 1000


def _end_together() -> None:
    """A rank that ends by an exception ends the others too: they would wait for it. When
    all end so, as by an error of compiling, each says why and MPI is ended in order: after an
    abort the launcher kills ranks that have not spoken yet, and writes of that to stdout."""
    import sys

    before = sys.excepthook

    def hook(cls, value, trace):
        before(cls, value, trace)
        sys.stdout.flush()
        sys.stderr.flush()
        from . import _core

        if not _core.all_end(END_TOGETHER_MS):
            _core.abort_comm()

    sys.excepthook = hook


def get_rank() -> int:
    """Number of this rank, also in what a worker calls; 0 in a program of one process."""
    return open_ranks()[0]


def get_size() -> int:
    """Number of ranks, as get_rank() counts them."""
    return open_ranks()[1]


def barrier() -> None:
    """Wait until all ranks are here."""
    if together("barrier"):
        from . import _core
        from ._errors import collective

        collective(_core.barrier)


def get_nodes_first_ranks(comm=None):
    """The first rank of each host, as an array of int32. Not collective."""
    import numpy as np

    open_ranks()
    from . import _core

    return np.array(_core.nodes(), dtype=np.int32)


def get_num_nodes() -> int:
    """Number of hosts."""
    return len(get_nodes_first_ranks())


def is_jit_execution() -> bool:
    """True in compiled code, False in Python."""
    return False


def parallel_print(*args, **kwargs) -> None:
    """print() on every rank."""
    print(*args, **kwargs)


def scatterv(data, send_counts=None, warn_if_dist=True, root=0, comm=None):
    """This rank's block of the root's data, or of each member of a tuple, list or dict;
    outside of SPMD the data itself."""
    from . import _move

    _no_comm("scatterv", comm)
    _check_root("scatterv", root)
    if not together("scatterv"):
        return _move.members_moved(
            data, "scatterv", lambda v: _move.scatter_here(v, send_counts)
        )
    if warn_if_dist and data is not None and get_rank() != root:
        _move.warn_overwritten(root)
    return _move.scatter_all(data, root, send_counts)


def gatherv(data, allgather=False, warn_if_rep=True, root=0, comm=None):
    """All chunks on one rank; outside of SPMD the data itself."""
    if allgather and comm is not None:
        from ._errors import UnsupportedError

        raise UnsupportedError(
            "gatherv(): allgather flag not supported in intercomm case"
        )
    _no_comm("gatherv", comm)
    _check_root("gatherv", root)
    return _gathered(data, None if allgather else root, "gatherv")


def allgatherv(data, warn_if_rep=True, root=0):
    """All chunks on all ranks; outside of SPMD the data itself."""
    _check_root("allgatherv", root)
    return _gathered(data, None, "allgatherv")


def _no_comm(what: str, comm) -> None:
    if comm is not None:
        from ._errors import UnsupportedError

        raise UnsupportedError(
            f"{what}(): comm parameter only supports default value None (rows move "
            "between the ranks of the program)"
        )


def _check_root(what: str, root) -> None:
    size = open_ranks()[1]
    if not 0 <= root < size:
        ranks = f"{size} rank{'' if size == 1 else 's'}"
        raise ValueError(f"{what}(): rank {root} is not one of {ranks}")


def _gathered(data, root, what: str):
    from . import _move

    several = together(what)
    return _move.members_moved(
        data, what, lambda v: _move.gather(v, root) if several else v
    )


def rebalance(data, dests=None, random=False, random_seed=None, parallel=False):
    """Chunks of near-equal length; outside of SPMD the data itself, but a lazy result is
    moved on the workers."""
    from . import _move

    several = together("rebalance")
    if random and not several:
        return random_shuffle(data, random_seed, dests)

    def move(v):
        if several:
            return _move.rebalance(v, dests, random, random_seed)
        return _move.rebalance_lazy(v, dests) if _move.is_lazy(v) else v

    return _move.members_moved(data, "rebalance", move)


def random_shuffle(data, seed=None, dests=None, n_samples=None, parallel=False):
    """The rows in random order: in SPMD those of all ranks, if this is a chunk of them."""
    from . import _move

    def move(v):
        chunk = open_ranks()[1] > 1 and (parallel or _move.is_chunk(v))
        if chunk and together("random_shuffle"):
            return _move.shuffle(v, seed, dests, n_samples)
        if open_ranks()[1] == 1 and _move.is_lazy(v):
            return _move.shuffle_lazy(v, seed, dests, n_samples)
        return _shuffled_here(v, seed, n_samples)

    return _move.members_moved(data, "random_shuffle", move)


def _shuffled_here(data, seed, n_samples):
    from ._move import mixed
    from ._order import permutation

    return mixed(data, permutation(seed, len(data))[:n_samples])
