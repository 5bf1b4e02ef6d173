"""Results: a Desc and the values of its slots become pandas objects, without a copy."""

import datetime
import math

from ._desc import Desc


def box(d: Desc, slots: list):
    """The Python object that d describes; slots holds its leaves."""
    return _BOX[d.kind](d, slots)


def _none(d: Desc, slots: list):
    return None


def _const(d: Desc, slots: list):
    return d.value


def scalar(type_: tuple, value, extra: str | None = None):
    """A run-time scalar: Python's own number, or (extra is "np") NumPy's."""
    import numpy as np

    dtype, null, unit = type_
    if dtype == "str":
        return value  # None, or NaN, which is missing in a column
    if unit and null != "nat":
        return _own_time(dtype, null, unit, value)
    if dtype == "date" or unit:
        import pandas as pd  # not loaded for plain numbers
    if dtype == "date":
        if value is None:
            return pd.NaT
        return datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + value)
    if unit:
        if value is None or value == -(2**63):
            return pd.NaT
        if dtype == "timedelta64":
            return pd.Timedelta(np.timedelta64(value, unit))
        t = pd.Timestamp(np.datetime64(value, unit))
        return t.tz_localize("UTC").tz_convert(extra) if extra else t
    if null == "mask" and (value is None or value != value):
        import pandas as pd

        return pd.NA
    pythons = extra != "np" and dtype in ("bool", "int64", "float64", "complex128")
    if value is None or (null == "prom" and type(value) is float):
        dtype, value = "float64", float("nan") if value is None else value
    if pythons:
        return bool(value) if dtype == "bool" else value
    if dtype == "uint64" and value < 0:
        value += 2**64
    return np.dtype(dtype).type(value)


def _own_time(dtype: str, null: str, unit: str, value):
    """A time that is NumPy's ("nan") or Python's ("none")."""
    import numpy as np

    if null == "nan":
        make = np.datetime64 if dtype == "datetime64" else np.timedelta64
        gone = value is None or value == -(2**63)
        return make("NaT" if gone else value, unit)
    if null == "mask" and value is None:
        return np.nan
    gap = datetime.timedelta(microseconds=value)
    return datetime.datetime(1970, 1, 1) + gap if dtype == "datetime64" else gap


def _scalar(d: Desc, slots: list):
    return scalar(d.type, slots[d.slot], d.extra)


def values(a, extra: str | None = None):
    """A column as the array that pandas would hold."""
    import numpy as np

    dtype, null, unit = a.type
    if a.categories is not None:
        return _categorical(a)
    if dtype == "str":
        return _strings(a)
    if dtype == "date":
        return _dates(a)
    if unit and null == "mask":
        return _deltas(a)
    if unit:
        raw = _numpy(a)
        if not extra or dtype != "datetime64":
            return raw
        import pandas as pd

        return pd.DatetimeIndex(raw).tz_localize("UTC").tz_convert(extra).array
    if null == "prom" and a.promoted:
        if dtype != "bool":
            return np.asarray(a.to_float())
        out = np.asarray(a).astype(object)
        out[np.asarray(a.mask()).view(bool)] = np.nan
        return out
    if null == "mask":
        return _masked(a, dtype)
    return _numpy(a)


def _numpy(a):
    import numpy as np

    out = np.asarray(a.own())
    return out if len(a) else np.empty(0, out.dtype)


def _masked(a, dtype: str):
    import numpy as np
    import pandas as pd

    data, mask = _numpy(a), np.asarray(a.mask()) if len(a) else np.empty(0, bool)
    if dtype == "bool":
        return pd.arrays.BooleanArray(data, mask)
    if dtype.startswith("float"):
        return pd.arrays.FloatingArray(data, mask)
    return pd.arrays.IntegerArray(data, mask)


def arrow(a):
    """A column as a pyarrow array that shares its memory."""
    import pyarrow as pa

    return pa.array(a)


def _strings(a):
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    data = arrow(a.plain() if a.is_dict else a)
    dtype = pd.StringDtype("pyarrow", na_value=np.nan)
    return dtype.__from_arrow__(pa.chunked_array([data]))


def _categorical(a):
    import numpy as np
    import pandas as pd

    dtype = pd.CategoricalDtype(values(a.categories), a.ordered)
    codes = np.asarray(a.codes()) if len(a) else np.empty(0, np.int8)
    return pd.Categorical.from_codes(codes, dtype=dtype)


def _dates(a):
    import numpy as np
    import pandas as pd

    out = np.empty(len(a), dtype=object)
    gone = None if a.tz else pd.NaT  # of what came in, or made here
    out[:] = [gone if d is None else d for d in arrow(a).to_pylist()]
    return out


def _deltas(a):
    """The difference of dates: objects, NaN where one is missing."""
    import numpy as np

    out = np.empty(len(a), dtype=object)
    out[:] = [np.nan if d is None else d for d in arrow(a).to_pylist()]
    return out


def _array(d: Desc, slots: list):
    import numpy as np

    a = slots[d.slot]
    out = a if isinstance(a, np.ndarray) else values(a)
    if not isinstance(out, np.ndarray) and getattr(a, "categories", None) is None:
        out = np.asarray(out)
    if d.children:
        out = _viewed(d, slots, out)
    return _joined(out) if d.type[0] == "str_" else out


