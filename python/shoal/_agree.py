"""SPMD: what the ranks pass to a call, and what all ranks know of it.

An argument is replicated (each rank has all of it) unless it came from a compiled function
or scatterv(), or a flag of the function marks it: then each rank has its chunk. All ranks
must pass the same types; chunks without rows take the others' types.
"""

import hashlib
from typing import NamedTuple

from ._chunks import block, exchange, mark_of
from ._desc import (
    Column,
    Desc,
    Leaves,
    Rows,
    describe,
    is_category,
    without_values,
)

_DATA = ("frame", "series", "array", "index", "range")


def _flagged(options: dict, name: str) -> str:
    """The distribution that a function's flags give what it gets: "REP" or a chunk's, ""
    for none."""
    copied = options.get("replicated", ())
    block = options.get("distributed_block", ())
    var = options.get("distributed", ())
    if isinstance(copied, tuple) and name in copied:
        return "REP"
    if name in block or options.get("all_args_distributed_block"):
        return "1D_Block"
    if options.get("all_args_distributed_varlength"):
        return "1D_Var"
    if isinstance(var, tuple) and name in var:
        return "1D_Var"
    return "" if options.get("args_maybe_distributed", True) else "REP"


def has_chunk(value) -> bool:
    """Whether a value is a chunk, or holds one."""
    if isinstance(value, dict):
        return any(map(has_chunk, value.values()))
    if isinstance(value, tuple | list):
        return any(map(has_chunk, value))
    return mark_of(value) not in ("", "REP")


def gathered(value):
    """All rows of a chunk, or of those in a container. Collective."""
    from . import _move

    if isinstance(value, dict | tuple | list):
        return _move._members(value, gathered)
    return _move.gather(value, None) if has_chunk(value) else value


def _wanted_whole(state, values: list) -> list:
    """Positions of chunks that a flag wants replicated."""
    inputs = state.inputs(len(values))
    return [
        i
        for i, (named, value) in enumerate(zip(inputs, values, strict=True))
        if has_chunk(value) and _flagged(named[1], named[0]) == "REP"
    ]


def mark(state, descs: list, pieces: list) -> list:
    """Descriptors of chunks say so, in tuples, lists and dicts too. pieces: the values
    described, depth first."""
    left = iter(pieces)

    def walk(d: Desc, flag: str) -> Desc:
        if d.kind == "const":  # a dict's key
            return d
        value = next(left)
        if d.kind in _DATA:
            dist = flag or mark_of(value)
            return d._replace(dist=dist) if dist not in ("", "REP") else d
        if d.kind == "dict":
            keys, items = d.children[::2], d.children[1::2]
            items = [walk(c, flag) for c in items]
            pairs = zip(keys, items, strict=True)
            return d._replace(children=tuple(c for pair in pairs for c in pair))
        if d.kind in ("tuple", "list", "set"):
            return d._replace(children=tuple(walk(c, flag) for c in d.children))
        return d

    inputs = state.inputs(len(descs))
    return [
        walk(d, _flagged(options, name))
        for (name, options), d in zip(inputs, descs, strict=True)
    ]


def is_chunk(d: Desc) -> bool:
    return d.dist not in ("", "REP")


def _pieces(d: Desc):
    """Frames, Series, indexes and arrays among an argument, depth first."""
    if d.kind in _DATA:
        yield d
    elif d.kind in ("tuple", "list", "set", "dict"):
        for c in d.children:
            yield from _pieces(c)


def _range_starts(d: Desc) -> list:
    return [c.start for c in (d, *d.children) if c.kind == "range"]


SAMPLE = 4  # columns of an argument that are looked at
ELEMENTS = 16  # of each of them


