"""Descriptors: the shape of an argument or result, beside a flat list of its values.

describe() looks at a Python value and gives its Desc, whose leaves are numbered, and one
source for every leaf: a plain scalar, or a pandas/NumPy array that column() lends to the
runtime without a copy where its layout allows.
"""

import datetime
import enum
import functools
import itertools
import math
import types
from typing import NamedTuple

from . import _kin, _records
from ._errors import UnsupportedError


class Desc(NamedTuple):
    """As py_desc.c reads and writes it."""

    kind: str
    type: tuple | None = None
    dist: str = ""
    slot: int = -1
    name: object = None
    value: object = None
    start: int = 0
    step: int = 0
    extra: str | None = None
    has_value: bool = False
    demanded: bool = False
    children: tuple = ()
    ndim: int = 0


INT64 = ("int64", "none", "")
FLOAT64 = ("float64", "nan", "")
COMPLEX128 = ("complex128", "none", "")
CHAR = ("str_", "none", "")  # of an array of text
BOOL = ("bool", "none", "")
STR = ("str", "mask", "")
TEXT = ("str", "none", "")
BYTES = ("str", "none", "bytes")
DATE = ("date", "mask", "")
DELTAS = ("timedelta64", "mask", "us")  # datetime.timedelta objects


class Leaves:
    """The sources of the leaves, in the order of their slots, and the pieces: every
    argument and every item of a container, depth first (front/update.c)."""

    __slots__ = ("at", "categories", "kin", "pieces", "seen")

    def __init__(self):
        self.at, self.pieces = [], []
        self.seen = {}  # id of what has identity -> number of its piece
        self.categories = []  # dtypes of category columns so far, each once
        self.kin = None  # the _kin.Graph of the call; None: it has none

    def add(self, source) -> int:
        self.at.append(source)
        return len(self.at) - 1


class Rows:
    """A leaf that is a number of rows: of a block of them on a rank."""

    __slots__ = ("n",)

    def __init__(self, n: int):
        self.n = n


class Column:
    """A leaf that is a column: the array it comes from, its type and time zone."""

    __slots__ = ("array", "dist", "lent", "type", "tz")

    def __init__(self, array, type_: tuple, tz: str | None = None):
        self.array, self.type, self.tz = array, type_, tz
        self.lent = None
        self.dist = ""

    def __len__(self) -> int:
        return len(self.array)

    def lend(self):
        """The column as a _core.Array."""
        if self.lent is None:
            self.lent = _lend(self.array, self.type, self.tz)
        return self.lent


class NdColumn(Column):
    """The memory of an array of several dimensions, or of one that is not contiguous.

    Where it can be lent as it lies it is (`direct`); what a rank gets a part of, or works
    on a copy of, is contiguous.
    """

    __slots__ = ("first", "width")

    def __init__(self, array, type_: tuple):
        super().__init__(array, type_)
        self.width = math.prod(array.shape[1:])  # elements of a row
        self.first = None

    def base(self):
        """The memory from the lowest element on, as one dimension; sets first."""
        a, item = self.array, self.array.itemsize
        if a.flags.c_contiguous or a.size == 0:
            self.first = 0
            return a.reshape(-1)
        turn = tuple(slice(None, None, -1 if s < 0 else None) for s in a.strides)
        low = a[turn]
        span = (
            1
            + sum((n - 1) * s for n, s in zip(low.shape, low.strides, strict=True))
            // item
        )
        back = sum(
            (n - 1) * -s for n, s in zip(a.shape, a.strides, strict=True) if s < 0
        )
        self.first = back // item
        import numpy as np

        return np.lib.stride_tricks.as_strided(
            low, (span,), (item,), writeable=a.flags.writeable
        )

    def lend(self):
        if self.lent is None:
            self.lent = _lend(self.base(), self.type, None)
        return self.lent

    def lend_contiguous(self):
        import numpy as np

        return _lend(np.ascontiguousarray(self.array).reshape(-1), self.type, None)


