"""What a call changed in its arguments, put into the caller's objects.

The result of compiled code that changes arguments is an Updated: the result proper and,
for every changed object, the number of its piece and its new contents (src/front/update.c
says how they are found). Contents are made completely before the first object is touched,
so an argument is changed as a whole or not at all, and only when the call has succeeded.
"""

from typing import NamedTuple

from . import _box, _records
from ._interrupts import uninterrupted


class Ref(NamedTuple):
    """A piece of the arguments itself."""

    piece: int


class Made(NamedTuple):
    """An instance of a class (_records.py) whose parts refer to pieces."""

    text: str
    parts: tuple


class Updated(NamedTuple):
    """A result, and (piece, contents) of the arguments that changed."""

    result: object
    changes: list


class Parts:
    """New contents of a frame: columns and index, each either new or (a desc of kind
    "arg") what the frame had before. `held`: where the new ones are, if not in slots."""

    def __init__(self, desc, slots, held=None, dist: str = ""):
        self.desc, self.slots, self.held, self.dist = desc, slots, held, dist
        self.columns = {
            i: c.start if c.kind == "arg" else c
            for i, c in enumerate(desc.children[:-1])
        }
        self.index = None if desc.children[-1].kind == "arg" else desc.children[-1]

    def fresh(self) -> list:
        """The leaves that are new."""
        out = [c for c in self.columns.values() if type(c) is not int]
        return out + list(self.index.children if self.index is not None else ())

    def keeps_some(self) -> bool:
        """Whether anything stays as it was, with its rows."""
        return self.index is None or any(type(c) is int for c in self.columns.values())

    def load(self) -> None:
        """The new columns arrive."""
        if self.held is not None:
            self.slots = self.held.fetch([c.slot for c in self.fresh()])
            self.held = None

    def arrays(self, gathered) -> dict:
        """New leaves by slot, as pandas would hold them."""
        out = {c.slot: _box.values(self.slots[c.slot], c.extra) for c in self.fresh()}
        if gathered is not None:
            out = {slot: gathered(a) for slot, a in sorted(out.items())}
        return out


def refers(value) -> bool:
    """Whether there is a Ref in the value."""
    if type(value) in (Ref, Made):
        return True
    if type(value) is dict:
        return any(map(refers, value.values()))
    return type(value) in (list, tuple, set) and any(map(refers, value))


def build(d, slots, box, held=None, dist: str = ""):
    """The Updated, change or Ref that d describes; box makes anything else."""
    if d.kind == "arg":
        return Ref(d.start)
    if d.kind == "update":
        new = d.children[0]
        if new.kind == "frame":
            return d.start, Parts(new, slots, held, new.dist)
        return d.start, box(new)
    return Updated(box(d.children[0]), [box(c) for c in d.children[1:]])


def finish(out, pieces: list, place, sources):
    """Put the changes into the caller's objects; the result proper. sources: of the call's
    slots, as place found them."""
    if type(out) is not Updated:
        return _resolved(out, pieces)
    chunks = place.chunks(sources)
    puts = [
        _prepare(pieces[n], new, pieces, place, n in chunks) for n, new in out.changes
    ]
    with uninterrupted():
        for put in puts:
            put()
    return _resolved(out.result, pieces)


def _resolved(value, pieces: list):
    """The value with the caller's own objects where it refers to them."""
    cls = type(value)
    if cls is Ref:
        return pieces[value.piece]
    if cls is Made:
        return _records.build(value.text, _resolved(value.parts, pieces))
    if cls in (list, tuple, set):
        return cls(_resolved(v, pieces) for v in value)
    if cls is dict:
        return {k: _resolved(v, pieces) for k, v in value.items()}
    return value


def _prepare(target, new, pieces: list, place, chunk: bool):
    """What puts new contents into an object, as a function that cannot fail."""
    if type(new) is Parts:
        return _prepare_frame(target, new, place, chunk)
    new = _resolved(new, pieces)
    if hasattr(target, "_update_inplace"):
        return _prepare_series(target, place.whole(target, new, chunk))
    if hasattr(target, "__array_interface__"):
        return _prepare_array(target, place.whole(target, new, chunk))
    new = place.whole_items(target, new)
    if isinstance(target, list):
        return lambda: target.__setitem__(slice(None), new)

    def refill():
        target.clear()
        target.update(new)

    return refill


def _prepare_series(s, new):
    lazy = vars(new).get("_shoal") if "_shoal" in vars(s) else None
    if lazy is None:  # else neither has its rows here
        for lazy in (s, new):
            lazy._mgr  # collects, if it is lazy: now, not half-way
        lazy = None

    def put():
        if lazy is not None:
            object.__setattr__(s, "_shoal", lazy)
        else:
            s._update_inplace(new)
        object.__setattr__(s, "_name", new.name)

    return put


def _prepare_array(a, new):
    if not a.flags.writeable:
        raise ValueError("output array is read-only")
    return lambda: a.__setitem__(..., new)


def _prepare_frame(df, parts: Parts, place, chunk: bool):
    import pandas as pd

    proxy = getattr(df, "__dict__", {}).get("_shoal")
    if proxy is not None:
        joined = proxy.updated(parts)
        if joined is not None:
            return lambda: object.__setattr__(df, "_shoal", joined)
        df._mgr  # collects
    parts.load()
    gathered, start = place.joining(df, parts, chunk)
    arrays = parts.arrays(gathered)
    n = len(next(iter(arrays.values()))) if arrays else len(df)
    index = df.index
    if parts.index is not None:
        index = _index(parts.index, arrays, n, start)
    data = {}
    for i, c in parts.columns.items():
        s = df.iloc[:, c] if type(c) is int else _box.series(arrays[c.slot])
        s.index = index
        data[i] = s
    full = pd.DataFrame(data, index=index, copy=False)
    full.columns = _box.columns_index(parts.desc) if data else df.columns[:0]
    dist = parts.dist

    def put():
        df._update_inplace(full)
        place.keep_mark(df, dist)

    return put


def _index(d, arrays: dict, n: int, start):
    import pandas as pd

    if d.kind == "range":
        step = d.step or 1
        first = d.start + step * start(n)
        return pd.RangeIndex(first, first + step * n, step, name=d.name)
    levels = [pd.Index(arrays[c.slot], name=c.name, copy=False) for c in d.children]
    if len(levels) == 1:
        return levels[0]
    return pd.MultiIndex.from_arrays(levels, names=[c.name for c in d.children])
