"""SPMD: the program itself runs on several ranks, and compiled functions run in place.

Before every call the ranks agree on what is called with which types (_agree.py); rank 0
compiles and broadcasts. A result is this rank's part, marked as a chunk where it is one
(_chunks.py).
"""

import pickle
from itertools import count

from . import _agree, _box, _core, _errors, _records, _rowlists, _spmd
from ._agree import Call, Passed, with_blocks, with_starts
from ._ask import constant_guards, constants_again
from ._chunks import MARK, block, exchange, mark_of, marked, offset, own_rows
from ._desc import Column, Desc, NdColumn, Rows, Stride, known_values, without_values
from ._outside import NewOutside


def find(state, values, descs, leaves):
    """(compiled form, what is passed, pieces of the arguments): agreed on by all ranks,
    compiled by rank 0. Collective."""
    from ._call import find_here

    _, size = _spmd.open_ranks()
    lists = _rowlists.has_lists(descs)
    if size == 1:

        def alone(descs, leaves, _slots=None):
            c = find_here(state, descs, 1, lambda files=False: None)
            return c, Passed(leaves.at, descs), leaves.pieces

        if lists:
            return _rowlists.find(state, descs, leaves, 1, None, alone)
        return alone(descs, leaves)
    call = Call(state, values, descs, leaves)
    key = (size, *map(without_values, descs))
    plain = not lists and not _agree.starts_of(descs)
    c = state.lookup(key, known_values(descs)) if plain else None
    call.tell(size, c)
    _agree.same_function(call.said)
    if any(s["gather"] for s in call.said):
        call = call.gathered()
        call.tell(size, None)
    if not call.agrees():
        call = call.typed()
        call.tell(size, None)
    _agree.same_signature(call.said)
    if lists:
        return _find_lists(state, call, size, leaves.pieces)
    other = call.leaves is not leaves
    c, passed, _ = _agreed(state, call, call.descs, call.leaves, c, other)
    return c, passed, leaves.pieces


def _find_lists(state, call, size: int, pieces: list):
    """Of a call with lists or dicts of rows; pieces: as the caller passed them.
    Collective."""
    from . import _move

    rank, _ = _spmd.open_ranks()
    descs = _numbered(call, call.descs)

    def cut(value):
        return _move.rows_of(value, slice(*block(len(value), rank, size)))

    def found(descs, leaves, slots=None):
        return _agreed(state, call, descs, leaves, None, True, slots)

    c, passed, kept = _rowlists.find(state, descs, call.leaves, size, cut, found)
    own = {id(v): k for k, v in enumerate(call.leaves.pieces)}
    return c, passed, [pieces[own[id(v)]] for v in kept]


def _numbered(call, descs: list) -> list:
    """The rows of a chunk are numbered from where rank 0 begins; equal blocks are seen."""
    firsts, numbers, uneven = iter(call.said[0]["starts"]), count(), call.uneven()
    return [with_blocks(with_starts(d, firsts), uneven, numbers) for d in descs]


def _agreed(state, call, descs, leaves, c, other: bool, slots=None):
    """As find(), for a call that the ranks have agreed on. other: these are not the descs
    of which is known whether the ranks have code for them. slots: the slots of descs by
    those of the call's. Collective."""
    from ._call import _text

    rank, size = _spmd.open_ranks()
    forms = [s["form"] for s in call.said]
    if slots is None and (call.said[0]["starts"] or call.uneven() or other):
        descs, other = _numbered(call, call.descs), True
    at = (lambda slot: slot) if slots is None else slots.get
    chunk_of = {at(slot): chunk for slot, chunk in call.chunk_of.items()}
    key, known = (size, *map(without_values, descs)), known_values(descs)
    if other:
        c = state.lookup(key, known)
        forms = exchange(None if c is None else sorted(c.agreed))
    if None in forms:
        text = f"({', '.join(map(_text, descs))})"
        c = _compiled_by_first(state, rank, key, descs, known, size, c, text)

    def own(new) -> set:
        """The slots as the call has them."""
        if slots is None:
            return set(new)
        return {old for old, slot in slots.items() if slot in new}

    _agree.same_scalars(
        call, [f if f is None else own(f) for f in forms], own(c.agreed)
    )
    _agree.same_values(call.said, own(c.written))
    return c, Passed(leaves.at, descs, chunk_of), leaves.pieces


def _compiled_by_first(state, rank, key, descs, known, size, c, text):
    """Rank 0 compiles, if it has not before, and tells the others. Collective."""
    from ._call import Compiled

    sent = None
    if rank == 0:
        try:
            c = c or state.compile(key, descs, known, size, lambda files=False: None)
            own = _records.named_classes(c.classes), _records.told()
            sent = ("code", c.plain, c.calls_bytes(), c.consts, *own)
        except NewOutside as e:
            exchange(("outside", e.found))
            raise
        except BaseException as e:
            exchange(("error", _plain_error(e)))
            raise
    got = exchange(sent)[0]
    if got[0] == "outside":
        raise NewOutside(got[1])
    if got[0] == "error":
        cls, args, places = got[1]
        failed = cls(*args)
        failed.shoal_places = places
        failed.shoal_compile = True
        _errors.raise_at(failed, places)
    _agree.same_constants(state.func, exchange(constants_again(state.func, got[3])))
    if rank != 0:
        plain = {**got[1], "calls": ()}
        guards = constant_guards(state.func, got[3])
        _records.follow(got[5])
        errors = tuple(_records.found_classes(got[4]))
        c = Compiled(plain, guards, state.func.__qualname__, text, classes=errors)
        state.add(key, c)
        c.calls = pickle.loads(got[2]) if got[2] else []
    return c