class Stride:
    """A leaf that says where elements lie: of dimension k, or of the first one (-1)."""

    __slots__ = ("column", "k")

    def __init__(self, column: NdColumn, k: int):
        self.column, self.k = column, k

    def value(self, direct: bool) -> int:
        a = self.column.array
        if self.k < 0:
            if direct and self.column.first is None:
                self.column.base()
            return self.column.first if direct else 0
        if not direct or a.size == 0:
            return math.prod(a.shape[self.k + 1 :])
        return a.strides[self.k] // a.itemsize


def _lend(array, type_: tuple, tz: str | None):
    import numpy as np

    from . import _core

    dtype, null, unit = type_
    if is_category(type_):
        return _lend_category(array)
    if is_objects(type_):
        return _lend_arrow(array, type_)
    if null == "mask":
        data = _core.from_numpy(np.ascontiguousarray(array._data))
        return _core.masked(
            data, _core.from_numpy(np.ascontiguousarray(array._mask)), "mask"
        )
    if unit:
        code = "M8" if dtype == "datetime64" else "m8"
        values = (
            array
            if isinstance(array, np.ndarray)
            else array.asi8.view(f"{code}[{unit}]")
        )
        lent = _core.from_numpy(np.ascontiguousarray(values))
        return lent.retype("nat", tz, False) if tz else lent
    return _core.from_numpy(np.ascontiguousarray(array))


def _lend_category(array):
    import numpy as np

    from . import _core

    values = array.categories._values
    type_, _ = column_type(values, "the categories")
    return _core.category(
        _core.from_numpy(np.ascontiguousarray(array.codes)),
        _lend(values, type_, None),
        bool(array.ordered),
    )


def _lend_arrow(array, type_: tuple):
    import pyarrow as pa

    from . import _core

    if type_[0] == "date":
        data = pa.array(array, type=pa.date32(), from_pandas=True)
    elif type_ == DELTAS:
        data = pa.array(array, type=pa.duration("us"), from_pandas=True)
    elif hasattr(array, "__arrow_array__"):
        data = array.__arrow_array__()
    else:
        data = pa.array(array, type=pa.large_string(), from_pandas=True)
    return _core.from_arrow(pa.table({"": data}), (type_,), False)[0]


# -- Categories ------------------------------------------------------------------------


def is_category(type_: tuple) -> bool:
    return type_[0].startswith("category")


def category_type(value: tuple, ordered: bool, width: int = 0, set_: int = 0) -> tuple:
    """The type of a category column whose categories have the type value (ir/type.h:
    width of the codes and number of the set, 0 when they are not known)."""
    dtype, _, unit = value
    text = f"{dtype}[{unit}]" if unit else dtype
    order = ",ordered" if ordered else ""
    return (f"category[{text}{order},{width},{set_}]", "mask", "")


SETS = 31  # numbers that a type can say


def _same_order(a, b) -> bool:
    return a.categories.equals(b.categories) and a.ordered == b.ordered


def _category_set(dtype, known: list) -> int:
    """The number of a dtype among those of a call: equal dtypes have one number. What is
    equal but for the order of its categories has none (0): that is seen at run time."""
    for i, other in enumerate(known):
        if _same_order(dtype, other):
            return i + 1
    if len(known) == SETS or any(dtype == other for other in known):
        return 0
    known.append(dtype)
    return len(known)


def _category(array, what: str, known: list) -> tuple:
    value, tz = column_type(array.categories._values, f"the categories of {what}")
    if tz or (value[1] == "mask" and value[0] not in ("str", "date")):
        raise UnsupportedError(
            f"{what} has categories of the dtype {array.categories.dtype}, which is not "
            "supported; convert them with .cat.rename_categories()"
        )
    width = array.codes.dtype.itemsize
    return category_type(value, array.ordered, width, _category_set(array.dtype, known))


# -- Types of columns ------------------------------------------------------------------


