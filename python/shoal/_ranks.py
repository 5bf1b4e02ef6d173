"""SPMD: the program itself runs on several ranks, and compiled functions run in place.

Before every call the ranks agree on what is called with which types; rank 0 compiles and
broadcasts. An argument is replicated (each rank has all of it) unless it came from a
compiled function or scatterv(), or a flag of the function marks it: then each rank has its
chunk.
"""

import hashlib
import pickle

from . import _box, _core, _errors, _spmd
from ._desc import Column, Desc, NdColumn, Rows, Stride, is_category, without_values

MARK = "_shoal_dist"


def exchange(value) -> list:
    """Every rank's value on every rank."""
    return [pickle.loads(b) for b in _core.exchange(pickle.dumps(value, protocol=5))]


# -- Arguments -----------------------------------------------------------------------------


def _flagged(state, name: str) -> str:
    """The distribution that the function's flags give a parameter, "" for none."""
    options = state.jit.options
    block = options.get("distributed_block", ())
    var = options.get("distributed", ())
    if name in block or options.get("all_args_distributed_block"):
        return "1D_Block"
    if options.get("all_args_distributed_varlength"):
        return "1D_Var"
    return "1D_Var" if isinstance(var, tuple) and name in var else ""


def mark(state, values: list, descs: list) -> list:
    """Descriptors of chunks say so."""
    out = []
    maybe = state.jit.options.get("args_maybe_distributed", True)
    replicated = state.jit.options.get("replicated", ())
    for name, value, d in zip(state.signature.parameters, values, descs, strict=True):
        dist = ""
        if d.kind in ("frame", "series", "array", "index", "range"):
            dist = _flagged(state, name)
            if not dist and maybe:
                dist = getattr(value, MARK, "")
            if isinstance(replicated, tuple) and name in replicated:
                dist = ""
        out.append(d._replace(dist=dist) if dist else d)
    return out


def _lengths(descs: list, leaves: list) -> list:
    """(position, rows) of the arguments that every rank has all of."""
    out = []
    for i, d in enumerate(descs):
        if d.dist or d.slot < 0 or d.kind == "scalar":
            continue
        source = leaves[d.slot]
        out.append((i, source.n if type(source) is Rows else len(source)))
    return out


def _same_signature(state, all_: list) -> None:
    """All ranks call one function with the same types and, where replicated, lengths."""
    first = all_[0]
    for rank, other in enumerate(all_):
        if other["name"] != first["name"]:
            raise RuntimeError(
                f"rank 0 calls {first['name']}() while rank {rank} calls {other['name']}(): "
                "all ranks must call the same functions"
            )
        if other["digest"] != first["digest"]:
            raise TypeError(
                f"{first['name']}(): rank {rank} passes other types than rank 0: "
                f"{other['text']} instead of {first['text']}"
            )
        for (i, n), (_, m) in zip(other["rows"], first["rows"], strict=True):
            if n != m:
                name = list(state.signature.parameters)[i]
                raise ValueError(
                    f"{first['name']}(): the argument {name!r} has {m} rows on rank 0 and "
                    f"{n} on rank {rank}, so it is not replicated; if each rank passes its "
                    f"chunk, say so with shoal.jit(distributed=[{name!r}])"
                )


def _categories(leaves: list) -> list:
    """The categories of all category columns: equal on all ranks, as their types are."""
    return [
        list(s.array.categories)
        for s in leaves
        if type(s) is Column and is_category(s.type)
    ]


def _starts(d: Desc) -> list:
    """Where the RangeIndex of a chunk begins, in a list; empty for anything else."""
    if d.dist in ("", "REP"):
        return []
    return [c.start for c in (d, *d.children) if c.kind == "range"]


def _with_starts(d: Desc, starts: list) -> Desc:
    """The same with its RangeIndex beginning there (without starts: at 0)."""
    if not _starts(d):
        return d
    start = starts[0] if starts else 0
    if d.kind == "range":
        return d._replace(start=start)
    children = [c._replace(start=start) if c.kind == "range" else c for c in d.children]
    return d._replace(children=tuple(children))


