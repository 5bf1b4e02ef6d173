"""Lists and dicts of frames, Series and arrays whose length is no part of the code.

They cross into compiled code and back as packed objects (object/pack.c): bytes that say
what is in them, beside the arrays of their elements. In the code of such an object F, a
number and ':' stand before an element that has rows; child `number` of its Desc says what
the element is, with the numbers of its leaves in place of slots.
"""

import math

from . import _core
from ._desc import (
    FEW,
    INT64,
    TEXT,
    Column,
    Desc,
    Leaves,
    NdColumn,
    Rows,
    describe,
    without_values,
)
from ._errors import ShoalError


class Element:
    """An element that has rows: the number of its form, and its leaves."""

    __slots__ = ("form", "leaves")

    def __init__(self, form: int, leaves):
        self.form, self.leaves = form, leaves


# -- Results ---------------------------------------------------------------------------


def is_rows(d: Desc) -> bool:
    """Whether d is an object with elements that have rows."""
    return d.kind == "object" and bool(d.children)


def has_rows(d: Desc) -> bool:
    return is_rows(d) or any(map(has_rows, d.children))


def expand(d: Desc, slots: list) -> Desc:
    """What a result of is_rows() consists of, as Descs of known contents; their leaves are
    appended to slots."""
    packed, arrays = slots[d.slot]
    tree = _core.unpack_rows(d.extra, packed, arrays, Element)
    out = _expanded(d, tree, slots)
    if d.name == "item":
        out = out.children[0]
    return out._replace(dist=d.dist)


def _expanded(d: Desc, v, slots: list) -> Desc:
    kind = type(v)
    if kind is Element:
        form = d.children[v.form]
        leaves = list(v.leaves) if type(v.leaves) is tuple else [v.leaves]
        if form.kind == "array" and form.children:
            leaves = _contiguous(form, leaves)
        return placed(form, leaves, slots)
    if kind is dict:
        pairs = ((Desc("const", value=k), _expanded(d, x, slots)) for k, x in v.items())
        return Desc("dict", children=tuple(x for pair in pairs for x in pair))
    if kind in (list, tuple):
        items = tuple(_expanded(d, x, slots) for x in v)
        return Desc(kind.__name__, children=items)
    return Desc("const", value=v)


def placed(form: Desc, leaves: list, slots: list) -> Desc:
    """The Desc of an element whose leaves are appended to slots."""
    first = len(slots)
    slots += leaves

    def at(d: Desc) -> Desc:
        slot = d.slot + first if d.slot >= 0 else -1
        return d._replace(slot=slot, children=tuple(map(at, d.children)))

    return at(form)


def _contiguous(form: Desc, leaves: list) -> list:
    """The leaves of a view of an array (memory, first element, lengths, strides), so that
    its memory has its elements alone, in order."""
    import numpy as np

    n = form.ndim
    shape = leaves[2 : 2 + n]
    strides = [math.prod(shape[k + 1 :]) for k in range(n)]
    memory = leaves[0]
    if leaves[1] or list(leaves[2 + n :]) != strides or len(memory) != math.prod(shape):
        from . import _box

        view = _box._viewed(form, leaves, np.asarray(memory.own()))
        memory = _core.from_numpy(np.ascontiguousarray(view).reshape(-1))
    return [memory, 0, *shape, *strides]


def replaced(d: Desc, known: dict) -> Desc:
    """d with what known has for the slots of its objects with rows."""
    if is_rows(d):
        return known[d.slot]
    if not d.children:
        return d
    return d._replace(children=tuple(replaced(c, known) for c in d.children))


def objects(d: Desc):
    """The objects with rows below d."""
    if is_rows(d):
        yield d
    else:
        for c in d.children:
            yield from objects(c)


# -- Arguments -------------------------------------------------------------------------
#
# A type of what an argument holds is a tuple: ("#eaa",) of a plain value, by its code;
# ("L", item), ("D", key, item), ("T", items); ("N",) of what nothing is in; and
# ("F", kind, name, columns, index) of an element that has rows. columns: (name, type) of
# each (an array: its type and dimensions). index: ("range", name), which counts from 0,
# or ("levels", ((name, type), ...)).

