"""Types by name, for wrap_python(): int64, float64[:], DataFrameType(...), and so on.

A type describes a Python value as compiled code holds it. typeof(value) makes one from a
sample. The names are those of the reference of data types; a name that is known there but
not supported raises UnsupportedError when it is used.
"""

import contextlib
import datetime
import functools
import re

from ._absent import Absent
from ._desc import BYTES, DATE, STR, TEXT, Desc
from ._errors import DeclarationError, UnsupportedError

TS = ("datetime64", "nat", "ns")
TD = ("timedelta64", "nat", "ns")


def _scalar_text(type_: tuple) -> str:
    dtype, null, unit = type_
    if unit:
        return f"{dtype}[{unit}]"
    if null == "mask" and dtype not in ("str", "date"):
        return f"nullable {dtype}"
    return dtype


def _text(d: Desc) -> str:
    if d.kind in ("scalar", "col", "const"):
        return _scalar_text(d.type)
    if d.kind == "array":
        return f"array({_scalar_text(d.type)}, {d.ndim}d)"
    if d.kind == "frame":
        inner = ", ".join(f"{c.name!r}: {_text(c)}" for c in d.children[:-1])
        index = d.children[-1]
        rest = "" if index.kind == "none" else f", index={_text(index)}"
        return f"DataFrame({{{inner}}}{rest})"
    if d.kind == "series":
        inner = f"{_text(d.children[0])}, index={_text(d.children[1])}"
        return f"Series({inner}, name={d.name!r})"
    if d.kind == "range":
        return "RangeIndex"
    if d.kind == "object":
        return _code_text(d.extra)[0]
    inner = ", ".join(map(_text, d.children))
    return f"{d.kind}({inner})" if d.children else d.kind


def _code_text(code: str) -> tuple[str, str]:
    """The type that begins a code of src/py/py_pack.c, and what is left of the code."""
    first, rest = code[:1], code[1:]
    if first in _CONTAINERS:
        inner = []
        for _ in range(2 if first == "D" else 1):
            text, rest = _code_text(rest)
            inner.append(text)
        return f"{_CONTAINERS[first]}({', '.join(inner)})", rest
    if first == "T":
        inner = []
        while rest[:1] not in ("E", ""):
            text, rest = _code_text(rest)
            inner.append(text)
        return f"tuple({', '.join(inner)})", rest[1:]
    if first == "C":
        size, rest = rest.split(":", 1)
        return rest[: int(size)], _code_text(rest[int(size) :])[1]
    size = 4 if first == "#" else 1
    return _element_texts().get(code[:size], "?"), code[size:]


_CONTAINERS = {"L": "list", "S": "set", "D": "dict", "O": "optional"}


@functools.cache
def _element_codes() -> dict[tuple, str]:
    """The code that an element of a container has, by its type."""
    from . import _core

    day = datetime.date(1970, 1, 1)
    found = {t: _core.pack_type(v) for t, v in (
        (boolean.desc.type, False), (int64.desc.type, 0), (float64.desc.type, 0.0),
        (complex128.desc.type, 0j), (TEXT, ""), (BYTES, b""), (DATE, day),
    )}  # fmt: skip
    import pandas as pd

    for unit in ("s", "ms", "us", "ns"):
        found["datetime64", "nat", unit] = _core.pack_type(
            pd.Timestamp(0).as_unit(unit)
        )
        found["timedelta64", "nat", unit] = _core.pack_type(
            pd.Timedelta(0).as_unit(unit)
        )
    return found


@functools.cache
def _element_texts() -> dict[str, str]:
    return {code: _scalar_text(t) for t, code in _element_codes().items()}


def _code(d: Desc, what: str) -> str:
    """The code of a value inside of a container."""
    if d.kind == "object":
        return d.extra
    if d.kind == "tuple" and not d.extra:
        return "T" + "".join(_code(c, what) for c in d.children) + "E"
    if d.kind == "scalar" and d.type in _element_codes():
        return _element_codes()[d.type]
    raise UnsupportedError(
        f"{what} of {Type(d)!r} is not supported; its elements may be bool, int64, float64, "
        "complex128, text, bytes, dates, times, tuples and containers of them"
    )


