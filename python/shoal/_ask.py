"""What the compiler asks about the world outside a function, and the guards of the answers.

One Asker serves one compile. Whatever it reads of the user's world (globals, closures,
attributes, schemas of files) is remembered as a guard: the compiled code is used again
only while the world still gives the same answers.
"""

import builtins
import dataclasses
import datetime
import enum
import importlib
import math
import operator
import os
import sys
import types

from . import _desc, _names, _outside, _records, _source, _times, library
from ._absent import Absent
from ._errors import UnsupportedError

CONST = (type(None), bool, int, float, complex, str, bytes)
_MISSING = _outside.MISSING
_PYTHON_ONLY = ("shoal._verbose", "shoal.libs.distributed_api")  # their functions
_NUMBERS = frozenset(
    [f"{s}int{b}" for s in ("", "u") for b in (8, 16, 32, 64)]
    + ["float32", "float64", "complex64", "complex128"]
)


def token(value, depth: int = 0):
    """A value's identity for guards: constants by type and value, the rest by object."""
    cls = type(value)
    if cls in CONST:
        return (cls, repr(value) if cls in (float, complex) else value)
    if cls in (tuple, list, set, frozenset) and depth < 8 and len(value) < 10_000:
        items = sorted(value, key=repr) if cls in (set, frozenset) else value
        return (cls, tuple(token(v, depth + 1) for v in items))
    if cls is dict and depth < 8 and len(value) < 10_000:
        pairs = ((token(k, depth + 1), token(v, depth + 1)) for k, v in value.items())
        return (cls, tuple(pairs))
    if cls is types.FunctionType:
        return (Same(value), Same(value.__code__))
    if _outside.is_rows(value):  # an argument: which one is no matter of the code
        return ("rows",)
    if dataclasses.is_dataclass(cls) or _records.is_plain(cls):
        return (  # which may be assigned to
            Same(value),
            tuple(token(v, depth + 1) for v in _records.values(value)),
        )
    return Same(value)


class Same:
    """Equal to itself for the same object only; keeps the object alive."""

    __slots__ = ("value",)

    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return type(other) is Same and other.value is self.value

    def __hash__(self):
        return id(self.value)


def constant_text(value, depth: int = 0) -> str | None:
    """A constant as text, None for anything else: equal texts are equal constants."""
    cls = type(value)
    np = sys.modules.get("numpy")
    if cls in CONST or isinstance(value, datetime.date | datetime.timedelta):
        return repr(value)
    if np is not None and isinstance(value, np.generic):
        return repr(value)
    if cls not in (tuple, list, set, frozenset, dict) or depth == 8:
        return None
    values = [x for pair in value.items() for x in pair] if cls is dict else value
    texts = [constant_text(v, depth + 1) for v in values]
    if None in texts:
        return None
    return f"{cls.__name__}({', '.join(sorted(texts) if cls in (set, frozenset) else texts)})"


def constants_again(func, consts: list) -> list:
    """(name, text) of what stands where another program had constants."""
    found = ((name, _outside.walk(func, path)) for path, name, _ in consts)
    return [(name, constant_text(v) or f"a {type(v).__name__}") for name, v in found]


def constant_guards(func, consts: list) -> list:
    """Guards of them in this program."""

    def guard(path: tuple) -> Guard:
        ask = lambda: _outside.walk(func, path)  # noqa: E731
        return Guard(ask, ask())

    return [guard(path) for path, _, _ in consts]


class Guard:
    """One answer: how to ask again, and what it was. place: where C finds it, as
    (is an attribute, owner, name, is there, value) each, or None."""

    __slots__ = ("ask", "place", "was")

    def __init__(self, ask, value, place: tuple | None = None):
        self.ask, self.was, self.place = ask, token(value), place

    def holds(self) -> bool:
        now = self.ask()
        was = self.was
        if type(was) is Same:
            return now is was.value
        return token(now) == was


