"""Which compiled forms may be called without Python (py_quick.c), and their offer."""

import types

from ._ask import CONST, Guard

_LETTERS = {"int64": "i", "float64": "f", "bool": "b"}
_CLASSES = {"i": int, "f": float, "b": bool}
MOST = 8  # values in and out
MOST_GUARDS = 32


def _letter(d) -> str:
    """Of a scalar that Python has as its own number; "" for others."""
    if d.kind != "scalar" or d.type[1] not in ("none", "nan"):
        return ""
    return _LETTERS.get(d.type[0], "")


def _result(d) -> tuple | None:
    """(letters, is a tuple) of a result of plain numbers."""
    if d.kind == "none":
        return "-", False
    parts = d.children if d.kind == "tuple" else (d,)
    letters = [_letter(p) for p in parts]
    slots = [p.slot for p in parts]
    if not all(letters) or slots != list(range(len(parts))) or len(parts) > MOST:
        return None
    return "".join(letters), d.kind == "tuple"


def _fixed(value) -> bool:
    """An object that is the same as long as it is the same object."""
    if isinstance(value, tuple):
        return all(map(_fixed, value))
    return type(value) in CONST or not isinstance(value, list | set | frozenset | dict)


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
    if c.written or c.refers or c.calls or c.needs_ranks:
        return
    letters = [_letter(d) for d in c.args]
    if len(args) != len(letters) or len(args) > MOST or not all(letters):
        return
    if any(type(a) is not _CLASSES[k] for a, k in zip(args, letters, strict=True)):
        return
    result = _result(c.result)
    guards = [_guard(g) for g in c.guards]
    if result is None or None in guards:
        return
    flat = tuple(g for some in guards for g in some)
    if len(flat) > MOST_GUARDS:
        return
    wanted = tuple((at, value) for at, _, value in c.wanted)
    loops = c.plain["quick"] > 1
    jit.add_form(c.program(), "".join(letters), *result, loops, wanted, flat)
