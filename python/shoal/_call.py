"""One call of a jit function: describe the arguments, find or make the code, run it."""

import inspect
import os
import sys
import threading
import time

from . import _box, _core, _errors, _kin, _rowlists, _times, _where
from ._desc import (
    FUNCTION,
    Column,
    Desc,
    Leaves,
    NdColumn,
    Rows,
    Stride,
    demanded,
    demanded_slots,
    describe,
    from_core,
    is_category,
    is_objects,
    known_values,
    refers,
    without_values,
)
from ._errors import UnsupportedError
from ._host import Call, Host, library_function
from ._interrupts import uninterrupted
from ._kept import Plans, Recorder
from ._native import LLVM
from ._outside import NewOutside, Outside, describe_outside
from .decorator import compile_flags

UNCHECKED = 16  # CG_UNCHECKED of codegen.h
_lock = threading.RLock()

if os.environ.get("SHOAL_MEMORY") and os.environ.get("SHOAL_WORKER") != "1":
    from .worker import memory_limit

    _core.set_memory_limit(memory_limit(1))  # of what runs in the user's own process


def _host_call(row: tuple, funcs) -> Call:
    """A row of the program's calls of Python; funcs: those of the compile, by number."""
    fn, name, args, keywords, result = row
    func = library_function(name) if name is not None else funcs[fn]
    return Call(func, tuple(map(from_core, args)), keywords, from_core(result), name)


class Compiled:
    """What one compile gave; everything but `program` can be sent to other processes."""

    def __init__(
        self,
        out: dict,
        guards: list,
        name: str,
        signature: str,
        funcs=(),
        classes: tuple = (),
    ):
        self.classes = classes  # exceptions of the user's, as its code numbers them
        self.propagate: tuple = ()  # names of propagate_env=
        self.object = out["object"]
        self.letters = (out["in"], out["out"])
        self.args = [from_core(t) for t in out["args"]]
        self.result = from_core(out["result"])
        self.array_slots = _array_slots(self.result)
        self.row_lists = tuple(_rowlists.objects(self.result))
        self.needs_ranks = out["needs_ranks"]
        self.sites, self.files, self.inlines = (
            out["sites"],
            out["files"],
            out["inlines"],
        )
        self.written = frozenset(out["written"])  # slots of arguments that are changed
        self.refers = refers(self.result)
        self.explain, self.ms = out["explain"], out["ms"]
        self.calls = [_host_call(row, funcs) for row in out["calls"]]
        self.guards = guards
        self.plain = out
        self.wanted = demanded(self.args)
        # Slots whose values all ranks must have: they decide how ranks communicate, or
        # the code was made for them.
        self.agreed = frozenset((*out["agreed"], *demanded_slots(self.args)))
        self.consts: list = []  # of the surrounding code: (path, name, text) each
        self.name, self.signature = name, signature
        self.number = 0
        self.moved = None  # what the last call in SPMD has sent from here
        self.offered = False  # to the quick way of calls
        self._program = None

    def fits(self, values: list) -> bool:
        """Whether it was made for these values of arguments and this state of the world."""
        for at, cls, value in self.wanted:
            if type(values[at]) is not cls or values[at] != value:
                return False
        return all(g.holds() for g in self.guards)

    def diagnosed(self, level: int) -> str:
        """The text of distributed_diagnostics(); from level 2 on also each operation."""
        text = self.plain["diagnostics"] or ""
        return text if level < 2 else f"{text}\n{self.explained()}"

    def explained(self) -> str:
        """The text of explain(), with what the last call has sent."""
        from . import _explain

        if self.moved is not None:
            return _explain.text(self, self.moved, "this rank")
        if not self.number:  # it never was on the pool
            return self.explain or ""
        from . import _pool

        return _explain.text(self, _pool.moved(self), "all ranks")

    def calls_bytes(self) -> bytes:
        """The Python functions that the code calls, for other processes."""
        if not self.calls:
            return b""
        import cloudpickle

        return cloudpickle.dumps(self.calls)

    def program(self):
        if self._program is None:
            self._program = _core.load(LLVM, self.object, *self.letters)
        return self._program