class FileGuard:
    """A schema: asked again only when the file looks changed."""

    def __init__(self, format_: str, path: str, options: str | None, schema: tuple):
        from . import _schema

        self.args, self.schema = (format_, path, options), schema
        self.stamp = _schema.stamp(path)

    def holds(self) -> bool:
        from . import _schema

        now = _schema.stamp(self.args[1])
        if now == self.stamp:
            return True
        try:
            same = _schema.read(*self.args) == self.schema
        except Exception:
            return False
        if same:
            self.stamp = now
        return same


class FailedGuard:
    """A file that could not be read: it fails the same way again."""

    def __init__(self, format_: str, path: str, options: str | None, error):
        self.args, self.was = (format_, path, options), (type(error), str(error))

    def holds(self) -> bool:
        from . import _schema

        try:
            _schema.read(*self.args)
        except Exception as e:
            return (type(e), str(e)) == self.was
        return False


def _nearest(cls: str, name: str) -> str | None:
    """None if the class or module has the name; else the most similar one of it, or ""."""
    import difflib

    import numpy as np

    owner = {"numpy": np, "numpy.ndarray": np.ndarray}.get(cls)
    if owner is None:
        owner = getattr(builtins, cls, None)
    if owner is None:
        import pandas as pd
        from pandas.core.indexes import accessors

        owner = getattr(accessors, cls, None) or getattr(pd, cls)
    if hasattr(owner, name):
        return None
    names = [n for n in dir(owner) if not n.startswith("_")]
    return next(iter(difflib.get_close_matches(name, names, 1)), "")


def _library_name(func) -> str | None:
    """ "re.sub" of a function of Python's own library, else None."""
    module = getattr(func, "__module__", None) or ""
    known = module.partition(".")[0] in sys.stdlib_module_names and module != "__main__"
    return f"{module}.{func.__qualname__}" if known else None


def _behind(cls: type, base: type, name: str):
    """What a class has under the name behind one of its bases, as super() finds it."""
    mro = cls.__mro__
    for b in mro[mro.index(base) + 1 :]:
        if name in vars(b):
            return (
                _records.no_init
                if b is object and name == "__init__"
                else vars(b)[name]
            )
    return _MISSING


