"""The decorator: a JitFunction compiles per types of its arguments and runs the result."""

import functools
import inspect
import os
import types

from . import _core, _source, _times
from ._udf import Engine

NAME_OPTIONS = ("distributed", "distributed_block", "replicated", "threaded")
BOOL_OPTIONS = {
    "all_args_distributed_block": False,
    "all_args_distributed_varlength": False,
    "all_returns_distributed": False,
    "args_maybe_distributed": True,
    "returns_maybe_distributed": True,
    "cache": False,
    "distributed_diagnostics": False,
}
# boundscheck=False leaves out the checks that are not proved away (codegen.h). The others are
# accepted because programs pass them; what they choose is not for the user to choose here.
OTHER_OPTIONS = [
    "spawn",
    "propagate_env",
    "inline",
    "pivots",
    "h5_types",
    "boundscheck",
    "error_model",
    "fastmath",
    "nogil",
    "nopython",
    "parallel",
    "forceobj",
    "looplift",
    "debug",
    "no_cpython_wrapper",
    "no_cfunc_wrapper",
    "pipeline_class",
    "target",
]

# Values of them that ask for other results than the function's own.
OTHER_MEANINGS = {
    "forceobj": (True,),
    "target": ("cuda", "gpu", "npyufunc", "ufunc"),
}

# Options that declare what is not known when compiling, and what to do without them.
DECLARED = {
    "pivots": (
        "pivot tables, whose columns depend on the data, are not compiled; pivot the result "
        "of the compiled function in plain pandas"
    ),
    "h5_types": (
        "HDF5 files are not read in compiled functions; read the data in Python and pass it "
        "as an argument"
    ),
}

READERS = {"read_parquet", "read_csv", "read_json"}


def _names(option: str, value):
    """A list, tuple or set of names, or a bool (of distributed and replicated)."""
    if isinstance(value, bool) and option in ("distributed", "replicated"):
        return value
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise TypeError(f"jit(): {option}= takes a list of names, not {value!r}")
    if not all(isinstance(name, str) for name in value):
        raise TypeError(f"jit(): {option}= takes names of variables, not {value!r}")
    return tuple(sorted(value)) if isinstance(value, set | frozenset) else tuple(value)


def _option_type(name: str, value) -> None:
    """TypeError for a value that an option cannot have."""
    if name == "spawn" and not (value is None or isinstance(value, bool)):
        raise TypeError(f"jit(): spawn= takes True or False, not {value!r}")
    if name == "error_model" and value not in ("python", "numpy"):
        raise TypeError(f"jit(): error_model= takes 'python' or 'numpy', not {value!r}")
    if name == "propagate_env" and (
        isinstance(value, str)
        or not isinstance(value, list | tuple | set | frozenset)
        or not all(isinstance(v, str) for v in value)
    ):
        raise TypeError(
            f"jit(): propagate_env= takes a list of names of variables, not {value!r}"
        )
    if name in DECLARED and not isinstance(value, dict):
        raise TypeError(f"jit(): {name}= takes a dict, not {value!r}")
    if name in DECLARED and value:
        raise TypeError(f"jit(): {name}= is not supported: {DECLARED[name]}")


def _locals(value) -> tuple:
    """The variables whose types are declared: (name, Type) of each."""
    if not isinstance(value, dict):
        raise TypeError(f"jit(): locals= takes a dict, not {value!r}")
    if not value:
        return ()
    from . import types

    return tuple((name, types.declared(name, what)) for name, what in value.items())


def _check_both(options: dict) -> None:
    """No variable is both distributed and replicated."""
    named = {
        name: set(value) if isinstance(value := options.get(name), tuple) else set()
        for name in ("distributed", "distributed_block", "replicated")
    }
    both = (named["distributed"] | named["distributed_block"]) & named["replicated"]
    if both:
        from ._errors import DistributionError

        names = ", ".join(map(repr, sorted(both)))
        raise DistributionError(
            f"Variables {{{names}}} marked as both 'distributed' and 'replicated'."
        )


