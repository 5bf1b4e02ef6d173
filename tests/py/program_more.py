"""More of what programs are made of (program_gen.py): classes, dataclasses, bytes, complex
numbers, slices, writes through views, broadcasting, star arguments, recursion with
containers, nested try statements, formats."""

BYTES, CPLX, BOX, PT, LB, A3 = "bytes", "complex", "Box", "Pt", "list[Box]", "ndarray3"

PRELUDE = """
from dataclasses import dataclass

SCALE = 3
TABLE = (2, 5, 7)
NAMES = {"a": 1, "b": 4}


class Box:
    unit = 2

    def __init__(self, n, s="x"):
        self.n = n
        self.s = s
        self.items = []

    def add(self, v, *more, times=1):
        self.items.append(v * times % 1009)
        for m in more:
            self.items.append(m)
        del self.items[12:]
        self.n += self.unit
        return self

    @property
    def total(self):
        return self.n + sum(self.items)

    @classmethod
    def of(cls, items):
        b = cls(len(items))
        for x in items:
            b.items.append(x)
        return b

    def __len__(self):
        return len(self.items)

    def __getitem__(self, i):
        return self.items[i]

    def __setitem__(self, i, v):
        self.items[i] = v

    def __contains__(self, v):
        return v in self.items

    def __add__(self, o):
        return Box(self.n + o.n, self.s)

    def __lt__(self, o):
        return self.n < o.n

    def __eq__(self, o):
        return isinstance(o, Box) and self.n == o.n and self.items == o.items

    def __repr__(self):
        return f"Box({self.n}, {self.s!r}, {self.items})"


@dataclass(frozen=True)
class Pt:
    x: int
    y: float = 0.5

    def norm(self):
        return abs(self.x) + self.y

    def __add__(self, o):
        return Pt(self.x + o.x, self.y + o.y)


def spread(a, b=2, *rest, scale=SCALE, **named):
    return a + b * scale + len(rest) + sum(named.values())

"""


