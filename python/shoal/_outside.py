"""Arrays, frames, Series and indexes of the surrounding code, which a function reads as globals,
closure variables, attributes of modules and objects, or items of containers.

They are arguments of a call that the caller does not write: found when the function is
compiled, then read anew at each call and described behind its own arguments. So a call
sees what the name holds then, as in Python, and what it writes is seen as with arguments.
The way to such a value from the function is a path of steps, which every rank of SPMD
walks in its own program.
"""

import builtins
import inspect
import sys
from typing import NamedTuple

from ._desc import describe
from ._errors import UnsupportedError

MISSING = object()


def is_rows(value) -> bool:
    """Whether a value is data that a call is given as it stands."""
    pd, np = sys.modules.get("pandas"), sys.modules.get("numpy")
    return (np is not None and isinstance(value, np.ndarray)) or (
        pd is not None and isinstance(value, pd.DataFrame | pd.Series | pd.Index)
    )


def read_name(func, name: str):
    """What a global or closure variable of a Python function holds now, or MISSING."""
    free = func.__code__.co_freevars
    if name not in free:
        return func.__globals__.get(name, getattr(builtins, name, MISSING))
    try:
        return func.__closure__[free.index(name)].cell_contents
    except ValueError:
        return MISSING


def python_of(value):
    """The Python function that a decorated one has."""
    return getattr(value, "py_func", value)


def _function_of(member):
    return (
        member.fget if type(member) is property else getattr(member, "__func__", member)
    )


def _step(owner, kind: str, key):
    if kind == "name":
        return read_name(python_of(owner), key)
    if kind == "attr":
        return getattr(owner, key)
    if kind == "default":
        return python_of(owner).__defaults__[key]
    if kind == "member":
        return _function_of(inspect.getattr_static(owner, key))
    if kind == "value":
        return list(owner.values())[key]
    if kind == "part":
        from . import _records

        return _records.parts(owner)[key]
    return owner[key]


def walk(func, path: tuple):
    """The value at the end of the path from the function; MISSING if there is none."""
    value = func
    for kind, key in path:
        try:
            value = _step(value, kind, key)
        except (AttributeError, LookupError, TypeError):
            return MISSING
    return value


class Outside(NamedTuple):
    """A value of the surrounding code."""

    name: str  # there
    path: tuple  # to it, from the function that is compiled
    reader: tuple | None  # to the function whose variable it is, if flags may name it

    def value(self, func):
        """What is there now; None when it is no rows."""
        found = walk(func, self.path)
        return found if is_rows(found) else None

    def options(self, jit) -> dict:
        """The flags that name it: those of the function that reads it."""
        if self.reader is None:
            return {}
        reader = walk(jit.py_func, self.reader) if self.reader else jit
        options = getattr(reader, "options", {})
        names = ("distributed", "distributed_block", "replicated")
        kept = {n: options[n] for n in names if isinstance(options.get(n), tuple)}
        if "args_maybe_distributed" in options:
            kept["args_maybe_distributed"] = options["args_maybe_distributed"]
        return kept


class NewOutside(Exception):
    """A compile met values that its call was not given."""

    def __init__(self, found: tuple):
        super().__init__("values of the surrounding code")
        self.found = found


def describe_outside(value, leaves):
    """(value, Desc): as describe(), or (None, that of None) for what cannot be described,
    which the compiler says where it is used."""
    at, pieces = len(leaves.at), len(leaves.pieces)
    try:
        return value, describe(value, leaves)
    except UnsupportedError:
        del leaves.at[at:], leaves.pieces[pieces:]
        leaves.seen.pop(id(value), None)
        return None, describe(None, leaves)
