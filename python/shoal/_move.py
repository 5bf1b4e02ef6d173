"""SPMD: rows between ranks at the wish of Python code, outside of compiled functions.

Frames, Series, indexes and arrays of types that compiled code knows travel as columns, by
the exchange that compiled code uses. Everything else (objects) is pickled, and category
columns whose categories differ between ranks.
All functions are collective.
"""

import itertools
import math
from typing import NamedTuple

from . import _box, _core, _spmd
from ._chunks import exchange, mark_of, marked
from ._desc import (
    Column,
    Desc,
    Leaves,
    NdColumn,
    Rows,
    describe,
    is_category,
    without_values,
)
from ._errors import ShoalWarning, UnsupportedError, collective
from ._order import permutation

_KINDS = ("frame", "series", "index", "range", "array")


def _block(n: int, parts: int, k: int) -> tuple[int, int]:
    return _spmd.get_start(n, parts, k), _spmd.get_end(n, parts, k)


class Parts(NamedTuple):
    """A value as columns."""

    desc: Desc
    leaves: list  # of all slots
    tail: tuple  # the shape of an array's rows
    like: object  # the value without rows: what columns don't say of it

    def signature(self) -> tuple:
        """Equal on ranks whose chunks belong together."""

        def walk(d: tuple):
            kind, type_, dist, name, _start, step, extra, children, ndim = d
            return (
                kind,
                type_,
                dist,
                name,
                step,
                extra,
                tuple(map(walk, children)),
                ndim,
            )

        return walk(without_values(self.desc)), self.tail, self.categories()

    def categories(self) -> list:
        """Those of every category column."""
        columns = (s for s in self.leaves if type(s) is Column)
        return [list(s.array.categories) for s in columns if is_category(s.type)]

    def range_(self):
        """The RangeIndex among it, None without one."""
        d = self.desc
        return next((c for c in (d, *d.children) if c.kind == "range"), None)

    def width(self) -> int:
        """Elements of a row."""
        return math.prod(self.tail)

    def columns(self) -> list:
        return [s.lend() for s in self.leaves if isinstance(s, Column)]

    def value(self, arrays: list, n: int, index=None, freq=None):
        """n rows of these columns as what they were, with another RangeIndex; freq: of
        their labels."""
        rest = iter(arrays)
        slots = [next(rest) if isinstance(s, Column) else n for s in self.leaves]
        if self.desc.kind == "range":
            return index
        out = _box.box(self.desc, slots)
        if self.tail:
            return out.reshape(n, *self.tail)
        if index is not None:
            out.index = index
        return _dressed(out, self.like, freq)


def _labels(value):
    """The index among a value, which may be one itself; None of an array."""
    import pandas as pd

    return value if isinstance(value, pd.Index) else getattr(value, "index", None)


def _freq(labels):
    """That of times at equal distances; None of all others."""
    import pandas as pd

    timed = isinstance(labels, pd.DatetimeIndex | pd.TimedeltaIndex)
    return labels.freq if timed else None


def _dressed(out, like, freq):
    """A value made of columns, with what else is to be said of it."""
    import pandas as pd

    if isinstance(out, pd.DataFrame):
        out.columns = like.columns
    if isinstance(out, pd.DataFrame | pd.Series) and like.attrs:
        out.attrs = like.attrs
    if freq is not None:
        _labels(out).freq = freq
    return out


def _continued(said: list):
    """The freq of chunks' labels as one index, as pandas' append() has it; said: freq,
    first and last label of each, None twice where it has no rows."""
    freq = said[0][0]
    if freq is None or any(s[0] != freq for s in said):
        return None
    some = [s for s in said if s[1] is not None]
    joined = all(a[2] + freq == b[1] for a, b in itertools.pairwise(some))
    return freq if joined else None


def _ends(value) -> tuple:
    """What _continued() wants of a chunk."""
    labels = _labels(value)
    freq = _freq(labels)
    if freq is None or len(labels) == 0:
        return freq, None, None
    return freq, labels[0], labels[-1]