def is_objects(type_: tuple) -> bool:
    """Columns of it are objects or text in pandas, whose memory is not ours."""
    return type_[0] in ("str", "date") or type_ == DELTAS


def _numpy_type(dtype) -> tuple | None:
    import numpy as np

    kind = dtype.kind
    if kind == "b":
        return BOOL
    if kind in "iu" and dtype.isnative:
        return (dtype.name, "none", "")
    if kind == "f" and dtype.itemsize in (4, 8) and dtype.isnative:
        return (dtype.name, "nan", "")
    if kind == "c" and dtype.itemsize in (8, 16) and dtype.isnative:
        return (dtype.name, "none", "")
    if kind in "Mm":
        unit, count = np.datetime_data(dtype)
        if unit in ("s", "ms", "us", "ns") and count == 1:
            return ("datetime64" if kind == "M" else "timedelta64", "nat", unit)
    return None


def _object_type(array, what: str) -> tuple:
    """Objects are taken when they all are text, dates or timedeltas; missing ones don't
    count."""
    from pandas.api.types import infer_dtype

    inferred = infer_dtype(array, skipna=True)
    if inferred in ("string", "empty"):
        return STR
    if inferred == "date":
        return DATE
    if inferred == "timedelta":
        return DELTAS
    hint = {
        "decimal": 'Decimal: use .astype("float64")',
        "mixed-integer": "ints and other objects: give the column one dtype",
        "boolean": 'bool with missing values: use .astype("boolean")',
        "bytes": "bytes: decode them to str",
        "datetime": "datetime objects: use pd.to_datetime()",
    }.get(inferred, f"{inferred} objects: give the column one dtype with .astype()")
    raise UnsupportedError(f"{what} holds {hint}")


_WAYS = {  # out, by NumPy's letter of the kind of dtype
    "M": '; convert it with .astype("datetime64[s]")',
    "m": '; convert it with .astype("timedelta64[s]")',
    "S": "; decode the bytes with np.strings.decode(a)",
    "T": '; convert it with .astype("U10"), or .astype(object)',
}


def _known_type(found: tuple | None, dtype, what: str) -> tuple:
    if found is None:
        way = _WAYS.get(getattr(dtype, "kind", ""), "")
        raise UnsupportedError(
            f"{what} has the dtype {dtype}, which is not supported{way}"
        )
    return found


@functools.cache
def _zone(tz, what: str) -> str:
    """The name of a time zone, by which pandas makes it again."""
    import pandas as pd

    try:
        known = pd.DatetimeTZDtype("ns", str(tz)) == pd.DatetimeTZDtype("ns", tz)
    except (TypeError, ValueError, LookupError, OSError):
        known = False
    if not known:
        raise UnsupportedError(
            f"{what} has the time zone {tz!r}, which has no name that pandas knows; give it "
            'one, as tz_convert("Europe/Paris")'
        )
    return str(tz)


def column_type(array, what: str, categories: list | None = None) -> tuple:
    """(type, time zone) of a NumPy array or a pandas extension array. categories: dtypes
    of the call's category columns so far."""
    import numpy as np

    dtype = array.dtype
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return _known_type(_numpy_type(dtype), dtype, what), None
    if str(dtype) == "object":
        return _object_type(array, what), None
    import pandas as pd

    if isinstance(dtype, pd.StringDtype):
        return STR, None
    if isinstance(dtype, pd.DatetimeTZDtype):
        return ("datetime64", "nat", dtype.unit), _zone(dtype.tz, what)
    if hasattr(dtype, "numpy_dtype") and hasattr(array, "_mask"):
        found = _numpy_type(dtype.numpy_dtype)
        if found:
            return (found[0], "mask", ""), None
    if isinstance(dtype, pd.CategoricalDtype):
        return _category(array, what, [] if categories is None else categories), None
    if isinstance(dtype, pd.ArrowDtype):
        raise UnsupportedError(
            f"{what} has the Arrow dtype {dtype}: use .convert_dtypes("
            'dtype_backend="numpy_nullable") or .astype()'
        )
    found = (
        _numpy_type(dtype)
        if hasattr(dtype, "kind") and hasattr(dtype, "isnative")
        else None
    )
    return _known_type(found, dtype, what), None