class Type:
    """A type; desc is its descriptor. Scalars give array types by subscript:
    float64[:], int64[:, :]."""

    __slots__ = ("desc",)

    def __init__(self, desc: Desc):
        self.desc = desc

    def __repr__(self) -> str:
        return _text(self.desc)

    def __eq__(self, other):
        return isinstance(other, Type) and repr(self) == repr(other)

    def __hash__(self):
        return hash(repr(self))

    def __call__(self, *args):
        """The signature of a function of these types that gives this one."""
        from ._signature import Signature

        return Signature(self, tuple(map(type_of, args)))

    def __getitem__(self, key):
        dims = key if isinstance(key, tuple) else (key,)
        if self.desc.kind != "scalar" or not all(isinstance(k, slice) for k in dims):
            raise TypeError(f"{self!r}[{key!r}] is no type: write {self!r}[:]")
        return Type(Desc("array", self.desc.type, ndim=len(dims)))


def _scalar(*type_: str) -> Type:
    return Type(Desc("scalar", type_))


none = void = Type(Desc("none"))
int8, int16, int32, int64 = (_scalar(f"int{b}", "none", "") for b in (8, 16, 32, 64))
uint8, uint16, uint32, uint64 = (
    _scalar(f"uint{b}", "none", "") for b in (8, 16, 32, 64)
)
float32, float64 = (_scalar(f"float{b}", "nan", "") for b in (32, 64))
complex128 = _scalar("complex128", "none", "")
intp = int_ = int64
double = float_ = float64
boolean = bool_ = _scalar("bool", "none", "")
string = unicode_type = _scalar(*TEXT)
datetime64ns = pd_timestamp_tz_naive_type = _scalar(*TS)
timedelta64ns = pd_timedelta_type = _scalar(*TD)
datetime_date_type = _scalar(*DATE)
bytes_type = _scalar(*BYTES)


def _column(type_: tuple) -> Type:
    return Type(Desc("array", type_, ndim=1))


string_array_type = dict_str_arr_type = _column(STR)
boolean_array_type = _column(("bool", "mask", ""))
datetime_date_array_type = _column(DATE)
datetime_timedelta_array_type = _column(TD)


def _element(value, what: str) -> tuple:
    """The element type of an array type or a scalar type."""
    if isinstance(value, Type) and value.desc.kind in ("array", "scalar"):
        found = value.desc.type
        return STR if found == TEXT else found
    if isinstance(value, Absent):
        raise value.refusal()
    raise TypeError(f"{what} takes array types such as float64[:], not {value!r}")


def IntegerArrayType(dtype) -> Type:
    """Nullable integers (pandas' Int64 and its like)."""
    return _column((_element(dtype, "IntegerArrayType()")[0], "mask", ""))


def FloatingArrayType(dtype) -> Type:
    """Nullable floats (pandas' Float64 and Float32)."""
    return _column((_element(dtype, "FloatingArrayType()")[0], "mask", ""))


def DatetimeArrayType(tz=None) -> Type:
    """datetime64[ns]; time zones are not supported."""
    if tz is not None:
        raise UnsupportedError("DatetimeArrayType() with a time zone is not supported")
    return _column(TS)


def PandasTimestampType(tz=None) -> Type:
    """pd.Timestamp without time zone."""
    if tz is not None:
        raise UnsupportedError(
            "PandasTimestampType() with a time zone is not supported"
        )
    return datetime64ns


def Array(dtype, ndim: int = 1, layout: str = "C") -> Type:
    """An array of ndim dimensions."""
    return Type(Desc("array", _element(dtype, "Array()"), ndim=ndim))


# -- Indexes -------------------------------------------------------------------------------


def RangeIndexType(name=None) -> Type:
    """0, 1, 2 and so on over the rows."""
    return Type(Desc("range", ("int64", "none", ""), name=_name(name), step=1))


def _name(name):
    """A name, also as literal types give it."""
    return None if name is none else name


def _index(type_: tuple, name) -> Type:
    level = Desc("col", type_, name=_name(name))
    return Type(Desc("index", ("int64", "none", ""), children=(level,)))


def NumericIndexType(dtype, name=None, data=None) -> Type:
    """An Index of numbers."""
    return _index(_element(dtype, "NumericIndexType()"), name)