class Changes:
    """Arguments that a call changes: it works on copies, which take the place of the
    originals when the call has succeeded."""

    def __init__(self, c: Compiled, leaves: list):
        self.slots = {s for s in c.written if isinstance(leaves[s], Column)}
        self.leaves = leaves
        self.copies: dict = {}
        self.cut: set = set()  # slots of which a rank has a block
        for s in self.slots:
            if not leaves[s].array.flags.writeable:
                raise ValueError("assignment destination is read-only")

    def copy(self, slot: int, rows: slice = slice(None)):
        """A private copy of an argument's rows, as a column."""
        self.copies[slot] = self.leaves[slot].array[rows].copy()
        return _core.from_numpy(self.copies[slot])

    def apply(self, slot: int, values) -> None:
        array = self.leaves[slot].array
        array[...] = values.reshape(array.shape)

    def has(self, column) -> bool:
        return any(self.leaves[s] is column for s in self.slots)

    def apply_copies(self) -> None:
        with uninterrupted():
            for slot, values in self.copies.items():
                self.apply(slot, values)


def slot_values(leaves: list, changes: Changes | None = None) -> list:
    """Slots of a call in this process."""
    out = []
    for source in leaves:
        if hasattr(source, "collected"):
            source = source.collected()
        if changes is not None and len(out) in changes.slots:
            out.append(changes.copy(len(out)))
        elif isinstance(source, Column):
            out.append(source.lend())
        elif type(source) is Rows:
            out.append(source.n)
        elif type(source) is _rowlists.Pack:
            out.append(source.packed(slot_values(source.leaves)))
        elif type(source) is Stride:
            out.append(source.value(changes is None or not changes.has(source.column)))
        else:
            out.append(source)
    return out


def _text(d: Desc) -> str:
    """A short word for a signature."""
    if d.kind in ("scalar", "const", "col", "array"):
        dtype, null, unit = d.type
        if is_category(d.type):
            return "category"
        mark = {"mask": "?", "prom": "?"}.get(null, "")
        text = f"{dtype}[{unit}]" if unit else dtype + (mark if dtype != "str" else "")
        many = f", {d.ndim}d" if d.kind == "array" and d.ndim > 1 else ""
        return f"array({text}{many})" if d.kind == "array" else text
    if d.kind == "dict":
        keys, values = d.children[::2], d.children[1::2]
        pairs = zip(keys, values, strict=True)
        return f"dict({', '.join(f'{k.value!r}: {_text(v)}' for k, v in pairs)})"
    if d.extra and d.extra.startswith(FUNCTION):
        return "function"
    inner = ", ".join(
        f"{c.name}: {_text(c)}" if c.kind == "col" else _text(c) for c in d.children
    )
    return f"{d.kind}({inner})" if inner else d.kind


def wrong_call(func, args: tuple, kwargs: dict) -> str:
    """What Python says of arguments that don't fit; nothing of the function is run."""
    try:
        func(*args, **kwargs)
    except TypeError as e:
        return str(e)
    return ""


