"""libs.distributed_api: the block rule, and reductions over the ranks of a launcher."""

import enum
import functools
import operator

from shoal._spmd import get_end, get_start, together

__all__ = ["Reduce_Type", "dist_reduce", "get_end", "get_start"]


class Reduce_Type(enum.Enum):
    """How dist_reduce() combines values."""

    Sum = 0
    Prod = 1
    Min = 2
    Max = 3
    Or = 6


def _smaller(a, b):
    import numpy as np

    return np.minimum(a, b) if isinstance(a, np.ndarray) else min(a, b)


def _larger(a, b):
    import numpy as np

    return np.maximum(a, b) if isinstance(a, np.ndarray) else max(a, b)


_COMBINE = {
    Reduce_Type.Sum: operator.add,
    Reduce_Type.Prod: operator.mul,
    Reduce_Type.Min: _smaller,
    Reduce_Type.Max: _larger,
    Reduce_Type.Or: operator.or_,
}


def dist_reduce(value, reduce_op):
    """The numbers or arrays of all ranks as one, on every rank; in Python code, where a
    compiled function has sum(), min() and their like. Collective."""
    from shoal import _chunks

    how = _COMBINE[
        reduce_op if isinstance(reduce_op, Reduce_Type) else Reduce_Type(int(reduce_op))
    ]
    if not together("dist_reduce"):
        return value
    return functools.reduce(how, _chunks.exchange(value))