def StringIndexType(name=None, data=None) -> Type:
    """An Index of text."""
    return _index(STR, name)


def DatetimeIndexType(name=None, data=None) -> Type:
    """A DatetimeIndex without time zone."""
    return _index(TS, name)


def TimedeltaIndexType(name=None, data=None) -> Type:
    """A TimedeltaIndex."""
    return _index(TD, name)


def MultiIndexType(array_types, names=None, name=None) -> Type:
    """A MultiIndex of levels of these array types."""
    names = names or (None,) * len(array_types)
    levels = tuple(
        Desc("col", _element(t, "MultiIndexType()"), name=_name(n))
        for t, n in zip(array_types, names, strict=True)
    )
    return Type(Desc("index", ("int64", "none", ""), children=levels))


def _index_desc(index) -> Desc:
    found = RangeIndexType() if index is None else index
    if not isinstance(found, Type) or found.desc.kind not in ("range", "index"):
        raise TypeError(f"{index!r} is no index type; RangeIndexType() is one")
    return found.desc


# -- Tables and containers -----------------------------------------------------------------


def DataFrameType(data=None, index=None, columns=None, **_ignored) -> Type:
    """A frame: array types of the columns, the index type, and the columns' names."""
    data, columns = tuple(data or ()), tuple(columns or ())
    if len(data) != len(columns):
        raise TypeError(
            f"DataFrameType(): {len(data)} types for {len(columns)} columns"
        )
    children = [
        Desc("col", _element(t, "DataFrameType()"), name=n)
        for t, n in zip(data, columns, strict=True)
    ]
    children.append(_index_desc(index))
    return Type(Desc("frame", ("int64", "none", ""), children=tuple(children)))


def SeriesType(dtype, data=None, index=None, name_typ=None, name=None) -> Type:
    """A Series of an element type, with an index type and a name."""
    element = _element(data if isinstance(data, Type) else dtype, "SeriesType()")
    name = _name(name_typ if name is None else name)
    children = (Desc("col", element, name=name), _index_desc(index))
    return Type(Desc("series", ("int64", "none", ""), name=name, children=children))


def Tuple(*items) -> Type:
    """A tuple of these types."""
    if len(items) == 1 and isinstance(items[0], tuple | list):
        items = tuple(items[0])
    return Type(Desc("tuple", children=tuple(type_of(t).desc for t in items)))


def _container(code: str) -> Type:
    """Of any number of elements: an object of the run time."""
    return Type(Desc("object", TEXT, extra=code))


def List(dtype) -> Type:
    """A list of any length, of elements of one type."""
    return _container("L" + _code(type_of(dtype).desc, "List()"))


def Set(dtype) -> Type:
    """A set of elements of one type."""
    return _container("S" + _code(type_of(dtype).desc, "Set()"))


def DictType(key_type, value_type) -> Type:
    """A dict of keys of one type and values of one type."""
    key = _code(type_of(key_type).desc, "DictType()")
    return _container("D" + key + _code(type_of(value_type).desc, "DictType()"))


# -- By name, by sample --------------------------------------------------------------------

_registered: dict[str, Type] = {}

NOT_SUPPORTED = (
    "BinaryIndexType PeriodIndexType IntervalIndexType CategoricalIndexType "
    "binary_array_type DecimalArrayType Decimal128Type TimeType TimeArrayType "
    "CategoricalArrayType PDCategoricalDtype ArrayItemArrayType StructArrayType StructType "
    "TupleArrayType MapArrayType IntervalArrayType null_array_type CSRMatrixType "
    "MatrixType"
).split()


def __getattr__(name: str):
    if name in _registered:
        return _registered[name]
    if name in NOT_SUPPORTED:
        return Absent(f"the type {name}")
    raise AttributeError(f"module 'shoal.types' has no type {name!r}")


def register_type(name: str, value: Type) -> None:
    """Let a type be named by a string in wrap_python()."""
    if not isinstance(name, str):
        raise DeclarationError(f"type name should be a string, not {name}")
    if not isinstance(value, Type):
        raise DeclarationError(f"type value should be a valid data type, not {value}")
    if name in _registered or isinstance(globals().get(name), Type):
        raise DeclarationError(f"type name '{name}' already exists")
    _registered[name] = value


