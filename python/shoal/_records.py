"""Classes whose instances are tuples with named fields: named tuples, dataclasses, and members
of enums.

To the compiler such a class is a text (front/record.c reads it): kind, number, name, flags, number
of fields, fields, and for enums the members' names and values. The number names the class in
this process. An instance is its parts: the values of its fields; of an enum's member its
number in the order of definition, or its value where that is an int (IntEnum, Flag).
"""

import collections
import dataclasses
import enum

from ._errors import UnsupportedError

# Where functions of such classes come from that nobody has written.
MADE = ("<string>", dataclasses.__file__, enum.__file__, collections.__file__)

_classes: list[type] = []
_texts: dict[type, str] = {}


def _is_namedtuple(cls: type) -> bool:
    return issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple)


def is_record(cls: type) -> bool:
    if issubclass(cls, enum.Enum):
        return not issubclass(cls, str | float)  # these are their values
    return _is_namedtuple(cls) or dataclasses.is_dataclass(cls)


def _quoted(s: str) -> str:
    return s.replace("%", "%25").replace("|", "%7C")


def _value(v) -> str:
    """A member's value, where the compiler may know it: an int, a float, a bool or text."""
    letter = {bool: "b", int: "i", float: "f", str: "s"}.get(type(v), "o")
    if letter == "i" and not -(2**63) <= v < 2**63:
        letter = "o"
    return letter + (
        "" if letter == "o" else _quoted(str(int(v) if letter == "b" else v))
    )


def _enum_text(cls: type) -> tuple[str, str, list[str]]:
    bases = (enum.Enum, enum.IntEnum, enum.Flag, enum.IntFlag, int, object)
    names = ("__eq__", "__hash__", "__str__", "__format__", "__repr__")
    own = [
        n
        for n in names
        if not any(getattr(cls, n) is getattr(b, n, None) for b in bases)
    ]
    if own:
        raise UnsupportedError(
            f"the enum {cls.__name__} defines {own[0]}: compare and print its values instead"
        )
    ints = issubclass(cls, int)
    flag = issubclass(cls, enum.Flag)
    by_value = ints or flag
    flags = ("v" if by_value else "") + ("i" if ints else "") + ("f" if flag else "")
    members = list(cls.__members__.values()) if by_value else list(cls)
    parts = [x for m in members for x in (m.name or "", _value(m.value))]
    return "enum", flags, parts


def _dataclass_text(cls: type) -> tuple[str, str, list[str]]:
    fields = dataclasses.fields(cls)
    params = cls.__dataclass_params__
    odd = [f.name for f in fields if not f.init or f.kw_only]
    if not params.init or hasattr(cls, "__post_init__") or odd:
        raise UnsupportedError(
            f"the dataclass {cls.__name__} has an __init__ of its own, __post_init__, or "
            "fields that are not plain: use a named tuple"
        )
    if any(f.default_factory is not dataclasses.MISSING for f in fields):
        raise UnsupportedError(
            f"the dataclass {cls.__name__} has a default_factory: pass the value"
        )
    flags = ("e" if params.eq else "") + ("o" if params.order else "")
    return "dataclass", flags, [f.name for f in fields]


def text(cls: type) -> str:
    """The class as the compiler reads it."""
    known = _texts.get(cls)
    if known is not None:
        return known
    if issubclass(cls, enum.Enum):
        kind, flags, parts = _enum_text(cls)
    elif _is_namedtuple(cls):
        if (
            "__new__" in vars(cls)
            and cls.__new__.__module__ != f"namedtuple_{cls.__name__}"
        ):
            raise UnsupportedError(
                f"the named tuple {cls.__name__} has a __new__ of its own: make it outside"
            )
        kind, flags, parts = "namedtuple", "", list(cls._fields)
    else:
        kind, flags, parts = _dataclass_text(cls)
    _classes.append(cls)
    words = [kind, str(len(_classes) - 1), cls.__name__, flags, str(len(parts)), *parts]
    _texts[cls] = "|".join(
        w if kind == "enum" and i > 5 and i % 2 == 0 else _quoted(w)
        for i, w in enumerate(words)
    )
    return _texts[cls]


def defaults(cls: type) -> tuple:
    """Of the last fields of a class, in order."""
    if _is_namedtuple(cls):
        return tuple(cls._field_defaults.values())
    if dataclasses.is_dataclass(cls):
        every = [f.default for f in dataclasses.fields(cls)]
        return tuple(d for d in every if d is not dataclasses.MISSING)
    return ()


def parts(value) -> tuple:
    """What an instance consists of."""
    if isinstance(value, enum.Enum):
        if isinstance(value, enum.Flag | int):
            return (int(value.value),)
        return (list(type(value)).index(value),)
    if isinstance(value, tuple):
        return tuple(value)
    return tuple(getattr(value, f.name) for f in dataclasses.fields(value))


def split(value) -> tuple | None:
    """(text, parts) of an instance; None: it is none."""
    cls = type(value)
    return (text(cls), parts(value)) if is_record(cls) else None


def class_of(number: int) -> type:
    """The class of that number."""
    return _classes[number]


def build(record: str, values: tuple):
    """The instance of the class that the text names."""
    cls = _classes[int(record.split("|", 2)[1])]
    if issubclass(cls, enum.Enum):
        n = values[0]
        return cls(n) if issubclass(cls, enum.Flag | int) else list(cls)[n]
    return cls(*values) if not _is_namedtuple(cls) else cls._make(values)
