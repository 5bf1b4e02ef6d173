"""Random typed Python programs, to be run by CPython and compiled.

`program(pick)` gives the source of one function and values for its calls; pick(n) gives
a number below n. All choices go through it, so that hypothesis can make programs smaller
(0 is the simplest choice) and a seed is enough to make one again.

Programs end: ranges are short, `while` loops count, growth of numbers and containers is
cut where they are assigned. They may fail: indices, keys, divisors and conversions are
not always good, and then the exceptions are compared. What Shoal documents to differ is
not written: ints beyond 64 bits, one variable of two types, the order of sets.
"""

from dataclasses import dataclass, field

from program_more import A3, BOX, BYTES, CPLX, LB, PRELUDE, PT, More

INT, FLOAT, BOOL, STR = "int", "float", "bool", "str"
LI, LF, LS, LL, LT = (
    "list[int]",
    "list[float]",
    "list[str]",
    "list[list]",
    "list[tuple]",
)
DSI, DIL, DIS, SI, SS = (
    "dict[str,int]",
    "dict[int,list]",
    "dict[int,str]",
    "set[int]",
    "set[str]",
)
TIF, TSI = "tuple[int,float]", "tuple[str,int]"
AI, AF, AB, A2, I2 = (
    "ndarray[int]",
    "ndarray[float]",
    "ndarray[bool]",
    "ndarray2",
    "ndarray2[int]",
)
OI, OL = "int|None", "list|None"
SCALARS = [INT, FLOAT, BOOL, STR]
LISTS = [LI, LF, LS, LL, LT]
MORE = [BYTES, CPLX, BOX, PT, LB, A3]
ALL = [*SCALARS, *LISTS, *MORE, DSI, DIL, DIS, SI, SS, TIF, TSI, AI, AF, A2, I2, OI, OL]
ELEM = {LI: INT, LF: FLOAT, LS: STR, LL: LI, LT: TSI}
KEYED = {DSI: (STR, INT), DIL: (INT, LI), DIS: (INT, STR)}
TEXTS = [
    "a",
    "",
    "b",
    "ab",
    "x,y",
    "Hello",
    "  pad ",
    "1",
    "27",
    "z z",
    "ß",
    "añb",
    "日本",
]
SHOWN = ["", ":>5", ":^7", ":.2", "!r"]


@dataclass
class Func:
    name: str
    params: list
    result: str


@dataclass
class Scope:
    names: list = field(default_factory=list)  # (name, type)
    funcs: list = field(default_factory=list)
    loops: int = 0
    depth: int = 0
    in_func: bool = False
    frozen: set = field(default_factory=set)  # looped over: not changed

    def inner(self, **kw):
        s = Scope(
            list(self.names),
            list(self.funcs),
            self.loops,
            self.depth + 1,
            self.in_func,
            set(self.frozen),
        )
        for k, v in kw.items():
            setattr(s, k, v)
        return s


