"""Canonical names of the objects that the op table knows, by identity.

`read_parquet`, however the user's module calls it, is the object pd.read_parquet; its
canonical name is "pd.read_parquet". The table is built when first asked, and again when
a library of it has been imported since: as long as a process has not loaded pandas, none
of its objects are pandas', and loading it takes longer than most compiles.
"""

import builtins
import functools
import inspect
import itertools
import math
import operator
import sys
import types

from . import _core

_by_id: dict[int, tuple] | None = None
_built_with: list = []  # the libraries that the table knows
_modules_then = 0  # how many modules were loaded when they were last looked for
_modules: dict[int, str] = {}


# Modules of NumPy with functions of the op table. Some are loaded when they are asked for
# (1 ms): until then none of their functions is the user's.
_NUMPYS = ("random", "linalg", "char", "strings")


def _part(value, name: str):
    """An attribute; of a module only what is there, so that nothing is loaded."""
    if isinstance(value, types.ModuleType):
        return vars(value).get(name)
    return getattr(value, name, None)


def _resolve(path: str, roots: dict):
    head, *rest = path.split(".")
    value = roots.get(head)
    for name in rest:
        value = _part(value, name)
    return value


def _library(name: str, found: dict):
    """A function of Python's library by name; what its name goes through becomes known:
    of os.environ.get the module os and the object os.environ."""
    head, *rest = name.split(".")
    value = sys.modules.get(head)
    if value is None:
        return None
    _modules.setdefault(id(value), head)
    for i, part in enumerate(rest):
        value = getattr(value, part, None)
        path = ".".join([head, *rest[: i + 1]])
        if isinstance(value, types.ModuleType):
            _modules.setdefault(id(value), path)
        elif i < len(rest) - 1:
            found.setdefault(id(value), (path, value))
    return value


_OPTIONAL = ("cmath", "heapq", "bisect")  # of Python's library, if they are loaded


def _libraries() -> list:
    """pandas, NumPy, some of Python's modules, and what has functions for the host, each None
    if it is not loaded, or not to its end."""
    heads = {name.split(".")[0]: None for name in _core.host_names()}
    numpys = (f"numpy.{m}" for m in _NUMPYS)
    names = ("pandas", "numpy", *_OPTIONAL, *numpys, *heads)
    loaded = [sys.modules.get(m) for m in names]
    return [
        None if getattr(getattr(m, "__spec__", None), "_initializing", False) else m
        for m in loaded
    ]


def _roots(pd, np) -> dict:
    import shoal

    roots = {
        "pd": pd,
        "np": np,
        "math": math,
        **{name: sys.modules.get(name) for name in _OPTIONAL},
        "operator": operator,
        "functools": functools,
        "itertools": itertools,
        "builtins": builtins,
        "shoal": shoal,
    }
    return {name: m for name, m in roots.items() if m is not None}


def _listed(roots: dict) -> dict[int, tuple]:
    """The objects that the op table names."""
    spaces = {name: vars(m) for name, m in roots.items()}
    found: dict[int, tuple] = {}
    for name in "|".join(_core.op_names()).split("|"):
        head, _, rest = name.partition(".")
        if head not in spaces:
            continue
        value = spaces[head].get(rest)
        if value is None:
            value = _resolve(name, roots)
        if value is not None:
            found.setdefault(id(value), (name, value))
    return found


def _others() -> dict[int, tuple]:
    """Functions of Python's library that are run by the host, times, data classes."""
    found: dict[int, tuple] = {}
    for name in _core.host_names():
        value = _library(name, found)
        if value is not None:
            found.setdefault(id(value), (name, value))
    import datetime

    for name in ("date", "datetime", "time", "timedelta"):
        value = getattr(datetime, name)
        found.setdefault(id(value), (f"datetime.{name}", value))
    from . import library

    for part in (library.refuse, library.factor, library.axis_of):
        found.setdefault(id(part), (f"shoal.library.{part.__name__}", part))
    import dataclasses

    _modules.setdefault(id(dataclasses), "dataclasses")
    for name in ("replace", "asdict", "astuple"):
        value = getattr(dataclasses, name)
        found.setdefault(id(value), (f"dataclasses.{name}", value))
    return found


