"""Moves of rows between ranks, of every member of a list or dict that only the run time
knows. `move` is the function of the op table, `rest` its arguments behind the data."""

import pandas as pd

import shoal


def each(move, data, *rest):
    return [move(v, *rest) for v in data]


def each_value(move, data, *rest):
    return {k: move(v, *rest) for k, v in data.items()}


def _on_first(v):
    """No rows but on the first rank. The elements of containers are distributed all alike,
    so what is gathered for one of them is there on all ranks."""
    if isinstance(v, (list, dict, tuple)):
        return v  # of members that were moved
    n = len(v) if shoal.get_rank() == 0 else 0
    return v.iloc[:n] if isinstance(v, (pd.DataFrame, pd.Series)) else v[:n]


def each_first(move, data, *rest):
    return [_on_first(move(v, *rest)) for v in data]


def each_value_first(move, data, *rest):
    return {k: _on_first(move(v, *rest)) for k, v in data.items()}