class State:
    """The compiled forms of one function."""

    def __init__(self, jit):
        self.jit = jit
        self.func = jit.py_func
        self.signature = inspect.signature(self.func, follow_wrapped=False)
        self.flags = compile_flags(jit.options)
        self.table: dict = {}
        self.order: list[Compiled] = []
        self.row_lists: dict = {}  # how lists of rows come: _rowlists.find
        params = self.signature.parameters.values()
        plain = (
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        )
        self.nparam = len(params)
        self.simple = self.nparam if all(p.kind in plain for p in params) else -1
        self.outside: tuple[Outside, ...] = ()  # what calls are given beside arguments
        self.kin = False  # arguments are packed by _kin.py, whatever they hold

    def all(self) -> list[Compiled]:
        return list(self.order)

    def bind(self, args: tuple, kwargs: dict) -> list:
        """One value per parameter."""
        if len(args) == self.simple and not kwargs:
            return list(args)
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as e:
            raise TypeError(wrong_call(self.func, args, kwargs) or str(e)) from None
        bound.apply_defaults()
        return list(bound.arguments.values())

    def inputs(self, n: int) -> list:
        """(name, flags) of the first n values that a call is given."""
        out = [(name, self.jit.options) for name in self.signature.parameters]
        return out + [
            (o.name, o.options(self.jit)) for o in self.outside[: n - len(out)]
        ]

    def find(self, args: tuple, kwargs: dict, place):
        """(the compiled form, leaves, pieces of the arguments, _kin.Graph) of a call."""
        values = self.bind(args, kwargs)
        while True:
            try:
                return self._find(values, place)
            except NewOutside as e:
                new = (o for o in e.found if o not in self.outside)
                self.outside = (*self.outside, *new)

    def _find(self, values: list, place):
        if not self.kin:
            try:
                return self._find_with(values, place, _kin.graph_of(values))
            except UnsupportedError as e:
                if not _kin.is_refusal(e) or not any(map(_kin.may_hold, values)):
                    raise
                self.kin = True  # classes that the function makes hold their own kind
        return self._find_with(values, place, _kin.Graph())

    def _find_with(self, values: list, place, kin):
        leaves = Leaves()
        leaves.kin = kin
        descs = [describe(v, leaves) for v in values]
        for o in self.outside:
            value, d = describe_outside(o.value(self.func), leaves)
            values = [*values, value]
            descs.append(d)
        descs = place.mark(self, descs, leaves.pieces)
        return (*place.find(self, values, descs, place.size(), leaves), kin)

    def lookup(self, key, known: list):
        """The compiled form for these types and values, or None."""
        for c in self.table.get(key, ()):
            if c.fits(known):
                return c
        return None

    def add(self, key, c: Compiled) -> Compiled:
        forms = self.table.setdefault(key, [])
        forms[:] = [f for f in forms if f.wanted != c.wanted]
        forms.insert(0, c)
        self.order.append(c)
        return c

    def compile(self, key, descs: list, known: list, size: int, likely) -> Compiled:
        c = self.lookup(key, known)  # another thread may have been first
        if c is not None:
            return c
        _times.mark("compile")
        if any(d.kind not in ("scalar", "none") for d in descs):
            likely()
        opt = int(os.environ.get("SHOAL_OPT", "1"))
        if self.jit.options.get("boundscheck") is False:
            opt |= UNCHECKED
        dump = os.environ.get("SHOAL_DUMP")
        outside = self.outside[: len(descs) - self.nparam]
        plans = Plans(self.func, self.jit.lines, key, self.flags, opt, outside)
        start = time.perf_counter()
        out, asker = (None, None) if dump else plans.find(known, likely)
        if out is not None and "outside" in out:
            raise NewOutside(tuple(map(Outside._make, out["outside"])))
        if out is not None:  # took as long as asking again
            took = (time.perf_counter() - start) * 1e3
            out["ms"] = (took, 0.0, 0.0, took)
        try:
            if out is None:
                asker = Recorder(self.func, self.jit.lines, None, likely, outside)
                out = asker.compile(descs, size, self.flags, LLVM, dump, opt)
                plans.keep(out, asker)
        except NewOutside as e:
            plans.keep({"outside": tuple(map(tuple, e.found)), "args": ()}, asker)
            raise
        except _core.Failure as e:
            failed = _errors.compile_error(e.args, list(asker.files), asker.inlines)
        else:
            signature = f"({', '.join(map(_text, descs[: self.nparam]))})"
            funcs = [func for func, _, _ in asker.funcs]
            c = Compiled(
                out,
                asker.guards,
                self.func.__qualname__,
                signature,
                funcs,
                tuple(asker.classes),
            )
            c.consts = asker.consts
            front, passes, code = (f"{ms:.1f}" for ms in c.ms[:3])
            _times.mark(f"compiled: front {front}, passes {passes}, code {code} ms")
            self.add(key, c)
            for text in out["warnings"]:
                _errors.warn(text)
            if verbose := sys.modules.get("shoal._verbose"):
                verbose.compiled(c)
            level = int(os.environ.get("SHOAL_DISTRIBUTED_DIAGNOSTICS") or 0)
            if level or self.jit.options.get("distributed_diagnostics"):
                print(c.diagnosed(max(level, 1)))
            return c
        failed.__cause__ = failed.__context__ = None
        failed.shoal_compile = True
        _errors.raise_at(failed, getattr(failed, "shoal_places", []))
        raise AssertionError

    def explain(self, args: tuple, kwargs: dict) -> str:
        place = _where.choose(self.jit.options)
        return self.find(args, kwargs, place)[0].explained()

    def call(self, args: tuple, kwargs: dict):
        place = _where.choose(self.jit.options)
        start = time.perf_counter()
        c, leaves, pieces, kin = self.find(args, kwargs, place)
        c.propagate = tuple(self.jit.options.get("propagate_env") or ())
        out = place.run(c, leaves, start)
        if kin is not None:
            out = kin.finish(out)
        quick = c.plain["quick"] and not c.offered and not self.outside
        if quick and not kwargs and place is not _where.SPMD:
            from . import _quick

            c.offered = True
            _quick.offer(self.jit, c, args)
        if not c.refers:
            return out
        from . import _update

        return _update.finish(out, pieces, place, leaves)


