"""Arguments with instances of classes that hold their own kind: lists, trees, graphs.

They come packed as one object (object/pack.c): a number in place of each instance, the
attributes behind all the rest in the order of the numbers. The numbers are the call's: an
instance that several arguments hold is one object in the function. The code of the type says
what was found in each attribute; the compiler knows more (front/kin.c), and the run time
converts. A function that changes anything gives the attributes of all these instances back,
which finish() writes.
"""

import functools
import itertools
import struct

from . import _records, library
from ._errors import UnsupportedError

_INT = struct.Struct("<q").pack
_FLOAT = struct.Struct("<d").pack
_COMPLEX = struct.Struct("<dd").pack
_NUMBERS = {bool: "#aaa", int: "#eaa", float: "#kba", complex: "#qaa"}
_RANKS = list(_NUMBERS.values())
_ATOMS = frozenset((type(None), bool, int, float, complex, str, bytes))


@functools.cache
def _is_class(cls: type) -> bool:
    if cls in _ATOMS or cls in (list, tuple, dict, set):
        return False
    plain = _records.is_plain(cls) or _records.is_mutable(cls)
    return plain and not library.is_stand_in(cls)


def _is_instance(value) -> bool:
    return _is_class(type(value))


@functools.cache
def _has_slots(cls: type) -> bool:
    return any("__slots__" in vars(c) for c in cls.__mro__)


def _parts(value) -> list:
    """What an instance or container holds that may be or hold instances."""
    cls = type(value)
    if cls is dict:
        found = [*value.keys(), *value.values()]
    elif cls in (list, tuple, set):
        found = list(value)
    elif _is_instance(value):
        return [v for v in _values(value).values() if type(v) not in _ATOMS]
    else:
        return []
    if found and cls is not tuple and type(found[0]) in _ATOMS - {type(None)}:
        return []
    return [v for v in found if type(v) not in _ATOMS]


def _values(value) -> dict:
    """The attributes, by name in one order."""
    if not _has_slots(type(value)):
        has = value.__dict__
        return {n: has[n] for n in sorted(has)}
    return {n: getattr(value, n) for n in sorted(_records.attributes(value))}


def holds_own_kind(value) -> bool:
    """Whether an instance in it holds others of its class, however far."""
    holds: dict[type, set[type]] = {}
    seen, todo = set(), [(None, value)]
    while todo:
        owner, v = todo.pop()
        here = _is_instance(v)
        if here:
            holds.setdefault(type(v), set())
            if owner is type(v):
                return True
            if owner:
                holds[owner].add(type(v))
        if (id(v), owner) in seen or (here and id(v) in seen):
            continue
        seen.add(id(v) if here else (id(v), owner))
        inner = type(v) if here else owner
        todo += [(inner, x) for x in _parts(v)]
    return any(cls in _reached(holds, cls) for cls in holds)


def _reached(holds: dict, cls: type) -> set:
    found, todo = set(), list(holds[cls])
    while todo:
        c = todo.pop()
        if c not in found:
            found.add(c)
            todo += holds[c]
    return found


