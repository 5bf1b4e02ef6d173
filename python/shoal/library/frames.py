"""Functions of pandas, of lists and dicts that only the run time knows."""

import pandas as pd


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
