"""Classes whose instances are tuples with named fields: named tuples, dataclasses, and members
of enums; and plain classes.

To the compiler such a class is a text (front/record.c reads it): kind, number, name, flags, number
of fields, fields, and for enums the members' names and values. The number names the class in
this process. An instance is its parts: the values of its fields; of an enum's member its
number in the order of definition, or its value where that is an int (IntEnum, Flag).

The text of a plain class has the numbers of its bases for fields. The only part of its
instance is a list of one Fields (State), for which front/instance.c has the reason; the text of
a Fields names the attributes. A dataclass that is not frozen is such a class, since its fields
are assigned; behind the bases its text has its full name and its fields, each with letters for
what the decorator made of it: i an argument of __init__, k by keyword only, d with a default,
r in the text, c compared.
"""

import abc
import builtins
import collections
import dataclasses
import enum
import pickle
import sys
import types
import typing

import numpy as np

from . import library
from ._errors import UnsupportedError

# Where functions of such classes come from that nobody has written.
MADE = ("<string>", dataclasses.__file__, enum.__file__, collections.__file__)

# Packages whose classes are no plain data, whatever they are made of.
_FOREIGN = frozenset(("numpy", "pandas", "pyarrow", "scipy", "shoal", "mpi4py"))
_HOOKS = ("__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__")

_classes: list[type] = []
_texts: dict[type, str] = {}


def _is_namedtuple(cls: type) -> bool:
    return issubclass(cls, tuple) and isinstance(getattr(cls, "_fields", None), tuple)


def is_record(cls: type) -> bool:
    if issubclass(cls, enum.Enum):
        return not issubclass(cls, str | float)  # these are their values
    return _is_namedtuple(cls) or dataclasses.is_dataclass(cls)


def is_mutable(cls: type) -> bool:
    """A dataclass whose fields may be assigned."""
    return dataclasses.is_dataclass(cls) and not cls.__dataclass_params__.frozen


def is_plain(cls: type) -> bool:
    """A class of the user's whose instances are nothing but their attributes."""
    if type(cls) not in (type, abc.ABCMeta) or is_record(cls):
        return False
    own = _bases(cls)
    return bool(own) and all(map(_is_plain_base, own))


def _bases(cls: type) -> list[type]:
    """A class and its bases, without those that only say what it is like."""
    nothing = (object, abc.ABC, typing.Generic, typing.Protocol)
    return [b for b in cls.__mro__ if b not in nothing]


def _is_plain_base(cls: type) -> bool:
    package = cls.__module__.partition(".")[0]
    foreign = package in _FOREIGN and not library.is_stand_in(cls)
    if foreign or (package in sys.stdlib_module_names and package != "__main__"):
        return False
    space = vars(cls)
    init = space.get("__init__")
    if init is not None and type(init) is not types.FunctionType:
        return False
    heap = bool(cls.__flags__ & (1 << 9))  # made by a class statement
    return heap and not any(name in space for name in _HOOKS)


def is_exception(cls: type, mine: list) -> bool:
    """A class of exceptions, of which `mine` are its bases that are no part of Python, whose
    instances are made by the functions of the user's classes."""
    return bool(mine) and all(map(_is_plain_base, mine)) and type(cls) is type


class Fields(tuple):
    """The values of an instance's attributes, and the text that names them."""

    text: str

    @classmethod
    def of(cls, value) -> "Fields":
        names = attributes(value)
        self = cls(getattr(value, n) for n in names)
        kind = type(value)
        words = [str(number(kind)), kind.__name__, "", str(len(names)), *names]
        self.text = "|".join(["fields", *words])
        return self


class State(list):
    """The one Fields of an instance, which get new values when it is assigned to."""

    def __init__(self, owner):
        super().__init__([Fields.of(owner)])
        self.owner = owner

    def __setitem__(self, at, value):
        super().__setitem__(at, value)
        _assign(self.owner, self[0])


