"""Plans: what a compile gave, kept on disk beside what the compiler asked. A process that
finds the plan of a function needs no front end for it.

A compile's result depends on the types of the arguments, on the flags and on the answers
of the Asker, and on nothing else. So a plan is the result with the questions in their
order and the answers. Another process asks its own world the same questions; the same
answers mean the same result, and asking makes the guards that a compile would have made.
Of a function's source the question is whether code object and text are the same, which
needs no syntax tree.

Not kept is what another process may number otherwise: classes of the user's. A plan that
is damaged or does not fit counts as none.
"""

import marshal
import sys
import types

from . import _core, _names, _records, _source
from ._ask import Asker
from ._desc import demanded, from_core

MOST = 4  # plans of one function and types, for different constants and globals
_MINE = frozenset(("record", "instance", "exc"))  # answers about classes of the user's
# No object of these is an API's that a question about its source would not tell.
_USERS = frozenset((types.FunctionType, tuple, list, dict, set, frozenset))


def _code_text(code) -> str:
    """All that Python compiled of a function's source, as text."""
    consts = []
    for c in code.co_consts:
        if isinstance(c, types.CodeType):
            c = _code_text(c)
        elif isinstance(c, frozenset):  # in no order
            c = sorted(map(repr, c))
        consts.append((type(c).__name__, c))
    fields = (code.co_code, code.co_linetable, code.co_exceptiontable, code.co_flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    return repr((code.co_name, code.co_firstlineno, fields, names, counts, consts))


def _source_text(asker: Asker, fn: int, text: str, defaults: tuple) -> str:
    func, _, flags = asker.funcs[fn]
    code = func.__code__
    names = (func.__name__, func.__qualname__, code.co_filename)
    return repr((names, flags, defaults, text, _code_text(code)))


class Recorder(Asker):
    """An Asker that notes questions and answers; log is None when they can't be kept."""

    def __init__(self, *args):
        super().__init__(*args)
        self.log: list | None = []

    def _ask(self, ask, *question):
        try:
            answer = ask(*question)
        except BaseException:
            if not self.new:  # else all before it is what led there
                self.log = None
            raise
        if self.log is not None:
            self.log.append((ask.__name__, question, repr(answer)))
        return answer

    def classify(self, value, path=None):
        answer = super().classify(value, path)
        if answer[0] in _MINE:
            self.log = None
        return answer

    def source(self, fn):
        answer = super().source(fn)
        if self.log is not None:
            node, text, first, defaults = (answer[i] for i in (0, 4, 5, 8))
            known = _source_text(self, fn, text, defaults)
            self.log.append(("source", (fn, first, node.end_lineno), known))
        return answer

    def lookup(self, fn, name):
        return self._ask(super().lookup, fn, name)

    def attr(self, obj, name):
        return self._ask(super().attr, obj, name)

    def member(self, cls, name):
        self.log = None
        return super().member(cls, name)

    def schema(self, format_, path, options):
        return self._ask(super().schema, format_, path, options)

    def fold(self, what, args):
        return self._ask(super().fold, what, args)


class Replayer(Asker):
    """An Asker that asks again what a Recorder was asked. Names of objects of known modules
    are looked for under the names that are expected: the table of all takes longer."""

    def __init__(self, names: tuple, *args):
        super().__init__(*args)
        self.expected = {}
        for name in names:
            value = _names.resolve(name)
            if value is not None:
                self.expected[id(value)] = (name, value)

    def name_of(self, value):
        held = self.expected.get(id(value))
        if held is not None and held[1] is value:
            return held[0]
        return None if type(value) in _USERS else super().name_of(value)

    def source_again(self, fn: int, first: int, last: int) -> str:
        func, lines, _ = self.funcs[fn]
        lines = _source.snapshot(func) if lines is None else lines
        text = "".join(lines[first - 1 : last]).rstrip("\n")
        defaults = self.defaults(func)
        return _source_text(self, fn, text, defaults)

    def agrees(self, log: list) -> bool:
        """Whether the world gives all the answers of log."""
        for what, question, answer in log:
            if what == "source":
                now = self.source_again(*question)
            else:
                now = repr(getattr(self, what)(*question))
            if now != answer:
                return False
        return True


def _fits(wanted: list, known: list) -> bool:
    return all(type(known[at]) is cls and known[at] == v for at, cls, v in wanted)


class Plans:
    """The plans of one function, for arguments of these types."""

    def __init__(
        self, func, lines: list, key: tuple, flags: dict, opt: int, outside: tuple
    ):
        self.func, self.lines, self.outside = func, lines, outside
        loaded = (sys.modules.get(name) for name in ("numpy", "pandas"))
        versions = [getattr(m, "__version__", None) for m in loaded]
        code = func.__code__
        place = (code.co_filename, func.__qualname__, code.co_firstlineno)
        known = (place, key, flags, opt, outside, sys.version, versions)
        self.key = repr(known).encode()
        self.kept: list | None = None

    def _read(self) -> list:
        data = _core.plan_get(self.key)
        return [] if data is None else marshal.loads(data)

    def find(self, known: list, likely) -> tuple:
        """(what the compile gave, its Asker), or (None, None)."""
        self.kept = self._read()
        for names, log, out in self.kept:
            wanted = demanded(map(from_core, out["args"]))
            if not _fits(wanted, known):
                continue
            asker = Replayer(names, self.func, self.lines, None, likely, self.outside)
            try:
                if asker.agrees(log):
                    return out, asker
            except Exception:  # the compile meets it again, and says where
                continue
        return None, None

    def keep(self, out: dict, asker: Recorder) -> None:
        # A class that an argument has is numbered too, without a question.
        if asker.log is None or _records.known():
            return
        held = (asker.name_of(o) for o in asker.objs)
        names = tuple(sorted({n for n in held if n is not None}))
        plan = (names, asker.log, out)
        try:
            data = marshal.dumps([plan, *(self.kept or [])[: MOST - 1]])
        except ValueError:  # a value of no plain type
            return
        _core.plan_put(self.key, data)