class Passed:
    """The leaves of a call, and which of their slots are chunks."""

    def __init__(self, leaves: list, chunk: set):
        self.at, self.chunk = leaves, chunk


def find(state, key, descs, known, size, leaves):
    """(compiled form, leaves): agreed on by all ranks, compiled by rank 0. Collective."""
    from ._call import Compiled, _text, find_here

    rank, size = _spmd.open_ranks()
    passed = Passed(leaves, _chunk_slots(descs))
    if size == 1:
        return find_here(state, key, descs, known, 1, lambda files=False: None), passed
    text = f"({', '.join(map(_text, descs))})"
    alike = [_with_starts(d, []) for d in descs]
    starts = [_starts(d) for d in descs]
    c = None if any(starts) else state.lookup(key, known)
    cats = _categories(leaves)
    mine = {
        "name": state.func.__qualname__,
        "digest": hashlib.blake2b(repr((size, alike, cats)).encode()).hexdigest(),
        "text": f"{text} with the categories {cats}" if cats else text,
        "have": c is not None,
        "rows": _lengths(descs, leaves),
        "starts": starts,
    }
    all_ = exchange(mine)
    _same_signature(state, all_)
    have = [a["have"] for a in all_]
    if any(starts):  # the rows of a chunk are numbered from where rank 0 begins
        firsts = all_[0]["starts"]
        descs = [_with_starts(d, f) for d, f in zip(descs, firsts, strict=True)]
        key = (size, *map(without_values, descs))
        c = state.lookup(key, known)
        have = exchange(c is not None)
    if all(have):
        return c, passed
    sent = None
    if rank == 0:
        try:
            c = c or state.compile(key, descs, known, size, lambda files=False: None)
            sent = ("code", c.plain, c.calls_bytes())
        except BaseException as e:
            exchange(("error", _plain_error(e)))
            raise
    got = exchange(sent)[0]
    if got[0] == "error":
        cls, args, places = got[1]
        failed = cls(*args)
        failed.shoal_places = places
        _errors.raise_at(failed, places)
    if rank != 0:
        plain = {**got[1], "calls": ()}
        c = state.add(key, Compiled(plain, [], state.func.__qualname__, text))
        c.calls = pickle.loads(got[2]) if got[2] else []
    return c, passed


def _plain_error(e: BaseException) -> tuple:
    try:
        pickle.dumps((type(e), e.args))
    except Exception:
        return RuntimeError, (str(e),), []
    return type(e), e.args, getattr(e, "shoal_places", [])


def _values(c, leaves: list, chunk: set, changes) -> list:
    """Slots of this rank: chunks as they are, of replicated arguments a block where the
    compiler wants one."""
    from ._pool import slot_dists

    rank, size = _spmd.open_ranks()
    wanted = slot_dists(c.args)
    out, direct_columns = [], []
    for i, source in enumerate(leaves):
        cut = wanted.get(i, "") not in ("", "REP") and i not in chunk
        if type(source) is Rows:
            start, stop = _block(source.n, rank, size) if cut else (0, source.n)
            out.append(stop - start)
        elif i in changes.slots:
            start, stop = _block(len(source), rank, size) if cut else (0, len(source))
            out.append(changes.copy(i, slice(start, stop)))
            if cut:
                changes.cut.add(i)
        elif type(source) is Stride:
            direct = source.column in direct_columns
            out.append(source.value(direct))
        elif isinstance(source, Column):
            nd = type(source) is NdColumn
            a = source.lend_contiguous() if nd and cut else source.lend()
            if cut:
                start, stop = _block(len(source), rank, size)
                width = source.width if nd else 1
                a = a.slice(start * width, (stop - start) * width)
            elif nd:
                direct_columns.append(source)
            out.append(a)
        else:
            out.append(source)
    return out


def _block(n: int, rank: int, size: int) -> tuple[int, int]:
    return _spmd.get_start(n, size, rank), _spmd.get_end(n, size, rank)