def check_options(options: dict) -> dict:
    """The options as they are kept; TypeError names the first that is wrong."""
    out = {}
    for name, value in options.items():
        if name in NAME_OPTIONS:
            out[name] = _names(name, value)
        elif name in BOOL_OPTIONS:
            if not isinstance(value, bool):
                raise TypeError(f"jit(): {name}= takes True or False, not {value!r}")
            out[name] = value
        elif name == "locals":
            out[name] = _locals(value)
        elif name in OTHER_OPTIONS:
            _option_type(name, value)
            if name in OTHER_MEANINGS and value in OTHER_MEANINGS[name]:
                raise TypeError(f"jit(): {name}={value!r} is not supported")
            out[name] = value
        else:
            raise TypeError(f"jit() has no option {name!r}")
    if out.get("spawn") is False and out.get("propagate_env"):
        from ._errors import ShoalError

        raise ShoalError(
            "spawn=False while propagate_env is set. No worker to propagate env vars."
        )
    _check_both(out)
    return out


def compile_flags(options: dict) -> dict:
    """What compile() takes: see DistFlags in compile.h."""
    flags = {}
    for name in ("distributed", "distributed_block", "replicated"):
        if isinstance(options.get(name), tuple):
            flags[name] = options[name]
    flags["off"] = (
        options.get("distributed") is False or options.get("replicated") is True
    )
    flags["all_distributed"] = options.get("distributed") is True
    flags["numpy_errors"] = options.get("error_model") == "numpy"
    flags["all_replicated"] = options.get("replicated") is True
    for name in (
        "all_args_distributed_block",
        "all_args_distributed_varlength",
        "all_returns_distributed",
    ):
        flags[name] = options.get(name, False)
    if options.get("locals"):
        flags["locals"] = tuple(
            (name, type_.desc, repr(type_)) for name, type_ in options["locals"]
        )
    flags["no_args_maybe"] = not options.get("args_maybe_distributed", True)
    flags["no_returns_maybe"] = not options.get("returns_maybe_distributed", True)
    return flags


class JitFunction(_core.Quick):
    """A decorated function. Calls with plain numbers may end in C (_core.Quick)."""

    def __init__(self, py_func: types.FunctionType, options: dict):
        self.py_func = py_func
        self.options = options
        self.lines = _source.snapshot(py_func)
        self._state = None
        functools.update_wrapper(self, py_func)
        from ._call import State  # with the first function, not by its first call

        self._make_state = State

    def _call(self, *args, **kwargs):
        state = self._state
        if state is None:
            _times.mark("first call")
            self._start_ranks(args)
            state = self._state = self._make_state(self)
        try:
            return state.call(args, kwargs)
        except BaseException as e:
            if not hasattr(e, "shoal_tb"):
                raise
            failed = e
        raise failed.with_traceback(failed.__dict__.pop("shoal_tb"))

    def _start_ranks(self, args: tuple) -> None:
        """Let the ranks start, before anything else is loaded, if it is likely that they
        will be needed: the function reads files or uses prange, or gets arrays or frames.
        What a likely guess misses, the compiler finds."""
        names = _source.names(self.py_func.__code__)
        files = not names.isdisjoint(READERS)
        sized = any(hasattr(a, "__len__") and type(a) not in (str, bytes) for a in args)
        if files or sized or "prange" in names:
            from . import _where

            _where.choose(self.options).prepare(files)

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<shoal.jit function {self.__qualname__}>"

    def __reduce__(self):
        return (_remake, (self.py_func, self.options, None, self._source()))

    def _source(self) -> tuple | None:
        """Where its code goes by value there is no file to read."""
        return (self.py_func.__code__.co_filename, self.lines) if self.lines else None

    def _compiled(self) -> list:
        return [] if self._state is None else self._state.all()

    @property
    def signatures(self) -> list:
        """The argument types that were compiled, as text."""
        return [c.signature for c in self._compiled()]

    overloads = signatures

    def explain(self, *args, **kwargs) -> "Explanation":
        """The function's source with the distribution and communication of each line: of
        the call with these arguments, or of the last one compiled. A text that a prompt
        or notebook shows as it reads; print() it elsewhere."""
        if args or kwargs:
            self._state = self._state or self._make_state(self)
            return Explanation(self._state.explain(args, kwargs))
        done = self._compiled()
        if not done:
            raise RuntimeError(
                "nothing is compiled yet: call the function first, or pass explain() the "
                "arguments of a call"
            )
        return Explanation(done[-1].explained())

    def distributed_diagnostics(self, signature=None, level: int = 1) -> None:
        """Print how the rows of variables and loops are distributed, beside the source, and why
        what is replicated is: of all that was compiled, or of one of .signatures. Level 2
        adds explain(). In SPMD the first rank prints."""
        from . import _spmd

        done = self._compiled()
        if signature is not None:
            done = [c for c in done if c.signature == signature]
        if not done:
            from ._errors import ShoalError

            raise ShoalError(
                "Distributed diagnostics not available for a function that is not compiled yet"
            )
        for c in done:
            if not _spmd.launched() or _spmd.get_rank() == 0:
                print(c.diagnosed(level))