def _loses_type(array) -> bool:
    """Whether a column comes back as another dtype: objects as text or dates, the text
    whose missing values are pd.NA, or that is not Arrow's, as that of NaN, categories of
    them, and categories at equal distances as any."""
    import pandas as pd

    if isinstance(array.dtype, pd.CategoricalDtype):
        array = array.categories
        if _freq(array) is not None:
            return True
    if isinstance(array.dtype, pd.StringDtype):
        return array.dtype.na_value is pd.NA or array.dtype.storage != "pyarrow"
    return array.dtype == object


def _parts(value) -> Parts | None:
    """None for what has to be pickled."""
    import numpy as np

    if isinstance(value, np.ndarray):
        value = np.asarray(value)  # not a Chunk
        tail = value.shape[1:]
        if value.ndim == 0 or math.prod(tail) == 0:
            return None
        like = value[:0]
        value = np.ascontiguousarray(value).reshape(-1)
    else:
        tail, like = (), rows_of(value, slice(0))
    leaves = Leaves()
    try:
        desc = describe(value, leaves)
    except (UnsupportedError, TypeError):
        return None
    objects = any(
        isinstance(s, NdColumn) or (isinstance(s, Column) and _loses_type(s.array))
        for s in leaves.at
    )
    if desc.kind not in _KINDS or objects:
        return None
    if not all(isinstance(s, Column | Rows) for s in leaves.at):
        return None
    return Parts(desc, leaves.at, tail, like)


def _move(parts: Parts, first: list, count: list, order=None, overlap=False) -> list:
    """The columns of the rows that come here: of row numbers first[r] to first[r] +
    count[r] of this rank, or of those places of order, to rank r."""
    import numpy as np

    w = parts.width()
    if w != 1:
        first, count = [k * w for k in first], [k * w for k in count]
        if order is not None:
            order = (order[:, None] * w + np.arange(w)).reshape(-1)
    pos = None if order is None else _core.from_numpy(np.ascontiguousarray(order))
    columns = parts.columns()
    if not columns:
        return []
    return collective(_core.move_rows, columns, first, count, pos, overlap)


def _of_series(move):
    """move, which keeps types of Series, also of pandas' own arrays."""

    def moved(data, *args, **kwargs):
        from pandas.api.extensions import ExtensionArray

        if isinstance(data, ExtensionArray):
            import pandas as pd

            out = move(pd.Series(data, copy=False), *args, **kwargs)
            return marked(out.array, mark_of(out))
        return move(data, *args, **kwargs)

    return moved


def _one_range(ranges: list) -> range | None:
    """What pandas' RangeIndex.append makes of them: one range if each goes on where those
    before end, else None."""
    some = [r for r in ranges if r]
    if len(ranges) == 1 or len(some) == 1:
        return (some or ranges)[0]
    if not some:
        return range(0)
    first, second = some[:2]
    step = first.step if len(first) > 1 else second.start - first.start
    at = first.start
    for r in some:
        if step == 0 or r.start != at or (len(r) > 1 and r.step != step):
            return None
        at += step * len(r)
    return range(first.start, at, step)