# -- Describing ------------------------------------------------------------------------


def name_of(name, what: str):
    if name is None or isinstance(name, str):
        return name
    if isinstance(name, int) and not isinstance(name, bool):
        return int(name)
    import numpy as np

    if isinstance(name, np.integer):
        return int(name)
    raise UnsupportedError(
        f"{what} is named {name!r}: names that are not str or int are not supported; "
        "rename it"
    )


def _column(array, name, what: str, leaves: Leaves) -> Desc:
    type_, tz = column_type(array, what, leaves.categories)
    slot = leaves.add(Column(array, type_, tz))
    return Desc("col", type_, "", slot, name, extra=tz)


def _index(index, leaves: Leaves, top: bool) -> Desc:
    import pandas as pd

    rows = leaves.add(Rows(len(index))) if top else -1
    kind = INT64 if top else None
    if isinstance(index, pd.RangeIndex):
        name = name_of(index.name, "the index")
        return Desc("range", kind, "", rows, name, start=index.start, step=index.step)
    if isinstance(index, pd.MultiIndex):
        levels = [index.get_level_values(i) for i in range(index.nlevels)]
    else:
        levels = [index]
    children = tuple(
        _column(
            level._values,
            name_of(level.name, "an index level"),
            "the index",
            leaves,
        )
        for level in levels
    )
    return Desc("index", kind, "", rows, children=children)


def _series(s, leaves: Leaves) -> Desc:
    rows = leaves.add(Rows(len(s)))
    name = name_of(s.name, "a Series")
    values = _column(s._values, name, f"Series {s.name!r}", leaves)
    index = _index(s.index, leaves, False)
    return Desc("series", INT64, "", rows, name, children=(values, index))


def _frame(df, leaves: Leaves) -> Desc:
    rows = leaves.add(Rows(len(df)))
    children = [
        _column(df._mgr.iget_values(i), name_of(c, "a column"), f"column {c!r}", leaves)
        for i, c in enumerate(df.columns)
    ]
    children.append(_index(df.index, leaves, False))
    return Desc("frame", INT64, "", rows, df.columns.name, children=tuple(children))


def _array(a, leaves: Leaves) -> Desc:
    if a.dtype.names is not None:
        raise UnsupportedError(
            "arrays of records (structured dtypes) are not supported; pass the fields as "
            "arrays of their own"
        )
    if a.ndim == 0:
        return _describe(a[()], leaves)
    if a.dtype.kind == "U":
        return _nd_array(_characters(a), CHAR, leaves)
    type_, _ = column_type(a, "an array")
    numbers = not is_objects(type_)
    if numbers and (a.ndim > 1 or not a.flags.c_contiguous):
        return _nd_array(a, type_, leaves)
    if a.ndim != 1:
        raise UnsupportedError(
            f"an array of {a.dtype} of {a.ndim} dimensions is not supported"
        )
    return Desc("array", type_, "", leaves.add(Column(a, type_)), ndim=1)


def _characters(a):
    """The characters of an array of text as one more dimension, in the same memory."""
    import numpy as np

    if not a.dtype.isnative:
        raise UnsupportedError(
            f"an array has the dtype {a.dtype}, which is not supported; "
            'pass a.astype(a.dtype.newbyteorder("="))'
        )
    if a.itemsize == 0:
        a = a.astype("U1")
    width = a.itemsize // 4
    if width == 1:
        return a[..., None]
    return a.view(np.dtype([("text", "<U1", (width,))]))["text"]