def _plain_error(e: BaseException) -> tuple:
    try:
        pickle.dumps((type(e), e.args))
    except Exception:
        return RuntimeError, (str(e),), []
    return type(e), e.args, getattr(e, "shoal_places", [])


def _packed(pack, cut: bool, wanted: str, chunk: bool):
    """A list of rows for this rank: a block of each element, or (chunks that every rank is
    to have all of) what is gathered. Collective in the latter case."""
    from . import _move

    rank, size = _spmd.open_ranks()
    if chunk and wanted in ("", "REP"):
        pack = pack.gathered(lambda v: _move.gather(v, None))
    values = []
    for source in pack.leaves:
        start, stop = 0, 0
        if cut and isinstance(source, Rows | Column):
            n = source.n if type(source) is Rows else len(source)
            start, stop = block(n, rank, size)
        if type(source) is Rows:
            values.append(stop - start if cut else source.n)
        elif cut:
            each = source.width if type(source) is NdColumn else 1
            values.append(source.lend().slice(start * each, (stop - start) * each))
        else:
            values.append(source.lend())
    return pack.packed(values)


def _values(c, leaves: list, chunk: set, changes) -> list:
    """Slots of this rank: chunks as they are, of replicated arguments a block where the
    compiler wants one."""
    from ._pool import slot_dists

    rank, size = _spmd.open_ranks()
    wanted = slot_dists(c.args)
    out, direct_columns = [], []
    for i, source in enumerate(leaves):
        cut = wanted.get(i, "") not in ("", "REP") and i not in chunk
        if type(source) is _rowlists.Pack:
            out.append(_packed(source, cut, wanted.get(i, ""), i in chunk))
        elif type(source) is Rows:
            start, stop = block(source.n, rank, size) if cut else (0, source.n)
            out.append(stop - start)
        elif i in changes.slots:
            start, stop = block(len(source), rank, size) if cut else (0, len(source))
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
                start, stop = block(len(source), rank, size)
                width = source.width if nd else 1
                a = a.slice(start * width, (stop - start) * width)
            elif nd:
                direct_columns.append(source)
            out.append(a)
        else:
            out.append(source)
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
    c.moved = _core.moved()
    for slot in sorted(changes.slots):
        mine = changes.copies[slot]
        if slot in changes.cut:  # each rank wrote its block of what all have
            mine = np.concatenate(exchange(mine))
        changes.apply(slot, mine)
        if slot in leaves.chunk_of:
            chunk = leaves.chunk_of[slot]
            chunk[...] = leaves.at[slot].array[own_rows(len(chunk))]
    return box(c.result, slots, "")


def _with_own_range(d: Desc, slots: list) -> Desc:
    """The RangeIndex of a chunk, itself or a frame's or Series', from this rank's first
    row on. Collective where there is one."""
    own = d.children[-1] if d.kind in ("frame", "series") else d
    if own.kind != "range":
        return d
    before = offset(_box._length(d, slots))
    own = own._replace(start=own.start + (own.step or 1) * before)
    return own if d.kind == "range" else d._replace(children=(*d.children[:-1], own))


def box(d: Desc, slots: list, dist: str):
    """This rank's part of a result, marked as a chunk where it is one."""
    dist = d.dist or dist
    if d.kind in ("tuple", "list", "set"):
        cls = {"tuple": tuple, "list": list, "set": set}[d.kind]
        items = cls(box(c, slots, dist) for c in d.children)
        return _box.made(d, items) if d.kind == "tuple" else items
    if d.kind == "dict":
        pairs = _box.pairs(d)
        return {_box.box(k, slots): box(v, slots, dist) for k, v in pairs}
    if d.kind in ("updated", "update", "arg"):
        from . import _update

        return _update.build(d, slots, lambda c: box(c, slots, ""))
    if d.kind == "object" and d.children:
        from . import _rowlists

        slots = list(slots)
        return box(_rowlists.expand(d, slots), slots, dist)
    chunk = dist not in ("", "REP")
    if chunk:
        d = _with_own_range(d, slots)
    out = _box.box(d, slots)
    return marked(out, dist) if chunk else out


def whole(target, new, chunk: bool):
    """A changed Series or array as target has it; chunk: it was passed as a chunk.
    Collective."""
    from . import _move

    if mark_of(new) and not chunk:
        return _move.gather(new, None)
    if mark_of(target) and not chunk:  # a flag wanted all of it
        return _move.rows_of(new, own_rows(len(target)))
    return new


def whole_items(target, new):
    """Changed contents of a list or dict: chunks if there are any in it, else all ranks
    have all rows. Collective."""
    from ._desc import has_rows

    if not target or not has_rows(new) or _agree.has_chunk(target):
        return new
    return _agree.gathered(new)


def joining(df, parts, chunk: bool) -> tuple:
    """How a changed frame's new columns become its columns: of a chunk each rank has its
    rows already; a replicated frame gets those of all ranks, a chunk of which the call
    needed all rows its own. Collective."""
    new = parts.dist not in ("", "REP")
    if new and not chunk:
        return joined, lambda n: 0
    if not new and (chunk or mark_of(df)) and parts.keeps_some():
        own = own_rows(len(df))
        parts.dist = "1D_Var"
        return (lambda values: values[own]), lambda n: own.start
    return None, (offset if new else lambda n: 0)


def joined(values):
    """All ranks' values of a column. Collective."""
    import numpy as np

    parts = exchange(values)
    if isinstance(values, np.ndarray):
        return np.concatenate(parts)
    return type(values)._concat_same_type(parts)


def keep_mark(df, dist: str) -> None:
    """A chunk that was changed is a chunk of another distribution, or whole."""
    if mark_of(df):
        object.__setattr__(df, MARK, "" if dist == "REP" else dist)