_PLAIN = {
    ("bool", "none", ""): "#aaa",
    ("int64", "none", ""): "#eaa",
    ("float64", "nan", ""): "#kba",
    ("complex128", "none", ""): "#qaa",
    ("str", "none", ""): "s",
    ("str", "none", "bytes"): "b",
}
_ROWS = ("frame", "series", "array")
_MOST = 64  # elements of different types that code is made for one by one


def numbers(start: int, step: int, n: int):
    """n labels of a RangeIndex as a column."""
    import numpy as np

    return _core.from_numpy(np.arange(n) * step + start)


class Labels:
    """A leaf of an element: the labels of a RangeIndex as numbers, of rows that the
    workers have."""

    __slots__ = ("held", "slot", "start", "step")

    def __init__(self, rows, start: int, step: int):
        self.held, self.slot = rows.held, rows.slot
        self.start, self.step = start, step

    def collected(self) -> Column:
        import numpy as np

        n = self.held.rows(self.slot)
        return Column(np.arange(n) * self.step + self.start, INT64)

    def firsts(self, size: int) -> list:
        """The number of the first row of each rank."""
        counts = self.held.counts[self.slot]
        return [sum(counts[:r]) for r in range(size)]


class At:
    """In the tree of a Pack: the value of a leaf, by its number."""

    __slots__ = ("k",)

    def __init__(self, k: int):
        self.k = k


def filled(tree, values: list):
    """The tree with the values of its leaves."""
    kind = type(tree)
    if kind is At:
        return values[tree.k]
    if kind is dict:
        return {k: filled(v, values) for k, v in tree.items()}
    if kind in (list, tuple):
        return kind(filled(v, values) for v in tree)
    return tree


class Pack:
    """The source of an argument that is an object with rows."""

    __slots__ = ("code", "leaves", "tree", "type", "value")

    def __init__(self, code: str, type_: tuple, tree, leaves: list, value):
        self.code, self.type, self.tree = code, type_, tree
        self.leaves, self.value = leaves, value

    def packed(self, values: list):
        """What the call gets, of the values of the leaves in this process."""
        return _core.pack_rows(self.code, filled(self.tree, values))

    def gathered(self, gather) -> "Pack":
        """The same with all rows of its elements, each of which is a chunk."""

        def whole(v, t: tuple):
            if t[0] == "F":
                return gather(v)
            if t[0] == "L":
                return [whole(x, t[1]) for x in v]
            if t[0] == "D":
                return {k: whole(x, t[2]) for k, x in v.items()}
            if t[0] == "T":
                return tuple(map(whole, v, t[1]))
            return v

        value, leaves = whole(self.value, self.type), Leaves()
        d = describe(value, leaves)
        builder = Builder([d], leaves)
        tree = builder.tree(d, self.type)
        return Pack(self.code, self.type, tree, builder.sources, value)


class Apart(Exception):
    """What an argument holds has no common type: text says why."""


def _text(t: tuple) -> str:
    """A type of an element for messages."""
    if t[0] != "F":
        return {"L": "list", "D": "dict", "T": "tuple"}.get(t[0], "a plain value")
    if t[1] == "array":
        return f"array of {t[3][0][0]} of {t[3][1]} dimensions"
    inner = ", ".join(f"{name!r}: {type_[0]}" for name, type_ in t[3])
    if t[1] == "series":
        return f"Series of {t[3][0][1][0]}"
    return f"DataFrame({inner})"


