"""Declared signatures, @jit("float64(float64, int64[:])"): what a call's arguments and result
are converted to, and what does not fit. Code is still made for the values of each call."""

import re

from . import types
from .types import Type

# NumPy's short names, as they stand in signatures.
_SHORT = {
    "b1": "boolean", "bool": "boolean", "i1": "int8", "i2": "int16", "i4": "int32", "i8": "int64", "u1": "uint8",
    "u2": "uint16", "u4": "uint32", "u8": "uint64", "f4": "float32", "f8": "float64", "c16": "complex128",
    "unicode": "string", "str": "string",
}  # fmt: skip
_ITEM = re.compile(r"\s*([A-Za-z_]\w*)\s*(\[[:,\s1]*\])?\s*")


def _item(text: str, whole: str) -> Type:
    found = _ITEM.fullmatch(text)
    name = found and found[1]
    base = getattr(types, _SHORT.get(name, name), None) if found else None
    if not isinstance(base, Type):
        raise TypeError(
            f"jit(): {text.strip()!r} in the signature {whole!r} is no type"
        )
    return base[(slice(None),) * found[2].count(":")] if found[2] else base


def _parse(text: str) -> "Signature":
    found = re.fullmatch(r"\s*([^()]*)\(([^()]*)\)\s*", text)
    if not found:
        raise TypeError(
            f'jit(): {text!r} is no signature; one is "float64(int64, float64[:])"'
        )
    parts = re.split(r",(?![^\[]*\])", found[2]) if found[2].strip() else []
    result = _item(found[1], text) if found[1].strip() else None
    return Signature(result, tuple(_item(p, text) for p in parts))


class Signature:
    """The types of a function's arguments and of its result (None: whatever it is)."""

    def __init__(self, result: Type | None, args: tuple):
        self.result, self.args = result, args

    def __repr__(self) -> str:
        result = "" if self.result is None else repr(self.result)
        return f"{result}({', '.join(map(repr, self.args))})"

    def cost(self, args: tuple) -> int | None:
        """How many arguments must be converted; None: they do not fit."""
        if len(args) != len(self.args):
            return None
        each = [_cost(t, a) for t, a in zip(self.args, args, strict=True)]
        return None if None in each else sum(each)

    def convert(self, args: tuple) -> tuple:
        return tuple(map(_convert, self.args, args))

    def give(self, value):
        if self.result is None or self.result.desc.kind != "scalar":
            return value
        return _convert(self.result, value)


def _kind(dtype: str) -> int:
    """bool, integers, floats, complex numbers: what converts to what is behind it."""
    name = dtype.rstrip("0123456789")
    return {"bool": 0, "int": 1, "uint": 1, "float": 2, "complex": 3}.get(name, -1)


def _cost(type_: Type, value) -> int | None:
    given, d = types.typeof(value).desc, type_.desc
    if given.kind != d.kind or given.ndim != d.ndim:
        return None
    if d.kind != "scalar" or given.type == d.type:
        return 0 if types.Type(given) == type_ else None
    have, want = _kind(given.type[0]), _kind(d.type[0])
    return 1 if 0 <= have <= want else None


def _convert(type_: Type, value):
    import numpy as np

    d = type_.desc
    if d.kind != "scalar" or _kind(d.type[0]) < 0:
        return value
    if types.typeof(value).desc.type == d.type:
        return value
    made = np.dtype(d.type[0]).type(value)
    python = d.type[0] in ("bool", "int64", "float64", "complex128")
    return made.item() if python else made


def declared(what) -> tuple | None:
    """The signatures of jit()'s first argument; None: it is none."""
    if isinstance(what, Signature):
        return (what,)
    if isinstance(what, str):
        return (_parse(what),)
    if isinstance(what, tuple) and what and all(isinstance(t, Type) for t in what):
        return (Signature(None, what),)
    if isinstance(what, list) and what:
        each = [declared(w) for w in what]
        return None if None in each else tuple(s for some in each for s in some)
    return None


def match(signatures: tuple, args: tuple, name: str) -> Signature:
    """The signature that a call's arguments fit, with the fewest conversions."""
    fits = [(c, k) for k, s in enumerate(signatures) if (c := s.cost(args)) is not None]
    if not fits:
        given = ", ".join(repr(types.typeof(a)) for a in args)
        raise TypeError(
            f"{name}(): no matching definition for argument types ({given}); declared: "
            f"{'; '.join(map(repr, signatures))}"
        )
    return signatures[min(fits)[1]]