def _nd_array(a, type_: tuple, leaves: Leaves) -> Desc:
    """Children: the lengths; of what is not contiguous also offset and strides."""
    if a.ndim > 16:
        raise UnsupportedError(
            f"arrays of {a.ndim} dimensions are not supported (16 are)"
        )
    if not a.flags.aligned or any(s % a.itemsize for s in a.strides):
        raise UnsupportedError(
            "an array whose elements are not aligned is not supported; pass a.copy()"
        )
    column = NdColumn(a, type_)
    slot = leaves.add(column)
    numbers = [Rows(len(a)), *a.shape[1:]]
    if not a.flags.c_contiguous:
        numbers += [Stride(column, k) for k in range(-1, a.ndim)]
    children = tuple(Desc("scalar", INT64, "", leaves.add(n)) for n in numbers)
    return Desc("array", type_, "", slot, children=children, ndim=a.ndim)


def _scalar(type_: tuple, value, leaves: Leaves, known=None, extra=None) -> Desc:
    slot = leaves.add(value)
    return Desc(
        "scalar", type_, "", slot, value=known, has_value=known is not None, extra=extra
    )


_EPOCH = datetime.datetime(1970, 1, 1)
_NAT = -(2**63)


def _numpy_time(value) -> tuple | None:
    """Units that columns have not become seconds."""
    import numpy as np

    kind = "M8" if isinstance(value, np.datetime64) else "m8"
    unit, count = np.datetime_data(value.dtype)
    if unit not in ("s", "ms", "us", "ns") or count != 1:
        if unit not in ("W", "D", "h", "m", "s"):
            return None
        value, unit = value.astype(f"{kind}[s]"), "s"
    name = "datetime64" if kind == "M8" else "timedelta64"
    return (name, "nan", unit), int(value.view("i8"))


def time_of(value) -> tuple | None:
    """(type, count) of a time without a time zone. The null form says whose object it is
    (ir/type.h); NaT counts -2**63."""
    import numpy as np
    import pandas as pd

    if value is pd.NaT:
        return ("datetime64", "nat", "s"), _NAT
    if isinstance(value, pd.Timestamp):
        return None if value.tz else (("datetime64", "nat", value.unit), value._value)
    if isinstance(value, pd.Timedelta):
        return ("timedelta64", "nat", value.unit), value._value
    if isinstance(value, np.datetime64 | np.timedelta64):
        return _numpy_time(value)
    one = datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            return None
        return ("datetime64", "none", "us"), (value - _EPOCH) // one
    if isinstance(value, datetime.timedelta):
        count = value // one
        return None if abs(count) >= 2**63 else (("timedelta64", "none", "us"), count)
    if isinstance(value, datetime.date):
        days = value.toordinal() - _EPOCH.toordinal()
        return ("date", "none", ""), days
    return None


def _time(value, leaves: Leaves) -> Desc | None:
    known = time_of(value)
    if known is not None:
        return _scalar(known[0], None if known[1] == _NAT else known[1], leaves)
    import pandas as pd

    if isinstance(value, pd.Timestamp):
        zone = _zone(value.tz, "an argument")
        type_ = "datetime64", "nat", value.unit
        return _scalar(type_, value._value, leaves, extra=zone)
    if isinstance(value, datetime.datetime):
        raise UnsupportedError(
            f"a time with a time zone ({value.tzinfo}) is not supported; pass it without "
            "one, as t.tz_convert(None) or t.astimezone(UTC).replace(tzinfo=None)"
        )
    return None


def _numpy_scalar(value, leaves: Leaves) -> Desc:
    found = _time(value, leaves)
    if found is not None:
        return found
    type_ = _numpy_type(value.dtype)
    if type_ is None:
        raise UnsupportedError(f"a {type(value).__name__} argument is not supported")
    if type_[0] == "uint64" and value >= 2**63:  # its bits, as slots hold them
        return _scalar(type_, int(value) - 2**64, leaves, extra="np")
    # Not weak in promotion, unlike Python's own numbers: see front_from_desc.
    return _scalar(type_, value.item(), leaves, extra="np")


def _items(kind: str, values, leaves: Leaves) -> Desc:
    return Desc(kind, children=tuple(describe(v, leaves) for v in values))