def _samples(source) -> list:
    """Elements of a column of numbers, dates or bools, from the first to the last."""
    import numpy as np

    a = source.array
    if not isinstance(a, np.ndarray) or a.dtype == object or a.size == 0:
        return []
    last, parts = a.size - 1, min(a.size, ELEMENTS) - 1
    return a.flat[[k * last // parts for k in range(parts)] + [last]].tolist()


class _Whole(NamedTuple):
    """What is told of an argument that every rank has all of."""

    what: str
    name: str
    rows: int
    starts: list  # of its RangeIndex
    samples: list  # (slot, some elements) of some columns


def _wholes(state, descs: list, leaves: list) -> list:
    out = []
    inputs = state.inputs(len(descs))
    for k, ((name, _), top) in enumerate(zip(inputs, descs, strict=True)):
        what = "argument" if k < state.nparam else "global value"
        for d in _pieces(top):
            if is_chunk(d):
                continue
            slots = [d.slot] if d.kind == "array" else [c.slot for c in d.children]
            samples = [
                (s, _samples(leaves[s]))
                for s in slots[:SAMPLE]
                if s >= 0 and isinstance(leaves[s], Column)
            ]
            out.append(_Whole(what, name, _rows(d, leaves), _range_starts(d), samples))
    return out


def _rows(d: Desc, leaves: list) -> int:
    source = leaves[d.slot]
    return source.n if type(source) is Rows else len(source)


def _chunk_rows(descs: list, leaves: list) -> list:
    return [_rows(d, leaves) for top in descs for d in _pieces(top) if is_chunk(d)]


def _say_so(name: str) -> str:
    return (
        "so it is not replicated; if each rank passes its chunk, say so with "
        f"shoal.jit(distributed=[{name!r}])"
    )


def same_function(all_: list) -> None:
    first = all_[0]
    for rank, other in enumerate(all_):
        if other["name"] != first["name"]:
            raise RuntimeError(
                f"rank 0 calls {first['name']}() while rank {rank} calls {other['name']}(): "
                "all ranks must call the same functions"
            )


def same_signature(all_: list) -> None:
    """All ranks call with the same types and, where replicated, lengths and labels."""
    first = all_[0]
    for rank, other in enumerate(all_):
        if other["digest"] != first["digest"]:
            raise TypeError(
                f"{first['name']}(): rank {rank} passes other types than rank 0: "
                f"{other['text']} instead of {first['text']}"
            )
        for mine, zero in zip(other["wholes"], first["wholes"], strict=True):
            start = f"{first['name']}(): the {zero.what} {zero.name!r}"
            if mine.rows != zero.rows:
                raise ValueError(
                    f"{start} has {zero.rows} rows on rank 0 and {mine.rows} on rank {rank}, "
                    + _say_so(zero.name)
                )
            if mine.starts != zero.starts:
                raise ValueError(
                    f"{start} has labels from {zero.starts[0]} on rank 0 and from "
                    f"{mine.starts[0]} on rank {rank}, " + _say_so(zero.name)
                )


def _differ(a, b) -> bool:
    if a == b or (a != a and b != b):
        return False
    if isinstance(a, float | complex) and isinstance(b, float | complex):
        return not abs(a - b) <= 1e-6 * abs(
            b
        )  # ranks may compute on different machines
    return True


def same_values(all_: list, written) -> None:
    """Chunks of equal length that are passed as replicated, seen by some of their elements;
    what the function only writes may hold anything."""
    first = all_[0]
    for rank, other in enumerate(all_):
        for mine, zero in zip(other["wholes"], first["wholes"], strict=True):
            for (slot, ours), (_, theirs) in zip(
                mine.samples, zero.samples, strict=True
            ):
                pairs = () if slot in written else zip(ours, theirs, strict=False)
                for x, y in pairs:
                    if _differ(x, y):
                        raise ValueError(
                            f"{first['name']}(): the {zero.what} {zero.name!r} has {y!r} on rank "
                            f"0 where rank {rank} has {x!r}, " + _say_so(zero.name)
                        )


def _scalars(descs: list, leaves: list) -> dict:
    """What is told of numbers, texts and containers: by slot the value, or what stands for
    a long one."""
    out = {}

    def walk(d: Desc) -> None:
        if d.kind == "array":
            return
        if d.slot >= 0 and d.kind in ("scalar", "object"):
            value = leaves[d.slot]
            long = type(value) in (str, bytes) and len(value) > LONG
            out[d.slot] = _Long(_digest(value)) if long else value
        for c in d.children:
            walk(c)

    for d in descs:
        walk(d)
    return out


LONG = 64  # characters of a text that are told


class _Long(NamedTuple):
    """A text that is not told as a whole."""

    digest: bytes


def _digest(value) -> bytes:
    data = value if type(value) is bytes else value.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=16).digest()


def _same(a, b) -> bool:
    return type(a) is type(b) and (a == b or (a != a and b != b))


def same_scalars(call: "Call", forms: list, agreed) -> None:
    """Scalars that decide how ranks communicate, or that the code was made for, are the
    same on all ranks. forms: slots of them in each rank's compiled form, if it has one."""
    slots = set(agreed).union(*(f for f in forms if f is not None))
    first = call.said[0]["scalars"]
    for rank, other in enumerate(call.said):
        for slot in sorted(slots):
            x, y = first[slot], other["scalars"][slot]
            if _same(x, y):
                continue
            told = (
                f"differs between rank 0 and rank {rank}"
                if _Long in (type(x), type(y))
                else f"is {x!r} on rank 0 and {y!r} on rank {rank}"
            )
            raise ValueError(
                f"{call.said[0]['name']}(): the argument {call.name_of(slot)!r} {told}, but "
                "it decides what all ranks do together (how many rows there are, which "
                "branch is taken): pass the same value on all ranks"
            )


def same_constants(func, all_: list) -> None:
    """Values of the surrounding code that the code was made for are the same on all ranks.
    all_: what each rank has, as (name, text)."""
    for rank, other in enumerate(all_):
        for (name, here), (_, first) in zip(other, all_[0], strict=True):
            if here != first:
                raise ValueError(
                    f"{func.__qualname__}(): the global value {name!r} is {first} on rank 0 "
                    f"and {here} on rank {rank}: globals are constants of compiled code, "
                    "pass it as an argument"
                )


def _categories(leaves: list) -> list:
    """The categories of all category columns: equal on all ranks, as their types are."""
    return [
        list(s.array.categories)
        for s in leaves
        if type(s) is Column and is_category(s.type)
    ]


def starts_of(descs) -> list:
    """Where the RangeIndexes of chunks begin."""
    return [
        start
        for top in descs
        for d in _pieces(top)
        if is_chunk(d)
        for start in _range_starts(d)
    ]


def with_starts(d: Desc, starts=None, all_=False) -> Desc:
    """The same with the RangeIndexes of its chunks (or all_) beginning there, an iterator
    (None: at 0)."""
    if d.kind in ("tuple", "list", "set", "dict"):
        return d._replace(
            children=tuple(with_starts(c, starts, all_) for c in d.children)
        )
    if d.kind not in _DATA or not (is_chunk(d) or all_):
        return d
    if d.kind == "range":
        return d._replace(start=next(starts) if starts else 0)
    children = [
        c._replace(start=next(starts) if starts else 0) if c.kind == "range" else c
        for c in d.children
    ]
    return d._replace(children=tuple(children))


def with_blocks(d: Desc, uneven: set, numbers) -> Desc:
    """The same with its chunks that are not equal blocks of variable length."""
    if d.kind in _DATA and is_chunk(d):
        return d._replace(dist="1D_Var") if next(numbers) in uneven else d
    if d.kind in ("tuple", "list", "set", "dict"):
        inner = tuple(with_blocks(c, uneven, numbers) for c in d.children)
        return d._replace(children=inner)
    return d


# -- Chunks without rows -------------------------------------------------------------------


class _Form(NamedTuple):
    """What is told of a chunk when ranks do not have the same types."""

    rows: int
    empty: object  # the chunk without its rows
    null: list  # which columns hold no values and have no type of their own
    step: int  # of a RangeIndex, 0 for other labels


def _columns_of(value) -> list:
    import pandas as pd

    if isinstance(value, pd.DataFrame):
        return [value.iloc[:, k] for k in range(value.shape[1])]
    return [value] if isinstance(value, pd.Series) else []


def _form(value) -> _Form:
    import pandas as pd

    null = [
        (c.dtype == object or isinstance(c.dtype, pd.StringDtype)) and c.isna().all()
        for c in _columns_of(value)
    ]
    index = getattr(value, "index", None)
    step = index.step if isinstance(index, pd.RangeIndex) else 0
    empty = value.iloc[:0] if hasattr(value, "iloc") else value[:0]
    return _Form(len(value), empty, null, step)


def _typed(value, forms: list):
    """This rank's chunk with the types of all: one without rows takes the others', so does
    a column without values, and labels that are a range on some ranks are numbers."""
    import numpy as np
    import pandas as pd

    full = [f for f in forms if f.rows] or forms[:1]
    if len(value) == 0:
        value = full[0].empty
    columns = _columns_of(value)
    if not columns or any(len(f.null) != len(columns) for f in full):
        return value
    for k, null in enumerate(_form(value).null):
        known = [f for f in full if not f.null[k]]
        if not null or not known:
            continue
        dtype = _columns_of(known[0].empty)[k].dtype
        try:
            typed = columns[k].astype(dtype)
        except (TypeError, ValueError):  # no missing values there
            continue
        if isinstance(value, pd.Series):
            value = typed
        else:
            value = value.copy(deep=False)
            value.isetitem(k, typed)
    if len({f.step for f in full}) > 1 and isinstance(value.index, pd.RangeIndex):
        labels = pd.Index(np.asarray(value.index), name=value.index.name)
        value = value.set_axis(labels)
    return value


def _of_pieces(descs: list):
    """The Desc of each piece, in order: a container's comes before those of its items."""
    for d in descs:
        if d.kind != "const":
            yield d
        if d.kind in ("tuple", "list", "set", "dict"):
            yield from _of_pieces(d.children)


def _is_rows(d: Desc) -> bool:
    """Whether a piece is a chunk of rows."""
    return d.kind in _DATA and is_chunk(d)


def _agreed_values(values: list, descs: list, pieces: list) -> list:
    """The arguments with chunks of agreed types. Collective."""
    chunks = [v for v, d in zip(pieces, _of_pieces(descs), strict=False) if _is_rows(d)]
    said = exchange([_form(v) for v in chunks])
    if any(len(forms) != len(chunks) for forms in said):
        return values
    new = {id(v): _typed(v, [forms[k] for forms in said]) for k, v in enumerate(chunks)}

    def put(value):
        if id(value) in new:
            return new[id(value)]
        if type(value) in (tuple, list):
            return type(value)(map(put, value))
        return {k: put(v) for k, v in value.items()} if type(value) is dict else value

    return [put(v) for v in values]


def _chunk_slots(descs: list) -> set:
    """Slots of arguments that were passed as chunks."""
    out: set = set()

    def walk(d: Desc, inside: bool) -> None:
        inside = inside or is_chunk(d)
        if d.slot >= 0 and inside:
            out.add(d.slot)
        for child in d.children:
            walk(child, inside)

    for d in descs:
        walk(d, False)
    return out


def _chunk_pieces(descs: list) -> set:
    """Numbers of the pieces that were passed as chunks."""
    return {k for k, d in enumerate(_of_pieces(descs)) if _is_rows(d)}


class Passed:
    """The leaves of a call, which of their slots are chunks, and which pieces; of slots
    that hold all rows of a chunk (a flag wanted them) the chunk."""

    def __init__(self, leaves: list, descs: list, chunk_of: dict | None = None):
        self.at, self.chunk = leaves, _chunk_slots(descs)
        self.pieces, self.chunk_of = _chunk_pieces(descs), chunk_of or {}


def text_of(d: Desc) -> str:
    from ._call import _text

    return _text(d) + (" in chunks" if any(map(is_chunk, _pieces(d))) else "")


class Call:
    """What this rank passes."""

    def __init__(self, state, values: list, descs: list, leaves: Leaves):
        self.state, self.values, self.descs, self.leaves = state, values, descs, leaves
        self.said: list = []  # of all ranks
        self.chunk_of: dict = {}  # see Passed

    def name_of(self, slot: int) -> str:
        """The argument that has the slot."""

        def has(d: Desc) -> bool:
            return d.slot == slot or any(map(has, d.children))

        inputs = self.state.inputs(len(self.descs))
        return next(n for (n, _), d in zip(inputs, self.descs, strict=True) if has(d))

    def tell(self, size: int, c) -> None:
        """Every rank learns what the others pass. c: the compiled form that this rank has,
        or None. Collective."""
        text = f"({', '.join(map(text_of, self.descs))})"
        cats = _categories(self.leaves.at)
        alike = [without_values(with_starts(d, all_=True)) for d in self.descs]
        mine = {
            "name": self.state.func.__qualname__,
            "digest": hashlib.blake2b(repr((size, alike, cats)).encode()).hexdigest(),
            "text": f"{text} with the categories {cats}" if cats else text,
            "form": None if c is None else sorted(c.agreed),
            "scalars": _scalars(self.descs, self.leaves.at),
            "wholes": _wholes(self.state, self.descs, self.leaves.at),
            "starts": starts_of(self.descs),
            "chunks": _chunk_rows(self.descs, self.leaves.at),
            "gather": _wanted_whole(self.state, self.values),
        }
        self.said = exchange(mine)

    def gathered(self) -> "Call":
        """The call with chunks that a flag wants replicated as a whole. Collective."""
        wanted = {i for s in self.said for i in s["gather"]}
        values = [gathered(v) if i in wanted else v for i, v in enumerate(self.values)]
        leaves = Leaves()
        descs = mark(self.state, [describe(v, leaves) for v in values], leaves.pieces)
        out = Call(self.state, values, descs, leaves)
        both = zip(_of_pieces(descs), self.leaves.pieces, strict=False)
        out.chunk_of = {
            d.slot: old
            for d, old in both
            if d.kind == "array" and not is_chunk(d) and mark_of(old) not in ("", "REP")
        }
        return out

    def agrees(self) -> bool:
        return len({s["digest"] for s in self.said}) == 1

    def typed(self) -> "Call":
        """The call with chunks of agreed types. Collective."""
        values = _agreed_values(self.values, self.descs, self.leaves.pieces)
        leaves = Leaves()
        descs = [describe(v, leaves) for v in values]
        out = Call(self.state, values, _like(descs, self.descs), leaves)
        out.chunk_of = self.chunk_of
        return out

    def uneven(self) -> set:
        """Which chunks have not the rows that equal blocks would have."""
        size = len(self.said)
        out = set()
        for k in range(len(self.said[0]["chunks"])):
            rows = [s["chunks"][k] for s in self.said]
            blocks = (block(sum(rows), r, size) for r in range(size))
            if rows != [stop - start for start, stop in blocks]:
                out.add(k)
        return out


def _like(descs: list, before: list) -> list:
    """Chunks among descs as they were before."""

    def walk(d: Desc, old: Desc) -> Desc:
        if d.kind in _DATA:
            return d._replace(dist=old.dist)
        if d.kind in ("tuple", "list", "set", "dict"):
            both = zip(d.children, old.children, strict=True)
            return d._replace(children=tuple(walk(*pair) for pair in both))
        return d

    return [walk(*pair) for pair in zip(descs, before, strict=True)]