def _assign(value, fields: Fields) -> None:
    for name, v in zip(fields.text.split("|")[5:], fields, strict=True):
        object.__setattr__(value, name, v)


def attributes(value) -> list[str]:
    """The names of an instance's attributes in the order in which they were assigned."""
    names = list(getattr(value, "__dict__", ()))
    if dataclasses.is_dataclass(value):
        fields = [f.name for f in dataclasses.fields(value)]
        names = [n for n in fields if n in names] + [
            n for n in names if n not in fields
        ]
    for cls in type(value).__mro__:
        slots = vars(cls).get("__slots__", ())
        slots = (slots,) if isinstance(slots, str) else slots
        names += [n for n in slots if n not in names and hasattr(value, n)]
    return [n for n in names if n not in ("__dict__", "__weakref__")]


def no_init(self):  # what object's __init__ is to super()
    pass


def number(cls: type) -> int:
    return int(text(cls).split("|", 2)[1])


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


def _fields(cls: type) -> tuple[str, list]:
    """Flags and fields of a dataclass whose methods the decorator made."""
    params = cls.__dataclass_params__
    pseudo = cls.__dataclass_fields__.values()
    if any(f._field_type is dataclasses._FIELD_INITVAR for f in pseudo):
        raise UnsupportedError(
            f"the dataclass {cls.__name__} has an InitVar: make it a field"
        )
    made = getattr(cls.__init__, "__code__", None)
    own = made is None or made.co_filename not in MADE
    flags = ("" if own or not params.init else "g") + ("e" if params.eq else "")
    flags += ("o" if params.order else "") + ("r" if params.repr else "")
    return flags, list(dataclasses.fields(cls))


def _frozen_text(cls: type) -> tuple[str, str, list[str]]:
    flags, fields = _fields(cls)
    odd = [f for f in fields if not (f.init and f.repr and f.compare) or f.kw_only]
    if "g" not in flags or "r" not in flags or hasattr(cls, "__post_init__") or odd:
        raise UnsupportedError(
            f"the frozen dataclass {cls.__name__} has an __init__ of its own, __post_init__, "
            "or fields that are not plain: use a named tuple, or no frozen=True"
        )
    return "dataclass", flags, [f.name for f in fields]


def _mutable_words(cls: type) -> tuple[str, list[str]]:
    """Flags, and what stands behind the bases."""
    flags, fields = _fields(cls)
    words = []
    for f in fields:
        default = f.default is not dataclasses.MISSING
        made = f.default_factory is not dataclasses.MISSING
        letters = {
            "i": f.init,
            "k": f.kw_only,
            "d": default or made,
            "r": f.repr,
            "c": f.compare,
        }
        words.append("".join(n for n, has in letters.items() if has) + ":" + f.name)
    return "d" + flags, [cls.__qualname__, str(len(words)), *words]


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
    elif not dataclasses.is_dataclass(cls) or is_mutable(cls):
        bases = [b for b in _bases(cls)[1:] if is_plain(b) or is_mutable(b)]
        stand_in = "s" if library.is_stand_in(cls) else ""
        stand_in += "x" if issubclass(cls, BaseException) else ""
        kind, flags, parts = "class", stand_in, [str(number(b)) for b in bases]
    else:
        kind, flags, parts = _frozen_text(cls)
    more = []
    if is_mutable(cls):
        made, more = _mutable_words(cls)
        flags += made
    _classes.append(cls)
    own = str(len(_classes) - 1)
    words = [kind, own, cls.__name__, flags, str(len(parts)), *parts, *more]
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
        every = [_default(f) for f in dataclasses.fields(cls)]
        return tuple(d for d in every if d is not dataclasses.MISSING)
    return ()


# front/record.c calls what stands behind it.
FACTORY = "dataclasses.field(default_factory)"


def _default(field):
    if field.default_factory is not dataclasses.MISSING:
        return (FACTORY, field.default_factory)
    return field.default


