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