def _join(a: tuple, b: tuple) -> tuple:
    if a == b or b == ("N",):
        return a
    if a == ("N",):
        return b
    if a[0] == b[0] == "L":
        return ("L", _join(a[1], b[1]))
    if a[0] == b[0] == "D":
        return ("D", _join(a[1], b[1]), _join(a[2], b[2]))
    if a[0] == b[0] == "T" and len(a[1]) == len(b[1]):
        return ("T", tuple(map(_join, a[1], b[1])))
    if a[0] == b[0] == "F" and a[1:4] == b[1:4] and a[1] != "array":
        names = {x[4][1] if x[4][0] == "range" else x[4][1][0][0] for x in (a, b)}
        levels = [x for x in (a, b) if x[4][0] == "levels"]
        plain = len(levels) == 1 and [t for _, t in levels[0][4][1]] == [INT64]
        if plain and len(names) == 1:
            return levels[0]
    raise Apart(f"{_text(a)} and {_text(b)}")


def _form(d: Desc) -> tuple:
    if d.kind == "array":
        if d.type[0] == "str_":
            raise Apart("arrays of text")
        return ("F", "array", None, (d.type, d.ndim), None)
    *columns, index = d.children
    if any(c.extra for c in columns):
        raise Apart("columns with a time zone")
    if d.kind == "series":
        columns = [columns[0]._replace(name=d.name)]
    if index.kind == "index":
        levels = ("levels", tuple((c.name, c.type) for c in index.children))
    elif index.start == 0 and index.step in (0, 1):
        levels = ("range", index.name)
    else:
        levels = ("levels", ((index.name, INT64),))
    name = d.name if d.kind == "frame" else None
    return ("F", d.kind, name, tuple((c.name, c.type) for c in columns), levels)


def _count_rows(t: tuple) -> bool:
    if t[0] == "T":
        return any(map(_count_rows, t[1]))
    return t[0] == "F" or (t[0] in ("L", "D") and _count_rows(t[-1]))


class Coder:
    """The code of a type, and the Descs of its elements that have rows."""

    def __init__(self, t: tuple):
        self.forms: list[Desc] = []
        self.text = self.code(t)

    def code(self, t: tuple) -> str:
        if t[0] == "L":
            return "L" + self.code(t[1])
        if t[0] == "D":
            return "D" + self.code(t[1]) + self.code(t[2])
        if t[0] == "T":
            return f"T{''.join(map(self.code, t[1]))}E"
        return self.form(t) if t[0] == "F" else t[0]

    def form(self, t: tuple) -> str:
        start = f"F{len(self.forms)}:"
        _, kind, name, columns, index = t
        if kind == "array":
            type_, n = columns
            if n == 1:
                self.forms.append(Desc("array", type_, "", 0, ndim=1))
                return start + "A"
            at = [*range(2, 2 + n), 1, *range(2 + n, 2 + 2 * n)]
            inner = tuple(Desc("scalar", INT64, "", k) for k in at)
            self.forms.append(Desc("array", type_, "", 0, children=inner, ndim=n))
            return f"{start}TA{'#eaa' * (1 + 2 * n)}E"
        cols = [
            Desc("col", type_, "", 1 + k, name)
            for k, (name, type_) in enumerate(columns)
        ]
        if index[0] == "range":
            levels = Desc("range", name=index[1], step=1)
        else:
            first = 1 + len(cols)
            inner = (
                Desc("col", type_, "", first + k, name)
                for k, (name, type_) in enumerate(index[1])
            )
            levels = Desc("index", children=tuple(inner))
        if kind == "series":
            name = cols[0].name
        self.forms.append(Desc(kind, INT64, "", 0, name, children=(*cols, levels)))
        width = len(cols) + len(levels.children)
        return f"{start}T#eaa{'A' * width}E"


def _below(d: Desc):
    """What is inside of a container, without the keys of a dict."""
    return d.children[1::2] if d.kind == "dict" else d.children


def _holds(d: Desc) -> bool:
    return d.kind in ("list", "dict", "tuple", "set")