def find_here(state: State, descs, size, likely) -> Compiled:
    """Find or compile in this process."""
    key = (size, *map(without_values, descs))
    known = known_values(descs)
    c = state.lookup(key, known)
    if c is not None:
        return c
    with _lock:
        return state.compile(key, descs, known, size, likely)


def run_slots(c: Compiled, values: list, ranks: int):
    """Run in this process: alone, or (ranks > 0) as one of the ranks of SPMD."""
    watch = threading.current_thread() is threading.main_thread()
    host = Host(c.calls)
    try:
        return c.program().run(values, host, ranks > 0, None, watch)
    except _core.Failure as e:
        failed = _errors.run_error(e.args, c, ranks, host.exception(e.args))
    failed.__cause__ = failed.__context__ = None
    _errors.raise_at(failed, getattr(failed, "shoal_places", []))
    raise AssertionError


def _array_slots(d: Desc) -> set:
    """The slots that are boxed as arrays."""
    own = {d.slot} if d.kind == "array" else set()
    return own.union(*map(_array_slots, d.children))


def _address(array) -> int:
    return array.__array_interface__["data"][0]


def _is_flat(type_: tuple) -> bool:
    """Whether NumPy can see the memory of such a column."""
    return not is_objects(type_) and not is_category(type_)


def _seen_as(own, type_: tuple):
    """An argument's memory as elements of the type that a view of it has."""
    dtype, _, unit = type_[:3]
    if own.dtype.kind == "U" or dtype == "str_":
        return own
    dtype = f"{dtype}[{unit}]" if unit else dtype
    return own if own.dtype == dtype else own.view(dtype)


def _own_memory(slots: list, leaves: list, changes, arrays: set) -> None:
    """Results (slots `arrays`) that are an argument's memory are the argument's, not copies
    of it."""
    known = {}
    for i, source in enumerate(leaves):
        if not isinstance(source, Column) or not _is_flat(source.type):
            continue
        array = source.array
        if changes is not None and i in changes.slots:
            if array.flags.c_contiguous:
                known[_address(changes.copies[i])] = array.reshape(-1)
        elif type(source) is NdColumn:
            known[_address(source.lend())] = source.base()
        elif source.lent is not None and type(array).__module__ == "numpy":
            known[_address(source.lent)] = array
    for i in arrays:
        a = slots[i]
        if type(a) is _core.Array and _is_flat(a.type) and len(a):
            own = known.get(_address(a))
            if own is not None and len(own) == len(a):
                slots[i] = _seen_as(own, a.type)


def run_here(c: Compiled, leaves: list):
    """Run alone in this process."""
    changes = Changes(c, leaves) if c.written else None
    slots = run_slots(c, slot_values(leaves, changes), 0)
    if changes is not None:
        changes.apply_copies()
    if c.array_slots:
        _own_memory(slots, leaves, changes, c.array_slots)
    return _box.box(c.result, slots)