class Graph:
    """The instances of the arguments of a call, and the classes as far as this argument
    shows them."""

    def __init__(self):
        self.nodes, self.number = [], {}  # id -> number
        self.done = 0  # nodes whose attributes have been packed
        self.fields: dict[type, dict[str, tuple]] = {}
        self.count: dict[type, int] = {}

    def met(self, value) -> int:
        k = self.number.setdefault(id(value), len(self.nodes))
        if k == len(self.nodes):
            self.nodes.append(value)
        return k

    # -- Types: (letter, parts): of None "N", of what may be None "O" -------------------

    def type_of(self, v) -> tuple:
        cls = type(v)
        if v is None:
            return ("O", ("N",))
        if cls in _NUMBERS:
            if cls is int and not -(2**63) <= v < 2**63:
                raise OverflowError(f"{v} does not fit into 64 bits")
            return (_NUMBERS[cls],)
        if cls in (str, bytes):
            return ("s" if cls is str else "b",)
        if cls is tuple:
            return ("T", *map(self.type_of, v))
        if cls in (list, set):
            return ("L" if cls is list else "S", self.joined(v))
        if cls is dict:
            return ("D", self.joined(v.keys()), self.joined(v.values()))
        if _is_instance(v):
            self.met(v)
            return ("C", cls)
        raise UnsupportedError(
            f"an instance that holds its own kind and a {cls.__name__} as an argument"
        )

    def joined(self, values) -> tuple:
        t = ("N",)
        for v in values:
            t = _join(t, self.type_of(v))
        return t

    def look(self) -> None:
        """The attributes of all instances that are not packed yet."""
        self.fields = {}
        self.count = {}
        at = self.done
        while at < len(self.nodes):
            v = self.nodes[at]
            at += 1
            fields = self.fields.setdefault(type(v), {})
            self.count[type(v)] = self.count.get(type(v), 0) + 1
            for name, x in _values(v).items():
                was = fields.get(name, (("N",), 0))
                fields[name] = (_join(was[0], self.type_of(x)), was[1] + 1)

    def code(self, t: tuple, seen: set) -> str:
        if t[0] == "C":
            text = _records.text(t[1])
            return f"C{len(text.encode())}:{text}T{self.body(t[1], seen)}E"
        return t[0] + "".join(self.code(p, seen) for p in t[1:]) + "E" * (t[0] == "T")

    def body(self, cls: type, seen: set) -> str:
        number = _records.number(cls)
        fields = self.fields.get(cls, {})  # none: all were packed with another argument
        if cls in seen:
            return f"R{number};"
        seen.add(cls)
        text = "|".join(
            ["fields", str(number), cls.__name__, "", str(len(fields)), *fields]
        )
        items = "".join(
            "U" * (n < self.count[cls]) + self.code(t, seen) for t, n in fields.values()
        )
        return f"P{number};C{len(text.encode())}:{text}T{items}E"

    # -- Bytes -----------------------------------------------------------------------------

    def put(self, out: bytearray, t: tuple, v) -> None:
        kind = t[0]
        if kind == "O":
            out.append(v is not None)
            if v is not None:
                self.put(out, t[1], v)
        elif kind == "C":
            out += _INT(self.number[id(v)])
        elif kind[0] == "#":
            _put_number(out, kind, v)
        elif kind in "sb":
            raw = v.encode() if kind == "s" else v
            out += _INT(len(raw)) + raw
        elif kind == "T":
            for p, x in zip(t[1:], v, strict=True):
                self.put(out, p, x)
        elif kind == "D":
            out += _INT(len(v))
            for k, x in v.items():
                self.put(out, t[1], k)
                self.put(out, t[2], x)
        elif kind in "LS":
            out += _INT(len(v))
            for x in v:
                self.put(out, t[1], x)

    def pack(self, value) -> tuple[str, bytes]:
        """(code, bytes) of a list of the value alone."""
        t = ("L", self.type_of(value))
        self.look()
        code, out = self.code(t, set()), bytearray()
        self.put(out, t, [value])
        while self.done < len(self.nodes):
            self.put_fields(out, self.nodes[self.done])
            self.done += 1
        return code, bytes(out)

    def put_fields(self, out: bytearray, v) -> None:
        has, count = _values(v), self.count[type(v)]
        for name, (t, n) in self.fields[type(v)].items():
            if n < count:
                out.append(name in has)
            if name in has:
                self.put(out, t, has[name])

    def finish(self, result):
        """The result of the call, with the instances as they are behind it."""
        from . import _update

        if type(result) is _update.Updated:
            changes = [(n, self._built(v)) for n, v in result.changes]
            return _update.Updated(self._built(result.result), changes)
        return self._built(result)

    def _built(self, result):
        from . import _core

        if type(result) is not Packed:
            return result
        numbers = [_records.number(type(v)) for v in self.nodes]
        made = _core.unpack_nodes(
            result.code, result.data, self.nodes, numbers, "inputs" in result.how
        )
        return made[0] if result.how.startswith("item") else made


class Packed:
    """A result whose bytes name instances of the arguments by their numbers."""

    def __init__(self, code: str, data, how: str):
        self.code, self.data, self.how = code, data, how  # how: front/kin_in.c


def may_hold(value) -> bool:
    """Whether it is an instance or a container of some."""
    cls = type(value)
    if cls in (list, tuple, set, dict):
        values = value.values() if cls is dict else value
        return any(map(may_hold, itertools.islice(values, 4)))
    return cls not in _ATOMS and _is_instance(value)


def graph_of(values: list) -> "Graph | None":
    """For the arguments of a call; None: none holds its own kind."""
    kin = any(may_hold(v) and holds_own_kind(v) for v in values)
    return Graph() if kin else None


def is_refusal(e: UnsupportedError) -> bool:
    """It is front/kin.c's, of an argument that was not packed as these are."""
    return str(e).startswith("an argument with instances of ")


def _put_number(out: bytearray, kind: str, v) -> None:
    if kind == "#aaa":
        out.append(v)
    elif kind == "#eaa":
        out += _INT(v)
    elif kind == "#kba":
        out += _FLOAT(v)
    else:
        z = complex(v)
        out += _COMPLEX(z.real, z.imag)


def _join(a: tuple, b: tuple) -> tuple:
    if a == b or b == ("N",):
        return a
    if a == ("N",):
        return b
    if a[0] == "O" or b[0] == "O":
        inner = _join(a[1] if a[0] == "O" else a, b[1] if b[0] == "O" else b)
        return ("O", inner)
    if a[0] in _RANKS and b[0] in _RANKS:
        return a if _RANKS.index(a[0]) >= _RANKS.index(b[0]) else b
    if a[0] == b[0] != "C" and len(a) == len(b):
        return (a[0], *map(_join, a[1:], b[1:]))
    raise UnsupportedError(
        f"an argument whose instances hold {_name(a)} in one place and {_name(b)} in another: "
        "an attribute has one type"
    )


def _name(t: tuple) -> str:
    names = {"s": "str", "b": "bytes", "L": "a list", "D": "a dict", "S": "a set"}
    if t[0] == "C":
        return t[1].__name__
    return names.get(t[0], "a tuple" if t[0] == "T" else "a number")