def parts(value) -> tuple:
    """What an instance consists of."""
    if isinstance(value, Fields):
        return tuple(value)
    if isinstance(value, enum.Enum):
        if isinstance(value, enum.Flag | int):
            return (int(value.value),)
        return (list(type(value)).index(value),)
    if isinstance(value, tuple):
        return tuple(value)
    if not dataclasses.is_dataclass(value) or is_mutable(type(value)):
        return (State(value),)
    return tuple(getattr(value, f.name) for f in dataclasses.fields(value))


def values(value) -> tuple:
    """What an instance consists of, as plain values."""
    found = parts(value)
    return tuple(found[0][0]) if found and type(found[0]) is State else found


def split(value) -> tuple | None:
    """(text, parts) of an instance; None: it is none."""
    cls = type(value)
    if cls is Fields:
        return value.text, tuple(value)
    return (text(cls), parts(value)) if is_record(cls) or is_plain(cls) else None


def known() -> bool:
    """Whether classes have been numbered, in the order in which this process met them."""
    return bool(_classes)


class Elsewhere:
    """Stands for a class that only the rank which compiles can name."""

    def __init__(self, text: str):
        self.text = text


def named_classes(classes) -> list:
    """Classes for a process that runs the same program: each pickled, by its name; or,
    where it is not to be found by that, its text."""
    out: list = []
    for cls in classes:
        try:
            out.append(pickle.dumps(cls))
        except Exception:
            out.append(cls.text if isinstance(cls, Elsewhere) else cls.__qualname__)
    return out


def found_classes(named: list) -> list:
    """Those that named_classes() has named in another process."""
    return [Elsewhere(c) if isinstance(c, str) else pickle.loads(c) for c in named]


def told() -> list:
    """The classes by their numbers, for follow()."""
    return named_classes(_classes)


def follow(named: list) -> None:
    """The numbers of another process of the same program hold here, too."""
    for cls in found_classes(named[len(_classes) :]):
        if isinstance(cls, Elsewhere):
            _classes.append(cls)
        else:
            text(cls)


def class_of(number: int) -> type:
    """The class of that number."""
    return _classes[number]


# What is no instance of a class of the program's; front/desc.c names it.
MAKERS = {
    "=range": range,
    "=slice": slice,
    "=keys": lambda items: dict.fromkeys(items).keys(),
    "=values": lambda items: dict(enumerate(items)).values(),
    "=items": lambda items: dict(items).items(),
    "=type": lambda name: getattr(builtins, name),
    "=dtype": lambda name: np.dtype(name),
}


def _named(record: str) -> type:
    cls = _classes[int(record.split("|", 2)[1])]
    if isinstance(cls, Elsewhere):
        raise UnsupportedError(
            f"the class {cls.text} is not found by its name on this rank: define it at the "
            "top level of a module"
        )
    return cls


def fields_of(record: str) -> tuple[type, tuple[str, ...]]:
    """The class whose attributes the text names, and their names."""
    return _named(record), tuple(map(sys.intern, record.split("|")[5:]))


def build(record: str, values: tuple):
    """The instance of the class that the text names, or what MAKERS make."""
    if record.startswith("="):
        return MAKERS[record](*values)
    cls = _named(record)
    if record.startswith("fields|"):
        made = Fields(values)
        made.text = record
        return made
    if record.startswith("class|"):
        state = values[0]
        if isinstance(state, State):
            return state.owner
        if library.is_stand_in(cls):
            names = state[0].text.split("|")[5:]
            return cls.python_of(dict(zip(names, state[0], strict=True)))
        made = object.__new__(cls)
        _assign(made, state[0])
        return made
    if issubclass(cls, enum.Enum):
        n = values[0]
        return cls(n) if issubclass(cls, enum.Flag | int) else list(cls)[n]
    return cls(*values) if not _is_namedtuple(cls) else cls._make(values)