class Gen(More):
    def __init__(self, pick, size=14):
        self.pick = pick
        self.budget = size
        self.count = 0
        self.lines = []

    # -- choices
    def one(self, items):
        return items[self.pick(len(items))]

    def often(self, percent):
        return self.pick(100) >= 100 - percent

    def fresh(self, prefix="v"):
        self.count += 1
        return f"{prefix}{self.count}"

    def vars(self, s, t):
        return [n for n, u in s.names if u == t]

    def var(self, s, t):
        """A variable of the type, else an expression that needs none."""
        names = self.vars(s, t)
        return self.one(names) if names else self.leaf(t)

    def leaf(self, t):
        p = self.pick
        if t == INT:
            return str(self.one([0, 1, 2, 3, 5, 7, -1, -2, 10, 12]))
        if t == FLOAT:
            return str(self.one([0.0, 0.5, 1.0, 2.5, -0.25, -3.0, 8.125]))
        if t == BOOL:
            return self.one(["False", "True"])
        if t == STR:
            return repr(self.one(TEXTS))
        leaves = {
            LI: ["[]", "[1]", "[3, 1, 2]", "[0, -1, 5, 5]"],
            LF: ["[]", "[0.5]", "[2.5, -1.0, 0.25]"],
            LS: ["[]", "['a']", "['b', 'ab', '']"],
            LL: ["[]", "[[1]]", "[[1, 2], [], [3]]"],
            LT: ["[]", "[('a', 1)]", "[('b', 2), ('a', 3)]"],
            DSI: ["{}", "{'a': 1}", "{'b': 2, 'a': 5}"],
            DIL: ["{}", "{1: [1]}", "{0: [], 2: [4, 5]}"],
            DIS: ["{}", "{1: 'a'}", "{0: 'x', 3: ''}"],
            SI: ["set()", "{1}", "{3, 1, 2}"],
            SS: ["set()", "{'a'}", "{'b', 'ab'}"],
            TIF: ["(0, 0.5)", "(2, -1.0)"],
            TSI: ["('a', 0)", "('b', 3)"],
            AI: ["np.arange(4)", "np.zeros(3, dtype=np.int64)", "np.array([3, -1, 2])"],
            AF: ["np.zeros(3)", "np.arange(4) * 0.5", "np.array([0.5, 2.0, -1.0])"],
            AB: ["np.zeros(3, dtype=np.bool_)", "np.array([True, False, True])"],
            A2: [
                "np.zeros((2, 3))",
                "np.ones((3, 2))",
                "np.arange(6).reshape(2, 3) * 0.5",
            ],
            I2: ["np.arange(6).reshape(2, 3)", "np.zeros((2, 2), dtype=np.int64)"],
            OI: ["None", "4"],
            OL: ["None", "[1, 2]"],
            **self.LEAVES,
        }[t]
        leaf = leaves[p(len(leaves))]
        return f"({leaf})" if "*" in leaf else leaf

    # -- expressions
    def expr(self, s, t, d=2):
        if d <= 0 or not self.often(70):
            if self.often(75):
                return self.var(s, t)
            return self.leaf(t)
        funcs = [f for f in s.funcs if f.result == t]
        if funcs and self.often(35):
            f = self.one(funcs)
            return f"{f.name}({', '.join(self.expr(s, p, d - 1) for p in f.params)})"
        if self.often(12) and t not in (OI, OL):
            return f"({self.expr(s, t, d - 1)} if {self.cond(s, d - 1)} else {self.expr(s, t, d - 1)})"
        return self.rules(s, t, d - 1)

    def rules(self, s, t, d):
        def e(u):
            return self.expr(s, u, d)

        def v(u):
            return self.var(s, u)

        choices = self.choices(s, t, e, v)
        return choices[self.pick(len(choices))]()

    def choices(self, s, t, e, v):
        """The rules for an expression of type t."""
        choices = getattr(self, "x_" + self.RULE[t])(s, e, v)
        more = getattr(self, "more_" + self.RULE[t], None)
        return choices if more is None else choices + more(s, e, v)

    def cond(self, s, d=1):
        return self.expr(s, BOOL, d)

    def index(self, s, e):
        """An index that is mostly inside of what it indexes."""
        return self.one([self.leaf(INT), "0", "-1", e(INT)])

    def x_int(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"({e(INT)} + {e(INT)})",
            lambda: f"({e(INT)} - {e(INT)})",
            lambda: f"(({e(INT)}) * ({e(INT)}) % {self.one([7, 13, 101])})",
            lambda: f"({e(INT)} // {e(INT)})",
            lambda: f"({e(INT)} % {e(INT)})",
            lambda: (
                f"len({v(self.one([STR, LI, LS, LL, LT, DSI, DIL, SI, AI, AF, A2]))})"
            ),
            lambda: f"abs({e(INT)})",
            lambda: f"{self.one(['min', 'max'])}({e(INT)}, {e(INT)})",
            lambda: f"(-{v(INT)})",
            lambda: f"int({e(FLOAT)})",
            lambda: f"{v(LI)}[{self.index(s, e)}]",
            lambda: f"{v(DSI)}[{e(STR)}]",
            lambda: f"{v(DSI)}.get({e(STR)}, {e(INT)})",
            lambda: f"sum({v(LI)})",
            lambda: f"{self.one(['min', 'max'])}({v(LI)})",
            lambda: f"{v(STR)}.count({self.leaf(STR)})",
            lambda: f"{v(STR)}.find({e(STR)})",
            lambda: f"({e(INT)} {self.one(['&', '|', '^'])} {e(INT)})",
            lambda: f"(~{v(INT)})",
            lambda: f"(({e(INT)} & 15) << ({e(INT)} & 3))",
            lambda: f"({e(INT)} >> ({e(INT)} & 3))",
            lambda: f"(({e(INT)} & 7) ** {self.one([0, 1, 2, 3])})",
            lambda: f"int({v(AI)}[{self.index(s, e)}])",
            lambda: (
                f"int({v(AI)}.{self.one(['sum', 'max', 'min', 'argmax', 'argmin'])}())"
            ),
            lambda: f"int({v(I2)}[{self.index(s, e)}, {self.one([0, 1, -1])}])",
            lambda: f"{v(A2)}.shape[{self.one([0, 1])}]",
            lambda: f"{v(TIF)}[0]",
            lambda: f"{v(TSI)}[1]",
            lambda: f"sum({i} for {i} in {v(LI)} if {i} > {e(INT)})",
            lambda: f"sum(1 for {i} in {v(STR)} if {i} != {self.leaf(STR)})",
            lambda: f"{v(LI)}.index({e(INT)})",
            lambda: f"{v(LI)}.count({e(INT)})",
            lambda: f"ord({v(STR)}[{self.one([0, -1])}])",
            lambda: f"int({self.one([repr('12'), repr(' 7 '), v(STR)])})",
            lambda: f"round({e(FLOAT)})",
            lambda: f"divmod({e(INT)}, {e(INT)})[{self.one([0, 1])}]",
            lambda: f"(-1 if {v(OI)} is None else {e(INT)})",
            lambda: f"({v(OI)} or {e(INT)})",
            lambda: f"{v(LT)}[{self.index(s, e)}][1]",
            lambda: f"len({v(LL)}[{self.index(s, e)}])",
            lambda: f"len({e(self.one([STR, LI, LS, SI, SS]))})",
            lambda: f"int(np.count_nonzero({v(AI)} > {e(INT)}))",
            lambda: f"(1 if {self.cond(s)} else 0)",
            lambda: f"max({v(LI)}, default={e(INT)})",
            lambda: f"math.gcd({e(INT)}, {e(INT)})",
            lambda: f"len(str({e(INT)}))",
            lambda: f"int({e(BOOL)})",
        ]

    def x_float(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"({e(FLOAT)} + {e(FLOAT)})",
            lambda: f"({e(FLOAT)} - {e(FLOAT)})",
            lambda: f"({e(FLOAT)} * {e(FLOAT)})",
            lambda: f"({e(FLOAT)} / {self.one(['2', '4.0', e(FLOAT)])})",
            lambda: f"({e(INT)} / {self.one(['2', '4', e(INT)])})",
            lambda: f"float({e(INT)})",
            lambda: f"({e(INT)} * {e(FLOAT)})",
            lambda: f"abs({e(FLOAT)})",
            lambda: f"{self.one(['min', 'max'])}({e(FLOAT)}, {e(FLOAT)})",
            lambda: f"float({v(AF)}[{self.index(s, e)}])",
            lambda: f"float({v(AF)}.{self.one(['sum', 'max', 'min'])}())",
            lambda: f"float({v(A2)}[{self.index(s, e)}, {self.one([0, 1, -1])}])",
            lambda: f"float({v(A2)}.{self.one(['sum', 'max', 'min'])}())",
            lambda: f"float({v(AI)}.mean())",
            lambda: f"round({e(FLOAT)}, {self.one([0, 1, 2])})",
            lambda: f"math.sqrt(abs({e(FLOAT)}))",
            lambda: f"float(math.{self.one(['floor', 'ceil', 'trunc'])}({e(FLOAT)}))",
            lambda: f"({v(FLOAT)} ** 2)",
            lambda: f"({e(FLOAT)} // {e(FLOAT)})",
            lambda: f"({e(FLOAT)} % {e(FLOAT)})",
            lambda: f"{v(LF)}[{self.index(s, e)}]",
            lambda: f"sum({v(LF)}, 0.0)",
            lambda: f"{v(TIF)}[1]",
            lambda: f"sum(({i} * 0.5 for {i} in {v(LI)}), 0.0)",
            lambda: f"(-{v(FLOAT)})",
            lambda: f"float({self.one([repr('1.5'), repr('-2'), v(STR)])})",
            lambda: f"float(np.sqrt(np.abs({e(FLOAT)})))",
            lambda: f"float(np.dot({v(AF)}, {v(AF)}))",
        ]

    def x_bool(self, s, e, v):
        i = self.fresh("q")
        t = self.one([INT, FLOAT, INT, STR])
        op = self.one(["<", "<=", ">", ">=", "==", "!="])
        return [
            lambda: f"({e(t)} {op} {e(t)})",
            lambda: f"({e(INT)} < {e(INT)} <= {e(INT)})",
            lambda: f"({e(BOOL)} {self.one(['and', 'or'])} {e(BOOL)})",
            lambda: f"(not {e(BOOL)})",
            lambda: (
                f"({e(INT)} {self.one(['in', 'not in'])} {v(self.one([LI, SI, DIL, DIS]))})"
            ),
            lambda: (
                f"({e(STR)} {self.one(['in', 'not in'])} {v(self.one([LS, DSI, SS, STR]))})"
            ),
            lambda: f"{v(STR)}.{self.one(['startswith', 'endswith'])}({e(STR)})",
            lambda: (
                f"{v(STR)}.{self.one(['isdigit', 'isalpha', 'isupper', 'isspace'])}()"
            ),
            lambda: f"{self.one(['any', 'all'])}({i} > {e(INT)} for {i} in {v(LI)})",
            lambda: f"({v(self.one([OI, OL]))} is {self.one(['', 'not '])}None)",
            lambda: f"bool({v(self.one([INT, STR, LI, DSI, FLOAT]))})",
            lambda: f"({v(LI)} == {e(LI)})",
            lambda: f"({e(TSI)} < {e(TSI)})",
            lambda: f"({v(SI)} <= {e(SI)})",
            lambda: f"bool(({v(AI)} > {e(INT)}).{self.one(['any', 'all'])}())",
            lambda: f"({v(DSI)} == {e(DSI)})",
            lambda: f"({e(LS)} {self.one(['==', '!=', '<'])} {e(LS)})",
            lambda: f"bool({v(AF)}[{self.index(s, e)}] {op} {e(FLOAT)})",
        ]

    def x_str(self, s, e, v):
        i = self.fresh("q")

        def fe(t):
            """An expression within an f-string, whose quotes it must not have."""
            text = e(t)
            return self.var(s, t) if '"' in text or "\\" in text else f"({text})"

        spec = self.one(["", ":d", ":4d", ":<5", ":03d", ":x", ":+d", ":>6", ":,"])
        fspec = self.one([":.2f", ":8.3f", ":.1e", ":g", "", ":.0f", ":+.1f", ":6.1%"])
        return [
            lambda: f"({e(STR)} + {e(STR)})[:20]",
            lambda: f"{v(STR)}[{self.index(s, e)}]",
            lambda: (
                f"{v(STR)}[{self.one(['', '0', '1', '-2', e(INT)])}:{self.one(['', '2', '-1', e(INT)])}]"
            ),
            lambda: f"{v(STR)}[::{self.one([-1, 2, -2])}]",
            lambda: (
                f"{v(STR)}.{self.one(['upper', 'lower', 'strip', 'title', 'swapcase', 'capitalize', 'lstrip', 'rstrip'])}()"
            ),
            lambda: f'f"{{{fe(INT)}{spec}}}"',
            lambda: f'f"{{{fe(FLOAT)}{fspec}}}"',
            lambda: f'f"{{{v(STR)}{self.one(SHOWN)}}}-{{{v(BOOL)}}}"',
            lambda: f"str({e(self.one([INT, FLOAT, BOOL]))})",
            lambda: f"({v(STR)} * ({e(INT)} % 3))[:20]",
            lambda: f"{self.one([repr(','), repr(''), v(STR)])}.join({e(LS)})[:20]",
            lambda: f"{v(LS)}[{self.index(s, e)}]",
            lambda: f"chr(97 + ({e(INT)}) % 26)",
            lambda: f"{v(STR)}.replace({self.leaf(STR)}, {self.leaf(STR)})[:20]",
            lambda: f"{v(TSI)}[0]",
            lambda: f"','.join(str({i}) for {i} in {v(LI)})[:20]",
            lambda: f"''.join({i} for {i} in {v(STR)} if {i} > 'a')",
            lambda: f"''.join(sorted({v(STR)}))",
            lambda: f"{v(DIS)}[{e(INT)}]",
            lambda: f"{v(DIS)}.get({e(INT)}, {e(STR)})",
            lambda: (
                f"{v(STR)}.{self.one(['zfill', 'center', 'ljust', 'rjust'])}({self.one([3, 6])})"
            ),
            lambda: (
                f"{v(STR)}.partition({self.one([repr(','), repr('a')])})[{self.one([0, 1, 2])}]"
            ),
            lambda: f"{self.one(['min', 'max'])}({e(STR)}, {e(STR)})",
            lambda: f"repr({v(self.one([INT, STR, FLOAT]))})",
            lambda: f"str({v(self.one([LI, LS, TSI, DSI, LT]))})[:20]",
        ]

    def x_li(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"[{', '.join(e(INT) for _ in range(self.pick(4)))}]",
            lambda: f"list({v(LI)})",
            lambda: f"({v(LI)} + {e(LI)})[:20]",
            lambda: (
                f"{v(LI)}[{self.one(['', '1', '-2', e(INT)])}:{self.one(['', '2', '-1'])}]"
            ),
            lambda: f"{v(LI)}[::{self.one([-1, 2])}]",
            lambda: f"[{i} + {e(INT)} for {i} in {v(LI)}]",
            lambda: f"[{i} for {i} in {v(LI)} if {i} {self.one(['>', '!='])} {e(INT)}]",
            lambda: (
                f"[{i} * {self.one([1, 2, 3])} for {i} in range({self.one([0, 3, 5])})]"
            ),
            lambda: f"[{i} * {j} for {i} in range(3) for {j} in range({i} + 1)]",
            lambda: (
                f"sorted({v(self.one([LI, SI]))}{self.one(['', ', reverse=True'])})"
            ),
            lambda: f"sorted({v(LI)}, key=lambda {i}: -{i})",
            lambda: f"sorted({v(LI)}, key=lambda {i}: ({i} % 3, {i}))",
            lambda: (
                f"list(range({self.one([0, 1, -2])}, {self.one([3, 6])}, {self.one([1, 2, 3])}))"
            ),
            lambda: f"([{e(INT)}] * ({e(INT)} % 4))",
            lambda: f"list(map(lambda {i}: {i} + 1, {v(LI)}))",
            lambda: f"list(filter(lambda {i}: {i} % 2 == 0, {v(LI)}))",
            lambda: f"[int({i}) for {i} in {v(AI)}]",
            lambda: f"list({v(DSI)}.values())",
            lambda: f"sorted({v(DIL)})",
            lambda: f"list(reversed({v(LI)}))",
            lambda: f"{v(LL)}[{self.index(s, e)}]",
            lambda: f"[len({i}) for {i} in {v(LS)}]",
            lambda: f"{v(DIL)}.get({e(INT)}, [])",
            lambda: f"{v(DIL)}[{e(INT)}]",
            lambda: f"[{i} + {j} for {i}, {j} in zip({v(LI)}, {v(LI)})]",
            lambda: f"[{i} for {j} in {v(LL)} for {i} in {j}][:20]",
            lambda: f"[{j} for {i}, {j} in {v(LT)}]",
            lambda: f"[{i} * {j} for {i}, {j} in enumerate({v(LI)})]",
            lambda: f"{v(AI)}.tolist()",
            lambda: f"{v(LI)}.copy()",
        ]

    def x_lf(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{', '.join(e(FLOAT) for _ in range(self.pick(4)))}]",
            lambda: f"[{i} * 0.5 for {i} in {v(LI)}]",
            lambda: f"[{i} + {e(FLOAT)} for {i} in {v(LF)}]",
            lambda: f"sorted({v(LF)})",
            lambda: f"({v(LF)} + {e(LF)})[:20]",
            lambda: f"{v(LF)}[{self.one(['', '1', '-2'])}:{self.one(['', '2', '-1'])}]",
            lambda: f"[float({i}) for {i} in {v(AF)}]",
            lambda: f"{v(AF)}.tolist()",
        ]

    def x_ls(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{', '.join(e(STR) for _ in range(self.pick(4)))}]",
            lambda: f"{v(STR)}.split({self.one([repr(','), '', repr(' ')])})",
            lambda: f"list({v(STR)})",
            lambda: f"sorted({v(self.one([LS, SS]))})",
            lambda: f"[str({i}) for {i} in {v(LI)}]",
            lambda: f"[{i}.upper() for {i} in {v(LS)}]",
            lambda: f"({v(LS)} + {e(LS)})[:20]",
            lambda: f"{v(LS)}[{self.one(['', '1', '-2'])}:{self.one(['', '2', '-1'])}]",
            lambda: f"list({v(DSI)})",
            lambda: f"sorted({v(LS)}, key=len)",
            lambda: f"sorted({v(DSI)}, key=lambda {i}: ({v(DSI)}.get({i}, 0), {i}))",
            lambda: f"[{i}[0] for {i} in {v(LT)}]",
            lambda: f'[f"{{{i}:>3}}" for {i} in {v(LI)}]',
        ]

    def x_ll(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"[{', '.join(e(LI) for _ in range(self.pick(3)))}]",
            lambda: (
                f"[[{j} * {i} for {j} in range({i})] for {i} in range({self.one([2, 3])})]"
            ),
            lambda: f"[{i}[:2] for {i} in {v(LL)}]",
            lambda: f"[list(range({i} % 4)) for {i} in {v(LI)}]",
            lambda: f"list({v(DIL)}.values())",
            lambda: f"({v(LL)} + {e(LL)})[:8]",
            lambda: f"sorted({v(LL)})",
            lambda: f"[{v(LI)}, {v(LI)}]",
        ]

    def x_lt(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{', '.join(e(TSI) for _ in range(self.pick(3)))}]",
            lambda: f"list(zip({v(LS)}, {v(LI)}))",
            lambda: f"list({v(DSI)}.items())",
            lambda: f"[({i}, len({i})) for {i} in {v(LS)}]",
            lambda: f"sorted({v(LT)})",
            lambda: f"sorted({v(LT)}, key=lambda {i}: {i}[1])",
            lambda: f"{v(LT)}[{self.one(['1:', ':-1', '::-1'])}]",
        ]

    def x_dsi(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: (
                f"{{{', '.join(f'{self.leaf(STR)}: {e(INT)}' for _ in range(self.pick(3)))}}}"
            ),
            lambda: f"{{{i}: len({i}) for {i} in {v(LS)}}}",
            lambda: f"dict(zip({v(LS)}, {v(LI)}))",
            lambda: f"dict({v(self.one([DSI, LT]))})",
            lambda: f"{{{i}: {v(STR)}.count({i}) for {i} in {v(STR)}}}",
            lambda: f"{{**{v(DSI)}, {self.leaf(STR)}: {e(INT)}}}",
            lambda: f"({v(DSI)} | {e(DSI)})",
            lambda: f"{v(DSI)}.copy()",
        ]

    def x_dil(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: (
                f"{{{', '.join(f'{self.leaf(INT)}: {e(LI)}' for _ in range(self.pick(3)))}}}"
            ),
            lambda: f"{{{i}: [{i}, {e(INT)}] for {i} in {v(LI)}}}",
            lambda: f"{{{i}: list(range({i})) for {i} in range({self.one([2, 4])})}}",
            lambda: f"dict({v(DIL)})",
        ]

    def x_dis(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: (
                f"{{{', '.join(f'{self.leaf(INT)}: {e(STR)}' for _ in range(self.pick(3)))}}}"
            ),
            lambda: f"{{{i}: {j} for {i}, {j} in enumerate({v(LS)})}}",
            lambda: f"{{{j}: {i} for {i}, {j} in {v(LT)}}}",
            lambda: f"{{{j}: {i} for {i}, {j} in {v(DSI)}.items()}}",
        ]

    def x_si(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"set({v(LI)})",
            lambda: f"{{{', '.join(e(INT) for _ in range(1 + self.pick(3)))}}}",
            lambda: f"{{{i} % 3 for {i} in {v(LI)}}}",
            lambda: f"({v(SI)} {self.one(['|', '&', '-', '^'])} {e(SI)})",
            lambda: f"{{len({i}) for {i} in {v(LS)}}}",
            lambda: f"set({v(DIL)})",
        ]

    def x_ss(self, s, e, v):
        return [
            lambda: f"set({v(LS)})",
            lambda: f"set({v(STR)})",
            lambda: f"({v(SS)} {self.one(['|', '&', '-'])} {e(SS)})",
        ]

    def x_tif(self, s, e, v):
        return [lambda: f"({e(INT)}, {e(FLOAT)})"]

    def x_tsi(self, s, e, v):
        return [
            lambda: f"({e(STR)}, {e(INT)})",
            lambda: f"{v(LT)}[{self.index(s, e)}]",
            lambda: f"max({v(LT)})",
        ]

    def x_ai(self, s, e, v):
        i = self.fresh("q")
        a = v(AI)
        return [
            lambda: f"np.arange({self.one([0, 3, 5])})",
            lambda: f"({a} + {e(INT)})",
            lambda: f"({a} * {self.one([2, -1, 3])})",
            lambda: f"({a} + {a}[::-1])",
            lambda: f"{a}[{self.one([':', '1:', ':-1', '::2', '::-1', ':2'])}]",
            lambda: f"{a}[{a} > {e(INT)}]",
            lambda: f"np.where({a} > {e(INT)}, {a}, {e(INT)})",
            lambda: (
                f"np.{self.one(['cumsum', 'sort', 'unique', 'abs', 'copy', 'diff'])}({a})"
            ),
            lambda: f"{a}.copy()",
            # NumPy's default sort leaves open which of equal elements comes first.
            lambda: f'np.argsort({a}, kind="stable")',
            lambda: f"np.clip({a}, -2, {self.one([3, 5])})",
            lambda: f"np.array([{i} * 2 for {i} in range({self.one([2, 4])})])",
            lambda: f"np.full({self.one([0, 2, 3])}, {e(INT)})",
            lambda: f"{v(I2)}[{self.one([0, 1, -1])}]",
            lambda: f"{v(I2)}.sum(axis={self.one([0, 1])})",
            lambda: f"({a} % {self.one([2, 3])})",
            lambda: f"({a} // {self.one([2, 3])})",
            lambda: f"np.concatenate(({a}, {v(AI)}))[:12]",
            lambda: f"np.zeros_like({a})",
            lambda: f"np.{self.one(['maximum', 'minimum'])}({a}, {e(INT)})",
            lambda: f"(-{a})",
            lambda: f"np.repeat({a}, 2)[:12]",
            lambda: f"np.array({v(LI)}, dtype=np.int64)",
        ]

    def x_af(self, s, e, v):
        a = v(AF)
        return [
            lambda: f"np.zeros({self.one([0, 2, 4])})",
            lambda: f"({a} + {e(FLOAT)})",
            lambda: f"({a} * {e(FLOAT)})",
            lambda: f"({a} - {a}[::-1])",
            lambda: f"({v(AI)} * 0.5)",
            lambda: f"({v(AI)} / {self.one([2, 4])})",
            lambda: f"{a}[{self.one([':', '1:', ':-1', '::2', '::-1', ':2'])}]",
            lambda: f"{a}[{a} > {e(FLOAT)}]",
            lambda: f"np.where({a} > {e(FLOAT)}, {a}, 0.0)",
            lambda: (
                f"np.{self.one(['cumsum', 'sort', 'abs', 'floor', 'copy', 'sqrt'])}(np.abs({a}))"
            ),
            lambda: f"np.linspace(0.0, {self.one([1.0, 3.0])}, {self.one([2, 5])})",
            lambda: f"{v(A2)}[{self.one([0, 1, -1])}]",
            lambda: f"{v(A2)}[:, {self.one([0, 1, -1])}]",
            lambda: (
                f"{v(A2)}.{self.one(['sum', 'max', 'min'])}(axis={self.one([0, 1])})"
            ),
            lambda: f"{v(A2)}.ravel()",
            lambda: f"np.zeros_like({a})",
            lambda: f"np.ones({self.one([1, 3])})",
            lambda: f"{v(AI)}.astype(np.float64)",
            lambda: f"np.array({v(LF)}, dtype=np.float64)",
        ]

    def x_a2(self, s, e, v):
        a = v(A2)
        return [
            lambda: f"({a} + {e(FLOAT)})",
            lambda: f"({a} * {self.one([2.0, 0.5])})",
            lambda: f"{a}.T",
            lambda: f"({a} + {a})",
            lambda: f"{a}[{self.one(['1:', ':, 1:', '::-1', ':, ::-1', ':1'])}]",
            lambda: f"np.zeros(({self.one([1, 2])}, {self.one([2, 3])}))",
            lambda: f"{a}.copy()",
            lambda: f"np.where({a} > {e(FLOAT)}, {a}, 1.0)",
            lambda: f"({a} - {a}.sum(axis=0))",
            lambda: f"({v(I2)} * 0.5)",
            lambda: f"({a} @ {a}.T)",
        ]

    def x_i2(self, s, e, v):
        a = v(I2)
        return [
            lambda: f"({a} + {e(INT)})",
            lambda: f"{a}.T",
            lambda: f"{a}[{self.one([':, ::-1', '::-1', ':1'])}]",
            lambda: f"np.clip({a}, 0, 3)",
            lambda: f"({a} % 3)",
        ]

    def x_oi(self, s, e, v):
        return [
            lambda: f"({v(INT)} if {self.cond(s)} else None)",
            lambda: f"(None if {self.cond(s)} else {v(INT)})",
            lambda: f"{v(DSI)}.get({e(STR)})",
        ]

    def x_ol(self, s, e, v):
        return [
            lambda: f"({v(LI)} if {self.cond(s)} else None)",
            lambda: f"{v(DIL)}.get({e(INT)})",
        ]

    # -- cutting growth
    def bounded(self, t, e):
        """e as the value of a variable: loops must not make it grow without end."""
        if t == INT:
            return self.one([f"({e}) % 1009", f"max(-99, min(99, {e}))"])
        if t == FLOAT:
            return f"max(-1e6, min(1e6, {e}))"
        if t == AI:
            return f"np.clip({e}, -999, 999)[:12]"
        if t == AF:
            return f"np.clip({e}, -999.0, 999.0)[:12]"
        if t == A2:
            return f"np.clip({e}, -99.0, 99.0)[:3, :3]"
        if t == I2:
            return f"np.clip({e}, -99, 99)[:3, :3]"
        if t == A3:
            return f"np.clip({e}, -99.0, 99.0)[:3, :3, :3]"
        return e

    # -- statements
    def emit(self, ind, text):
        self.lines.append("    " * ind + text)

    def block(self, s, ind, n):
        start = len(self.lines)
        for _ in range(n):
            if self.budget <= 0:
                break
            self.statement(s, ind)
        if len(self.lines) == start:
            self.emit(ind, "pass")

    def statement(self, s, ind):
        self.budget -= 1
        nested = s.depth < 3 and self.budget > 0
        simple = [
            self.st_assign,
            self.st_assign,
            self.st_reassign,
            self.st_change,
            self.st_change,
        ]
        deep = [
            self.st_if,
            self.st_for,
            self.st_for,
            self.st_while,
            self.st_try,
            self.st_nested_try,
        ]
        rare = [
            self.st_print,
            self.st_assert,
            self.st_raise,
            self.st_multi,
            self.st_walrus,
            self.st_match,
            self.st_alias,
            self.st_write,
            self.st_write,
            self.st_shape,
        ]
        k = self.pick(20)
        if k >= 16:
            f = self.one(rare)
        elif k >= 9 and nested:
            f = self.one(deep)
        elif k == 8 and nested and not s.in_func and s.loops == 0:
            f = self.one([self.st_def, self.st_def, self.st_recursive])
        else:
            f = self.one(simple)
        f(s, ind)

    def st_assign(self, s, ind):
        t = self.one(self.ALL)
        e = self.expr(s, t)
        name = self.fresh()
        self.emit(
            ind,
            f"{name} = {self.bounded(t, e) if s.loops or t in (AI, AF, A2, I2, A3) else e}",
        )
        s.names.append((name, t))

    def st_reassign(self, s, ind):
        free = [(n, t) for n, t in s.names if n not in s.frozen and t not in (TIF,)]
        if not free:
            return self.st_assign(s, ind)
        name, t = self.one(free)
        if t == INT and self.often(50):
            op = self.one(["+=", "-=", "|=", "&=", "^=", "%=", "//="])
            self.emit(ind, f"{name} {op} {self.expr(s, INT, 1)}")
            self.emit(ind, f"{name} %= 1009")
        elif t == FLOAT and self.often(50):
            self.emit(
                ind, f"{name} {self.one(['+=', '-=', '*='])} {self.expr(s, FLOAT, 1)}"
            )
            self.emit(ind, f"{name} = max(-1e6, min(1e6, {name}))")
        elif t == STR and self.often(50):
            self.emit(ind, f"{name} += {self.expr(s, STR, 1)}")
            self.emit(ind, f"{name} = {name}[:18]")
        else:
            self.emit(ind, f"{name} = {self.bounded(t, self.expr(s, t))}")

    def st_alias(self, s, ind):
        free = [
            (n, t)
            for n, t in s.names
            if t in (LI, LL, DSI, DIL, SI, AI, AF, A2, BOX, LB)
        ]
        if not free:
            return self.st_assign(s, ind)
        n, t = self.one(free)
        other = self.one([m for m, u in s.names if u == t])
        name = self.fresh()
        self.emit(
            ind,
            f"{name} = {n}"
            if self.often(50)
            else f"{name} = {n} if {self.cond(s)} else {other}",
        )
        s.names.append((name, t))
        if n in s.frozen or other in s.frozen:
            s.frozen.add(name)

    def st_change(self, s, ind):
        """Changes a container or an array in place."""
        free = [(n, t) for n, t in s.names if n not in s.frozen and t in CHANGES]
        if not free:
            return self.st_assign(s, ind)
        n, t = self.one(free)

        def e(u):
            return self.expr(s, u, 1)

        if t in LISTS:
            x = ELEM[t]
            v = self.bounded(x, e(x))
            if x == LI and self.often(40):
                self.emit(ind, f"{n}[{self.index(s, e)}].append({e(INT)})")
                return None
            self.emit(
                ind,
                self.one(
                    [
                        f"{n}.append({v})",
                        f"{n}[{self.index(s, e)}] = {v}",
                        f"{n}.insert({self.index(s, e)}, {v})",
                        f"{n}.extend({e(t)}[:3])",
                        f"{n}.pop()",
                        f"{n}.pop({self.index(s, e)})",
                        f"del {n}[{self.index(s, e)}]",
                        f"{n}.sort()",
                        f"{n}.reverse()",
                        f"{n}.clear()",
                        f"{n}.remove({v})",
                        f"{n} += {e(t)}[:2]",
                        f"{n}[{self.one(['1:2', ':1', '2:'])}] = {e(t)}[:2]",
                    ]
                ),
            )
            self.emit(ind, f"del {n}[25:]")
        elif t in KEYED:
            k, x = KEYED[t]
            v = self.bounded(x, e(x))
            key = e(k) if k == STR else f"({e(k)}) % 5"
            lines = [
                f"{n}[{key}] = {v}",
                f"{n}.pop({key}, {self.leaf(x)})",
                f"del {n}[{key}]",
                f"{n}.setdefault({key}, {v})",
                f"{n}.update({e(t)})",
                f"{n}.clear()",
            ]
            if x == INT:
                lines.append(f"{n}[{key}] = {n}.get({key}, 0) + 1")
            if x == LI:
                lines.append(f"{n}.setdefault({key}, []).append({e(INT)})")
                lines.append(f"{n}[{key}].append({e(INT)})")
            self.emit(ind, self.one(lines))
        elif t in (SI, SS):
            x = INT if t == SI else STR
            self.emit(
                ind,
                self.one(
                    [
                        f"{n}.add({e(x)})",
                        f"{n}.discard({e(x)})",
                        f"{n}.remove({e(x)})",
                        f"{n} |= {e(t)}",
                        f"{n}.update({e(LI if t == SI else LS)})",
                    ]
                ),
            )
        else:
            x = INT if t in (AI, I2) else FLOAT
            v = self.bounded(x, e(x))
            if t in (AI, AF):
                self.emit(
                    ind,
                    self.one(
                        [
                            f"{n}[{self.index(s, e)}] = {v}",
                            f"{n}[{self.one([':', '1:', '::2', ':2'])}] = {v}",
                            f"{n}[{n} > {e(x)}] = {v}",
                            f"{n}[{self.index(s, e)}] += {v}",
                            f"{n} += {v}",
                            f"{n} *= {self.one([2, -1])}",
                        ]
                    ),
                )
            else:
                self.emit(
                    ind,
                    self.one(
                        [
                            f"{n}[{self.index(s, e)}, {self.one([0, 1, -1])}] = {v}",
                            f"{n}[{self.one([0, 1, -1])}] = {v}",
                            f"{n}[:, {self.one([0, 1, -1])}] = {v}",
                            f"{n}[{self.one([0, 1])}] += {v}",
                            f"{n} += {v}",
                        ]
                    ),
                )

    def st_if(self, s, ind):
        self.emit(ind, f"if {self.cond(s, 2)}:")
        self.block(s.inner(), ind + 1, 1 + self.pick(3))
        if self.often(25):
            self.emit(ind, f"elif {self.cond(s, 2)}:")
            self.block(s.inner(), ind + 1, 1 + self.pick(2))
        if self.often(45):
            self.emit(ind, "else:")
            self.block(s.inner(), ind + 1, 1 + self.pick(3))

    def st_for(self, s, ind):
        i, j = self.fresh("i"), self.fresh("j")
        v = lambda t: self.var(s, t)  # noqa: E731
        forms = [
            (f"{i} in range({self.one([3, 1, 0, 5])})", [(i, INT)], None),
            (
                f"{i} in range({self.one([1, -1])}, {self.one([4, 3])}, {self.one([1, 2])})",
                [(i, INT)],
                None,
            ),
            (f"{i} in range({self.one([4, 2])}, -1, -1)", [(i, INT)], None),
            (f"{i} in range(({self.expr(s, INT, 1)}) % 5)", [(i, INT)], None),
        ]
        for t, x in (
            (LI, INT),
            (LS, STR),
            (LF, FLOAT),
            (LL, LI),
            (STR, STR),
            (DSI, STR),
        ):
            n = v(t)
            forms.append((f"{i} in {n}", [(i, x)], n))
        n = v(LI)
        forms.append((f"{i}, {j} in enumerate({n})", [(i, INT), (j, INT)], n))
        n = v(LT)
        forms.append((f"{i}, {j} in {n}", [(i, STR), (j, INT)], n))
        n = v(DSI)
        forms.append((f"{i}, {j} in {n}.items()", [(i, STR), (j, INT)], n))
        n = v(DIL)
        forms.append((f"{i}, {j} in {n}.items()", [(i, INT), (j, LI)], n))
        forms.append((f"{i} in sorted({v(SI)})", [(i, INT)], None))
        n = v(LI)
        forms.append((f"{i}, {j} in zip({n}, {v(LS)}[:])", [(i, INT), (j, STR)], n))
        forms.append((f"{i} in reversed({v(LI)}[:])", [(i, INT)], None))
        n = v(AI)
        forms.append((f"{i} in {n}.tolist()", [(i, INT)], None))
        forms.append((f"{i} in ({self.leaf(INT)}, {self.leaf(INT)})", [(i, INT)], None))
        text, names, over = self.one(forms)
        inner = s.inner(loops=s.loops + 1)
        inner.names += names
        inner.frozen |= {i, j}
        if over:
            # Other names of it may be changed by the body: all of its kind are left alone.
            kinds = {t for m, t in s.names if m == over}
            inner.frozen |= {m for m, t in s.names if t in kinds}
            if LL in kinds or DIL in kinds:
                inner.frozen |= {m for m, t in s.names if t == LI}
            inner.frozen -= set() if over in {m for m, _ in s.names} else {over}
        self.emit(ind, f"for {text}:")
        self.loop_body(inner, ind)
        self.loop_else(s, ind)

    def loop_body(self, inner, ind):
        self.block(inner, ind + 1, 1 + self.pick(3))
        if self.often(30):
            self.emit(ind + 1, f"if {self.cond(inner, 1)}:")
            self.emit(ind + 2, self.one(["break", "continue"]))
            self.block(inner, ind + 1, 1 + self.pick(2))

    def loop_else(self, s, ind):
        if self.often(15):
            self.emit(ind, "else:")
            self.block(s.inner(), ind + 1, 1)

    def st_while(self, s, ind):
        n = self.fresh("w")
        self.emit(ind, f"{n} = {self.one([3, 1, 5])}")
        inner = s.inner(loops=s.loops + 1)
        inner.frozen |= {n}
        inner.names.append((n, INT))
        more = f" and {self.cond(s, 1)}" if self.often(30) else ""
        self.emit(ind, f"while {n} > 0{more}:")
        self.emit(ind + 1, f"{n} -= 1")
        self.loop_body(inner, ind)
        self.loop_else(s, ind)

    def st_try(self, s, ind):
        self.emit(ind, "try:")
        self.block(s.inner(), ind + 1, 1 + self.pick(3))
        kind = self.one(
            [
                "Exception",
                "ZeroDivisionError",
                "IndexError",
                "KeyError",
                "ValueError",
                "(IndexError, KeyError)",
                "ArithmeticError",
                "LookupError",
            ]
        )
        name = self.fresh("e") if self.often(25) else None
        self.emit(ind, f"except {kind}{f' as {name}' if name else ''}:")
        if name:
            self.emit(ind + 1, f"print(str({name})[:40])")
        self.block(s.inner(), ind + 1, 1 + self.pick(2))
        if self.often(15):
            self.emit(ind, "else:")
            self.block(s.inner(), ind + 1, 1)
        if self.often(15):
            self.emit(ind, "finally:")
            self.block(s.inner(), ind + 1, 1)

    def st_print(self, s, ind):
        items = [
            self.expr(s, self.one([*SCALARS, *LISTS, DSI, TSI, OI]), 1)
            for _ in range(1 + self.pick(3))
        ]
        more = self.one(["", "", ", sep='|'", ", end=';'"])
        self.emit(ind, f"print({', '.join(items)}{more})")

    def st_assert(self, s, ind):
        self.emit(
            ind, f"assert {self.cond(s, 2)}{self.one(['', ', ' + self.var(s, STR)])}"
        )

    def st_raise(self, s, ind):
        kind = self.one(["ValueError", "KeyError", "RuntimeError", "IndexError"])
        arg = self.one(["'bad'", self.var(s, INT), self.var(s, STR)])
        self.emit(ind, f"if {self.cond(s, 2)}:")
        self.emit(ind + 1, f"raise {kind}({arg})")

    def st_multi(self, s, ind):
        a, b = self.fresh(), self.fresh()
        t, u = self.one([INT, STR, LI]), self.one([FLOAT, INT, LS])
        form = self.one(
            [
                (
                    f"{a}, {b} = {self.expr(s, INT, 1)}, {self.expr(s, STR, 1)}",
                    INT,
                    STR,
                ),
                (f"{a}, {b} = {self.var(s, TIF)}", INT, FLOAT),
                (f"{a}, {b} = {self.expr(s, TSI, 1)}", STR, INT),
                (f"{a}, *{b} = {self.expr(s, LI, 1)}", INT, LI),
                (f"*{b}, {a} = {self.expr(s, LS, 1)}", STR, LS),
                (f"{a}, {b} = {self.expr(s, t, 1)}, {self.expr(s, u, 1)}", t, u),
            ]
        )
        self.emit(ind, form[0])
        s.names += [(a, form[1]), (b, form[2])]

    def st_walrus(self, s, ind):
        n = self.fresh()
        self.emit(ind, f"if ({n} := {self.expr(s, INT, 1)}) > {self.leaf(INT)}:")
        s.names.append((n, INT))
        s.frozen.add(n) if s.loops else None
        self.block(s.inner(), ind + 1, 1)

    def st_match(self, s, ind):
        self.emit(ind, f"match ({self.expr(s, INT, 1)}) % 4:")
        self.emit(ind + 1, "case 0:")
        self.block(s.inner(), ind + 2, 1)
        self.emit(ind + 1, "case 1 | 2:")
        self.block(s.inner(), ind + 2, 1)
        self.emit(ind + 1, "case _:")
        self.block(s.inner(), ind + 2, 1)

    def st_def(self, s, ind):
        name = self.fresh("g")
        params = [
            (self.fresh("p"), self.one([INT, FLOAT, STR, LI, INT, AF, TSI]))
            for _ in range(1 + self.pick(2))
        ]
        result = self.one([INT, FLOAT, STR, LI, BOOL, TSI])
        if self.often(20) and params[0][1] == INT:
            p = params[0][0]
            self.emit(ind, f"def {name}({p}):")
            self.emit(ind + 1, f"if {p} <= {self.one([0, 1])} or {p} > 12:")
            self.emit(ind + 2, f"return {self.leaf(INT)}")
            form = self.one(
                [
                    f"{name}({p} - 1) + {p}",
                    f"{name}({p} // 2) * 2 % 101",
                    f"{name}({p} - 1) + {name}({p} - 2)",
                ]
            )
            self.emit(ind + 1, f"return {form}")
            s.funcs.append(Func(name, [INT], INT))
            return
        self.emit(ind, f"def {name}({', '.join(n for n, _ in params)}):")
        inner = s.inner(in_func=True, loops=0)
        inner.frozen |= {n for n, _ in s.names}
        closed = [n for n, t in s.names if t == INT and n not in s.frozen]
        if closed and self.often(20):
            n = self.one(closed)
            self.emit(ind + 1, f"nonlocal {n}")
            inner.frozen.discard(n)
        inner.names += params
        self.block(inner, ind + 1, 1 + self.pick(3))
        if self.often(25):
            self.emit(ind + 1, f"if {self.cond(inner, 1)}:")
            self.emit(
                ind + 2, f"return {self.bounded(result, self.expr(inner, result))}"
            )
        self.emit(ind + 1, f"return {self.bounded(result, self.expr(inner, result))}")
        s.funcs.append(Func(name, [t for _, t in params], result))