FEW = 8  # items of a container that stands in the code's signature one by one
NAMES = 64  # the same of texts: they may be names of columns


def _is_time(value) -> bool:
    return type(value) not in _PLAIN and time_of(value) is not None


def has_rows(value) -> bool:
    """Whether the first item of a container, as deep as it is, has rows."""
    cls = type(value)
    if cls in (list, tuple, dict):
        items = value.values() if cls is dict else value
        return any(
            map(has_rows, itertools.islice(items, len(value) if cls is tuple else 1))
        )
    array = hasattr(cls, "__array_interface__") and value.ndim > 0
    return array or hasattr(cls, "iloc")


def _is_object(value) -> bool:
    """A container that compiled code gets as an object, whatever its length. Those that
    hold rows are looked at by _rowlists.py."""
    n = len(value)
    if n > FEW and has_rows(value):
        return False
    if n <= FEW and type(value) is dict:
        return any(_is_time(k) or type(k) is bytes for k in value)
    if n <= FEW:
        return any(type(v) in (list, set, dict) and _is_object(v) for v in value)
    first = next(iter(value))
    return n > NAMES or not isinstance(first, str)


def _object(value, leaves: Leaves) -> Desc:
    from . import _core

    try:
        code = _core.pack_type(value)
        packed = _core.pack(code, value)
    except (TypeError, OverflowError) as e:
        raise UnsupportedError(
            f"a {type(value).__name__} of {len(value)} items is not supported as an argument: {e}"
        ) from None
    return Desc("object", TEXT, "", leaves.add(packed), extra=code)


def _key(key) -> Desc:
    """A dict's key, which is part of the type."""
    if key is None:
        return Desc("none")
    record = _records.split(key)
    if record is not None:
        return Desc("tuple", children=tuple(map(_key, record[1])), extra=record[0])
    if isinstance(key, tuple):
        return Desc("tuple", children=tuple(map(_key, key)))
    for cls, type_ in ((bool, BOOL), (int, INT64), (float, FLOAT64), (str, TEXT)):
        if isinstance(key, cls):
            return Desc("const", type_, value=cls(key))
    raise UnsupportedError(
        f"a dict with the key {key!r}: keys must be str, numbers, None or tuples of them"
    )


_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes, tuple))


def describe(value, leaves: Leaves) -> Desc:
    """The Desc of any argument; its leaves are added to leaves."""
    if type(value) not in _PLAIN:  # it may have been passed before: it is one object
        before = leaves.seen.setdefault(id(value), len(leaves.pieces))
        if before < len(leaves.pieces):
            leaves.pieces.append(value)
            return Desc("alias", start=before)
    leaves.pieces.append(value)
    if leaves.kin is not None and _kin.may_hold(value):
        code, packed = leaves.kin.pack(value)
        return Desc("object", TEXT, "", leaves.add(packed), name="item", extra=code)
    return _describe(value, leaves)


def _describe(value, leaves: Leaves) -> Desc:
    if value is None:
        return Desc("none")
    cls = type(value)
    if cls is bool:
        return _scalar(BOOL, value, leaves, value)
    if cls is int:
        if not -(2**63) <= value < 2**63:
            raise OverflowError(f"the argument {value} does not fit into 64 bits")
        return _scalar(INT64, value, leaves, value)
    if cls is float:
        return _scalar(FLOAT64, value, leaves)
    if cls is complex:
        return _scalar(COMPLEX128, value, leaves)
    if cls is str:
        return _scalar(TEXT, value, leaves, value)
    if cls is bytes:
        return _scalar(BYTES, value, leaves)
    if cls in (list, set, dict) and _is_object(value):
        return _object(value, leaves)
    if cls in (tuple, list, set):
        return _items(cls.__name__, sorted(value) if cls is set else value, leaves)
    if cls is dict:
        pairs = ((_key(k), describe(v, leaves)) for k, v in value.items())
        return Desc("dict", children=tuple(d for pair in pairs for d in pair))
    return _describe_data(value, leaves)