class Chunks:
    """Every rank's rows of one value: what all ranks know of it."""

    def __init__(self, value, what: str):
        self.rank, self.size = _spmd.open_ranks()
        self.parts, self.plain = _parts(value), value
        range_ = self.parts.range_() if self.parts else None
        said = exchange(
            (
                self.parts.signature() if self.parts else None,
                len(value),
                (range_.start, range_.step or 1) if range_ else None,
                _ends(value),
                what,
            )
        )
        for r, (*_, other) in enumerate(said):
            if other != said[0][-1]:
                raise RuntimeError(
                    f"ranks are at different places: rank 0 in {said[0][-1]}(), rank {r} in "
                    f"{other}() (every rank must make the same calls in the same order)"
                )
        self.rows = [n for _, n, *_ in said]
        self.total, self.before = sum(self.rows), sum(self.rows[: self.rank])
        self.ranges = [r for _, _, r, *_ in said]
        self.freq = _continued([ends for *_, ends, _ in said])
        self.columns = said[0][0] is not None and all(s[0] == said[0][0] for s in said)

    def index(self, start: int, stop: int):
        """Labels of rows start to stop of all, where the chunks have a RangeIndex each:
        again one if they continue one another, else numbers, of these rows only."""
        import pandas as pd

        if self.ranges[0] is None:
            return None
        name = self.parts.range_().name
        each = [
            range(first, first + step * n, step)
            for (first, step), n in zip(self.ranges, self.rows, strict=True)
        ]
        whole = _one_range(each)
        if whole is not None:
            return pd.RangeIndex(whole[start:stop], name=name)
        runs, at = [], 0
        for r in each:
            run = r[max(start - at, 0) : max(stop - at, 0)]
            runs.append((run.start, run.step, len(run)))
            at += len(r)
        return pd.Index(_box.values(_core.ranges(runs)), name=name, copy=False)

    def whole(self, to: int | None):
        """All rows on a rank (others get none), or on all."""
        if not self.columns:
            return self._pickled(to)
        mine = self.rows[self.rank]
        count = [mine if to in (None, r) else 0 for r in range(self.size)]
        arrays = _move(self.parts, [0] * self.size, count, overlap=to is None)
        if to in (None, self.rank):
            index = self.index(0, self.total)
            return self.parts.value(arrays, self.total, index, self.freq)
        return self.parts.value(arrays, 0, self._no_rows(), self.freq)

    def _no_rows(self):
        """Instead of a RangeIndex that other ranks have."""
        import pandas as pd

        range_ = self.parts.range_()
        return None if range_ is None else pd.RangeIndex(0, name=range_.name)

    def _pickled(self, to: int | None):
        import numpy as np
        import pandas as pd

        value = self.plain
        plain = np.asarray(value) if isinstance(value, np.ndarray) else value
        parts = exchange(plain)
        if isinstance(value, pd.DataFrame | pd.Series):
            whole = pd.concat(parts)
        elif isinstance(value, pd.Index):
            whole = parts[0].append(parts[1:])
            if all(p.dtype == parts[0].dtype for p in parts):
                whole = whole.astype(parts[0].dtype)  # texts are no objects to append()
        else:
            whole = np.concatenate(parts)
        return whole if to in (None, self.rank) else rows_of(whole, slice(0, 0))

    def runs(self, blocks: list):
        """This rank's rows in consecutive order: the part of each (start, stop) of blocks
        that it has goes to the rank of that place."""
        if not self.columns:
            whole = self._pickled(None)
            return rows_of(whole, slice(*blocks[self.rank]))
        mine, first, count = self.rows[self.rank], [], []
        for start, stop in blocks:
            a = min(max(start - self.before, 0), mine)
            b = min(max(stop - self.before, a), mine)
            first.append(a)
            count.append(b - a)
        arrays = _move(self.parts, first, count)
        start, stop = blocks[self.rank]
        index = self.index(start, stop)
        return self.parts.value(arrays, stop - start, index, self.freq)

    def picked(self, order, blocks: list):
        """Rows order[start:stop] of all for the rank of each block."""
        import numpy as np

        if not self.columns:
            whole = self._pickled(None)
            return mixed(whole, order[slice(*blocks[self.rank])])
        mine = self.rows[self.rank]
        here = (order >= self.before) & (order < self.before + mine)
        first, count, pos = [], [], []
        for start, stop in blocks:
            some = order[start:stop][here[start:stop]] - self.before
            first.append(sum(count))
            count.append(len(some))
            pos.append(some)
        arrays = _move(self.parts, first, count, np.concatenate(pos).astype(np.int64))
        # They came by source; now in the order that is asked for.
        wanted = order[slice(*blocks[self.rank])]
        owner = np.searchsorted(np.cumsum(self.rows), wanted, side="right")
        came = np.argsort(owner, kind="stable")
        back = np.empty(len(came), np.int64)
        back[came] = np.arange(len(came))
        index = self.index(0, self.total)
        if index is not None:
            index = index[wanted[came]]
        return rows_of(self.parts.value(arrays, len(wanted), index), back)


def rows_of(value, rows):
    """Rows of a frame, a Series, an index or an array."""
    return value.iloc[rows] if hasattr(value, "iloc") else value[rows]


def mixed(value, order):
    """Rows in a random order, which are at no equal distances whatever it happens to be."""
    out = rows_of(value, order)
    if _freq(_labels(out)) is not None:
        _labels(out).freq = None
    return out


# -- What the face offers ------------------------------------------------------------------