def _in_namespaces(value) -> str | None:
    """The rest of each namespace: classes, dtypes, exceptions. What a namespace would load
    when it is asked (NumPy: f2py, testing) are modules, and not wanted. Looked for when it
    is asked for: there are a thousand of them, and a function uses few."""
    if not callable(value):
        return None
    own = str(getattr(value, "__name__", None))  # np.double is np.float64
    for module in _SPACES:
        space = vars(_known[module]) if module in _known else {}
        names = [n for n, v in space.items() if v is value and not n.startswith("_")]
        if names:
            return f"{module}.{own if space.get(own) is value else names[0]}"
    return None


_SPACES = (
    *("builtins", "math", "cmath", "operator", "functools", "itertools"),
    *("pd", "np", "shoal"),
)
_known: dict = {}  # the modules of _SPACES that are loaded
_rest: dict[int, tuple] = {}


def _build(pd, np, *_) -> dict[int, tuple]:
    global _known, _rest
    _known = _roots(pd, np)
    _modules.update({id(m): name for name, m in _known.items()})
    if np is not None:
        found = {m: sys.modules.get(f"numpy.{m}") for m in _NUMPYS}
        _modules.update({id(v): f"np.{m}" for m, v in found.items() if v is not None})
    _rest = _others()
    return _listed(_known)


def _look_up(value) -> str | None:
    held = _by_id.get(id(value))
    if held and held[1] is value:
        return held[0]
    name = _in_namespaces(value)
    if name is None:
        held = _rest.get(id(value))
        name = held[0] if held and held[1] is value else None
    if name is not None:
        _by_id[id(value)] = (name, value)
    return name


def resolve(name: str):
    """The object that canonical() calls so, if its module is loaded; else None."""
    head, *rest = name.split(".")
    value = sys.modules.get({"pd": "pandas", "np": "numpy"}.get(head, head))
    for part in rest:
        value = getattr(value, part, None)
    return value


def has_parameter(name: str, parameter: str) -> bool:
    """Whether the library's function of that name has a parameter, as far as it says."""
    owner = name.partition(".")[0]
    package = "numpy" if owner == "ndarray" else "pandas"
    value = resolve(name if owner in ("np", "pd") else f"{package}.{name}")
    value = getattr(value, "__wrapped__", value)
    try:
        known = inspect.signature(value).parameters
        return parameter in known or any(
            p.kind is p.VAR_KEYWORD for p in known.values()
        )
    except (TypeError, ValueError):  # of C, without a text of its parameters
        call = (getattr(value, "__doc__", None) or "").partition(")")[0]
        return f"{parameter}=" in call or f" {parameter}," in call


def canonical(value) -> str | None:
    """The canonical name of an object of the op table or of a known module, or None."""
    global _by_id, _built_with, _modules_then
    if _by_id is None or len(sys.modules) != _modules_then:
        _modules_then = len(sys.modules)
        libraries = _libraries()
        if _by_id is None or libraries != _built_with:
            _by_id, _built_with = _build(*libraries), libraries
    if isinstance(value, types.ModuleType):
        if value is sys.modules.get("bodo"):
            return "shoal"
        return _modules.get(id(value))
    return _look_up(value) or _own_name(value)


def _own_name(value) -> str | None:
    """The name of an object of this package; its modules are loaded when names are asked
    for, so the table may have been made before."""
    import shoal

    name = getattr(value, "__name__", None)
    home = (
        sys.modules.get(f"shoal.{shoal._home.get(name)}") if type(name) is str else None
    )
    return f"shoal.{name}" if home and vars(home).get(name) is value else None