class More:
    """Rules and statements beside those of Gen."""

    LEAVES = {  # noqa: RUF012
        BYTES: ["b''", "b'ab'", "b'a,b'", "b'\\xff\\x00'"],
        CPLX: ["0j", "(1+2j)", "(-0.5j)", "(3+0j)"],
        BOX: ["Box(1)", "Box(2, 'q')", "Box.of([3, 1])"],
        PT: ["Pt(1)", "Pt(2, 1.5)"],
        LB: ["[]", "[Box(1), Box(4)]"],
        A3: [
            "np.ones((2, 3, 2)) * 0.5",
            "np.zeros((1, 2, 2))",
            "np.ones((2, 1, 3))",
        ],
    }

    def spanned(self):
        return self.one(["::2", "::-1", "-2:", ":-1", "1::2", "-1::-2", "2:0:-1"])

    def more_int(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"{v(BOX)}.n",
            lambda: f"{v(BOX)}.total",
            lambda: f"{v(BOX)}[{self.index(s, e)}]",
            lambda: f"len({v(BOX)})",
            lambda: f"{v(PT)}.x",
            lambda: f"{v(BYTES)}[{self.index(s, e)}]",
            lambda: f"{v(BYTES)}.find({self.leaf(BYTES)})",
            lambda: f"sum({v(BYTES)})",
            lambda: f"({e('int')} * SCALE)",
            lambda: f"TABLE[{self.index(s, e)}]",
            lambda: f"NAMES[{e('str')}]",
            lambda: f"spread({e('int')})",
            lambda: f"spread({e('int')}, {e('int')}, {e('int')}, scale={e('int')})",
            lambda: f"spread(*{v('list[int]')}[:0], a={e('int')}, k={e('int')})",
            lambda: f"spread({e('int')}, b={e('int')}, z={e('int')}, w=1)",
            lambda: f"{v(LB)}[{self.index(s, e)}].n",
            lambda: f"sum({i}.n for {i} in {v(LB)})",
            lambda: f"(lambda {i}, k={e('int')}: {i} + k)({e('int')})",
            lambda: f"int({v(A3)}.shape[{self.one([0, 1, 2])}])",
            lambda: f"len({v('list[int]')}[{self.spanned()}])",
            lambda: f"{v('dict[str,int]')}.pop({e('str')}, {e('int')})",
            lambda: f"int(np.sum({v('ndarray[int]')}[:, None] * {v('ndarray[int]')}))",
        ]

    def more_float(self, s, e, v):
        return [
            lambda: f"{v(PT)}.y",
            lambda: f"{v(PT)}.norm()",
            lambda: f"{v(CPLX)}.{self.one(['real', 'imag'])}",
            lambda: f"abs({v(CPLX)})",
            lambda: (
                f"float({v(A3)}[{self.one([0, -1])}, {self.one([0, 1])}, {self.one([0, -1])}])"
            ),
            lambda: f"float({v(A3)}.{self.one(['sum', 'max', 'min'])}())",
            lambda: f"float(({v('ndarray2')} * {v('ndarray2')}[0]).sum())",
        ]

    def more_bool(self, s, e, v):
        return [
            lambda: f"({e('int')} in {v(BOX)})",
            lambda: f"({v(BOX)} == {e(BOX)})",
            lambda: f"({v(BOX)} < {e(BOX)})",
            lambda: f"({v(BOX)} is {v(BOX)})",
            lambda: f"({v(PT)} == {e(PT)})",
            lambda: f"({v(BYTES)} {self.one(['==', '<', 'in'])} {e(BYTES)})",
            lambda: f"({v(CPLX)} == {e(CPLX)})",
            lambda: f"bool({v(BOX)})",
            lambda: f"({e('int')} < {e('int')} <= {e('int')} != {e('int')})",
        ]

    def more_str(self, s, e, v):
        spec = self.one(["{:>6}", "{!r}", "{:<4}|", "{0}{0}"])
        nspec = self.one(["{:05d}", "{:+}", "{:x}", "{:#b}", "{:,}", "{:e}", "{:.3g}"])
        return [
            lambda: f"str({v(BOX)})[:30]",
            lambda: f"repr({v(self.one([PT, BYTES, CPLX]))})",
            lambda: f"{spec!r}.format({v('str')})[:20]",
            lambda: f"{nspec!r}.format({v('int')})",
            lambda: f"{v('str')}[{self.spanned()}]",
            lambda: f"{v(BOX)}.s",
            lambda: (
                f"format({v('float')}, {self.one(['.3f', '10.2e', 'g', '+.1%'])!r})"
            ),
            lambda: f"{v('str')}.join([{e('str')}, {e('str')}])[:18]",
            lambda: f"{v(BYTES)}.hex()",
            lambda: f"{v('str')}.removeprefix({self.leaf('str')})",
        ]

    def more_li(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"{v('list[int]')}[{self.spanned()}]",
            lambda: f"{v(BOX)}.items",
            lambda: f"list({v(BYTES)})",
            lambda: f"[{i}.n for {i} in {v(LB)}]",
            lambda: f"[*{v('list[int]')}, {e('int')}, *{v('list[int]')}][:20]",
            lambda: f"[{i} for {i} in {v('list[int]')} if {i} > 0 if {i} < 5]",
            lambda: (
                f"[{i} if {i} % 2 else {j} for {i}, {j} in zip({v('list[int]')}, {v('list[int]')})]"
            ),
            lambda: (
                f"[{j} for {i} in {v('list[list]')} if len({i}) > 1 for {j} in {i} if {j}][:20]"
            ),
        ]

    def more_af(self, s, e, v):
        return [
            lambda: f"{v(A3)}[0, :, {self.one([0, -1])}]",
            lambda: f"{v(A3)}.sum(axis=({self.one(['0, 1', '1, 2'])}))",
            lambda: f"{v(A3)}.mean(axis=0)[0]",
            lambda: f"{v('ndarray[float]')}[{self.spanned()}]",
        ]

    def more_a2(self, s, e, v):
        a = v("ndarray2")
        return [
            lambda: f"{v(A3)}[{self.one([0, -1])}]",
            lambda: f"{v(A3)}.sum(axis={self.one([0, 1, 2])})",
            lambda: f"({v('ndarray[float]')}[:3, None] + {v('ndarray[float]')}[:3])",
            lambda: f"({a} * {a}[:1])",
            lambda: f"({a} + {a}[:, :1])",
            lambda: f"{a}[{self.one(['::2', ':, ::2', '::-1, ::-1', '..., :2'])}]",
        ]

    def x_bytes(self, s, e, v):
        return [
            lambda: f"({e(BYTES)} + {e(BYTES)})[:12]",
            lambda: f"{v(BYTES)}[{self.spanned()}]",
            lambda: f"bytes([{e('int')} % 256, {e('int')} & 127])",
            lambda: f"{v('str')}.encode()",
            lambda: f"{v(BYTES)}.{self.one(['upper', 'lower', 'strip'])}()",
            lambda: f"{v(BYTES)}.replace({self.leaf(BYTES)}, b'-')[:12]",
        ]

    def x_cplx(self, s, e, v):
        def cut(text):
            return f"({text} if abs({text}) < 1e6 else 1j)"

        return [
            lambda: cut(f"({v(CPLX)} + {v(CPLX)})"),
            lambda: cut(f"({v(CPLX)} * {v(CPLX)})"),
            lambda: f"complex({e('int')}, {e('int')})",
            lambda: f"{v(CPLX)}.conjugate()",
            lambda: f"({v(CPLX)} - {v('float')})",
        ]

    def x_box(self, s, e, v):
        return [
            lambda: f"Box({e('int')}, {e('str')})",
            lambda: f"({v(BOX)} + {e(BOX)})",
            lambda: f"Box.of({v('list[int]')}[:6])",
            lambda: f"{v(BOX)}.add({e('int')})",
            lambda: f"{v(BOX)}.add({e('int')}, {e('int')}, times=2)",
            lambda: f"{v(LB)}[{self.index(s, e)}]",
        ]

    def x_pt(self, s, e, v):
        return [
            lambda: f"Pt({e('int')}, {e('float')})",
            lambda: f"Pt(y={e('float')}, x={e('int')})",
            lambda: f"({v(PT)} + {e(PT)})",
        ]

    def x_lb(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{e(BOX)}, {e(BOX)}]",
            lambda: f"[Box({i}) for {i} in {v('list[int]')}][:6]",
            lambda: f"[{i} for {i} in {v(LB)} if {i}.n > {e('int')}]",
            lambda: f"sorted({v(LB)}, key=lambda {i}: {i}.n)",
            lambda: f"({v(LB)} + {e(LB)})[:6]",
        ]

    def x_a3(self, s, e, v):
        a = v(A3)
        return [
            lambda: f"({a} + {e('float')})",
            lambda: f"{a}.transpose({self.one(['1, 0, 2', '2, 1, 0'])})",
            lambda: f"{a}[{self.one(['::-1', ':, 1:', '..., ::-1'])}]",
            lambda: f"({a} * {a}[:1])",
            lambda: f"({a} + {a}.mean(axis=2)[:, :, None])",
        ]

    # -- statements
    def st_write(self, s, ind):
        """Writes an attribute, an item of an instance, or through a view."""

        def e(u):
            return self.expr(s, u, 1)

        free = [n for n, t in s.names if t == BOX and n not in s.frozen]
        arrays = [
            (n, t)
            for n, t in s.names
            if n not in s.frozen and t in ("ndarray[float]", "ndarray2", A3)
        ]
        if arrays and (not free or self.often(50)):
            n, t = self.one(arrays)
            view = self.fresh()
            value = self.bounded("float", e("float"))
            cut = {"ndarray[float]": self.spanned()}.get(
                t, self.one(["0", "-1", "::-1", "..., 1:", ":, ::2"])
            )
            self.emit(ind, f"{view} = {n}[{cut}]")
            where = self.one(["...", "1:", "::2"])
            self.emit(ind, f"{view}[{where}] {self.one(['=', '+=', '*='])} {value}")
            return self.emit(ind, f"np.clip({n}, -1e6, 1e6)")
        if not free:
            return self.st_assign(s, ind)
        n = self.one(free)
        return self.emit(
            ind,
            self.one(
                [
                    f"{n}.n = ({e('int')}) % 1009",
                    f"{n}.n += ({e('int')}) % 9",
                    f"{n}.s = {e('str')}",
                    f"{n}.items = {e('list[int]')}[:6]",
                    f"{n}.items.append({e('int')} % 99)",
                    f"{n}[{self.index(s, e)}] = ({e('int')}) % 99",
                    f"{n}.add({e('int')}, {e('int')})",
                    f"{n}.items.sort()",
                ]
            ),
        )

    def st_nested_try(self, s, ind):
        self.emit(ind, "try:")
        self.st_try(s.inner(), ind + 1)
        self.block(s.inner(), ind + 1, 1)
        if self.often(60):
            self.emit(
                ind, f"except {self.one(['Exception', 'ValueError', 'LookupError'])}:"
            )
            self.block(s.inner(), ind + 1, 1)
            if self.often(20):
                self.emit(ind + 1, "raise")
        self.emit(ind, "finally:")
        self.block(s.inner(), ind + 1, 1 + self.pick(2))

    def st_recursive(self, s, ind):
        """A function that calls itself, with containers."""
        from program_gen import Func

        g, n, m, d = self.fresh("g"), self.fresh("p"), self.fresh("p"), self.fresh("d")
        form = self.pick(4)
        if form == 0:  # what it changes is seen
            self.emit(ind, f"def {g}({n}, {m}):")
            self.emit(ind + 1, f"if {n} <= 0 or {n} > 8:")
            self.emit(ind + 2, f"return len({m})")
            self.emit(ind + 1, f"{m}.append({n} * {self.one([1, 2])})")
            self.emit(ind + 1, f"{d} = {g}({n} - 1, {m})")
            self.emit(ind + 1, f"return {d} + {m}[{self.one([0, -1])}]")
            s.funcs.append(Func(g, ["int", "list[int]"], "int"))
        elif form == 1:  # gives a list
            self.emit(ind, f"def {g}({n}):")
            self.emit(ind + 1, f"if {n} <= 0 or {n} > 6:")
            self.emit(ind + 2, f"return [{self.leaf('int')}]")
            self.emit(ind + 1, f"return {g}({n} - {self.one([1, 2])}) + [{n}]")
            s.funcs.append(Func(g, ["int"], "list[int]"))
        elif form == 2:  # splits a list
            self.emit(ind, f"def {g}({m}):")
            self.emit(ind + 1, f"if len({m}) < 2:")
            self.emit(ind + 2, f"return {m}[:]")
            self.emit(ind + 1, f"{d} = {m}[0]")
            low, high = self.fresh("q"), self.fresh("q")
            self.emit(ind + 1, f"{low} = [x for x in {m}[1:] if x < {d}]")
            self.emit(ind + 1, f"{high} = [x for x in {m}[1:] if x >= {d}]")
            self.emit(ind + 1, f"return {g}({low}) + [{d}] + {g}({high})")
            s.funcs.append(Func(g, ["list[int]"], "list[int]"))
        else:  # remembers in a dict
            self.emit(ind, f"def {g}({n}, {d}):")
            self.emit(ind + 1, f"if {n} < 2 or {n} > 15:")
            self.emit(ind + 2, f"return {self.leaf('int')}")
            self.emit(ind + 1, f"if str({n}) not in {d}:")
            self.emit(
                ind + 2,
                f"{d}[str({n})] = ({g}({n} - 1, {d}) + {g}({n} - 2, {d})) % 1009",
            )
            self.emit(ind + 1, f"return {d}[str({n})]")
            s.funcs.append(Func(g, ["int", "dict[str,int]"], "int"))

    def st_shape(self, s, ind):
        """A match on the shape of a value."""
        a, b = self.fresh(), self.fresh()
        self.emit(
            ind, f"match {self.expr(s, self.one(['tuple[str,int]', 'list[int]']), 1)}:"
        )
        self.emit(ind + 1, f"case [{a}, {b}] if {self.cond(s)}:")
        self.emit(ind + 2, f"print({a}, {b})")
        self.emit(ind + 1, "case []:")
        self.block(s.inner(), ind + 2, 1)
        self.emit(ind + 1, "case _:")
        self.block(s.inner(), ind + 2, 1)
