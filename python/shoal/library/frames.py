"""Functions of pandas."""

import numpy as np
import pandas as pd

from . import refuse


def concat_dict(objs, names):
    return pd.concat([pd.concat([v], keys=[k], names=names) for k, v in objs.items()])


def concat_keys(objs, names, keys):
    if len(keys) != len(objs):
        raise ValueError(
            f"The length of the keys ({len(keys)}) must match the length of the objects to "
            f"concatenate ({len(objs)})"
        )
    return pd.concat(
        [pd.concat([v], keys=[k], names=names) for k, v in zip(keys, objs, strict=True)]
    )


def to_numpy(df, dtype=None, copy=False):
    columns = [df[c].to_numpy() for c in df.columns]
    if len(columns) == 0:
        return np.empty((len(df), 0), dtype or float)
    if not all(hasattr(df[c].dtype, "kind") for c in df.columns):
        refuse("a matrix of text or of values that may be missing")
    bools = [a.dtype == np.bool_ for a in columns]
    if any(bools) and not all(bools):
        refuse("a matrix of bools beside other columns, which pandas makes of objects")
    made = np.column_stack(columns)
    return made if dtype is None else made.astype(dtype)


def _kind(v):
    """n a number, t text, b a bool, m missing, d a time."""
    if v is None:
        return "m"
    if isinstance(v, (bool, np.bool_)):
        return "b"
    if isinstance(v, str):
        return "t"
    return "n" if isinstance(v, (int, float, np.number)) else "d"


def _column_kind(s):
    if s.dtype == "str":
        return "t"
    if not hasattr(s.dtype, "kind"):
        return "o"
    return {"i": "n", "u": "n", "f": "n", "b": "b", "M": "d", "m": "d"}[s.dtype.kind]


def _matches(s, key):
    if key is None:
        return s.isna()
    if isinstance(key, float):
        return (s == key) | (s.isna() & (key != key))
    return s == key


def _replace_one(s, out, key, value):
    kind = _column_kind(s)
    if kind == "o":
        refuse("replace() in a column of categories or of a nullable dtype")
    if _kind(key) not in (kind, "m"):
        if "b" in (kind, _kind(key)) and "n" in (kind, _kind(key)):
            refuse("replace() of bools by numbers or numbers by bools")
        if _kind(key) == "n" and isinstance(key, float) and key != key:
            return out.mask(s.isna(), value)
        return out  # none is equal to it
    if _kind(value) != kind and not (value is None and kind == "t"):
        refuse(
            "replace() with a value of another kind than the column's, which would change its dtype"
        )
    whole = kind == "n" and s.dtype.kind in "iu"
    if whole and isinstance(value, float) and value == value:
        refuse(
            "replace() of integers with a float; convert the column with astype('float64')"
        )
    return out.mask(_matches(s, key), np.nan if value is None else value)


def _replace_column(s, keys, values):
    out = s
    for k, v in zip(keys, values, strict=True):
        out = _replace_one(s, out, k, v)
    return out


def replace(self, to_replace, value=None):
    if isinstance(to_replace, dict):
        keys, values = list(to_replace.keys()), list(to_replace.values())
    elif isinstance(to_replace, (list, tuple)):
        keys = list(to_replace)
        if isinstance(value, (list, tuple)):
            values = list(value)
        else:
            values = [value for _ in keys]
        if len(keys) != len(values):
            raise ValueError(
                f"Replacement lists must match in length. Expecting {len(keys)} got "
                f"{len(values)} "
            )
    else:
        keys, values = [to_replace], [value]
    if isinstance(self, pd.Series):
        return _replace_column(self, keys, values)
    out = self.copy()
    for c in out.columns:
        if len(values) > 0 and isinstance(values[0], dict):
            for name, of in zip(keys, values, strict=True):
                if name == c:
                    out[c] = _replace_column(
                        self[c], list(of.keys()), list(of.values())
                    )
        else:
            out[c] = _replace_column(self[c], keys, values)
    return out
