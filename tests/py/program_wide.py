"""Wider programs than those of program_gen.py: collections, heaps, dates, enums, named tuples,
mutable dataclasses, inheritance, closures that are returned, functions as arguments, star
arguments, nested containers, richer match statements, try statements in loops of functions.

`wide_program(pick)` gives one, of the same form as program_gen.program. The rules here stand
beside those of Gen and are taken as often."""

from program_gen import (
    ALL,
    DSI,
    FLOAT,
    INT,
    LF,
    LI,
    LL,
    LS,
    LT,
    PRELUDE,
    RULE,
    SI,
    STR,
    TSI,
    Func,
    Gen,
    Scope,
    assemble,
)  # fmt: skip

DQ, CT, DDL, DDI, DAY, TD, WHEN = (
    "deque[int]", "Counter", "defaultdict[list]", "defaultdict[int]", "date", "timedelta", "datetime",
)  # fmt: skip
COLOR, P3, ACC, KID, FN = "Color", "P3", "Acc", "Base", "int->int"
LD, DTK, STT, TTT, LO, LLS, DDD, LDAY, OS = (
    "list[dict]", "dict[tuple,int]", "set[tuple]", "tuple[tuple,str]", "list[int|None]",
    "list[list[str]]", "dict[str,dict]", "list[date]", "str|None",
)  # fmt: skip
WIDE = [DQ, CT, DDL, DDI, DAY, TD, WHEN, COLOR, P3, ACC, KID, LD, DTK, STT, TTT, LO, LLS, DDD, LDAY, OS]  # fmt: skip

WIDE_PRELUDE = (
    """
import bisect
import functools
import heapq
import itertools
import operator
from collections import Counter, defaultdict, deque
from dataclasses import field
from datetime import date, datetime, timedelta
from enum import Enum
from typing import NamedTuple
"""
    + PRELUDE
    + """
class Color(Enum):
    RED = 1
    BLUE = 2
    GREEN = 5


class P3(NamedTuple):
    x: int
    y: float
    name: str = "p"

    def far(self):
        return abs(self.x) + abs(self.y)


@dataclass
class Acc:
    n: int
    label: str = "a"
    items: list = field(default_factory=list)

    def put(self, v):
        self.items.append(v % 1009)
        del self.items[10:]
        self.n = (self.n + v) % 1009
        return self

    def best(self):
        if not self.items:
            raise BadInput(self.n)
        return max(self.items)


class BadInput(ValueError):
    pass


class Coded(Exception):
    def __init__(self, code, why="none"):
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why

    @property
    def twice(self):
        return 2 * self.code


class Base:
    unit = 1

    def __init__(self, k):
        self.k = k

    def size(self):
        return self.k * self.unit

    def name(self):
        return "base"

    def show(self):
        return f"{self.name()}:{self.size()}"

    @staticmethod
    def twice(x):
        return 2 * x


class Child(Base):
    unit = 2

    def __init__(self, k, m=3):
        super().__init__(k)
        self.m = m

    def size(self):
        return super().size() + self.m

    def name(self):
        return "child" if self.m > 2 else "small"


def adder(n):
    def add(x):
        return (x + n) % 1009

    return add


def counter(start=0):
    total = start

    def step(k):
        nonlocal total
        total = (total + k) % 1009
        return total

    return step


def after(f, g):
    return lambda x: f(g(x))


def call(f, *args, **named):
    return f(*args, **named)


def gather(first, *rest, sep="-", **named):
    parts = [str(first), *[str(r) for r in rest]]
    for k, v in named.items():
        parts.append(f"{k}={v}")
    return sep.join(parts)

"""
)


