"""Functions that are written in Python, out of operations that are compiled; most are
NumPy's.

A row of ops.def whose builder is `library` names the function here: np.diag is diag(),
np.linalg.pinv is linalg_pinv(), and a method of an array the function of the same name
(or ndarray_partition(), where the method is another thing). It is compiled as a user's
function is, inlined where it is called, so it may use whatever the language has: what is
known when compiling (axis, ndim, dtypes) is decided then. Exceptions are NumPy's, in type
and text; they name the line of the call.
"""

import importlib
import os

MODULES = ("shapes", "places", "numbers", "algebra", "moves", "blocks", "frames")
OWN = {
    "heapq": "heaps",
    "bisect": "heaps",
    "itertools": "loops",
    "math": "python",
    "builtins": "python",
    "int": "python",
    "str": "python",
    "bytes": "python",
    "list": "python",
    "dict": "python",
}  # of other packages than NumPy
CLASSES = ("int", "str", "bytes", "list", "dict")  # of methods: int_to_bytes()


def function(name: str):
    """The function for a name of the op table."""
    owner, _, short = name.partition(".")
    short = short.replace(".", "_")
    wanted = (f"ndarray_{short}", short) if owner == "ndarray" else (short,)
    if owner in CLASSES:
        wanted = (f"{owner}_{short}",)
    modules = (OWN[owner],) if owner in OWN else MODULES
    spaces = [vars(importlib.import_module(f".{m}", __name__)) for m in modules]
    for alias in wanted:
        for space in spaces:
            if alias in space:
                return space[alias]
    raise LookupError(name)


def refuse(text: str):
    """In compiled code: what is asked for is not compiled, and why."""
    raise NotImplementedError(text)


def axis_of(axis: int, ndim: int):
    """In compiled code: an axis counted from the first one; AxisError."""
    raise NotImplementedError


def factor(what: str, a, *more):
    """In compiled code: a factor of a matrix as one vector, see kernel/linalg_factor.c."""
    raise NotImplementedError


def has(filename: str) -> bool:
    """Whether a file is part of the library."""
    return os.path.dirname(filename) == os.path.dirname(__file__)


def limit(info: str, name: str):
    """np.finfo(np.float64).eps as ("np.finfo:float64", "eps")."""
    import numpy as np

    kind, dtype = info.split(":")
    return getattr(getattr(np, kind.partition(".")[2])(dtype), name)


def stand_in(cls: type) -> type:
    """The class that is compiled in place of one of collections; else the class itself."""
    if cls.__module__ != "collections":
        return cls
    from . import containers

    return containers.STAND_INS.get(cls, cls)


def is_stand_in(cls: type) -> bool:
    return cls.__module__ == f"{__name__}.containers"


def default_dict(factory) -> type:
    from . import containers

    return containers.default_dict(factory)
