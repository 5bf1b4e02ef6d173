"""What running code asks of Python: files, prints, and calls of Python functions."""

import importlib
import itertools
import sys

from . import _times
from ._desc import STR, Column, Desc, Leaves, Rows, describe


class Host:
    """py_host.c calls the methods by name. A call of compiled code has one of its own."""

    def __init__(self, calls=()):
        self.calls = calls  # Calls of the program
        self.raised = None  # the exception of the last Python function that failed

    def read_open(self, *spec):
        from . import _files

        _times.mark(f"read {spec[0]}")
        reader = _files.read_open(*spec)
        _times.mark(f"read {spec[0]} opened")
        return reader

    def write_part(self, *spec):
        from . import _files

        _times.mark("write")
        _files.write_part(*spec)
        _times.mark("written")

    def write_commit(self, *spec):
        from . import _files

        _files.write_commit(*spec)

    def print(self, fd: int, text: str) -> None:
        (sys.stdout if fd == 1 else sys.stderr).write(text)

    def call(self, row: int, values: list) -> list:
        """The slots of what a Python function gives for these slots."""
        try:
            return self.calls[row].run(values)
        except BaseException as e:
            self.raised = e
            raise

    def exception(self, failure: tuple) -> BaseException | None:
        """The exception that a failure record stands for, if a Python function raised it
        here."""
        e = self.raised
        if e is None:
            return None
        texts = (str(e), str(e.args[0] if e.args else ""))  # a KeyError's is its repr
        if not failure[1].endswith(texts):
            return None
        named = failure[0] in {c.__name__ for c in type(e).__mro__}
        return e if named else None


class Call:
    """A Python function as compiled code calls it: how slots become arguments and the
    result becomes slots."""

    def __init__(self, func, args: tuple, keywords: tuple, result: Desc, library=None):
        self.func, self.args = func, args
        self.keywords, self.result = keywords, result
        self.library = library  # its name, if it is one of Python's library
        self.filename = getattr(getattr(func, "__code__", None), "co_filename", None)

    def __getstate__(self) -> dict:
        """A method of os.environ or sys.stdout is that of the process which calls it."""
        return {**self.__dict__, "func": None} if self.library else self.__dict__

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        if self.library:
            self.func = library_function(self.library)
            return
        code = getattr(self.func, "__code__", None)
        if code is not None and code.co_filename != self.filename:
            # Sent by value: its tracebacks name the user's file all the same.
            self.func.__code__ = code.replace(co_filename=self.filename)

    def run(self, values: list) -> list:
        from . import _box, _spmd

        given = [_box.box(_numbered(d, values), values) for d in self.args]
        n = len(given) - len(self.keywords)
        keywords = dict(zip(self.keywords, given[n:], strict=True))
        func = self.func
        if self.library and self.library.startswith("sys.std"):
            func = library_function(self.library)  # it may be another one by now
        _spmd.calls += 1
        try:
            out = func(*given[:n], **keywords)
        finally:
            _spmd.calls -= 1
        return slots(self.result, out, self.func)


def print_rows(*values, sep: str, end: str) -> None:
    """print() in compiled code of something that has rows: of this rank's. A rank without
    any says nothing, but for the first."""
    from . import _spmd

    sizes = [len(v) for v in values if hasattr(v, "__len__") and not isinstance(v, str)]
    if any(sizes) or _spmd.get_rank() == 0:
        sys.stdout.write(sep.join(map(str, values)) + end)  # lines of ranks stay whole


def library_function(name: str):
    """os.path.exists by its name in front/host.def."""
    head, *rest = name.split(".")
    value = importlib.import_module(head)
    for part in rest:
        value = getattr(value, part)
    return value


def _numbered(d: Desc, values: list) -> Desc:
    """With the index of rows that compiled code sends as numbers a RangeIndex again."""
    if d.kind not in ("frame", "series"):
        return d
    index = d.children[-1]
    if index.kind != "index" or index.children[0].extra != "range":
        return d
    import numpy as np

    level = index.children[0]
    numbers = np.asarray(values[level.slot])
    start = int(numbers[0]) if len(numbers) else 0
    step = int(numbers[1]) - start if len(numbers) > 1 else 1
    index = Desc("range", name=level.name, start=start, step=step)
    return d._replace(children=(*d.children[:-1], index))


# -- Results -------------------------------------------------------------------------------


def _same(d: Desc, given: Desc) -> bool:
    """The same type, wherever the rows of a RangeIndex begin."""
    if (d.kind, d.ndim) != (given.kind, given.ndim):
        return False
    if d.kind in ("scalar", "array", "col") and d.type != given.type:
        return False
    if d.kind == "col" and d.extra != given.extra:  # their time zone
        return False
    if d.kind in ("col", "series", "range", "index", "dict") and d.name != given.name:
        return False
    return len(d.children) == len(given.children) and all(
        map(_same, d.children, given.children)
    )


_PYTHON = ("bool", "int64", "float64", "complex128")


def _is_number(type_: tuple | None) -> bool:
    return type_ is not None and type_[1] in ("none", "nan") and type_[0] != "str"


_UNITS = ("s", "ms", "us", "ns")