CHANGES = {*LISTS, *KEYED, SI, SS, AI, AF, A2, I2}
RULE = {
    INT: "int", FLOAT: "float", BOOL: "bool", STR: "str", LI: "li", LF: "lf", LS: "ls",
    LL: "ll", LT: "lt", DSI: "dsi", DIL: "dil", DIS: "dis", SI: "si", SS: "ss", TIF: "tif", TSI: "tsi",
    AI: "ai", AF: "af", A2: "a2", I2: "i2", OI: "oi", OL: "ol",
    BYTES: "bytes", CPLX: "cplx", BOX: "box", PT: "pt", LB: "lb", A3: "a3",
}  # fmt: skip

ARGS = {
    BYTES: ["b'ab'", "b''"],
    CPLX: ["(1+2j)", "0j"],
    INT: ["0", "1", "3", "-2", "7"],
    FLOAT: ["0.5", "-1.25", "3.0", "0.0"],
    BOOL: ["False", "True"],
    STR: ["'abc'", "''", "'x,yé'", "'12'", "'Hello wörld'"],
    LI: ["[1, 2, 3]", "[]", "[4, -1, 4, 0, 2, 9, 9, 1, 3, 5]"],
    LS: ["['a', 'b']", "[]", "['b', 'ab', 'é']"],
    LF: ["[0.5, 1.5]", "[2.0]"],
    DSI: ["{'a': 1, 'b': 2}", "{'x': 0}"],
    AI: [
        "np.array([3, 1, 2])",
        "np.array([], dtype=np.int64)",
        "np.array([5, -1, 0, 2, 2])",
    ],
    AF: ["np.array([0.5, 1.5, -2.0])", "np.array([1.0])"],
    A2: ["np.array([[0.5, 1.0, 2.0], [3.0, -1.0, 0.25]])"],
}


