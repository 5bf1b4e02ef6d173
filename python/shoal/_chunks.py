"""SPMD: what is a chunk, and what chunks say of themselves.

A chunk is one rank's rows of something distributed. Frames, Series and indexes carry an
attribute, which pandas hands on to what it makes of them; arrays have a class, which NumPy
takes away from what it makes of them.
"""

import pickle

from . import _core, _spmd
from ._errors import collective

MARK = "_shoal_dist"


def mark_of(value) -> str:
    """The distribution that a value carries; "" for none."""
    return getattr(value, MARK, "") or ""


def exchange(value) -> list:
    """Every rank's value on every rank."""
    mine = pickle.dumps(value, protocol=5)
    return [pickle.loads(b) for b in collective(_core.exchange, mine)]


def block(n: int, rank: int, size: int) -> tuple[int, int]:
    return _spmd.get_start(n, size, rank), _spmd.get_end(n, size, rank)


def offset(n: int) -> int:
    """Rows on the ranks before this one. Collective."""
    rank, size = _spmd.open_ranks()
    return sum(exchange(n)[:rank]) if size > 1 else 0


def own_rows(n: int) -> slice:
    """Which rows of all are the n of this rank. Collective."""
    before = offset(n)
    return slice(before, before + n)


def marked(value, dist: str):
    """The value, remembered as a chunk of something distributed."""
    import numpy as np
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

    if isinstance(value, pd.DataFrame | pd.Series):
        _carry_marks()
        object.__setattr__(value, MARK, dist)
        return value
    if isinstance(value, pd.Index | ExtensionArray):
        object.__setattr__(value, MARK, dist)
        return value
    if isinstance(value, np.ndarray):
        out = value.view(chunk_class())
        out._shoal_dist = dist
        return out
    return value


def _carry_marks() -> None:
    """From now on what pandas makes of a chunk (a filter, a column, a copy) is a chunk."""
    import pandas as pd

    for cls in (pd.DataFrame, pd.Series):
        if MARK not in cls._metadata:
            cls._metadata = [*cls._metadata, MARK]


_class = None


def chunk_class():
    """An ndarray that knows that it is a chunk; what is made from it does not."""
    global _class
    if _class is None:
        import numpy as np

        class Chunk(np.ndarray):
            """One rank's rows of a distributed array."""

            def __reduce__(self):
                """What is sent elsewhere is an array there: the class is not in a module,
                and a file or another rank has no part of what is distributed here."""
                return self.view(np.ndarray).__reduce__()

            def __reduce_ex__(self, protocol):
                return self.view(np.ndarray).__reduce_ex__(protocol)

        Chunk.__module__ = "shoal"
        _class = Chunk
    return _class