def _chunk_slots(descs: list) -> set:
    """Slots of arguments that were passed as chunks."""
    out: set = set()

    def walk(d: Desc, inside: bool) -> None:
        if d.slot >= 0 and inside:
            out.add(d.slot)
        for child in d.children:
            walk(child, inside)

    for d in descs:
        walk(d, d.dist not in ("", "REP"))
    return out


# -- Results -------------------------------------------------------------------------------


def run(c, leaves: "Passed"):
    """Run on this rank and box its part of the results. Collective."""
    import numpy as np

    from ._call import Changes, run_slots

    _, size = _spmd.open_ranks()
    changes = Changes(c, leaves.at)
    values = _values(c, leaves.at, leaves.chunk, changes)
    slots = run_slots(c, values, size)
    for slot in sorted(changes.slots):
        mine = changes.copies[slot]
        if slot in changes.cut:  # each rank wrote its block of what all have
            mine = np.concatenate(exchange(mine))
        changes.apply(slot, mine)
    return box(c.result, slots, "")


def _offset(n: int) -> int:
    """Rows on the ranks before this one. Collective."""
    rank, size = _spmd.open_ranks()
    return sum(exchange(n)[:rank]) if size > 1 else 0


def box(d: Desc, slots: list, dist: str):
    """This rank's part of a result, marked as a chunk where it is one."""
    dist = d.dist or dist
    if d.kind in ("tuple", "list", "set"):
        cls = {"tuple": tuple, "list": list, "set": set}[d.kind]
        return cls(box(c, slots, dist) for c in d.children)
    if d.kind == "dict":
        pairs = _box.pairs(d)
        return {_box.box(k, slots): box(v, slots, dist) for k, v in pairs}
    if d.kind in ("updated", "update", "arg"):
        from . import _update

        return _update.build(d, slots, lambda c: box(c, slots, ""))
    chunk = dist not in ("", "REP")
    if chunk and d.kind in ("frame", "series") and d.children[-1].kind == "range":
        index = d.children[-1]
        before = _offset(_box._length(d, slots))
        index = index._replace(start=index.start + (index.step or 1) * before)
        d = d._replace(children=(*d.children[:-1], index))
    out = _box.box(d, slots)
    return marked(out, dist) if chunk else out


def marked(value, dist: str):
    """The value, remembered as a chunk of something distributed."""
    import numpy as np
    import pandas as pd

    if isinstance(value, pd.DataFrame | pd.Series):
        object.__setattr__(value, MARK, dist)
        return value
    if isinstance(value, np.ndarray):
        out = value.view(chunk_class())
        out._shoal_dist = dist
        return out
    return value


def whole(target, new):
    """A changed Series or array: all rows if target has all. Collective."""
    from . import _move

    chunk = getattr(new, MARK, "") and not getattr(target, MARK, "")
    return _move.gather(new, None) if chunk else new


def joining(df, parts) -> tuple:
    """How a changed frame's new columns become its columns: of a chunk each rank has its
    rows already; a replicated frame gets those of all ranks. Collective."""
    chunk = parts.dist not in ("", "REP")
    if chunk and not getattr(df, MARK, ""):
        return joined, lambda n: 0
    return None, (_offset if chunk else lambda n: 0)


def joined(values):
    """All ranks' values of a column. Collective."""
    import numpy as np

    parts = exchange(values)
    if isinstance(values, np.ndarray):
        return np.concatenate(parts)
    return type(values)._concat_same_type(parts)


def keep_mark(df, dist: str) -> None:
    """A chunk that was changed is a chunk of another distribution, or whole."""
    if getattr(df, MARK, ""):
        object.__setattr__(df, MARK, "" if dist == "REP" else dist)


_class = None


def chunk_class():
    """An ndarray that knows that it is a chunk; what is made from it does not."""
    global _class
    if _class is None:
        import numpy as np

        class Chunk(np.ndarray):
            """One rank's rows of a distributed array."""

        Chunk.__module__ = "shoal"
        _class = Chunk
    return _class