class WideGen(Gen):
    """Gen with more types, rules and statements."""

    ALL = [*ALL, *WIDE, *WIDE]  # noqa: RUF012
    RULE = {  # noqa: RUF012
        **RULE, DQ: "dq", CT: "ct", DDL: "ddl", DDI: "ddi", DAY: "day", TD: "td", WHEN: "when",
        COLOR: "color", P3: "p3", ACC: "acc", KID: "kid", FN: "fn", LD: "ld", DTK: "dtk", STT: "stt",
        TTT: "ttt", LO: "lo", LLS: "lls", DDD: "ddd", LDAY: "lday", OS: "os",
    }  # fmt: skip
    LEAVES = {  # noqa: RUF012
        **Gen.LEAVES,
        DQ: ["deque()", "deque([1, 2])", "deque([5, -1, 3], maxlen=4)"],
        CT: ["Counter()", "Counter('abca')", "Counter(['x', 'y', 'x'])"],
        DDL: ["defaultdict(list)", "defaultdict(list, {1: [2]})"],
        DDI: ["defaultdict(int)", "defaultdict(int, {'a': 3})"],
        DAY: ["date(2024, 2, 28)", "date(1999, 12, 31)", "date.fromordinal(738000)"],
        TD: ["timedelta(days=1)", "timedelta(hours=30, minutes=5)", "timedelta(seconds=-7)"],
        WHEN: ["datetime(2024, 2, 29, 23, 59)", "datetime(2001, 1, 1)", "datetime(2020, 6, 5, 4, 3, 2, 1000)"],
        COLOR: ["Color.RED", "Color.GREEN", "Color['BLUE']", "Color(2)"],
        P3: ["P3(1, 0.5)", "P3(x=-2, y=1.5, name='q')"],
        ACC: ["Acc(1)", "Acc(3, 'b')", "Acc(0, items=[4, 1])"],
        KID: ["Child(2)", "Child(4, 1)"],
        FN: ["adder(2)", "abs", "(lambda x: x * 2 % 1009)", "Base.twice", "counter()"],
        LD: ["[]", "[{'a': 1}]", "[{'a': 1, 'b': 2}, {'b': 5}]"],
        DTK: ["{}", "{(0, 1): 2}", "{(1, 2): 3, (2, 1): -1}"],
        STT: ["set()", "{(0, 'a')}", "{(1, 'b'), (2, 'a')}"],
        TTT: ["((0, 1), 'a')", "((3, -1), '')"],
        LO: ["[None]", "[1, None, 3]", "[None, 0]"],
        LLS: ["[]", "[['a'], []]", "[['b', 'ab'], ['x']]"],
        DDD: ["{}", "{'a': {'x': 1}}", "{'b': {}, 'a': {'y': 2, 'x': 3}}"],
        LDAY: ["[]", "[date(2024, 1, 31), date(2023, 5, 6)]"],
        OS: ["None", "'ab'"],
    }  # fmt: skip

    def expr(self, s, t, d=2):
        if t == FN and not self.vars(s, FN) and d <= 0:
            return self.leaf(FN)
        return super().expr(s, t, d)

    # -- Expressions of the types of Gen
    def wide_int(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"{v(FN)}({e(INT)} % 99)",
            lambda: f"call({v(FN)}, {e(INT)} % 99)",
            lambda: f"call(spread, {e(INT)}, 1, scale=2, z={e(INT)})",
            lambda: f"after({v(FN)}, {v(FN)})({e(INT)} % 50)",
            lambda: f"{v(DQ)}[{self.index(s, e)}]",
            lambda: f"len({v(self.one([DQ, CT, DDL, DDI, LD, DTK, STT, LO, LLS, DDD, LDAY]))})",
            lambda: f"{v(DQ)}.count({e(INT)})",
            lambda: f"sum({v(DQ)})",
            lambda: f"{v(CT)}[{e(STR)}]",
            lambda: f"sum({v(CT)}.values())",
            lambda: f"{v(DDI)}.get({e(STR)}, {e(INT)})",
            lambda: f"len({v(DDL)}.get({e(INT)} % 4, []))",
            lambda: f"{v(DAY)}.{self.one(['year', 'month', 'day', 'weekday()', 'toordinal()', 'isoweekday()'])}",
            lambda: f"{v(WHEN)}.{self.one(['hour', 'minute', 'second', 'microsecond', 'day'])}",
            lambda: f"{v(TD)}.{self.one(['days', 'seconds'])}",
            lambda: f"({v(DAY)} - {e(DAY)}).days",
            lambda: f"{v(TD)} // timedelta(minutes=7)",
            lambda: f"{v(COLOR)}.value",
            lambda: f"{v(P3)}.x",
            lambda: f"{v(P3)}[0]",
            lambda: f"{v(ACC)}.n",
            lambda: f"{v(ACC)}.best()",
            lambda: f"{v(ACC)}.put({e(INT)}).n",
            lambda: f"{v(KID)}.size()",
            lambda: f"Base.twice({e(INT)})",
            lambda: f"isinstance({v(KID)}, {self.one(['Base', 'Child', 'int'])}) + 1",
            lambda: f"sum({i}.get('a', 0) for {i} in {v(LD)})",
            lambda: f"{v(DTK)}.get(({e(INT)} % 3, {e(INT)} % 3), -1)",
            lambda: f"{v(DTK)}[({e(INT)} % 3, 1)]",
            lambda: f"{v(TTT)}[0][{self.one([0, 1, -1])}]",
            lambda: f"sum({i} for {i} in {v(LO)} if {i} is not None)",
            lambda: f"sum({i} or {e(INT)} for {i} in {v(LO)})",
            lambda: f"sum(len({i}) for {i} in {v(LLS)})",
            lambda: f"sum({j} for {i} in {v(DDD)}.values() for {j} in {i}.values())",
            lambda: f"{v(DDD)}.get({e(STR)}, {{}}).get('x', {e(INT)})",
            lambda: f"bisect.bisect{self.one(['_left', '_right', ''])}(sorted({v(LI)}), {e(INT)})",
            lambda: f"functools.reduce(operator.{self.one(['add', 'or_', 'and_'])}, {v(LI)}, {e(INT)})",
            lambda: f"functools.reduce(lambda {i}, {j}: ({i} * 2 + {j}) % 101, {v(LI)}, 1)",
            lambda: f"sum(itertools.islice({v(LI)}, {self.one([0, 1, 2])}))",
            lambda: f"max({v(LT)}, key=lambda {i}: ({i}[1], {i}[0]))[1]",
            lambda: f"min({v(LS)}, key=len, default='zz').count('a')",
            lambda: f"max({v(LS)}, key=lambda {i}: -len({i})).find('b')",
            lambda: f"next(({i} for {i} in {v(LI)} if {i} > {e(INT)}), -1)",
            lambda: f"({e(INT)}).bit_length()",
            lambda: f"pow({e(INT)} & 7, {e(INT)} & 3, 13)",
            lambda: f"int({v(STR)} or '0', {self.one([10, 16, 2])})",
            lambda: f"len({v(STR)}.split({self.one(['', repr(','), repr('a'), 'None, 1'])}))",
            lambda: f"sum(map(int, map(str, {v(LI)})))",
            lambda: f"len(list(filter(None, {v(LI)})))",
            lambda: f"[{e(INT)}, {e(INT)}, {e(INT)}].index(max({e(INT)}, {e(INT)}))",
            lambda: f"{{'a': {e(INT)}, 'b': {e(INT)}}}[{e(STR)}]",
            lambda: f"(lambda *{i}: sum({i}) + len({i}))({e(INT)}, {e(INT)})",
        ]  # fmt: skip

    def wide_float(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"{v(P3)}.y",
            lambda: f"{v(P3)}.far()",
            lambda: f"{v(TD)}.total_seconds()",
            lambda: f"({v(TD)} / timedelta(hours=1))",
            lambda: f"sum(({i}[1] / 2 for {i} in {v(LT)}), 0.0)",
            lambda: f"max({v(LF)}, key=lambda {i}: abs({i}))",
            lambda: f"float({v(DDI)}.get('a', 1))",
            lambda: (
                f"math.{self.one(['hypot', 'fmod', 'atan2', 'copysign'])}({e(FLOAT)}, 2.5)"
            ),
            lambda: (
                f"functools.reduce(lambda {i}, y: {i} * 0.5 + y, {v(LF)}, {e(FLOAT)})"
            ),
            lambda: f"math.prod({v(LF)}, start=1.0)",
        ]

    def wide_bool(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"({v(DAY)} {self.one(['<', '==', '>='])} {e(DAY)})",
            lambda: f"({v(WHEN)} < {e(WHEN)})",
            lambda: f"({v(TD)} > timedelta(0))",
            lambda: f"({v(COLOR)} {self.one(['is', '==', '!='])} {self.one(['Color.RED', 'Color.BLUE'])})",
            lambda: f"({v(COLOR)} in (Color.RED, Color.GREEN))",
            lambda: f"({v(P3)} {self.one(['==', '<'])} {e(P3)})",
            lambda: f"({v(ACC)} == {e(ACC)})",
            lambda: f"({e(INT)} in {v(self.one([DQ, DDL, LO]))})",
            lambda: f"({e(STR)} in {v(self.one([CT, DDI, DDD]))})",
            lambda: f"(({e(INT)} % 3, {e(INT)} % 3) in {v(DTK)})",
            lambda: f"(({e(INT)} % 3, {e(STR)}) in {v(STT)})",
            lambda: f"(None in {v(LO)})",
            lambda: f"({v(OS)} is None)",
            lambda: f"any({i} is None for {i} in {v(LO)})",
            lambda: f"all('a' in {i} for {i} in {v(LD)})",
            lambda: f"({v(TTT)} == {e(TTT)})",
            lambda: f"({v(TTT)} < {e(TTT)})",
            lambda: f"({e(FLOAT)}).is_integer()",
            lambda: f"math.isclose({e(FLOAT)}, {e(FLOAT)})",
            lambda: f"isinstance({v(KID)}, Child)",
            lambda: f"({v(STT)} {self.one(['<=', '==', '>'])} {e(STT)})",
            lambda: f"{v(SI)}.isdisjoint({v(LI)})",
            lambda: f"(0 < {e(INT)} < {e(INT)} or {e(INT)} == {e(INT)} != 3)",
            lambda: f"bool({v(self.one([DQ, CT, DDL, LD, STT, TD, OS]))})",
        ]  # fmt: skip

    def wide_str(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"gather({e(INT)}, {e(STR)}, sep='/')[:20]",
            lambda: f"gather({e(STR)}, k={e(INT)}, *({e(INT)}, 'z'))[:20]",
            lambda: f"gather(*({e(INT)}, {e(INT)}), **{{'m': 1, 'n': {e(STR)}}})[:24]",
            lambda: f"{v(KID)}.show()",
            lambda: f"{v(KID)}.name()",
            lambda: f"{v(COLOR)}.name",
            lambda: f"str({v(COLOR)})",
            lambda: f"{v(P3)}.name",
            lambda: f"{v(ACC)}.label",
            lambda: f"{v(DAY)}.isoformat()",
            lambda: f"{v(WHEN)}.isoformat()",
            lambda: f"str({v(self.one([DAY, TD, WHEN, P3, ACC]))})[:40]",
            lambda: f"repr({v(self.one([DAY, TD, P3, ACC, COLOR]))})[:40]",
            lambda: f"str({v(self.one([DQ, LD, DTK, TTT, LO, LLS, DDD]))})[:40]",
            lambda: f"{v(DAY)}.strftime('%Y-%m/%d')",
            lambda: f"f'{{{v(DAY)}:%d.%m.%y}}'",
            lambda: f"f'{{{v(INT)}:>{{{self.one([3, 6])}}}}}|{{{v(FLOAT)}:.{{{self.one([1, 3])}}}f}}'",
            lambda: f"f'{{{v(STR)}=}} {{{v(INT)}=:+d}}'[:30]",
            lambda: f"'%s-%d-%.2f' % ({v(STR)}, {e(INT)}, {e(FLOAT)})",
            lambda: f"'%5d|%-4s|%x' % ({e(INT)}, {v(STR)}, {e(INT)} & 255)",
            lambda: f"'{{0:>5}}/{{1!r}}/{{0}}'.format({e(INT)}, {v(STR)})[:30]",
            lambda: f"'{{a:.1f}} {{b}}'.format(a={e(FLOAT)}, b={e(INT)})",
            lambda: f"({v(OS)} or {e(STR)})",
            lambda: f"{v(TTT)}[1]",
            lambda: f"'|'.join({i}[0] for {i} in {v(LT)})[:20]",
            lambda: f"'.'.join(map(str, {v(LI)}))[:20]",
            lambda: f"' '.join({i} for x in {v(LLS)} for {i} in x)[:20]",
            lambda: f"{v(STR)}.split({self.one([repr(','), repr('l')])})[{self.one([0, -1])}]",
            lambda: f"{v(STR)}.rsplit(',', 1)[0]",
            lambda: f"{v(STR)}.expandtabs(2)",
            lambda: f"{v(STR)}.casefold()",
            lambda: f"{v(STR)}.splitlines()[0]",
            lambda: f"{v(STR)}.rpartition('l')[2]",
            lambda: f"max({v(CT)}.items(), key=lambda {i}: ({i}[1], {i}[0]))[0]",
            lambda: f"{v(LS)}[{e(INT)} % 2:][0]",
            lambda: f"hex({e(INT)})",
            lambda: f"bin({e(INT)} & 31)",
        ]  # fmt: skip

    def wide_li(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"list({v(DQ)})",
            lambda: f"[{i} for {i}, {j} in {v(DTK)}]",
            lambda: f"sorted({v(DTK)}.values())",
            lambda: f"list(map({v(FN)}, {v(LI)}))",
            lambda: f"list(filter(lambda {i}: {i} % 2, {v(LI)}))",
            lambda: f"sorted({v(LI)}, key=lambda {i}: (-{i} % 3, {i}))",
            lambda: f"[{i} or -1 for {i} in {v(LO)}]",
            lambda: f"[{i} if {i} is not None else {e(INT)} for {i} in {v(LO)}]",
            lambda: f"list(itertools.accumulate({v(LI)}))[:20]",
            lambda: f"list(itertools.chain({v(LI)}, {v(DQ)}))[:20]",
            lambda: f"[{i} * {j} for {i}, {j} in itertools.product({v(LI)}[:3], {v(LI)}[:3])]",
            lambda: f"[{j} - {i} for {i}, {j} in itertools.pairwise({v(LI)})]",
            lambda: f"heapq.nsmallest({self.one([0, 1, 2])}, {v(LI)})",
            lambda: f"heapq.nlargest(2, {v(LI)})",
            lambda: f"{v(DDL)}.get({e(INT)} % 4, [{e(INT)}])",
            lambda: f"{v(ACC)}.items",
            lambda: f"[{i}.toordinal() % 100 for {i} in {v(LDAY)}]",
            lambda: f"[{i}.get('b', {e(INT)}) for {i} in {v(LD)}]",
            lambda: f"[*{v(TTT)}[0]]",
            lambda: f"[{i}['a'] for {i} in {v(LD)}]",
            lambda: f"[c for _, c in {v(CT)}.most_common(2)]",
            lambda: f"[sum({i}) for {i} in zip({v(LI)}, {v(LI)}, strict=True)]",
            lambda: f"[{i} + {j} for {i}, {j} in zip({v(LI)}, {v(DQ)})]",
            lambda: f"list(range({e(INT)} % 5, {e(INT)} % 9, {self.one([1, 2])}))",
            lambda: f"list(dict.fromkeys({v(LI)}))",
            lambda: f"[len({i}) for {i} in {v(LS)}]",
            lambda: f"[x for {i} in {v(DIL_)}.values() for x in {i}][:20]",
        ]  # fmt: skip

    def wide_ls(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"{v(STR)}.split({self.one(['', repr(',')])})",
            lambda: f"[{i}[0] for {i} in {v(LT)}]",
            lambda: f"sorted({v(CT)})",
            lambda: f"list({v(DDI)})",
            lambda: f"{v(LLS)}[{self.index(s, e)}]",
            lambda: f"sorted({v(LS)}, key=len)",
            lambda: f"sorted({v(LS)}, key=str.lower, reverse=True)",
            lambda: f"list(map(str.upper, {v(LS)}))",
            lambda: f"[{i}.name for {i} in Color]",
            lambda: f"[str({i}) for {i} in {v(LDAY)}][:4]",
            lambda: f"[f'{{{i}}}:{{k}}' for k, {i} in enumerate({v(LS)}, 1)]",
            lambda: f"list({v(DDD)})",
        ]

    def wide_lt(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"list(zip({v(LS)}, {v(LI)}))",
            lambda: f"{v(CT)}.most_common({self.one([1, 2, 9])})",
            lambda: f"sorted({v(CT)}.items())",
            lambda: f"sorted({v(DSI)}.items(), key=lambda {i}: ({i}[1], {i}[0]))",
            lambda: f"[({i}, {v(FN)}(len({i}))) for {i} in {v(LS)}]",
            lambda: f"sorted({v(LT)}, key=lambda {i}: {i}[1], reverse=True)",
            lambda: f"sorted({v(LT)}, key=operator.itemgetter(1))",
        ]

    def wide_dsi(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"dict({v(CT)})",
            lambda: f"dict({v(DDI)})",
            lambda: f"{{{i}: {j} for {i}, {j} in {v(LT)}}}",
            lambda: f"dict(zip({v(LS)}, {v(LI)}))",
            lambda: f"{{**{v(DSI)}, {e(STR)}: {e(INT)}}}",
            lambda: f"({v(DSI)} | {v(DSI)})",
            lambda: f"{{{i}: len({i}) for {i} in {v(LS)} if {i}}}",
            lambda: f"{v(DDD)}.get({e(STR)}, {{'z': {e(INT)}}})",
            lambda: f"dict(a={e(INT)}, c={e(INT)})",
        ]

    # -- Expressions of the new types
    def wide_dq(self, s, e, v):
        return [
            lambda: f"deque({e(LI)})",
            lambda: f"deque({e(LI)}, maxlen={self.one([2, 5])})",
            lambda: f"deque({v(DQ)})",
            lambda: f"{v(DQ)}.copy()",
        ]

    def wide_ct(self, s, e, v):
        return [
            lambda: f"Counter({e(STR)})",
            lambda: f"Counter({e(LS)})",
            lambda: f"({v(CT)} + {v(CT)})",
            lambda: f"({v(CT)} - {v(CT)})",
        ]

    def wide_ddl(self, s, e, v):
        return [lambda: "defaultdict(list)", lambda: f"defaultdict(list, {v(DIL_)})"]

    def wide_ddi(self, s, e, v):
        return [lambda: "defaultdict(int)", lambda: f"defaultdict(int, {v(DSI)})"]

    def wide_day(self, s, e, v):
        return [
            lambda: f"date({e(INT)} % 40 + 2000, {e(INT)} % 13, {e(INT)} % 32)",
            lambda: f"({v(DAY)} + timedelta(days={e(INT)} % 400))",
            lambda: f"({v(DAY)} - {v(TD)})",
            lambda: f"{v(WHEN)}.date()",
            lambda: f"{v(DAY)}.replace({self.one(['day', 'month'])}={e(INT)} % 30)",
            lambda: f"{self.one(['min', 'max'])}({v(DAY)}, {e(DAY)})",
            lambda: f"{v(LDAY)}[{self.index(s, e)}]",
            lambda: "date.fromisoformat('2024-02-29')",
        ]

    def wide_td(self, s, e, v):
        return [
            lambda: f"timedelta(days={e(INT)} % 50, hours={e(INT)} % 30)",
            lambda: f"({v(DAY)} - {e(DAY)})",
            lambda: f"({v(WHEN)} - {e(WHEN)})",
            lambda: f"(({v(TD)}) * ({e(INT)} % 3))",
            lambda: f"abs({v(TD)})",
            lambda: f"(-{v(TD)})",
            lambda: f"({v(TD)} / 2)",
            lambda: f"({v(TD)} % timedelta(days=2))",
        ]

    def wide_when(self, s, e, v):
        return [
            lambda: (
                f"datetime({e(INT)} % 40 + 2000, {e(INT)} % 12 + 1, {e(INT)} % 28 + 1, {e(INT)} % 25)"
            ),
            lambda: f"({v(WHEN)} + {e(TD)} % timedelta(days=99))",
            lambda: f"{v(WHEN)}.replace(hour={e(INT)} % 24)",
            lambda: "datetime.fromisoformat('2021-03-04T05:06:07')",
        ]

    def wide_color(self, s, e, v):
        return [
            lambda: f"Color({e(INT)} % 4)",
            lambda: f"Color[{self.one([repr('RED'), repr('BLUE')])}]",
            lambda: f"(Color.RED if {self.cond(s)} else {v(COLOR)})",
        ]

    def wide_p3(self, s, e, v):
        return [
            lambda: f"P3({e(INT)}, {e(FLOAT)})",
            lambda: f"P3({e(INT)}, y={e(FLOAT)}, name={e(STR)})",
            lambda: f"{v(P3)}._replace(x={e(INT)})",
            lambda: f"max({v(P3)}, {e(P3)})",
        ]

    def wide_acc(self, s, e, v):
        return [
            lambda: f"Acc({e(INT)}, {e(STR)})",
            lambda: f"Acc({e(INT)}, items={v(LI)}[:4])",
            lambda: f"{v(ACC)}.put({e(INT)})",
        ]

    def wide_kid(self, s, e, v):
        return [lambda: f"Child({e(INT)})", lambda: f"Child({e(INT)}, m={e(INT)})"]

    def wide_fn(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"adder({e(INT)})",
            lambda: f"(lambda {i}, k={e(INT)}: ({i} + k) % 1009)",
            lambda: f"after(adder({e(INT)}), abs)",
        ]

    def wide_ld(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{e(DSI)}, {e(DSI)}]",
            lambda: f"[{{'a': {i}}} for {i} in {v(LI)}][:5]",
            lambda: f"[{i} for {i} in {v(LD)} if 'a' in {i}]",
            lambda: f"sorted({v(LD)}, key=lambda {i}: {i}.get('a', 0))",
        ]

    def wide_dtk(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"{{({e(INT)} % 3, {e(INT)} % 3): {e(INT)}}}",
            lambda: (
                f"{{({i}, {j}): {i} - {j} for {i} in range(2) for {j} in range({self.one([1, 2])})}}"
            ),
            lambda: f"{{{i}: {j} for {i}, {j} in {v(DTK)}.items() if {j} > {e(INT)}}}",
        ]

    def wide_stt(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"{{({i}, {j}) for {i}, {j} in zip({v(LI)}, {v(LS)})}}",
            lambda: f"({v(STT)} {self.one(['|', '&', '-', '^'])} {e(STT)})",
            lambda: f"{{(n, k) for k, n in {v(LT)}}}",
        ]

    def wide_ttt(self, s, e, v):
        return [
            lambda: f"(({e(INT)}, {e(INT)}), {e(STR)})",
            lambda: f"(({v(TTT)}[0][1], {e(INT)}), {v(TTT)}[1])",
        ]

    def wide_lo(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{e('int|None')}, {e(INT)}]",
            lambda: f"[{i} if {i} > {e(INT)} else None for {i} in {v(LI)}]",
            lambda: f"[{v(DSI)}.get({i}) for {i} in {v(LS)}]",
            lambda: f"({v(LO)} + [None])[:6]",
        ]

    def wide_lls(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{e(LS)}, {e(LS)}]",
            lambda: f"[{i}.split(',') for {i} in {v(LS)}]",
            lambda: f"[list({i}) for {i} in {v(LS)}]",
            lambda: f"{v(LLS)}[::-1]",
        ]

    def wide_ddd(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"{{'a': {e(DSI)}, {e(STR)}: {e(DSI)}}}",
            lambda: f"{{{i}: {{'x': len({i})}} for {i} in {v(LS)}}}",
        ]

    def wide_lday(self, s, e, v):
        i = self.fresh("q")
        return [
            lambda: f"[{e(DAY)}, {e(DAY)}]",
            lambda: f"sorted({v(LDAY)})",
            lambda: f"[{v(DAY)} + timedelta(days={i}) for {i} in {v(LI)}][:4]",
        ]

    def wide_os(self, s, e, v):
        return [
            lambda: f"({v(STR)} if {self.cond(s)} else None)",
            lambda: f"next((q for q in {v(LS)} if len(q) > 1), None)",
            lambda: f"{{1: {e(STR)}}}.get({e(INT)} % 2)",
        ]

    # -- More rules of types that have some already
    def choices(self, s, t, e, v):
        more = getattr(self, "late_" + self.RULE[t], None)
        if more is not None and self.often(15):
            return more(s, e, v)
        wide = getattr(self, "wide_" + self.RULE[t], None)
        if wide is not None and (t in WIDE or t == FN or self.often(45)):
            return wide(s, e, v)
        return super().choices(s, t, e, v)

    def late_int(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"sum({i} * {j} for {i} in {v(LI)}[:5] for {j} in {v(LI)}[:3] if {i} != {j})",
            lambda: f"max(({i} % 7 for {i} in {v(LI)}), default={e(INT)})",
            lambda: f"sum(1 for {i} in {v(LS)} if {i}.startswith({self.leaf(STR)}))",
            lambda: f"len({{{i} % 3 for {i} in {v(LI)}}})",
            lambda: f"sum({{{i}: len({i}) for {i} in {v(LS)}}}.values())",
            lambda: f"sum([{j} for {i} in {v(LI)} if ({j} := {i} * 2) > {e(INT)}])",
            lambda: f"[{i} for {i} in range({e(INT)} % 6)][slice({e(INT)} % 3, None)].count(2)",
            lambda: f"sum({v(LI)}[slice({self.one(['None', '1', '-2'])}, {e(INT)}, {self.one(['None', '2', '-1'])})])",
            lambda: f"range({e(INT)} % 20)[{self.one(['-1', '0', '2'])}]",
            lambda: f"len(range({e(INT)} % 9, {e(INT)} % 20, 3))",
            lambda: f"sum(len({i}) for {i} in {v(DDL)}.values())",
            lambda: f"({e(INT)} if {self.cond(s)} else {v(ACC)}.n if {self.cond(s)} else {e(INT)})",
            lambda: f"len(frozenset({v(LI)}))",
            lambda: f"({e(INT)} in frozenset({v(LI)})) + 1",
            lambda: f"({v(WHEN)} - datetime(2020, 1, 1)).days % 1009",
            lambda: f"{v(WHEN)}.date().toordinal() % 997",
            lambda: f"({v(STR)} and 1 or 2)",
            lambda: f"int({v(STR)}.isdigit() and {v(STR)} or 3)",
            lambda: f"divmod({e(INT)}, {e(INT)})[{self.one([0, 1])}]",
            lambda: f"[*{v(LI)}, {e(INT)}][-1]",
            lambda: f"(lambda *a, k=2, **kw: len(a) * k + len(kw))(*({e(INT)}, 1), k={e(INT)} % 9, z=1)",
        ]  # fmt: skip

    def late_str(self, s, e, v):
        i = self.fresh("q")
        n = self.one([0, 3, 7])
        return [
            lambda: f"{v(STR)}.{self.one(['center', 'ljust', 'rjust'])}({n}, {self.one([repr('*'), repr('.')])})",
            lambda: f"{v(STR)}.zfill({n})",
            lambda: f"{v(STR)}.{self.one(['title', 'swapcase', 'capitalize', 'upper', 'strip', 'lstrip'])}()",
            lambda: f"{v(STR)}.partition({self.leaf(STR)} or 'q')[{self.one([0, 1, 2])}]",
            lambda: f"{v(STR)}.removeprefix({self.leaf(STR)}).removesuffix('o')",
            lambda: f"{v(STR)}.replace({self.leaf(STR)}, 'Q', {self.one([-1, 1])})[:20]",
            lambda: f"{v(STR)}.translate(str.maketrans('ab', 'xy', 'l'))",
            lambda: f"''.join(sorted(set({v(STR)})))",
            lambda: f"''.join({i} for {i} in reversed({v(STR)}) if {i}.isalpha())",
            lambda: f"''.join(chr(ord({i}) % 26 + 97) for {i} in {v(STR)})[:9]",
            lambda: f"str({v(STR)}.encode('utf-8').{self.one(['hex()', 'upper()', 'center(9)', 'zfill(5)', 'title()'])})[:20]",
            lambda: f"{v(STR)}[{e(INT)}:{e(INT)}]",
            lambda: f"{v(STR)}[::{self.one(['-1', '2'])}]",
            lambda: f"(' '.join({v(LS)}) or {e(STR)})[:12]",
            lambda: f"next((q for q in {v(LS)} if q), 'none')",
            lambda: f"{{True: {e(STR)}, False: 'no'}}[{self.cond(s)}]",
            lambda: f"type({v(self.one([INT, STR, LI, DSI, P3, COLOR, KID, DAY]))}).__name__",
            lambda: f"(f'{{{v(DAY)}}}' if {self.cond(s)} else {v(COLOR)}.name)",
            lambda: f"{v(P3)}._replace(name={e(STR)}).name",
        ]  # fmt: skip

    def late_li(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"[{j} for {i} in {v(LI)} if ({j} := {i} % 5) != 2]",
            lambda: f"sorted({{{i} % 4 for {i} in {v(LI)}}})",
            lambda: f"sorted({{{i}: {i} * 2 for {i} in {v(LI)}}}.values())",
            lambda: f"[*{v(LI)}[:4], *{v(DQ)}, {e(INT)}][:12]",
            lambda: f"[{i} for {i}, {j} in enumerate({v(LS)}) if {j}]",
            lambda: f"[sum({i}) for {i} in {v(LL)}]",
            lambda: f"[{j} for {i} in {v(LL)} for {j} in {i} if {j}][:12]",
            lambda: f"{v(LI)}[slice({e(INT)} % 3, {e(INT)} % 9)]",
            lambda: f"sorted(frozenset({v(LI)}) & {{1, 2, 3, 5}})",
            lambda: f"[{i}.x for {i} in [{v(P3)}, {e(P3)}]]",
            lambda: f"[{i} if {i} % 2 else -{i} for {i} in {v(LI)}]",
            lambda: f"[a.n for a in ({v(ACC)}, {e(ACC)})]",
        ]  # fmt: skip

    def late_dsi(self, s, e, v):
        i, j = self.fresh("q"), self.fresh("q")
        return [
            lambda: f"{{{i}: {j} for {j}, {i} in enumerate({v(LS)})}}",
            lambda: f"{{{i}: {j} for {i}, {j} in sorted({v(DSI)}.items()) if {j} % 2}}",
            lambda: f"{{**{v(DSI)}, **{v(DSI)}}}",
            lambda: f"{{c.name: c.value for c in Color if c.value > {e(INT)}}}",
        ]

    # -- Statements
    def statement(self, s, ind):
        if self.often(60):
            return super().statement(s, ind)
        self.budget -= 1
        nested = s.depth < 3 and self.budget > 0
        plain = [self.st_new, self.st_new, self.st_update, self.st_update, self.st_closure, self.st_unpack]  # fmt: skip
        deep = [
            self.st_over,
            self.st_over,
            self.st_queue,
            self.st_cases,
            self.st_guard,
            self.st_coded,
        ]
        if not s.in_func and s.loops == 0:
            deep += [self.st_worker, self.st_worker, self.st_maker, self.st_leaver]
        f = self.one(deep) if nested and self.often(45) else self.one(plain)
        return f(s, ind)

    def st_new(self, s, ind):
        t = self.one(WIDE)
        name = self.fresh()
        self.emit(ind, f"{name} = {self.expr(s, t)}")
        s.names.append((name, t))

    def st_closure(self, s, ind):
        name = self.fresh()
        self.emit(ind, f"{name} = {self.expr(s, FN)}")
        if not s.loops and not s.depth:  # one function, whatever path was taken
            s.names.append((name, FN))

    def st_unpack(self, s, ind):
        a, b, c = self.fresh(), self.fresh(), self.fresh()
        form = self.one(
            [
                (f"({a}, {b}), {c} = {self.expr(s, TTT, 1)}", INT, INT, STR),
                (f"{a}, {b}, {c} = {self.expr(s, P3, 1)}", INT, FLOAT, STR),
                (
                    f"{a}, ({b}, {c}) = {self.expr(s, INT, 1)}, {self.expr(s, TSI, 1)}",
                    INT,
                    STR,
                    INT,
                ),
                (f"{a}, *_, {b} = {self.expr(s, LI, 1)}\n{c} = 1", INT, INT, INT),
                (
                    f"{a} = {b} = {self.bounded(INT, self.expr(s, INT, 1))}\n{c} = {a} - {b}",
                    INT,
                    INT,
                    INT,
                ),
            ]
        )
        for line in form[0].split("\n"):
            self.emit(ind, line)
        s.names += [(a, form[1]), (b, form[2]), (c, form[3])]

    def st_update(self, s, ind):
        """Changes one of the new containers or instances in place."""
        kinds = (DQ, CT, DDL, DDI, ACC, KID, LD, DTK, STT, LO, LLS, DDD, LDAY, LI)
        free = [(n, t) for n, t in s.names if n not in s.frozen and t in kinds]
        if not free:
            return self.st_new(s, ind)
        n, t = self.one(free)

        def e(u):
            return self.expr(s, u, 1)

        small = f"({e(INT)}) % 1009"
        lines = {
            DQ: [f"{n}.append({small})", f"{n}.appendleft({small})", f"{n}.pop()", f"{n}.popleft()",
                 f"{n}.rotate({self.one([1, -2])})", f"{n}.extend({e(LI)}[:2])", f"{n}.clear()",
                 f"{n}[{self.index(s, e)}] = {small}", f"{n}.reverse()"],
            CT: [f"{n}.update({e(STR)})", f"{n}[{e(STR)}] += 1", f"{n}.subtract({e(LS)})", f"del {n}[{e(STR)}]"],
            DDL: [f"{n}[({e(INT)}) % 4].append({small})", f"{n}[{self.one([0, 1])}] += [{e(INT)}]"],
            DDI: [f"{n}[{e(STR)}] += {self.one([1, 2])}", f"{n}[{e(STR)}] = {small}"],
            ACC: [f"{n}.put({small})", f"{n}.n += 1", f"{n}.label = {e(STR)}", f"{n}.items.append({small})",
                  f"{n}.items = {e(LI)}[:5]"],
            KID: [f"{n}.k = {small}", f"{n}.m += 1"],
            LD: [f"{n}.append({e(DSI)})", f"{n}[{self.index(s, e)}][{e(STR)}] = {small}", f"{n}.pop()"],
            DTK: [f"{n}[({e(INT)}) % 3, 1] = {small}", f"{n}.pop((0, 1), None)", f"del {n}[1, 2]"],
            STT: [f"{n}.add((({e(INT)}) % 5, {e(STR)}))", f"{n}.discard((1, 'b'))", f"{n} |= {e(STT)}"],
            LO: [f"{n}.append({e('int|None')})", f"{n}[{self.index(s, e)}] = None", f"{n}.remove(None)"],
            LLS: [f"{n}.append({e(LS)})", f"{n}[{self.index(s, e)}].append({e(STR)}[:9])", f"{n}.sort()"],
            DDD: [f"{n}.setdefault({e(STR)}, {{}})['x'] = {small}", f"{n}[{e(STR)}]['y'] = {small}",
                  f"{n}.pop({e(STR)}, None)"],
            LDAY: [f"{n}.append({e(DAY)})", f"{n}.sort(reverse=True)", f"{n}.pop({self.index(s, e)})"],
            LI: [f"heapq.heapify({n})", f"heapq.heappush({n}, {small})", f"heapq.heappop({n})",
                 f"bisect.insort({n}, {small})", f"{n}.sort(key=lambda q: -q)",
                 f"{n}[:] = {n}[::-1]", f"heapq.heapreplace({n}, {small})", f"{n} *= {self.one([0, 1, 2])}"],
        }[t]  # fmt: skip
        self.emit(ind, self.one(lines))
        if t in (LI, DQ, LD, LO, LLS, LDAY):
            cut = f"while len({n}) > 12:" if t == DQ else f"del {n}[12:]"
            self.emit(ind, cut)
            if t == DQ:
                self.emit(ind + 1, f"{n}.pop()")
        return None

    def st_over(self, s, ind):
        i, j, k = self.fresh("i"), self.fresh("j"), self.fresh("k")

        def v(t):
            return self.var(s, t)

        forms = [
            (f"{i}, ({j}, {k}) in enumerate({v(LT)}[:])", [(i, INT), (j, STR), (k, INT)]),
            (f"{i}, {j} in enumerate({v(LI)}[:], {self.one([1, -3])})", [(i, INT), (j, INT)]),
            (f"({i}, {j}), {k} in list({v(DTK)}.items())", [(i, INT), (j, INT), (k, INT)]),
            (f"{i}, {j} in itertools.product({v(LI)}[:3], {v(STR)}[:3])", [(i, INT), (j, STR)]),
            (f"{i}, {j} in itertools.pairwise({v(LI)}[:])", [(i, INT), (j, INT)]),
            (f"{i} in itertools.chain({v(LI)}[:], [{self.leaf(INT)}])", [(i, INT)]),
            (f"{i}, {j} in zip({v(LI)}[:], {v(LF)}[:], strict={self.one(['False', 'True'])})", [(i, INT), (j, FLOAT)]),
            (f"{i} in list({v(DQ)})", [(i, INT)]),
            (f"{i} in sorted({v(DSI)}, key=lambda q: (len(q), q))", [(i, STR)]),
            (f"{i}, {j} in sorted({v(CT)}.items())", [(i, STR), (j, INT)]),
            (f"{i} in list({v(LD)})", [(i, DSI)]),
            (f"{i}, {j} in list({v(DDD)}.items())", [(i, STR), (j, DSI)]),
            (f"{i} in {v(LO)}[:]", [(i, "int|None")]),
            (f"{i} in {v(LLS)}[:]", [(i, LS)]),
            (f"{i} in {v(LDAY)}[:]", [(i, DAY)]),
            (f"{i} in Color", [(i, COLOR)]),
            (f"{i}, {j} in sorted({v(STT)})", [(i, INT), (j, STR)]),
            (f"{i}, {j} in list({v(DDL)}.items())", [(i, INT), (j, LI)]),
            (f"{i}, {j} in itertools.groupby(sorted({v(LI)}), key=lambda q: q % 3)", [(i, INT)]),
            (f"{i}, {j} in reversed(list(enumerate({v(LS)})))", [(i, INT), (j, STR)]),
        ]  # fmt: skip
        text, names = self.one(forms)
        inner = s.inner(loops=s.loops + 1)
        inner.names += names
        inner.frozen |= {i, j, k}
        self.emit(ind, f"for {text}:")
        self.loop_body(inner, ind)
        self.loop_else(s, ind)
        return

    def st_queue(self, s, ind):
        """A search: what is taken from a queue or a heap puts more into it."""
        q, x, n, seen = self.fresh(), self.fresh(), self.fresh("w"), self.fresh()
        heap = self.often(50)
        start = self.expr(s, LI, 1)
        self.emit(ind, f"{q} = {f'sorted({start})' if heap else f'deque({start})'}")
        self.emit(ind, f"{seen} = set()")
        self.emit(ind, f"{n} = 0")
        self.emit(ind, f"while {q} and {n} < 12:")
        self.emit(ind + 1, f"{n} += 1")
        take = f"heapq.heappop({q})" if heap else f"{q}.popleft()"
        self.emit(ind + 1, f"{x} = {take}")
        self.emit(ind + 1, f"if {x} in {seen}:")
        self.emit(ind + 2, "continue")
        self.emit(ind + 1, f"{seen}.add({x})")
        self.emit(ind + 1, f"for {x}_ in ({x} * 2 % 17, {x} - 1):")
        self.emit(ind + 2, f"if {x}_ not in {seen} and {x}_ > 0:")
        put = f"heapq.heappush({q}, {x}_)" if heap else f"{q}.append({x}_)"
        self.emit(ind + 3, put)
        inner = s.inner(loops=s.loops + 1)
        inner.names.append((x, INT))
        inner.frozen |= {x, n, q, seen}
        self.block(inner, ind + 1, 1)
        s.names += [(n, INT), (seen, SI), (q, LI if heap else DQ)]

    def st_cases(self, s, ind):
        a, b = self.fresh(), self.fresh()

        def body(*names):
            inner = s.inner()
            inner.names += names
            inner.frozen |= {n for n, _ in names}
            self.block(inner, ind + 2, 1)

        form = self.pick(4)
        if form == 0:
            self.emit(ind, f"match {self.expr(s, STR, 1)}:")
            self.emit(ind + 1, "case 'a' | 'b' | '':")
            body()
            self.emit(ind + 1, f"case {a} if len({a}) > 3:")
            body((a, STR))
        elif form == 1:
            self.emit(ind, f"match {self.expr(s, TTT, 1)}:")
            self.emit(ind + 1, f"case ((0, {a}), _):")
            body((a, INT))
            self.emit(ind + 1, f"case (({a}, {b}), 'a' | 'b'):")
            body((a, INT), (b, INT))
        elif form == 2:
            self.emit(ind, f"match {self.expr(s, COLOR, 1)}:")
            self.emit(ind + 1, "case Color.RED:")
            body()
            self.emit(ind + 1, "case Color.BLUE | Color.GREEN:")
            body()
        else:
            self.emit(ind, f"match {self.expr(s, LI, 1)}:")
            self.emit(ind + 1, f"case [{a}]:")
            body((a, INT))
            self.emit(ind + 1, f"case [{a}, *{b}] if {a} > 0:")
            body((a, INT), (b, LI))
        self.emit(ind + 1, "case _:")
        body()

    def st_guard(self, s, ind):
        """try with an exception of the program's own."""
        e = self.fresh("e")
        self.emit(ind, "try:")
        self.block(s.inner(), ind + 1, 1)
        self.emit(ind + 1, f"if {self.cond(s, 1)}:")
        self.emit(
            ind + 2,
            self.one(
                [
                    f"raise BadInput({self.expr(s, INT, 1)})",
                    "raise LookupError",
                    f"raise KeyError({self.expr(s, STR, 1)})",
                ]
            ),
        )
        self.block(s.inner(), ind + 1, 1)
        self.emit(ind, f"except BadInput as {e}:")
        self.emit(ind + 1, f"print({e})")
        self.block(s.inner(), ind + 1, 1)
        self.emit(ind, f"except (LookupError, ArithmeticError, TypeError) as {e}:")
        self.emit(ind + 1, f"print({e})")
        if self.often(20):
            self.emit(ind + 1, f"raise RuntimeError('again') from {e}")

    def st_coded(self, s, ind):
        """try with an exception that has attributes of its own."""
        e, x = self.fresh("e"), self.fresh()
        self.emit(ind, f"{x} = {self.leaf(INT)}")
        self.emit(ind, "try:")
        self.block(s.inner(), ind + 1, 1)
        self.emit(ind + 1, f"if {self.cond(s, 1)}:")
        self.emit(
            ind + 2,
            f"raise Coded(({self.expr(s, INT, 1)}) % 1009, {self.expr(s, STR, 1)})",
        )
        self.emit(ind, f"except Coded as {e}:")
        self.emit(ind + 1, f"{x} = {e}.code + len({e}.why)")
        self.emit(ind + 1, f"print({e}, {e}.twice)")
        self.emit(
            ind, f"except {self.one(['ArithmeticError', 'LookupError', 'Exception'])}:"
        )
        self.emit(ind + 1, f"{x} = -1")
        if self.often(30):
            self.emit(ind, "finally:")
            self.emit(ind + 1, f"{x} += 1")
        s.names.append((x, INT))

    def st_leaver(self, s, ind):
        """A function that leaves through nested try statements with finally."""
        g, x, out, i = (self.fresh(c) for c in "gpvi")
        self.emit(ind, f"def {g}({x}, {out}=()):")
        self.emit(ind + 1, f"{out} = list({out})")
        self.emit(ind + 1, "try:")
        self.emit(ind + 2, f"for {i} in range(3):")
        self.emit(ind + 3, "try:")
        inner = s.inner(in_func=True, loops=1, depth=3)
        inner.frozen |= {n for n, _ in s.names} | {x, i}
        inner.names += [(x, INT), (i, INT)]
        self.emit(ind + 4, f"if {self.cond(inner, 1)}:")
        leave = [
            "return out",
            "continue",
            "break",
            "raise KeyError(i)",
            "raise BadInput(i)",
        ]
        text = self.one(leave).replace("out", out).replace("(i)", f"({i})")
        self.emit(ind + 5, text)
        self.emit(
            ind + 4, f"{out}.append({self.bounded(INT, self.expr(inner, INT, 1))})"
        )
        if self.often(50):
            self.emit(
                ind + 3,
                f"except {self.one(['KeyError', 'ValueError', 'ZeroDivisionError'])}:",
            )
            self.emit(ind + 4, f"{out}.append(-{i})")
        self.emit(ind + 3, "finally:")
        self.emit(ind + 4, f"{out}.append(100 + {i})")
        self.emit(
            ind + 1, f"except {self.one(['(LookupError, ValueError)', 'Exception'])}:"
        )
        self.emit(ind + 2, f"{out}.append(7)")
        self.emit(ind + 1, "finally:")
        self.emit(ind + 2, f"{out}.append(9)")
        self.emit(ind + 1, f"return {out}")
        s.funcs.append(Func(g, [INT], LI))

    def st_worker(self, s, ind):
        """A function with a loop whose rounds fail, leave or go on in a try."""
        g, xs, out, x, y, e = (self.fresh(c) for c in "gpvxye")
        self.emit(
            ind,
            f"def {g}({xs}, k={self.leaf(INT)}, *more{self.one(['', ', flag=True'])}):",
        )
        self.emit(ind + 1, f"{out} = []")
        self.emit(ind + 1, f"for {x} in {xs}:")
        self.emit(ind + 2, "try:")
        inner = s.inner(in_func=True, loops=1, depth=2)
        inner.frozen |= {n for n, _ in s.names} | {x}
        inner.names += [(xs, LI), (x, INT), ("k", INT)]
        self.emit(ind + 3, f"{y} = {self.expr(inner, INT, 2)} % 99")
        for _ in range(self.pick(3)):
            self.emit(ind + 3, f"if {self.cond(inner, 1)}:")
            self.emit(
                ind + 4,
                self.one(
                    [
                        "continue",
                        "break",
                        f"return {out}",
                        f"raise BadInput({x})",
                        f"{out}.append({self.expr(inner, INT, 1)})",
                    ]
                ),
            )
        self.emit(
            ind + 2,
            f"except {self.one(['(ZeroDivisionError, IndexError)', 'ValueError', 'LookupError', 'Exception'])} as {e}:",
        )
        self.emit(ind + 3, self.one([f"{y} = len(str({e}))", "continue", f"{y} = -1"]))
        if self.often(30):
            self.emit(ind + 2, "else:")
            self.emit(ind + 3, f"{y} += 1")
        if self.often(40):
            self.emit(ind + 2, "finally:")
            self.emit(ind + 3, f"{out}.append(k)")
        self.emit(ind + 2, f"{out}.append({y})")
        self.emit(ind + 1, f"return {out}[:9]")
        s.funcs.append(Func(g, [LI], LI))
        s.funcs.append(Func(g, [LI, INT], LI))

    def st_maker(self, s, ind):
        """A function that gives a function, with state of its own."""
        make, n, step, x, state = (self.fresh(c) for c in "gpgxv")
        self.emit(ind, f"def {make}({n}):")
        self.emit(ind + 1, f"{state} = {self.one([n, f'[{n}]', f'{{0: {n}}}'])}")
        text = self.lines[-1]
        self.emit(ind + 1, f"def {step}({x}):")
        if "[" in text or "{" in text:
            self.emit(ind + 2, f"{state}[0] = ({state}[0] * 3 + {x}) % 101")
            self.emit(ind + 2, f"return {state}[0]")
        else:
            self.emit(ind + 2, f"nonlocal {state}")
            self.emit(ind + 2, f"{state} = ({state} + {x}) % 101")
            self.emit(ind + 2, f"return {state}")
        self.emit(ind + 1, f"return {step}")
        name = self.fresh()
        self.emit(ind, f"{name} = {make}({self.expr(s, INT, 1)})")
        if not s.depth:
            s.names.append((name, FN))


DIL_ = "dict[int,list]"


def wide_program(pick, size=14):
    g = WideGen(pick, size)
    return assemble(g, Scope(), pick, lambda _: WIDE_PRELUDE, hidden={FN})