def _joined(chars):
    """An array of text by its characters: the last dimension, in the same memory."""
    import numpy as np

    shape, width = chars.shape[:-1], chars.shape[-1]
    if chars.size == 0:
        return np.empty(shape, f"<U{max(width, 1)}")
    if width == 1:
        return chars[..., 0]
    return chars.view(f"<U{width}")[..., 0]


def _viewed(d: Desc, slots: list, base):
    """A view of the memory: children are lengths, the first element, strides."""
    number = [c.value if c.kind == "const" else slots[c.slot] for c in d.children]
    return strided(base, d.ndim, number)


def strided(base, n: int, number):
    """A view of n dimensions. number: lengths, the first element, strides in elements."""
    import numpy as np

    shape, first = tuple(number[:n]), number[n]
    if math.prod(shape) == 0:
        return np.empty(shape, base.dtype)
    item = base.itemsize
    strides = tuple(s * item for s in number[n + 1 :])
    want = tuple(item * math.prod(shape[k + 1 :]) for k in range(n))
    if strides == want:
        return base[first : first + math.prod(shape)].reshape(shape)
    fixed = any(s == 0 and k > 1 for s, k in zip(strides, shape, strict=True))
    writeable = base.flags.writeable and not fixed
    return np.lib.stride_tricks.as_strided(
        base[first:], shape, strides, writeable=writeable
    )


def _length(d: Desc, slots: list) -> int:
    """Rows of a container: of its first column, else what its rows slot says."""
    if d.kind in ("col", "array"):
        return len(slots[d.slot])
    for c in d.children:
        if c.kind == "col":
            return len(slots[c.slot])
    if d.slot >= 0:
        return slots[d.slot]
    for c in d.children:
        if c.kind == "index":
            return _length(c, slots)
    return 0


def _index(d: Desc, slots: list, n: int | None = None):
    import pandas as pd

    if d.kind == "range":
        n = _length(d, slots) if n is None else n
        step = d.step or 1
        return pd.RangeIndex(d.start, d.start + step * n, step, name=d.name)
    levels = [
        pd.Index(values(slots[c.slot], c.extra), name=c.name, copy=False)
        for c in d.children
    ]
    if len(levels) == 1:
        return levels[0]
    return pd.MultiIndex.from_arrays(levels, names=[c.name for c in d.children])


def _series(d: Desc, slots: list):
    n = _length(d, slots)
    index = _index(d.children[1], slots, n)
    name = label(d.children[0]) if d.children[0].children else d.name
    return _column(d.children[0], slots, index, name)


def series(data, index=None, name=None):
    """A Series over what values() gives."""
    import pandas as pd

    # Objects stay objects: pandas would take NaT alone for datetimes.
    dtype = object if data.dtype == object else None
    return pd.Series(data, index=index, dtype=dtype, name=name, copy=False)


def _column(d: Desc, slots: list, index, name=None):
    return series(values(slots[d.slot], d.extra), index, name)


def label(d: Desc):
    """A column's name; the parts of a tuple are its children."""
    return tuple(c.name for c in d.children) if d.children else d.name


def columns_index(d: Desc):
    """The Index of a frame's column names."""
    import pandas as pd

    names = [label(c) for c in d.children[:-1]]
    if not names:
        return pd.RangeIndex(0)
    if names == list(range(len(names))):
        return pd.RangeIndex(len(names), name=d.name)
    if all(isinstance(n, tuple) for n in names):
        return pd.MultiIndex.from_tuples(names)
    return pd.Index(names, name=d.name)


def _frame(d: Desc, slots: list):
    import pandas as pd

    n = _length(d, slots)
    index = _index(d.children[-1], slots, n)
    data = {i: _column(c, slots, index) for i, c in enumerate(d.children[:-1])}
    df = pd.DataFrame(data, index=index, copy=False)
    df.columns = columns_index(d)
    return df


def pairs(d: Desc):
    """The (key, value) descriptors of a dict."""
    return zip(d.children[::2], d.children[1::2], strict=True)


def _dict(d: Desc, slots: list):
    return {box(k, slots): box(v, slots) for k, v in pairs(d)}


def _change(d: Desc, slots: list):
    from . import _update

    return _update.build(d, slots, lambda c: box(c, slots))


def _object(d: Desc, slots: list):
    from . import _core

    if d.children:
        from . import _rowlists

        slots = list(slots)
        return box(_rowlists.expand(d, slots), slots)
    if d.name and d.name != "item":  # it names instances of the arguments
        from . import _kin

        return _kin.Packed(d.extra, slots[d.slot], d.name)
    value = _core.unpack(d.extra, slots[d.slot])
    return value[0] if d.name == "item" else value


def _tuple(d: Desc, slots: list):
    return made(d, tuple(box(c, slots) for c in d.children))


def made(d: Desc, items: tuple):
    """A tuple, or the instance of the class that d names; one that refers to arguments is
    made when they are known."""
    if not d.extra:
        return items
    from . import _records, _update

    if _update.refers(items):
        return _update.Made(d.extra, items)
    return _records.build(d.extra, items)


_BOX = {
    "object": _object,
    "none": _none,
    "const": _const,
    "scalar": _scalar,
    "array": _array,
    "series": _series,
    "frame": _frame,
    "col": lambda d, s: values(s[d.slot], d.extra),
    "range": _index,
    "index": _index,
    "tuple": _tuple,
    "list": lambda d, s: [box(c, s) for c in d.children],
    "set": lambda d, s: {box(c, s) for c in d.children},
    "dict": _dict,
    "arg": _change,
    "update": _change,
    "updated": _change,
}
