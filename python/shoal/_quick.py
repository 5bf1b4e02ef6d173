"""Which compiled forms may be called without Python (py_quick.c), and their offer."""

import types

from . import _box
from ._ask import CONST, Guard, Same, token
from ._desc import CHAR, NdColumn

_LETTERS = {"int64": "i", "float64": "f", "bool": "b", "complex128": "c"}
MOST = 8  # arguments
MOST_SLOTS = 64  # in and out
MOST_GUARDS = 32


def _is_flat(d) -> bool:
    """An array whose elements NumPy can see, and that knows no missing ones but NaN."""
    return (
        d.type != CHAR
        and d.type[0] not in ("str", "date")
        and d.type[1]
        in (
            "none",
            "nan",
            "nat",
        )
    )


# -- Arguments ---------------------------------------------------------------------------


def _number(d, value) -> str:
    """The letter of a number or text that C can read; "" for others."""
    dtype, null, unit = d.type
    if type(value) in (int, float, bool, complex):
        return _LETTERS[dtype]
    if type(value) is str:
        return "t"
    numpys = d.extra == "np" and null in ("none", "nan") and not unit
    if not numpys or dtype.startswith("complex") or dtype == "uint64":
        return ""
    return "b" if dtype == "bool" else "f" if dtype.startswith("float") else "i"


def _param(d, value, wanted: dict, at: int, written: frozenset) -> tuple | None:
    """An argument as C looks at it, and the number of scalars in it; None: it can't. at:
    number of its first scalar among those of the call."""
    import numpy as np

    if d.kind == "none":
        return ("-", type(None), (), None, 0, False, False), 0
    if d.kind == "scalar":
        letter = _number(d, value)
        known = (wanted[at],) if at in wanted else ()
        return letter and ((letter, type(value), known, None, 0, False, False), 1)
    if d.kind != "array" or type(value) is not np.ndarray or not _is_flat(d):
        return None
    strided = len(d.children) > d.ndim
    changed = d.slot in written
    row = ("a", np.ndarray, (), d.type, d.ndim, strided, changed)
    return row, len(d.children)


def _params(c, args: tuple) -> tuple | None:
    wanted = {at: value for at, _, value in c.wanted}
    out, at = [], 0
    for d, value in zip(c.args, args, strict=True):
        found = _param(d, value, wanted, at, c.written)
        if not found:
            return None
        out.append(found[0])
        at += found[1]
    return tuple(out)


# -- Answers -----------------------------------------------------------------------------


def _size(d):
    return (d.value,) if d.kind == "const" else d.slot


def _spec(d) -> tuple | None:
    """How C makes the answer (py_quick.h); None: it can't."""
    if d.kind == "none":
        return ("n",)
    if d.kind == "scalar":
        return _scalar_spec(d)
    if d.kind == "array" and _is_flat(d):
        sizes = (d.ndim, tuple(map(_size, d.children))) if d.children else ()
        return ("a", d.slot, *sizes)
    if d.kind == "tuple" and not d.extra:
        parts = tuple(map(_spec, d.children))
        return None if None in parts else ("t", parts)
    return None


def _scalar_spec(d) -> tuple | None:
    import numpy as np

    dtype, null, unit = d.type
    if dtype == "str" and not unit:
        return "s", d.slot
    if null not in ("none", "nan") or unit or dtype in ("str", "date"):
        return None
    if d.extra != "np" and dtype in _LETTERS:
        return "b" if dtype == "bool" else "s", d.slot
    return "u" if dtype == "uint64" else "k", d.slot, np.dtype(dtype).type


def _python_spec(c) -> tuple:
    """The answer as Python makes it."""
    from . import _update, _where

    def finish(slots: list, args: tuple):
        out = _box.box(c.result, slots)
        if not c.refers:
            return out
        return _update.finish(out, list(args), _where.HERE, None)

    return "p", finish


def _memory(array):
    """The memory of an array that is not contiguous, as one dimension."""
    return NdColumn(array, None).base()


# -- Guards ------------------------------------------------------------------------------


def _fixed(value) -> bool:
    """An object that is the same as long as it is the same object."""
    if isinstance(value, tuple):
        return all(map(_fixed, value))
    if type(value) in CONST or type(value) is types.FunctionType:
        return True
    known = token(value)
    return type(known) is Same or known == ("rows",)


def _guard(g) -> list | None:
    """A guard as C looks after it; None when only Python can."""
    if type(g) is not Guard or g.place is None:
        return None
    out = []
    for attr, owner, name, there, value in g.place:
        if there and not _fixed(value):
            return None
        out.append((attr, owner, name, there, value))
        if there and type(value) is types.FunctionType:
            out.append((True, value, "__code__", True, value.__code__))
    return out


def offer(jit, c, args: tuple) -> None:
    """Let calls like this one go the quick way, if nothing in them needs Python."""
    if c.calls or c.needs_ranks or len(args) != len(c.args) or len(args) > MOST:
        return
    if max(map(len, c.letters)) > MOST_SLOTS:
        return
    params = _params(c, args)
    guards = [_guard(g) for g in c.guards]
    if params is None or None in guards:
        return
    flat = tuple(g for some in guards for g in some)
    if len(flat) > MOST_GUARDS:
        return
    spec = (None if c.refers else _spec(c.result)) or _python_spec(c)
    answer = spec, _box.strided, _memory
    loops = c.plain["quick"] > 1
    jit.add_form(c.program(), params, c.letters[1], answer, loops, flat)
