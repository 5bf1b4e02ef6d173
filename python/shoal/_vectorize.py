"""shoal.vectorize: a function of numbers that takes arrays too, element by element."""

import functools
import types

import numpy as np
import pandas as pd

from . import prange
from .decorator import JitFunction, check_options, jit


def _of_type(func, result):
    """func with its result converted to a type of NumPy's."""

    def converted(*args):
        return result(func(*args))

    return converted


def _each_row(each, args):
    """Of arrays of one dimension and scalars: each rank calls for its own rows."""
    args = [a if np.ndim(a) == 0 else np.asarray(a) for a in args]
    long = [a for a in args if np.ndim(a) == 1]
    n = len(long[0])
    for a in long:
        if len(a) != n:
            raise ValueError(
                "operands could not be broadcast together: arrays of different lengths"
            )
    # Only the type is asked for: of no rows, too.
    none = [each(*[a if np.ndim(a) == 0 else a[0] for a in args]) for _ in range(0)]
    out = np.empty(n, np.array(none).dtype)
    for i in prange(n):
        out[i] = each(*[a if np.ndim(a) == 0 else a[i] for a in args])
    return out


def _elementwise(func, result, options: dict) -> JitFunction:
    original = func.py_func if isinstance(func, JitFunction) else func
    if not isinstance(original, types.FunctionType):
        raise TypeError(f"vectorize() takes a Python function, not {func!r}")
    each = original if result is None else _of_type(original, result)

    def elementwise(*args):
        if max([np.ndim(a) for a in args]) == 0:
            return each(*args)
        rows = [a for a in args if isinstance(a, pd.Series)]
        if max([np.ndim(a) for a in args]) == 1:
            out = _each_row(each, args)
        else:
            arrays = np.broadcast_arrays(*[np.asarray(a) for a in args])
            flat = _each_row(each, [np.ravel(a) for a in arrays])
            out = np.reshape(flat, arrays[0].shape)
        if len(rows) == 0:
            return out
        return pd.Series(out, index=rows[0].index, name=rows[0].name)

    return functools.update_wrapper(jit(elementwise, **options), original)


def vectorize(signature_or_function=None, **options):
    """Compile a function of numbers to one of numbers, Series, and arrays of any dimensions,
    which are broadcast; use as @vectorize, @vectorize(["float64(float64, float64)"]) or
    vectorize(f). The result has the arrays' shape, or the first Series' index, and the type
    of the function's result; of the signature if there is one alone. options are jit's. Also
    called in compiled functions. Collective like a prange over the rows."""
    options.pop("identity", None)
    check_options(options)
    what = signature_or_function
    if what is None:
        return lambda func: _elementwise(func, None, options)
    if isinstance(what, types.FunctionType | JitFunction):
        return _elementwise(what, None, options)
    from ._signature import declared

    signatures = declared(what)
    if signatures is None:
        raise TypeError(f"vectorize() takes a Python function, not {what!r}")
    result = signatures[0].result if len(signatures) == 1 else None
    kind = None if result is None else np.dtype(result.desc.type[0]).type
    return lambda func: _elementwise(func, kind, options)