class Explanation(str):
    """A text of several lines that shows itself as such."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Declared(JitFunction):
    """A function whose signatures are declared: calls convert to them."""

    def __init__(self, py_func: types.FunctionType, options: dict, signatures: tuple):
        super().__init__(py_func, options)
        self.declared = signatures

    def __call__(self, *args, **kwargs):
        from ._signature import match

        few = len(args) < len(self.declared[0].args)
        given = self._bind(args, kwargs) if kwargs or few else args
        found = match(self.declared, given, self.__name__)
        return found.give(super().__call__(*found.convert(given)))

    def _bind(self, args: tuple, kwargs: dict) -> tuple:
        bound = inspect.signature(self.py_func).bind(*args, **kwargs)
        bound.apply_defaults()
        return bound.args

    def __reduce__(self):
        return (_remake, (self.py_func, self.options, self.declared, self._source()))


def _remake(func, options, signatures=None, source=None):
    if source is not None:
        _source.receive(func, *source)
    if signatures is None:
        return JitFunction(func, options)
    return Declared(func, options, signatures)


def _decorator(options: dict):
    """What jit(option=...) gives."""

    def decorator(func):
        return JitFunction(func, options)

    decorator.__pandas_udf__ = Engine
    return decorator


def jit(signature_or_function=None, pipeline_class=None, **options):
    """Compile a function; use as @jit, @jit(option=...), jit(f) or jit(**options)(f).

    A signature as Numba has it, "float64(int64, float64[:])", float64(int64), or a list of
    some, makes calls convert their numbers to it; TypeError if the arguments do not fit."""
    kept = check_options(options)
    if isinstance(signature_or_function, JitFunction):
        signature_or_function = signature_or_function.py_func
    if os.environ.get("SHOAL_DISABLE_JIT") == "1":
        if isinstance(signature_or_function, types.FunctionType):
            return signature_or_function
        return lambda func: func
    if isinstance(signature_or_function, types.FunctionType):
        return JitFunction(signature_or_function, kept)
    if signature_or_function is None:
        return _decorator(kept)
    from ._signature import declared

    signatures = declared(signature_or_function)
    if signatures is None:
        raise TypeError(f"jit() takes a Python function, not {signature_or_function!r}")
    return lambda func: Declared(func, kept, signatures)


jit.__pandas_udf__ = Engine  # df.apply(f, axis=1, engine=shoal.jit)
njit = jit  # Numba's name: there is no other mode here


class WrappedFunction:
    """A function that stays Python, called from compiled code."""

    def __init__(self, py_func, result):
        self.py_func, self.result = py_func, result
        functools.update_wrapper(self, py_func)

    def __call__(self, *args, **kwargs):
        return self.py_func(*args, **kwargs)

    def __reduce__(self):
        return (WrappedFunction, (self.py_func, self.result))


def wrap_python(result):
    """Mark a function to be called as Python from compiled code.

    result is its type: one of shoal.types, the name of one, or shoal.typeof(a sample). Every
    rank that reaches a call makes it, with its own rows of what is distributed; rows that it
    returns for distributed ones are again its own. Not collective."""
    from . import types

    type_ = types.result_of(result)
    return lambda func: WrappedFunction(func, type_)