class Asker:
    """FrontHost in Python: py_host.c calls the methods by name."""

    def __init__(self, func, lines=None, flags=None, ranks_likely=None, outside=()):
        self.funcs = [(func, lines, flags)]
        self.outside = outside  # values of the surrounding code that are arguments
        self.new: list = []  # .. and those that were met and are not
        self.paths = {id(func): ((), func)}  # by id of what was met: see _outside.py
        self.consts: list = []  # met under a path: (path, name, text) each
        self.asked: tuple = (
            "",
            None,
        )  # the name, and the path of the function it is in
        # The workers may start (for files: their readers too) while the compiler works.
        self.ranks_likely = ranks_likely or (lambda files=False: None)
        self.objs: list = []
        self.classes: list = []  # exception classes of the user's
        self.guards: list = []
        self.files: tuple = ()
        self.inlines: tuple = ()
        self.checking = False  # collect the problems of the function: see _check.py
        self.problems: list = []

    def compile(self, descs, *how) -> dict:
        """What compiling the function gives. NewOutside: it reads values that are not among
        its arguments."""
        from . import _core

        try:
            out = _core.compile(self, 0, tuple(descs), *how)
        except _core.Failure:
            if not self.new:
                raise
        if self.new:
            raise _outside.NewOutside(tuple(self.new))
        return out

    # -- What py_host.c calls --------------------------------------------------------------

    def source(self, fn: int) -> tuple:
        func, lines, flags = self.funcs[fn]
        node, text, filename, first = _source.find(func, lines)
        defaults = self.defaults(func)
        free = tuple(func.__code__.co_freevars)
        return (
            node,
            func.__name__,
            func.__qualname__,
            filename,
            text,
            first,
            free,
            flags,
            defaults,
            _library_name(func),
        )

    def defaults(self, func) -> tuple:
        """The values of a function's last parameters."""
        found = tuple(
            self.classify(v, self.path_of(func, "default", k))
            for k, v in enumerate(func.__defaults__ or ())
        )
        self.check_new()
        return found

    def lookup(self, fn: int, name: str) -> tuple:
        func = self.funcs[fn][0]
        ask = lambda: _outside.read_name(func, name)  # noqa: E731
        value = ask()
        there = value is not _MISSING
        if name in func.__code__.co_freevars:
            cell = func.__closure__[func.__code__.co_freevars.index(name)]
            place = ((True, cell, "cell_contents", there, value),)
        else:
            space = func.__globals__
            place = ((False, space, name, name in space, value),)
            if name not in space:
                place += ((False, vars(builtins), name, there, value),)
        self.guards.append(Guard(ask, value, place))
        path = self.path_of(func, "name", name)
        return self.found(value, path, name, self.paths.get(id(func), (None,))[0])

    def attr(self, obj: int, name: str) -> tuple:
        if obj == -1:
            return self.classify(importlib.import_module(name))
        if obj < -1:
            return self.member(_records.class_of(-2 - obj), name)
        owner = self.objs[obj]
        ask = lambda: getattr(owner, name, _MISSING)  # noqa: E731
        value = ask()
        if self.name_of(owner) is None:
            there = value is not _MISSING
            self.guards.append(Guard(ask, value, ((True, owner, name, there, value),)))
        return self.found(value, self.path_of(owner, "attr", name), name)

    def member(self, cls: type, name: str) -> tuple:
        """What a class has under the name, as it stands there: functions say whether they
        are methods, static, class methods or properties."""
        import inspect

        number, colon, rest = name.rpartition(":")
        if colon:  # of super() in a class of that number
            base = _records.class_of(int(number))
            ask = lambda: _behind(cls, base, rest)  # noqa: E731
        else:
            ask = lambda: inspect.getattr_static(cls, name, _MISSING)  # noqa: E731
        value = ask()
        self.guards.append(Guard(ask, value, ()))
        kinds = {staticmethod: "static", classmethod: "class", property: "property"}
        kind = kinds.get(type(value), "method")
        func = value.fget if kind == "property" else getattr(value, "__func__", value)
        path = None if colon else self.path_of(cls, "member", name)
        found = self.found(func if value is not _MISSING else value, path, name)
        if found[0] not in ("func", "jit"):
            return found if kind == "method" else self.answer("missing")
        code = getattr(func, "py_func", func).__code__
        if code.co_filename in _records.MADE:
            return self.answer("missing")
        return found[0], kind, *found[2:]

    def schema(self, format_: str, path: str, options: str | None) -> tuple:
        from . import _schema  # few functions read files

        self.ranks_likely(True)
        try:
            found = _schema.read(format_, path, options)
        except Exception as e:  # a try statement may go on: until the file has changed
            self.guards.append(FailedGuard(format_, path, options, e))
            raise
        _times.mark(f"schema of {path}")
        guard = FileGuard(format_, path, options, found)
        self.guards.append(guard)
        # How large the files are is a guess of the compiler's, and no part of the guard.
        return *found, sum(size for _, _, size in guard.stamp or ())

    def factory(self, kind: str, which):
        """What a defaultdict is given: a builtin by name, a function or class by number."""
        if kind == "builtin":
            return getattr(builtins, which)
        return self.funcs[which][0] if kind == "function" else _records.class_of(which)

    def fold(self, what: str, args: tuple) -> tuple:
        head, _, name = what.rpartition(".")
        if what == "pandas.nearest":
            return self.classify(_nearest(*args))
        if what == "shoal.library":
            found = library.function(*args)  # itself, though it may be an API's own
            return self.answer("func", fn=self.function(found), obj=self.keep(found))
        if what == "shoal.default_dict":
            return self.classify(library.default_dict(self.factory(*args)))
        if what == "shoal.argument":
            return self.classify(_desc.functions[args[0]])
        if what == "shoal.has_parameter":
            return self.classify(_names.has_parameter(*args))
        if what == "shoal.limit":
            return self.classify(library.limit(*args))
        owners = {
            "builtins": builtins,
            "math": math,
            "operator": operator,
            "os.path": os.path,
        }
        owner = owners.get(head) or getattr(builtins, head, None)
        if owner is None or not (owner in owners.values() or isinstance(owner, type)):
            raise TypeError(f"{what} can't be evaluated when compiling")
        return self.classify(getattr(owner, name)(*args))

    # -- Classifying -----------------------------------------------------------------------

    def answer(
        self, kind: str, value=None, keys=(), fn: int = -1, obj: int = -1
    ) -> tuple:
        return (kind, value, keys, fn, obj)

    def name_of(self, value) -> str | None:
        return _names.canonical(value)

    def keep(self, value) -> int:
        self.objs.append(value)
        return len(self.objs) - 1

    def path_of(self, owner, kind: str, key) -> tuple | None:
        """The path of one step behind something that was met."""
        known = self.paths.get(id(owner))
        return None if known is None else (*known[0], (kind, key))

    def met(self, value, path: tuple | None) -> None:
        if path is not None:
            self.paths.setdefault(id(value), (path, value))

    def found(self, value, path, name: str, reader: tuple | None = None) -> tuple:
        """The answer to a question for a name. reader: path of the function whose own
        variable it is, if flags may name it."""
        if value is _MISSING:
            return self.answer("missing")
        self.asked = (name, reader)
        text = constant_text(value) if path is not None else None
        if text is not None:
            self.consts.append((path, name, text))
        answer = self.classify(value, path)
        self.check_new()
        return answer

    def rows(self, value, path) -> tuple:
        """Data: an argument that the call is given, by its number."""
        kind = type(value).__name__
        if path is None:
            raise UnsupportedError(
                f"a {kind} of the surrounding code is not supported here; pass it as an "
                "argument"
            )
        _desc.describe(value, _desc.Leaves())  # says what it has that is not supported
        for k, known in enumerate(self.outside):
            if known.path == path:
                return self.answer("rows", k)
        name, reader = self.asked
        self.new.append(_outside.Outside(name, path, reader))
        return self.answer("missing")

    def check_new(self) -> None:
        if self.new:
            raise UnsupportedError("values of the surrounding code are not passed")

    def function(self, func, lines=None, flags: str | None = None) -> int:
        for i, (known, _, _) in enumerate(self.funcs):
            if known is func:
                return i
        self.funcs.append((func, lines, flags))
        return len(self.funcs) - 1

    def classify(self, value, path: tuple | None = None) -> tuple:
        """A HostVal of any Python value; path: the way to it, if it is known."""
        from .decorator import JitFunction, WrappedFunction, compile_flags

        cls = type(value)
        if cls in CONST:
            if cls is int and not -(2**63) <= value < 2**63:
                return self.answer("other", "int beyond 64 bits", obj=self.keep(value))
            return self.answer("const", value)
        self.met(value, path)
        name = self.name_of(value)
        if name is not None and name != "pd.NaT":
            if name.startswith("shoal."):
                self.ranks_likely()
            return self.answer("api", name, obj=self.keep(value))
        if isinstance(value, type) and issubclass(value, BaseException):
            return self.exception(value)
        if isinstance(value, JitFunction):
            self.met(value.py_func, path)
            fn = self.function(value.py_func, value.lines, compile_flags(value.options))
            return self.answer("jit", fn=fn, obj=self.keep(value))
        if cls is WrappedFunction:
            fn = self.function(value.py_func)
            return self.answer("wrap", value.result.desc, fn=fn, obj=self.keep(value))
        if cls is Absent:
            raise value.refusal()
        if cls is types.FunctionType and value.__module__ in _PYTHON_ONLY:
            raise UnsupportedError(
                f"{value.__name__}() is not supported in compiled code; call it outside"
            )
        if cls is types.FunctionType:
            return self.answer("func", fn=self.function(value), obj=self.keep(value))
        if cls in (tuple, list, set, frozenset, _records.State):
            items = sorted(value, key=repr) if cls in (set, frozenset) else value
            cls = list if cls is _records.State else cls
            kind = "set" if cls is frozenset else cls.__name__
            found = self.items(items, path, "item" if cls in (tuple, list) else None)
            return self.answer(kind, found, obj=self.keep(value))
        if cls is dict:
            keys = tuple(map(self.classify, value.keys()))
            items = self.items(value.values(), path, "value")
            return self.answer("dict", items, keys, obj=self.keep(value))
        return self._other(value, path)

    def items(self, values, path: tuple | None, kind: str | None) -> tuple:
        known = path is not None and kind is not None
        return tuple(
            self.classify(v, (*path, (kind, k)) if known else None)
            for k, v in enumerate(values)
        )

    def class_number(self, cls: type) -> int:
        for i, known in enumerate(self.classes):
            if known is cls:
                return i
        self.classes.append(cls)
        return len(self.classes) - 1

    def exception(self, cls: type) -> tuple:
        """A class of exceptions: front/exc.c reads the text."""
        from . import _core, _errors

        known = {}
        for name in _core.error_names():
            known[_errors.exception_class(name)] = name
        base = next(b for b in cls.__mro__ if b in known)
        if base is cls:
            return self.answer("api", f"builtins.{known[base]}", obj=self.keep(cls))
        mine = [b for b in cls.__mro__ if b not in known and b is not object]
        numbers = [self.class_number(b) for b in mine]
        own = any(
            name in vars(b)
            for b in mine
            for name in ("__init__", "__new__", "__str__", "__repr__", "args")
        )
        record = _records.text(cls) if _records.is_exception(cls, mine) else ""
        text = f"{cls.__name__}|{known[base]}|{','.join(map(str, numbers))}|{int(own)}|{record}"
        return self.answer("exc", text, obj=numbers[0])

    def _other(self, value, path: tuple | None = None) -> tuple:
        import numpy as np

        if _outside.is_rows(value):
            return self.rows(value, path)
        known = _desc.time_of(value)
        if known is not None:
            return self.answer("time", known)
        if isinstance(value, np.integer | np.floating | np.complexfloating):
            name = value.dtype.name
            fits = value.dtype.kind != "u" or value < 2**63
            if name in _NUMBERS and fits:  # as strong as an array in promotion
                return self.answer("number", (value.item(), name))
        if isinstance(value, np.bool_ | np.integer | np.floating | np.str_):
            return self.answer("const", value.item())
        if isinstance(value, type):
            value = library.stand_in(value)
        if isinstance(value, type) and (
            _records.is_record(value) or _records.is_plain(value)
        ):
            found = tuple(map(self.classify, _records.defaults(value)))
            text = _records.text(value)
            return self.answer("record", text, found, obj=self.keep(value))
        record = _records.split(value)
        if record is not None:
            items = self.items(record[1], path, "part")
            return self.answer("instance", record[0], items, obj=self.keep(value))
        if isinstance(value, enum.Enum):  # one that is a str or float too
            return self.classify(value.value)
        if isinstance(value, str | int | float):  # subclasses
            for base in (str, int, float):
                if isinstance(value, base):
                    return self.answer("const", base(value))
        cls = value if isinstance(value, type) else type(value)
        text = f"{cls.__module__}.{cls.__qualname__}"
        return self.answer("other", text, obj=self.keep(value))