# Functions that were arguments: the code that is made is for these very ones.
functions: list = []
_numbers: dict = {}
FUNCTION = "=function "


def _function(value) -> Desc | None:
    """A function as an argument: no data, but part of the signature, by its number."""
    from . import _names
    from .decorator import JitFunction, WrappedFunction

    own = isinstance(value, types.FunctionType | JitFunction | WrappedFunction)
    if not own and _names.canonical(value) is None:
        return None
    if id(value) not in _numbers:
        _numbers[id(value)] = len(functions)
        functions.append(value)
    return Desc("tuple", extra=f"{FUNCTION}{_numbers[id(value)]}")


def _describe_data(value, leaves: Leaves) -> Desc:
    import os

    import numpy as np

    if "_shoal" in getattr(value, "__dict__", ()):  # still on the workers
        return value._shoal.describe(leaves)
    if isinstance(value, np.ndarray):  # before pandas is needed: it may not be loaded
        return _array(value, leaves)
    if isinstance(value, np.generic):
        return _numpy_scalar(value, leaves)
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return _frame(value, leaves)
    if isinstance(value, pd.Series):
        return _series(value, leaves)
    if isinstance(value, pd.Index):
        return _index(value, leaves, True)
    found = _time(value, leaves)
    if found is not None:
        return found
    record = _records.split(value)
    if record is not None:
        children = tuple(describe(p, leaves) for p in record[1])
        return Desc("tuple", children=children, extra=record[0])
    if callable(value):
        found = _function(value)
        if found is not None:
            return found
    if value is pd.NA:
        raise UnsupportedError("pd.NA as an argument is not supported: it has no type")
    if isinstance(value, os.PathLike):
        return _describe(os.fspath(value), leaves)
    if isinstance(
        value, enum.Enum
    ):  # one that is a str or float too: str() is its name
        return _describe(value.value, leaves)
    if isinstance(value, tuple | list | dict | bool | int | float | str):
        for base in (bool, int, float, str, tuple, list, dict):
            if isinstance(value, base):
                return _describe(base(value), leaves)
    raise UnsupportedError(
        f"an argument of type {type(value).__module__}.{type(value).__qualname__} "
        "is not supported; pass its data as arrays, frames or numbers"
    )


def without_values(d: Desc) -> tuple:
    """The Desc as a key: what may differ without a new compile is left out."""
    children = tuple(without_values(c) for c in d.children) if d.children else ()
    name = d.value if d.kind == "const" else d.name
    return (d.kind, d.type, d.dist, name, d.start, d.step, d.extra, children, d.ndim)


def known_values(descs) -> list:
    """The values of scalars that the compiler may look at, depth first; None elsewhere."""
    out = []

    def walk(d: Desc) -> None:
        if d.kind == "scalar":
            out.append(d.value if d.has_value else None)
        for c in d.children:
            walk(c)

    for d in descs:
        walk(d)
    return out


def demanded(descs) -> list:
    """Which of known_values() the compiled code depends on, as (position, value)."""
    out, at = [], 0

    def walk(d: Desc) -> None:
        nonlocal at
        if d.kind == "scalar":
            if d.demanded:
                out.append((at, type(d.value), d.value))
            at += 1
        for c in d.children:
            walk(c)

    for d in descs:
        walk(d)
    return out


def demanded_slots(descs) -> list:
    """The slots of scalars that the compiled code depends on."""
    out = []
    for d in descs:
        if d.kind == "scalar" and d.demanded:
            out.append(d.slot)
        out.extend(demanded_slots(d.children))
    return out


def from_core(t: tuple) -> Desc:
    """The Desc of the plain tuple that C gives."""
    d = Desc._make(t)
    return d._replace(children=tuple(from_core(c) for c in d.children))


def refers(d: Desc) -> bool:
    """Whether a result names pieces of the arguments: changed ones, or as itself."""
    return d.kind in ("arg", "updated") or any(map(refers, d.children))
