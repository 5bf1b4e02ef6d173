"""Results that stay on the workers until they are looked at.

A distributed frame or Series is given to the user as a real pd.DataFrame or pd.Series of a
subclass whose `_mgr`, the one private thing through which pandas reaches all data, is a
property that collects once and then makes the object a plain pandas one. What is known
without the data (length, columns, dtypes, a RangeIndex, the first rows) is answered
without it.
"""

import pandas as pd

from . import _box, _desc, _pool, _rowlists
from ._desc import INT64, Column, Desc, Leaves, Rows

HEAD = 5


class HeldColumn:
    """A leaf of an argument that the workers already have."""

    __slots__ = ("dist", "held", "slot", "type")

    def __init__(self, held, slot: int, type_: tuple):
        self.held, self.slot, self.type = held, slot, type_

    def __len__(self) -> int:
        return self.held.rows(self.slot)

    def collected(self) -> Column:
        column = Column(None, self.type)
        column.lent = self.held.fetch([self.slot])[self.slot]
        return column


class HeldRows:
    """The number of rows of columns that the workers have."""

    __slots__ = ("held", "slot")

    def __init__(self, held, slot: int):
        self.held, self.slot = held, slot

    def collected(self) -> Rows:
        return Rows(self.held.rows(self.slot))


def _slots(d: Desc) -> list[int]:
    """The column slots below a Desc."""
    if d.kind in ("col", "array"):
        return [d.slot]
    return [s for c in d.children for s in _slots(c)]


class Proxy:
    """What a lazy object knows: its Desc and where its columns are."""

    def __init__(self, desc: Desc, held):
        self.desc, self.held = desc, held
        self.slots = _slots(desc)
        self.first = None  # the first rows, as plain pandas
        self.labels = self.names = None  # index and columns that the user has got

    def rows(self) -> int:
        return self.held.rows(self.slots[0])

    def collect(self):
        out = self.box(self.held.fetch(self.slots), self.rows())
        if self.labels is not None:
            out.index = self.labels
        return self.with_names(out)

    def with_names(self, out):
        """The rows, with the names that the user has given to index and columns."""
        if self.labels is not None:
            out.index.name = self.labels.name
        if self.names is not None:
            out.columns = self.names
        return out

    def box(self, got: dict, n: int):
        if self.desc.slot >= 0:
            got[self.desc.slot] = n  # what a frame without columns has of its length
        return _box.box(self.desc, got)

    def named(self) -> Desc:
        """desc, with the names that the user has given to index and columns."""
        d = self.desc
        if self.names is not None and self.names.nlevels == 1:
            d = d._replace(name=_desc.name_of(self.names.name, "the columns"))
        if self.labels is None:
            return d
        name = _desc.name_of(self.labels.name, "the index")
        index = d.children[-1]._replace(name=name)
        return d._replace(children=(*d.children[:-1], index))

    def head(self):
        if self.first is None:
            got = self.held.fetch(self.slots, HEAD)
            self.first = self.box(got, min(self.rows(), HEAD))
        return self.with_names(self.first)

    def range(self):
        """The index when it needs no data, else None: one object, which may be named."""
        index = self.desc.children[-1]
        if self.labels is None and index.kind == "range":
            self.labels = _box._index(index, {}, self.rows())
        return self.labels

    def columns(self):
        """The index of a frame's columns: one object, which may be named."""
        if self.names is None:
            self.names = _box.columns_index(self.desc)
        return self.names

    def describe(self, leaves: Leaves) -> Desc:
        """The object as an argument, without moving it."""
        held = self.held

        def leaf(d: Desc) -> Desc:
            if d.kind == "col":
                slot = leaves.add(HeldColumn(*held.at(d.slot), d.type))
                return d._replace(slot=slot, dist="", demanded=False)
            return d._replace(children=tuple(map(leaf, d.children)), slot=-1, dist="")

        held.alive()
        rows = leaves.add(HeldRows(*held.at(self.slots[0])))
        d = leaf(self.named())
        return d._replace(slot=rows, type=INT64, dist=self.desc.dist)

    def renamed(self, columns):
        """The same with other names of columns; None when only pandas can say that."""
        index = isinstance(columns, pd.Index)
        plain = columns.name is None and columns.dtype == "str" if index else True
        if not plain or not isinstance(columns, list | tuple | pd.Index):
            return None
        desc = self.named()
        names, olds = list(columns), desc.children[:-1]
        texts = all(type(n) is str for n in names)
        if not texts or len(names) != len(olds) or len(set(names)) != len(names):
            return None
        done = [
            c._replace(name=n, children=()) for c, n in zip(olds, names, strict=True)
        ]
        children = (*done, desc.children[-1])
        out = Proxy(desc._replace(children=children, name=None), self.held)
        out.labels = self.labels
        if self.first is not None:
            out.first = self.first.set_axis(names, axis=1)
        return out

    def updated(self, parts):
        """What the object is after a call changed it (_update.Parts), without moving a
        row; None when that can't be said without its data."""
        if parts.held is None and parts.fresh():
            return None
        where, desc = [], self.named()

        def leaf(d: Desc, held) -> Desc:
            if d.kind == "col":
                where.append(held.at(d.slot))
                return d._replace(slot=len(where) - 1)
            return d._replace(children=tuple(leaf(c, held) for c in d.children))

        columns = [
            leaf(desc.children[old.start], self.held)._replace(name=old.name)
            if old.kind == "arg"
            else leaf(old, parts.held)
            for old in parts.desc.children[:-1]
        ]
        if not columns:
            return None
        if parts.index is None:
            index = leaf(desc.children[-1], self.held)
        else:
            index = leaf(parts.index, parts.held)
        dist = parts.dist or self.desc.dist
        now = parts.desc._replace(children=(*columns, index), dist=dist)
        return Proxy(now, _pool.Joined(where))


