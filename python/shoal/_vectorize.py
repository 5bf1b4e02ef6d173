"""shoal.vectorize: a function of numbers that takes arrays too, element by element."""

import functools
import types

import numpy as np
import pandas as pd

from .decorator import JitFunction, check_options, jit
from .library import numbers


def _of_type(func, result):
    """func with its result converted to a type of NumPy's."""

    def converted(*args):
        return result(func(*args))

    return converted


def _elementwise(func, result, options: dict) -> JitFunction:
    original = func.py_func if isinstance(func, JitFunction) else func
    if not isinstance(original, types.FunctionType):
        raise TypeError(f"vectorize() takes a Python function, not {func!r}")
    each = original if result is None else _of_type(original, result)

    over_all = numbers.vectorize(each, typed=True)

    def elementwise(*args):
        out = over_all(*args)
        rows = [a for a in args if isinstance(a, pd.Series)]
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