def _scatter_counts(data, send_counts, size: int) -> tuple[list, str | None]:
    n = len(data)
    if send_counts is None:
        return [b - a for a, b in (_block(n, size, r) for r in range(size))], None
    counts = [int(k) for k in send_counts]
    if len(counts) != size or min(counts) < 0 or sum(counts) != n:
        return [], (
            f"scatterv(): send_counts must be {size} number{'' if size == 1 else 's'} of "
            f"rows that make up {n}, not {counts}"
        )
    return counts, None


def scatter_here(data, send_counts):
    """The data itself, which one rank gets all of."""
    error = _scatter_counts(data, send_counts, 1)[1]
    if error:
        raise ValueError(error)
    return data


def scatter(data, root: int, send_counts=None):
    """This rank's block of the root's data."""
    rank, size = _spmd.open_ranks()
    parts = said = None
    if rank == root:
        parts = _parts(data)
        empty, range_ = (parts.like, parts.range_()) if parts else (None,) * 2
        said = empty, range_, *_scatter_counts(data, send_counts, size)
    empty, range_, counts, error = exchange(said)[root]
    if error:
        raise ValueError(error)
    start = sum(counts[:rank])
    block = slice(start, start + counts[rank])
    dist = "1D_Block" if send_counts is None else "1D_Var"
    if empty is None:
        return marked(
            rows_of(exchange(data if rank == root else None)[root], block), dist
        )
    if parts is None:
        parts = _parts(empty)
    first = [sum(counts[:r]) for r in range(size)]
    if rank != root:
        first, counts = [0] * size, [0] * size
    arrays = _move(parts, first, counts)
    index = None
    if range_ is not None:
        import pandas as pd

        step = range_.step or 1
        at = [range_.start + step * k for k in (block.start, block.stop)]
        index = pd.RangeIndex(*at, step, name=range_.name)
    freq = _freq(_labels(empty))
    return marked(parts.value(arrays, block.stop - block.start, index, freq), dist)


@_of_series
def gather(data, root: int | None):
    """All chunks in rank order: on root (others get no rows), or on all ranks for None."""
    what = "allgatherv" if root is None else "gatherv"
    return Chunks(data, what).whole(root)


def _blocks(total: int, dests, size: int, what: str) -> list:
    """(start, stop) of every rank's rows, by the block rule over dests."""
    if dests is None:
        return [_block(total, size, r) for r in range(size)]
    ranks = [int(r) for r in dests]
    rising = all(a < b for a, b in itertools.pairwise(ranks))
    if not ranks or not rising or ranks[0] < 0 or ranks[-1] >= size:
        raise ValueError(
            f"{what}(): dests must be rising numbers of ranks below {size}, not {ranks}"
        )
    out, at = [], 0
    for r in range(size):
        if r in ranks:
            start, stop = _block(total, len(ranks), ranks.index(r))
            at = stop
            out.append((start, stop))
        else:
            out.append((at, at))
    return out


@_of_series
def rebalance(data, dests=None, random: bool = False, seed: int | None = None):
    """The same rows in chunks of near-equal length, on all ranks or on some."""
    if random:
        return shuffle(data, seed, dests, None, "rebalance")
    chunks = Chunks(data, "rebalance")
    blocks = _blocks(chunks.total, dests, chunks.size, "rebalance")
    return marked(chunks.runs(blocks), "1D_Block" if dests is None else "1D_Var")


def is_chunk(data) -> bool:
    return mark_of(data) not in ("", "REP")


@_of_series
def shuffle(data, seed, dests, n_samples, what: str = "random_shuffle"):
    """The rows of all ranks in random order, in equal chunks: the order that one rank
    would give them."""
    import numpy as np

    chunks = Chunks(data, what)
    if seed is None:
        drawn = (
            int(np.random.default_rng().integers(2**63)) if chunks.rank == 0 else None
        )
        seed = exchange(drawn)[0]
    order = permutation(seed, chunks.total)[:n_samples]
    blocks = _blocks(len(order), dests, chunks.size, what)
    out = chunks.picked(order, blocks)
    return marked(out, "1D_Block" if dests is None else "1D_Var")


# -- Tuples, lists and dicts: member by member --------------------------------------------


def _is_group(value) -> bool:
    return isinstance(value, dict | tuple | list)