class _Meta(type(pd.DataFrame)):
    """The lazy class passes for the plain one, as pandas.testing compares classes."""

    def __instancecheck__(cls, obj):
        return isinstance(obj, cls.plain)

    def __eq__(cls, other):
        return other is cls or other is cls.plain

    def __hash__(cls):
        return hash(cls.plain)


def _collect(self):
    """The data arrives; from here on the object is plain pandas."""
    proxy = object.__getattribute__(self, "_shoal")
    full = proxy.collect()
    mgr = full._mgr
    self.__class__ = type(self).plain
    object.__setattr__(self, "_mgr", mgr)
    del self.__dict__["_shoal"]
    return mgr


def _head(self, n: int = HEAD):
    if isinstance(n, int) and 0 <= n <= HEAD:
        return self._shoal.head().iloc[:n].copy()
    self._mgr
    return self.head(n)


def _index(self):
    found = self._shoal.range()
    if found is None:
        self._mgr
        return self.index
    return found


def _set(name: str):
    def setter(self, value):
        self._mgr
        setattr(self, name, value)

    return setter


def _set_columns(self, value):
    renamed = self._shoal.renamed(value)
    if renamed is None:
        _set("columns")(self, value)
    else:
        object.__setattr__(self, "_shoal", renamed)


def _reduce(self, protocol):
    self._mgr
    return self.__reduce_ex__(protocol)


def _len(self) -> int:
    return self._shoal.rows()


class LazyFrame(pd.DataFrame, metaclass=_Meta):
    """A DataFrame whose rows are on the workers."""

    plain = pd.DataFrame
    _mgr = property(_collect)
    index = property(_index, _set("index"))
    columns = property(lambda self: self._shoal.columns(), _set_columns)
    dtypes = property(lambda self: self._shoal.head().dtypes)
    shape = property(lambda self: (len(self), len(self._shoal.desc.children) - 1))
    size = property(lambda self: self.shape[0] * self.shape[1])
    ndim = property(lambda self: 2)
    empty = property(lambda self: self.size == 0)
    axes = property(lambda self: [self.index, self.columns])
    _constructor = property(lambda self: pd.DataFrame)
    _constructor_sliced = property(lambda self: pd.Series)
    __len__ = _len
    __reduce_ex__ = _reduce
    head = _head


class LazySeries(pd.Series, metaclass=_Meta):
    """A Series whose rows are on the workers."""

    plain = pd.Series
    _mgr = property(_collect)
    index = property(_index, _set("index"))
    name = property(lambda self: self._name, _set("name"))
    dtype = property(lambda self: self._shoal.head().dtype)
    dtypes = property(lambda self: self._shoal.head().dtype)
    shape = property(lambda self: (len(self),))
    size = property(lambda self: len(self))
    ndim = property(lambda self: 1)
    empty = property(lambda self: len(self) == 0)
    axes = property(lambda self: [self.index])
    _constructor = property(lambda self: pd.Series)
    _constructor_expanddim = property(lambda self: pd.DataFrame)
    __len__ = _len
    __reduce_ex__ = _reduce
    head = _head