def typeof(value) -> Type:
    """The type of a sample value."""
    from ._desc import Leaves, describe

    if type(value) in (list, set, dict) and value:
        from . import _core

        with contextlib.suppress(TypeError):  # elements of several types, or with rows
            return _container(_core.pack_type(value))
    if type(value) is tuple:
        return Tuple(*map(typeof, value))
    return Type(_plain(describe(value, Leaves())))


def declared(name: str, what) -> Type:
    """The type that jit(locals=) declares for a variable: a type, or the array types of a
    frame's columns by name, whatever its index."""
    if not isinstance(name, str):
        raise TypeError(f"jit(): locals= takes names of variables, not {name!r}")
    if isinstance(what, dict):
        columns = [
            Desc("col", _element(type_of(t), f"locals= of {name!r}"), name=c)
            for c, t in what.items()
        ]
        rows = "int64", "none", ""
        return Type(Desc("frame", rows, children=(*columns, Desc("none"))))
    if not isinstance(what, Type | str | Absent):
        raise DeclarationError(f"jit(): locals= of {name!r} takes a type, not {what!r}")
    found = type_of(what)
    if found.desc.kind not in ("scalar", "array", "series", "frame"):
        raise UnsupportedError(
            f"jit(): locals= declares numbers, texts, arrays, Series and frames; {found!r} "
            f"of {name!r} is none of them"
        )
    return found


def _plain(d: Desc) -> Desc:
    """Without what belongs to one value only."""
    return d._replace(
        slot=-1, value=None, has_value=False, dist="", start=0,
        step=1 if d.kind == "range" else 0, children=tuple(map(_plain, d.children)),
    )  # fmt: skip


_NAMED = re.compile(r"(\w+)\s*(\[[:,\s1]*\])?")  # int64, float64[:, :], int32[::1]
_PYTHON = {"bool": boolean, "int": int64, "float": float64, "complex": complex128,
           "str": string, "bytes": bytes_type}  # fmt: skip


def _named(name: str) -> Type | None:
    """The type that a text names, of arrays too."""
    found = _NAMED.fullmatch(name.strip())
    if not found:
        return None
    base = _registered.get(found[1]) or globals().get(found[1]) or _PYTHON.get(found[1])
    if not isinstance(base, Type) or not found[2]:
        return base
    dims = found[2].count(",") + 1
    return base[(slice(None),) * dims] if ":" in found[2] else None


def result_of(what) -> Type:
    """The type of what a Python function gives: an array of several dimensions says how
    long it is, a date is there."""
    return Type(_laid_out(type_of(what).desc))


def _laid_out(d: Desc) -> Desc:
    if d.kind == "array" and d.ndim > 1 and not d.children:
        return d._replace(children=(int64.desc,) * d.ndim)
    if d.kind == "scalar" and d.type == DATE:
        return d._replace(type=(DATE[0], "none", DATE[2]))
    if d.kind == "tuple":
        return d._replace(children=tuple(map(_laid_out, d.children)))
    return d


def type_of(what) -> Type:
    """A Type as users write it: a Type, or the name of one."""
    if isinstance(what, Type):
        return what
    if isinstance(what, str):
        name = what.removeprefix("types.").removeprefix("bodo.types.")
        found = _named(name)
        if isinstance(found, Type):
            return found
        if name in NOT_SUPPORTED:
            raise Absent(f"the type {name}").refusal()
        raise DeclarationError(f"there is no type named {what!r}")
    if what is None:
        return none
    if isinstance(what, Absent):
        raise what.refusal()
    if callable(what) and getattr(what, "__module__", "") == __name__:
        raise DeclarationError(
            "wrap_python requires full data types, not just data type classes. For example, "
            "'bodo.types.DataFrameType((bodo.types.float64[::1],), "
            "bodo.types.RangeIndexType(), ('A',))' is a valid data type but "
            f"'bodo.types.DataFrameType' is not.\nReturn type is type class {what.__name__}."
        )
    raise DeclarationError(
        f"A data type is required for wrap_python return type annotation, not {what}."
    )