def _cast_time(d: Desc, value):
    """pandas' and NumPy's times in the declared unit."""
    import numpy as np
    import pandas as pd

    if isinstance(value, np.ndarray | np.datetime64 | np.timedelta64):
        times = d.type[0] == value.dtype.name.split("[")[0]
        value = value.astype(f"{d.type[0]}[{d.type[2]}]") if times else value
        if times and value.ndim == 0 and d.type[1] == "nat":  # pandas' kind
            one = pd.Timestamp if value.dtype.kind == "M" else pd.Timedelta
            return one(value)
        return np.ascontiguousarray(value) if value.ndim > 1 else value
    if isinstance(value, pd.Timestamp | pd.Timedelta) and value is not pd.NaT:
        return value.as_unit(d.type[2])
    return value


def _cast(d: Desc, value):
    """The value with its numbers in the declared dtypes, where it has d's shape."""
    if d.kind == "object":
        return value
    import numpy as np
    import pandas as pd

    cast = None
    if d.type is not None and d.type[2] in _UNITS:
        return _cast_time(d, value)
    if d.kind == "scalar" and isinstance(
        value, bool | int | float | complex | np.generic
    ):
        cast = _cast_scalar
    elif d.kind == "array" and isinstance(value, np.ndarray):
        cast = _cast_array
    elif d.kind == "series" and isinstance(value, pd.Series):
        cast = _cast_series
        d = d.children[0]
    elif d.kind == "frame" and isinstance(value, pd.DataFrame):
        cast = _cast_frame
    elif d.kind in ("tuple", "list") and type(value) in (tuple, list):
        cast = _cast_items
    return value if cast is None else cast(d, value)


def _cast_scalar(d: Desc, value):
    import numpy as np

    is_bool = isinstance(value, bool | np.bool_)
    if not _is_number(d.type) or (d.type[0] == "bool") != is_bool:
        return value
    made = np.dtype(d.type[0]).type(value)
    return made.item() if d.type[0] in _PYTHON else made


def _cast_array(d: Desc, value):
    import numpy as np

    if value.ndim > 1:
        value = np.ascontiguousarray(value)
    numbers = value.dtype.kind in "iuf" and d.type[0] != "bool" and _is_number(d.type)
    return value.astype(d.type[0], copy=False) if numbers else value


def _cast_frame(d: Desc, value):
    import pandas as pd

    if len(value.columns) != len(d.children) - 1:
        return value
    parts = [value.iloc[:, i] for i in range(len(value.columns))]
    done = list(map(_cast_series, d.children[:-1], parts))
    if all(a is b for a, b in zip(done, parts, strict=True)):
        return value
    out = pd.DataFrame(dict(enumerate(done)), index=value.index)
    out.columns = value.columns
    return out


def _cast_items(d: Desc, value):
    if len(value) != len(d.children):
        return value
    return type(value)(map(_cast, d.children, value))


def _cast_series(d: Desc, s):
    if d.type[2] in _UNITS and getattr(s.dtype, "kind", "O") in "mM":
        return s.dt.as_unit(d.type[2])
    numeric = getattr(s.dtype, "kind", "O") in "iuf" and hasattr(s.dtype, "isnative")
    if not numeric or not _is_number(d.type) or d.type[0] in ("bool", str(s.dtype)):
        return s
    return s.astype(d.type[0])


def _given(d: Desc, value, leaves: Leaves) -> Desc:
    """What a value is beside d: a container of any length where d has one and its
    elements fit."""
    from . import _core

    if d.kind == "object" and _core.pack_fits(d.extra, value):
        return d._replace(slot=leaves.add(_core.pack(d.extra, value)))
    if d.kind == "tuple" and type(value) is tuple and len(value) == len(d.children):
        items = map(_given, d.children, value, itertools.repeat(leaves))
        return Desc("tuple", children=tuple(items))
    if d.kind == "scalar" and d.type == STR and (value is None or type(value) is str):
        return d._replace(slot=leaves.add(value))  # text or None
    leaves.seen.clear()  # each part of a result is a value of its own
    return describe(value, leaves)


_PLAIN = {"bool": bool, "int64": int, "float64": float}


def _is_plain(d: Desc, value) -> bool:
    """A value of Python's own as it is declared: nothing needs to be loaded for it."""
    if d.kind == "none":
        return value is None
    if d.kind != "scalar":
        return False
    if d.type[0] == "str" and not d.type[2]:
        return type(value) is str
    kind = type(value)
    if d.type[1] == "mask" or kind is not _PLAIN.get(d.type[0]):
        return False
    return kind is not int or -(2**63) <= value < 2**63


def slots(d: Desc, value, func) -> list:
    """The leaves of a function's result, checked against its declared type."""
    if _is_plain(d, value):
        return [] if value is None else [value]
    from . import types
    from ._errors import DeclarationError

    leaves = Leaves()
    given = _given(d, _cast(d, value), leaves)
    if not _same(d, given):
        name = getattr(func, "__name__", "function")
        raise DeclarationError(
            "Invalid Python output data type specified.\n"
            f"User specified:\t{types.Type(d)}\nValue type:\t{types.Type(given)}\n"
            f"(the result of {name}())"
        )
    out = []
    for source in leaves.at:
        if isinstance(source, Column):
            out.append(source.lend())
        else:
            out.append(source.n if type(source) is Rows else source)
    return out