# Answered before an object is looked at any closer: `type(x) is LazyFrame`.
LAZY = (LazyFrame, LazySeries)


def make(desc: Desc, held):
    """The lazy object of a distributed frame or Series."""
    cls = LazyFrame if desc.kind == "frame" else LazySeries
    obj = object.__new__(cls)
    put = object.__setattr__
    put(obj, "_shoal", Proxy(desc, held))
    put(obj, "_attrs", {})
    put(obj, "_flags", pd.Flags(obj, allows_duplicate_labels=True))
    if cls is LazySeries:
        put(obj, "_name", desc.name)
    return obj


# -- The results of a call ---------------------------------------------------------------------


def _distributed(dist: str) -> bool:
    return dist not in ("", "REP")


def _eager(d: Desc, dist: str) -> list[int]:
    """Columns that the user gets at once: all but those of distributed frames and Series."""
    dist = d.dist or dist
    if d.kind in ("col", "array"):
        return [d.slot]
    if d.kind in ("frame", "series") and _distributed(dist) and _slots(d):
        return []
    return [s for c in d.children for s in _eager(c, dist)]


def _same_lengths(what: str, answers: list) -> None:
    """The elements of lists are the same on all ranks: each has a part of every one."""
    numbers = [len(arrays) for _, arrays in answers]
    if len(set(numbers)) > 1:
        raise RuntimeError(
            f"{what} gave lists of rows that have other elements on some ranks "
            f"(columns of each rank: {numbers}): put in on every rank what any puts in"
        )


def results(pool, number: int, c, answers: list, what: str):
    """What the user gets: lazy frames and Series, everything else at once."""
    plain, arrays = answers[0]
    result = c.result
    if c.row_lists:
        _same_lengths(what, answers)
        result = _rowlists.replaced(
            result, {d.slot: plain[d.slot] for d in c.row_lists}
        )
    if not arrays:
        return _box.box(result, _summed(result, plain, answers))
    held = _pool.Held(pool, number, what)
    dists = _pool.slot_dists([result])
    for k, (slot, *_rest) in enumerate(arrays):
        held.counts[slot] = [a[1][k][1] for a in answers]
        if not _distributed(dists.get(slot, "")):
            held.replicated.add(slot)
    slots: dict = dict(enumerate(_summed(result, plain, answers)))
    now = _eager(result, "")
    if now:
        slots.update(held.fetch(sorted(set(now))))
    return _build(result, slots, held, "")


def _summed(d: Desc, plain: list, answers: list) -> list:
    """Scalars of rank 0; numbers of rows of distributed containers summed over the ranks."""
    out = list(plain)
    for slot, dist in _row_slots(d, ""):
        if _distributed(dist) and out[slot] is not None:
            out[slot] = sum(a[0][slot] for a in answers)
    return out


def _row_slots(d: Desc, dist: str) -> list:
    dist = d.dist or dist
    container = d.kind in ("frame", "series", "index", "range")
    own = [(d.slot, dist)] if d.slot >= 0 and container else []
    if d.kind == "array" and d.children and d.children[0].kind == "scalar":
        return [(d.children[0].slot, dist)]
    return own + [x for c in d.children for x in _row_slots(c, dist)]


def _build(d: Desc, slots: dict, held, dist: str):
    dist = d.dist or dist
    if d.kind in ("frame", "series") and _distributed(dist) and _slots(d):
        return make(d._replace(dist=dist), held)
    if d.kind in ("tuple", "list", "set"):
        cls = {"tuple": tuple, "list": list, "set": set}[d.kind]
        items = cls(_build(c, slots, held, dist) for c in d.children)
        return _box.made(d, items) if d.kind == "tuple" else items
    if d.kind == "dict":
        return {
            _box.box(k, slots): _build(v, slots, held, dist) for k, v in _box.pairs(d)
        }
    if d.kind in ("updated", "update", "arg"):
        from . import _update

        lazy = d.kind == "update" and not _eager(d, "")
        box = lambda c: _build(c, slots, held, "")  # noqa: E731
        return _update.build(d, slots, box, held if lazy else None)
    return _box.box(d, slots)