def _members(group, move):
    if isinstance(group, dict):
        return {k: move(v) for k, v in group.items()}
    if hasattr(group, "_fields"):
        return type(group)(*map(move, group))
    return type(group)(map(move, group))


class _Leaf(NamedTuple):
    """Stands for a value in the form of a group; why: it can't be scattered."""

    number: int
    why: str


def scatter_all(data, root: int, send_counts):
    """scatter() of data or of all members of a group."""
    values = []

    def form(v):
        if _is_group(v):
            return _members(v, form)
        scalar = not hasattr(v, "__len__") or isinstance(v, str | bytes | set)
        why = _not_available("scatterv", v) if scalar else ""
        values.append(v)
        return _Leaf(len(values) - 1, why)

    here = _spmd.get_rank() == root
    of = exchange(form(data) if here else None)[root]

    def part(v):
        if _is_group(v) and type(v) is not _Leaf:
            return _members(v, part)
        if v.why:
            raise UnsupportedError(v.why)
        return scatter(values[v.number] if here else None, root, send_counts)

    return part(of)


def _check_moved(data, what: str) -> None:
    """UnsupportedError for what has no rows, also in a tuple, list or dict."""
    if _is_group(data):
        for v in data.values() if isinstance(data, dict) else data:
            _check_moved(v, what)
    elif not hasattr(data, "__len__") or isinstance(data, str | bytes | set):
        raise UnsupportedError(_not_available(what, data))


def _not_available(what: str, value) -> str:
    name = type(value).__name__
    if what == "rebalance":
        return f"Type {name} not supported for bodo.rebalance"
    return f"{what}() not available for {name}"


def _shape(data):
    """Equal on ranks whose groups belong together."""
    if isinstance(data, dict):
        return "dict", [(k, _shape(v)) for k, v in data.items()]
    if _is_group(data):
        return type(data).__name__, [_shape(v) for v in data]
    return None


def members_moved(data, what: str, move):
    """move(v) of data, or of each value in a tuple, list or dict, which all ranks have
    alike; what: the user's function. Collective where move() is."""
    _check_moved(data, what)
    if not _is_group(data):
        return move(data)
    shapes = exchange(_shape(data)) if _spmd.open_ranks()[1] > 1 else []
    for r, shape in enumerate(shapes):
        if shape != shapes[0]:
            raise ValueError(
                f"{what}(): ranks 0 and {r} have different members: all ranks must pass the "
                "same keys and the same number of elements"
            )

    def each(v):
        return _members(v, each) if _is_group(v) else move(v)

    return each(data)


def warn_overwritten(root: int) -> None:
    import warnings

    warnings.warn(
        "bodo.scatterv(): A non-None value for 'data' was found on a rank other than the "
        "root. This data won't be sent to any other ranks and will be overwritten with "
        f"data from rank {root}.",
        ShoalWarning,
        stacklevel=3,
    )


# -- The default mode: results that are on the workers ------------------------------------


_compiled: dict = {}


def is_lazy(data) -> bool:
    from ._lazy import LAZY

    return any(type(data) is c for c in LAZY)  # a lazy class equals the plain one


def _on_workers(make, dests, data, *args):
    """A compiled function of this very thing, so that the rows stay where they are."""
    import shoal

    dests = None if dests is None else tuple(int(r) for r in dests)
    if (make, dests) not in _compiled:
        _compiled[make, dests] = shoal.jit(make(dests))
    return _compiled[make, dests](data, *args)


def _rebalance(dests):
    import shoal

    def to_some(data):
        return shoal.rebalance(data, dests=dests)

    def to_all(data):
        return shoal.rebalance(data)

    return to_all if dests is None else to_some


def _shuffle(dests):
    import shoal

    def to_some(data, seed, n):
        return shoal.random_shuffle(data, seed, dests=dests, n_samples=n)

    def to_all(data, seed, n):
        return shoal.random_shuffle(data, seed, n_samples=n)

    return to_all if dests is None else to_some


def rebalance_lazy(data, dests):
    return _on_workers(_rebalance, dests, data)


def shuffle_lazy(data, seed, dests, n_samples):
    return _on_workers(_shuffle, dests, data, seed, n_samples)