class Builder:
    """Makes Packs of described arguments. cut: an element of which every rank has all
    rows, and others chunks (SPMD): this rank's rows of it."""

    def __init__(self, descs: list, leaves, cut=None):
        self.leaves, self.cut = leaves, cut
        self.number: dict = {}  # id of a Desc -> number of its piece
        self.desc: list = []  # by that number
        self.sources: list = []
        for d in descs:
            self._count(d)

    def _count(self, d: Desc) -> None:
        self.number[id(d)] = len(self.desc)
        self.desc.append(d)
        if _holds(d):
            for c in _below(d):
                self._count(c)

    def last(self, d: Desc) -> int:
        """The number behind those of d and what is in it."""
        n = self.number[id(d)] + 1
        for c in _below(d) if _holds(d) else ():
            n = self.last(c)
        return n

    def real(self, d: Desc) -> tuple:
        """(d, its value), of an alias those of what it stands for."""
        n = d.start if d.kind == "alias" else self.number[id(d)]
        return self.desc[n], self.leaves.pieces[n]

    def type(self, d: Desc) -> tuple:
        if d.kind == "alias":
            d = self.desc[d.start]
        if d.kind in _ROWS:
            return _form(d)
        if d.kind == "list":
            return ("L", self.common(d.children))
        if d.kind == "dict":
            keys = ("N",)
            for k in d.children[::2]:
                if k.kind != "const":
                    raise Apart("keys of dicts that are tuples or None")
                keys = _join(keys, (_PLAIN[k.type],))
            return ("D", keys, self.common(_below(d)))
        if d.kind == "tuple" and not d.extra:
            return ("T", tuple(map(self.type, d.children)))
        if d.kind == "scalar" and not d.extra and d.type in _PLAIN:
            return (_PLAIN[d.type],)
        raise Apart(f"{d.kind}s")

    def common(self, items) -> tuple:
        out = ("N",)
        for d in items:
            out = _join(out, self.type(d))
        return out

    def source(self, source) -> At:
        self.sources.append(source)
        return At(len(self.sources) - 1)

    def tree(self, d: Desc, t: tuple):
        d, value = self.real(d)
        if t[0] == "F":
            return self.element(d, value, t)
        if t[0] == "L":
            return [self.tree(c, t[1]) for c in d.children]
        if t[0] == "D":
            keys = (k.value for k in d.children[::2])
            items = (self.tree(c, t[2]) for c in _below(d))
            return dict(zip(keys, items, strict=True))
        if t[0] == "T":
            return tuple(self.tree(c, x) for c, x in zip(d.children, t[1], strict=True))
        return self.leaves.at[d.slot]

    def element(self, d: Desc, value, t: tuple):
        leaves = self.leaves.at
        if self.cut is not None and not is_chunk(d):
            value, own = self.cut(value), Leaves()
            d, leaves = describe(value, own), own.at
        if d.kind == "array":
            return self.array(leaves[d.slot], t[3])
        *columns, index = d.children
        rows = leaves[d.slot]
        out = [self.source(rows)]
        out += [self.source(leaves[c.slot]) for c in columns]
        if index.kind == "index":
            out += [self.source(leaves[c.slot]) for c in index.children]
        elif t[4][0] == "levels":
            out.append(self.source(self.labels(index, rows, value)))
        return tuple(out)

    def labels(self, index: Desc, rows, value):
        import numpy as np

        if hasattr(rows, "held"):
            return Labels(rows, index.start, index.step or 1)
        return Column(np.asarray(value.index), INT64)

    def array(self, column, what: tuple):
        import numpy as np

        a, (type_, n) = np.ascontiguousarray(column.array), what
        if n == 1:
            return self.source(Column(a, type_))
        leaves = [NdColumn(a, type_), 0, Rows(len(a)), *a.shape[1:]]
        leaves += [math.prod(a.shape[k + 1 :]) for k in range(n)]
        return tuple(
            self.source(x) if type(x) in (NdColumn, Rows) else x for x in leaves
        )


def is_chunk(d: Desc) -> bool:
    return d.dist not in ("", "REP")


