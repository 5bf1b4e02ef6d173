"""SPMD: the program itself runs on several ranks, and compiled functions run in place.

Before every call the ranks agree on what is called with which types (_agree.py); rank 0
compiles and broadcasts. A result is this rank's part, marked as a chunk where it is one
(_chunks.py).
"""

import pickle
from itertools import count

from . import _agree, _box, _core, _errors, _spmd
from ._agree import Call, Passed, with_blocks, with_starts
from ._ask import constant_guards, constants_again
from ._chunks import MARK, block, exchange, mark_of, marked, offset, own_rows
from ._desc import Column, Desc, NdColumn, Rows, Stride, known_values, without_values
from ._outside import NewOutside


def find(state, key, values, descs, known, size, leaves):
    """(compiled form, leaves): agreed on by all ranks, compiled by rank 0. Collective."""
    from ._call import _text, find_here

    rank, size = _spmd.open_ranks()
    if size == 1:
        passed = Passed(leaves.at, descs)
        return find_here(state, key, descs, known, 1, lambda files=False: None), passed
    call = Call(state, values, descs, leaves)
    c = None if _agree.starts_of(descs) else state.lookup(key, known)
    call.tell(size, c)
    _agree.same_function(call.said)
    if any(s["gather"] for s in call.said):
        call = call.gathered()
        call.tell(size, None)
    if not call.agrees():
        call = call.typed()
        call.tell(size, None)
    _agree.same_signature(call.said)
    passed = Passed(call.leaves.at, call.descs, call.chunk_of)
    forms = [s["form"] for s in call.said]
    # The rows of a chunk are numbered from where rank 0 begins; equal blocks are seen.
    starts, uneven = call.said[0]["starts"], call.uneven()
    if starts or uneven or call.leaves is not leaves:
        firsts, numbers = iter(starts), count()
        descs = [
            with_blocks(with_starts(d, firsts), uneven, numbers) for d in call.descs
        ]
        key = (size, *map(without_values, descs))
        known = known_values(descs)
        c = state.lookup(key, known)
        forms = exchange(None if c is None else sorted(c.agreed))
    if None in forms:
        text = f"({', '.join(map(_text, call.descs))})"
        c = _compiled_by_first(state, rank, key, descs, known, size, c, text)
    _agree.same_scalars(call, forms, c.agreed)
    _agree.same_values(call.said, c.written)
    return c, passed


def _compiled_by_first(state, rank, key, descs, known, size, c, text):
    """Rank 0 compiles, if it has not before, and tells the others. Collective."""
    from ._call import Compiled

    sent = None
    if rank == 0:
        try:
            c = c or state.compile(key, descs, known, size, lambda files=False: None)
            sent = ("code", c.plain, c.calls_bytes(), c.consts)
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
        _errors.raise_at(failed, places)
    _agree.same_constants(state.func, exchange(constants_again(state.func, got[3])))
    if rank != 0:
        plain = {**got[1], "calls": ()}
        guards = constant_guards(state.func, got[3])
        c = state.add(key, Compiled(plain, guards, state.func.__qualname__, text))
        c.calls = pickle.loads(got[2]) if got[2] else []
    return c


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