@dataclass
class Program:
    source: str
    calls: list  # texts of tuples of arguments
    name: str = "f"

    def __repr__(self):
        return f"\n{self.source}\n# calls: {self.calls}\n"


Gen.ALL, Gen.RULE = ALL, RULE


def program(pick, size=14) -> Program:
    used = "Box", "Pt(", "SCALE", "TABLE", "NAMES", "spread"
    return assemble(
        Gen(pick, size),
        Scope(),
        pick,
        lambda body: PRELUDE if any(n in body for n in used) else "",
    )


def assemble(g, s, pick, prelude, hidden=()) -> Program:
    """A function of the statements of g, and its calls. prelude: body -> what stands before
    it; hidden: types that are not returned."""
    types = [INT, *(g.one(list(ARGS)) for _ in range(pick(4)))]
    s.names = [(f"a{i}", t) for i, t in enumerate(types)]
    g.emit(0, f"def f({', '.join(n for n, _ in s.names)}):")
    g.block(s, 1, 3 + pick(6))
    shown = []
    for n, t in reversed(s.names):
        if n not in shown and len(shown) < 6 and t not in hidden:
            shown.append(n)
    g.emit(1, f"return ({', '.join(reversed(shown))},)")
    calls = [
        f"({', '.join(g.one(ARGS[t]) for t in types)},)" for _ in range(1 + pick(3))
    ]
    body = "\n".join(g.lines) + "\n"
    return Program(prelude(body) + body, calls)