class Merged:
    """The arguments of a call with lists and dicts of rows as objects."""

    def __init__(self, descs: list, leaves, cut=None):
        self.old, self.cut, self.given = leaves, cut, descs
        self.numbers = Builder(descs, leaves)
        self.leaves = Leaves()
        self.slot: dict = {}  # by the slot that it was
        self.piece: dict = {}
        self.any = False
        self.why = ""  # a list is too long for the code to be made for each element
        self.longest = 0
        self.descs = [self._copy(d) for d in descs]

    def _copy(self, d: Desc) -> Desc:
        number = self.numbers.number[id(d)]
        self.piece[number] = len(self.leaves.pieces)
        self.leaves.pieces.append(self.old.pieces[number])
        if d.kind == "alias":
            return d._replace(start=self.piece[d.start])
        if d.kind in ("list", "dict") and d.children:
            found = self._object(d)
            if found is not None:
                return found
        if not _holds(d):
            return self._leaf(d)
        items = iter([self._copy(c) for c in _below(d)])
        if d.kind == "dict":
            pairs = ((k, next(items)) for k in d.children[::2])
            return d._replace(children=tuple(x for pair in pairs for x in pair))
        return d._replace(children=tuple(items))

    def _leaf(self, d: Desc) -> Desc:
        slot = d.slot
        if slot >= 0:
            slot = self.slot[slot] = self.leaves.add(self.old.at[slot])
        return d._replace(slot=slot, children=tuple(map(self._leaf, d.children)))

    def _alone(self, d: Desc) -> bool:
        """Whether no other argument is something in d, and nothing in d another one."""
        first, last = self.numbers.number[id(d)], self.numbers.last(d)
        for k, other in enumerate(self.numbers.desc):
            if other.kind == "alias" and (first < k < last) != (
                first < other.start < last
            ):
                return False
        return True

    def _object(self, d: Desc) -> Desc | None:
        n = len(_below(d))
        try:
            t = self.numbers.type(d)
        except Apart as e:
            if n > _MOST:
                self.why = f"the elements of a {d.kind} of {n} have no common type: {e}"
            return None
        if not _count_rows(t) or not self._alone(d):
            return None
        self.any = True
        self.longest = max(self.longest, n)
        inside = self.numbers.desc[self.numbers.number[id(d)] : self.numbers.last(d)]
        chunk = any(is_chunk(c) for c in inside)
        builder = Builder(self.given, self.old, self.cut if chunk else None)
        tree, coder = builder.tree(d, t), Coder(t)
        value = self.leaves.pieces[-1]
        pack = Pack(coder.text, t, tree, builder.sources, value)
        return Desc(
            "object",
            TEXT,
            "1D_Var" if chunk else "",
            self.leaves.add(pack),
            extra=coder.text,
            children=tuple(coder.forms),
        )


def has_lists(descs: list) -> bool:
    """Whether there are lists or dicts among the arguments that may hold rows."""

    def rows(d: Desc) -> bool:
        return d.kind in _ROWS or (_holds(d) and any(map(rows, _below(d))))

    def lists(d: Desc) -> bool:
        if d.kind in ("list", "dict"):
            return any(map(rows, _below(d)))
        return _holds(d) and any(map(lists, d.children))

    return any(map(lists, descs))


def find(state, descs: list, leaves, size: int, cut, found):
    """found(descs, leaves, slots) of the form that is to be used: known contents, or
    objects, in which case slots has the new slots by the old ones. Lists of few elements
    are known contents until others of another length come."""
    merged = Merged(descs, leaves, cut)
    if not merged.any:
        if merged.why:
            raise TypeError(
                f"{state.func.__name__}(): {merged.why}; give them the same columns and "
                "dtypes"
            )
        return found(descs, leaves, None)
    apart = tuple(map(without_values, descs))
    key = (size, *map(without_values, merged.descs))
    mode = state.row_lists.get(key)
    if mode is None:
        mode = state.row_lists[key] = apart if merged.longest <= FEW else "objects"
    if mode in (apart, "apart"):
        return found(descs, leaves, None)
    try:
        out = found(merged.descs, merged.leaves, merged.slot)
    except (ShoalError, TypeError, AttributeError) as e:
        if not getattr(e, "shoal_compile", False) or merged.longest > _MOST:
            raise
        state.row_lists[key] = "apart"
        return found(descs, leaves, None)
    state.row_lists[key] = "objects"
    return out
