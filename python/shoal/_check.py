"""check(): all problems of a function at once, without running it."""

import inspect
import types

from . import _core, _errors
from ._ask import Asker
from ._desc import Leaves, describe
from ._outside import NewOutside


class Problem:
    """One thing that keeps a function from being compiled."""

    def __init__(self, error: BaseException):
        self.error = error  # what a call would raise
        places = getattr(error, "shoal_places", [])
        self.filename, self.func, loc = (
            places[-1] if places else (None, None, (0, 0, 0))
        )
        self.line, self.column = loc[1], loc[2]

    def __str__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"

    def __repr__(self) -> str:
        return f"<Problem line {self.line}: {str(self).splitlines()[0]}>"


class Problems(list):
    """The problems of a function in the order of its lines; empty when it compiles."""

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "no problems"


def _described(what):
    """A type (int, np.float64, shoal.types.float64[:] ...) or a sample value."""
    from .types import Type, typeof

    if isinstance(what, Type):
        return what.desc
    if isinstance(what, type):
        return typeof(what()).desc
    return describe(what, Leaves())


def _numbered(d, next_: list, top: bool = True):
    """The descriptor with its slots numbered from next_[0] on."""
    leaf = d.kind in ("scalar", "array", "col", "object")
    table = top and d.kind in ("series", "frame", "index", "range")
    slot = -1
    if leaf or table:
        slot = next_[0]
        next_[0] += 1
    inside = top and d.kind in ("tuple", "list", "set", "dict")
    children = tuple(_numbered(c, next_, inside) for c in d.children)
    return d._replace(slot=slot, children=children)


def check(func, *args) -> Problems:
    """All problems of func with arguments of these types (or the types of these values).
    The function is not run."""
    from ._call import compile_flags
    from .decorator import JitFunction

    if isinstance(func, types.FunctionType):
        func = JitFunction(func, {})
    if not isinstance(func, JitFunction):
        raise TypeError(f"check() takes a function, not {func!r}")
    inspect.signature(func.py_func, follow_wrapped=False).bind(*args)
    at = [0]
    descs = tuple(_numbered(_described(a), at) for a in args)
    outside: tuple = ()
    while True:
        asker = Asker(func.py_func, func.lines, None, None, outside)
        asker.checking = True
        try:
            asker.compile(descs, 2, compile_flags(func.options), None, None, 1)
        except NewOutside as e:
            outside = (*outside, *e.found)
            new = (describe(o.value(func.py_func), Leaves()) for o in e.found)
            descs = (*descs, *(_numbered(d, at) for d in new))
        except _core.Failure as e:
            found = asker.problems or [e.args]
            break
        else:
            return Problems()
    files = list(asker.files)
    made = [_errors.compile_error(p, files, asker.inlines) for p in found]
    return Problems(sorted(map(Problem, made), key=lambda p: (p.line, p.column)))
