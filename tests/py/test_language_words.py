# ruff: noqa: UP031, RUF012, C416, RET503
"""Constructs and methods that the language page names, one by one, beside CPython."""

import collections
import dataclasses
import functools
import itertools
import math
import operator
import re
import sys

import numpy as np
import pytest
from language import check

import shoal

NOTHING = None


def test_percent():
    @shoal.jit
    def f(n, x, s):
        return (
            "%d|%5d|%-5d|%05d|%+d|% d|%i|%u" % (n, n, n, n, n, n, n, n),
            "%s|%r|%10s|%-6s|%.2s|%a|%c" % (s, s, s, s, s, s, s[0]),
            "%f|%.2f|%8.3f|%e|%E|%g|%G|%d" % (x, x, x, x, x, x, x, x),
            "%x|%X|%o|%#x|%#o|%c|%d" % (n, n, n, n, n, 65 + n % 26, n > 3),
            "%s %s" % ((n, x), None) + "%s" % n + "%%%s" % [n],
            "%(a)s=%(b).1f" % {"a": s, "b": x},
            "%*d|%.*f" % (7, n, 2, x),
        )

    @shoal.jit
    def template(t, n):
        return t % n

    @shoal.jit
    def optional(x):
        return "%s" % x

    check(f, (7, 2.5, "abc"), (-3, -0.125, "\u00e4"))
    check(template, ("%d", 3), ("%05.1f", 3), ("%q", 3), ("%", 3))
    for wrong in (("%d", "a"), ("%d %d", 3), ("%x", 2.5), ("a", 3)):
        with pytest.raises(TypeError) as want:
            template.py_func(*wrong)
        with pytest.raises(TypeError, match=re.escape(str(want.value))):
            template(*wrong)
    check(optional, None, 3)


def test_templates():
    @shoal.jit
    def f(n, x, w):
        return (
            f"{n.real} {n.imag} {[n, x][0]} {[n, x][1]}",
            "{:{}.{}f}|{:>{w}}".format(x, w, 2, n, w=w),
            "{a[k]}".format(a={"k": n}),
        )

    @shoal.jit
    def template(t, n):
        return t.format(n, k=n)

    @shoal.jit
    def mapped(n):
        return "{a} {b}".format_map({"a": n, "b": 2})

    check(f, (7, 2.5, 9))
    check(template, ("{}", 3), ("{k:04d}", 3), ("{} {}", 3), ("{q}", 3), ("{0", 3))
    check(mapped, 3)


def test_translate():
    @shoal.jit
    def f(s):
        return (
            s.translate(str.maketrans("abc", "xyz")),
            s.translate(str.maketrans("abc", "xyz", "l")),
            s.translate({97: "AA", 98: None}),
            s.translate(str.maketrans({"a": "1", "b": ""})),
        )

    check(f, "a blue cab", "", "\u00e4\u20acba")


def test_digits_and_bytes_of_ints():
    @shoal.jit
    def f(n):
        return bin(n), hex(n), oct(n), ascii(chr(abs(n) + 200))

    @shoal.jit
    def pack(n, k, order, signed):
        return n.to_bytes(k, order, signed=signed)

    @shoal.jit
    def unpack(b, order, signed):
        return int.from_bytes(b, order, signed=signed)

    check(f, 0, 10, -255)
    check(pack, (258, 2, "big", False), (258, 4, "little", True), (-2, 8, "big", True))
    check(pack, (256, 1, "big", False), (-1, 2, "big", False), (-129, 1, "big", True))
    check(pack, (1, 2, "middle", False), (0, 0, "big", False))
    check(unpack, (b"\x01\x02", "big", False), (b"\xff\xfe", "little", True))
    check(unpack, (b"", "big", False), (b"\x80" + 7 * b"\0", "big", True))


def test_bytes_methods():
    @shoal.jit
    def f(b):
        return (
            b.title(),
            b.istitle(),
            b.splitlines(),
            b.splitlines(True),
            b.expandtabs(4),
            b.translate(None, b"l"),
            str(b, "latin-1"),
        )

    check(f, b"hello world", b"", b"Ab\r\nc\td\n\rE", b"It Is")


def test_lists_and_dicts():
    @shoal.jit
    def f(x):
        x = list(x)
        x[::2] = x[::2][::-1]
        x[-1:0:-2] = [9] * len(x[-1:0:-2])
        return x, x.index(9), x.index(9, 1), x.index(9, -1, 100)

    @shoal.jit
    def wrong(x):
        x[::2] = [1, 2, 3]

    @shoal.jit
    def index(x, v, k):
        return x.index(v, k)

    @shoal.jit
    def d(d):
        d = dict(d)
        d.update([("a", 7), ("m", 8)])
        d.update(zip(["u", "v"], [1, 2], strict=True))
        return d, dict.fromkeys(d, 0), dict.fromkeys("ab")

    @shoal.jit
    def views(d):
        return (
            d.keys() & {"a", "z"},
            d.keys() | ["z"],
            d.keys() - {"a"},
            d.keys() ^ {"a": 1}.keys(),
            d.items() & {("a", 1)},
            d.keys() == {"a", "b"},
            d.keys() >= {"a"},
        )

    check(f, ([1, 2, 3, 4, 5],), ([3, 4],))
    check(wrong, ([1, 2],), (list(range(12)),))
    check(index, ([1, 2, 3], 1, 1), ([1, 2, 3], 3, 1), (list(range(20)), 3, 5))
    check(d, ({"a": 1},), ({},))
    check(views, ({"a": 1, "b": 2},), ({"c": 1},))


def test_numbers_of_other_kinds_are_sought():
    @shoal.jit
    def f(x, y, z):
        a, b = np.array(x), np.array(y)
        return (
            (7 in x, 1 in x, 0.5 in x, 1.0 in x),
            (1.5 in y, 1.0 in y, 300 in y, 3 in z, 3.5 in z),
            (x.count(1), x.count(7), y.count(1.5), y.count(1.0), y.index(3.0)),
            (7 in set(x), 1.5 in set(y), 3 in set(z)),
            (7 in a, 1 in a, 1.5 in b, 2 in b),
        )

    @shoal.jit
    def index(y):
        return y.index(3.5)

    many = list(range(20))
    check(f, ([True, False] * 10, many, [float(v) for v in many]))
    check(index, (many,), ([1, 3],))


def test_map_of_several():
    @shoal.jit
    def f(x, y):
        return (
            list(map(max, x, y)),
            list(map(lambda a, b, c: a * b + c, x, y, x)),
            list(map(operator.add, x, range(2))),
            max(range(len(x)), key=x.__getitem__),
        )

    check(f, ([1, 5, 3], [4, 2, 6]), ([2.5], [1.5, 2.5]))


def test_stars_of_unknown_length(capsys):
    @shoal.jit
    def f(n):
        x = [i * i for i in range(n)]
        print(*x)
        print("x", *x, 2.5, *x, sep=", ", end="!\\n")
        return max(*x, 3, 2), min(*x, 5, 7), max(*x, 0, 1, key=lambda v: -v)

    for n in (0, 1, 4):
        want = f.py_func(n)
        said = capsys.readouterr().out
        assert f(n) == want
        assert capsys.readouterr().out == said


def integral(f, a, b, n):
    h = (b - a) / n
    s = 0.0
    for i in range(n):
        s += f(a + (i + 0.5) * h)
    return s * h


@shoal.jit
def square(x):
    return x * x


def scaled_by(n):
    return lambda x: x * n


def test_functions_as_arguments():
    f = shoal.jit(integral)
    for func in (square, math.sin, np.sqrt, abs, scaled_by(2), scaled_by(3), float):
        check(f, (func, 0.0, 1.0, 10))

    @shoal.jit
    def table(funcs, x, n):
        a = np.zeros(n)
        for i in shoal.prange(n):
            a[i] = funcs["a"](i)
        return funcs["b"](x), a, [g(x) for g in (str, *x_of(funcs))]

    def x_of(funcs):
        return (funcs["b"],)

    check(table, ({"a": square, "b": scaled_by(4)}, 3, 5))
    assert "function" in str(f.signatures[0])
    with pytest.raises(shoal.UnsupportedError, match="not supported"):
        f(sys.getsizeof, 0.0, 1.0, 3)


def test_functions_that_are_made():
    def scaled(x, y, k=1, *, z=0):
        return x * k + y + z

    @shoal.jit
    def f(n, x):
        g = functools.partial(scaled, n, k=3)
        h = functools.partial(g, z=100)
        rows = [(n, 2), (1, 5)]
        return (
            g(1),
            g(2, k=5),
            h(1),
            list(map(functools.partial(pow, 2), x)),
            sorted(rows, key=operator.itemgetter(1)),
            operator.attrgetter("real")(n),
            operator.attrgetter("real", "imag")(1j * n),
            list(map(operator.methodcaller("split", "-"), ["a-b", "c"])),
        )

    check(f, (3, [1, 2, 3]))


def test_itertools():
    @shoal.jit
    def f(n):
        x = range(n)
        return (
            list(itertools.islice(x, 2)),
            list(itertools.islice(x, 1, None, 2)),
            list(itertools.islice(x, 1, 3)),
            list(itertools.takewhile(lambda v: v < 2, x)),
            list(itertools.dropwhile(lambda v: v < 2, x)),
            list(itertools.filterfalse(lambda v: v % 2, x)),
            list(map(lambda a, b: a * b, x, x)),
            list(itertools.zip_longest(x, [7, 8], fillvalue=-1)),
            list(itertools.compress(x, [1, 0, 1])),
            list(itertools.combinations(x, 2)),
            list(itertools.combinations(x, 3)),
            list(itertools.combinations_with_replacement(x, 2)),
            list(itertools.permutations(x, 2)),
            list(itertools.permutations(x, 3)),
            list(itertools.chain.from_iterable([[i, i] for i in x])),
            [(a, b) for a, b in zip(itertools.count(5, 2), x)],
        )

    @shoal.jit
    def first(n):
        for i in itertools.count(n):
            if i % 7 == 0:
                return i

    check(f, 0, 1, 4)
    check(first, 3, 14)


def test_any_and_all_stop():
    @shoal.jit
    def f(x):
        return any(10 // v > 1 for v in x), all(10 // v < 1 for v in x[:1])

    @shoal.jit
    def calls(n):
        seen = []

        def ask(v):
            seen.append(v)
            return v > n

        return any(ask(v) for v in range(10)), all(ask(v) for v in [7, 8, 2, 9]), seen

    @shoal.jit
    def nested(n):
        pairs = any(i * j == 6 and i % j for i in range(n) for j in range(1, n))
        return pairs, all(any(i % d == 0 for d in range(2, i)) for i in (4, 6, n))

    @shoal.jit
    def bound(n):
        total = 0
        if any((hit := v) > 2 for v in [1, 2, n, 7]):
            total = hit
        y = next((z := v) for v in range(n) if v > 1)
        return total, y, z

    @shoal.jit
    def known(d):
        return any(k.startswith("a") for k in d), all(c.isalpha() for c in "abc")

    @shoal.jit
    def primes(n):
        return [p for p in range(2, n) if all(p % d for d in range(2, int(p**0.5) + 1))]

    check(f, ([5, 0],), ([5, 1, 0, 7],), ([],), (list(range(30, 0, -1)),))
    check(calls, 5, 0, 100)
    check(nested, 4, 7)
    check(bound, 5, 3)
    check(known, ({"a": 1},), ({"b": 1},))
    check(primes, 30)


def test_texts_of_dtypes():
    @shoal.jit
    def f(a):
        return str(a.dtype), repr(a.dtype), f"{a.dtype}", 1 in a, 7 in a

    check(f, (np.arange(3),), (np.zeros(2, "float32"),), (np.ones(2, bool),))


def test_exact_sums():
    @shoal.jit
    def f(x):
        return math.fsum(x), math.prod(v for v in x)

    check(f, ([0.1] * 10,), ([1e100, 1.0, -1e100, 2.0**-60],), ([],))
    check(f, ([float("inf"), 1.0],), ([1e308, 1e308],), ([0.5, 2.0**-54, 2.0**-110],))


def test_attributes_by_name():
    @shoal.jit
    def f(n):
        return (
            getattr(n, "real"),  # noqa: B009
            getattr(n, "nope", 5),
            getattr("abc", "upper")(),  # noqa: B009
            hasattr("abc", "upper"),
            hasattr("abc", "items"),
            hasattr(None, "x"),
        )

    @shoal.jit
    def count(s):
        return collections.Counter(s).most_common(1)

    check(f, 3)
    check(count, "hello", "")


def test_texts_of_ranges():
    @shoal.jit
    def f(n):
        print(range(n), slice(1, n), range(0, n, 2))
        return str(range(n)), repr(range(n, 0, -1)), f"{slice(None, n, 2)}"

    check(f, 3)


def test_shifts():
    @shoal.jit
    def f(n, k):
        return n << k, n >> k

    @shoal.jit
    def least():
        return -1 << 63, 1 << 62

    check(f, (5, 2), (-5, 1), (5, -1))
    check(least, ())


@pytest.mark.parametrize(
    "func, error, text",
    [
        (lambda n: sorted(n), TypeError, "'int' object is not iterable"),
        (lambda n: [x for x in None], TypeError, "'NoneType' object is not iterable"),
        (lambda n: len(None), TypeError, "object of type 'NoneType' has no len()"),
        (lambda n: NOTHING[n], TypeError, "'NoneType' object is not subscriptable"),
        (lambda n: None.x, AttributeError, "'NoneType' object has no attribute 'x'"),
        (lambda n: -"a", TypeError, "bad operand type for unary -: 'str'"),
        (lambda n: ~(n * 0.5), TypeError, "bad operand type for unary ~: 'float'"),
        (lambda n: range(0, 9, 0), ValueError, "range() arg 3 must not be zero"),
        (lambda n: "abc".nope, AttributeError, "'str' object has no attribute 'nope'"),
    ],
)
def test_first_lines(func, error, text):
    with pytest.raises(error) as e:
        shoal.jit(func)(3)
    assert str(e.value).splitlines()[0].startswith(text)


def test_python_library_is_named():
    def f(s):
        return re.sub("a", "b", s)

    with pytest.raises(shoal.UnsupportedError) as e:
        shoal.jit(f)("abc")
    assert str(e.value).startswith("re.sub() of Python's library is not compiled (")
    assert "wrap_python" in str(e.value).splitlines()[0]

    @functools.lru_cache
    def kept(n):
        return n

    with pytest.raises(shoal.UnsupportedError, match=r"^kept\(\), a functools"):
        shoal.jit(lambda n: kept(n))(3)


def test_wrong_calls():
    @shoal.jit
    def f(a, b=2):
        return a + b

    for args in ((), (1, 2, 3)):
        with pytest.raises(TypeError) as want:
            f.py_func(*args)
        with pytest.raises(TypeError, match="^" + re.escape(str(want.value))):
            f(*args)


Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass
class Circle:
    r: float


@dataclasses.dataclass(frozen=True)
class Pair:
    a: int
    b: str


class Plain:
    __match_args__ = ("p", "q")

    def __init__(self, p, q):
        self.p, self.q = p, q


def test_class_patterns():
    @shoal.jit
    def f(s):
        match s:
            case Point(x=0, y=y):
                return y * 1.0
            case Point(x, y) if x < y:
                return x * 100.0
            case Circle(r=r):
                return r * r
            case Pair(1, b):
                return len(b) + 0.5
            case Pair(a=a):
                return a + 0.25
            case Plain(1, q):
                return q + 0.1
            case Plain(p, q=4):
                return p + 0.2
            case complex(real=re):
                return re
            case int(n):
                return n * 1.0
        return 0.0

    @shoal.jit
    def many(x, c):
        out = []
        for v in x:
            match v:
                case None:
                    out.append(-1)
                case int(n) if n > 2:
                    out.append(n * 10)
                case int(n):
                    out.append(n)
        for v in c:
            match v:
                case Circle(r) if r > 2:
                    out.append(100)
                case Circle():
                    out.append(200)
        return out

    for v in (Point(0, 1), Point(1, 2), Point(2, 1), Circle(2.0), Pair(1, "q")):
        check(f, (v,))
    for v in (Pair(2, "z"), Plain(1, 2), Plain(3, 4), Plain(3, 5), 5, 2j, "a", None):
        check(f, (v,))
    check(many, ([1, None, 3], [Circle(1.0), Circle(3.0)]))


def test_mapping_patterns():
    @shoal.jit
    def f(d):
        match d:
            case {"k": k, "v": v}:
                return k + v, {}
            case {"k": 3}:
                return 33, {}
            case {"k": k, **rest}:
                return k * 10, rest
        return -1, {}

    @shoal.jit
    def nested(s):
        match {"user": {"name": s, "tags": ["a", s]}}:
            case {"user": {"name": n, "tags": [first, *rest]}}:
                return n, first, rest
        return "", "", []

    many = {str(i): i for i in range(20)}
    check(f, ({"k": 1, "v": 2},), ({"k": 3},), ({},), ({"k": 5, "z": 1, "y": 2},))
    check(
        f, (many,), (many | {"k": 3},), (many | {"k": 4},), (many | {"k": 4, "v": 1},)
    )
    check(nested, "bob")


class Own(Exception):
    pass


class Below(Own):
    pass


def test_names_of_exceptions():
    @shoal.jit
    def f(n):
        try:
            if n == 1:
                raise Own("m", n)
            if n == 2:
                raise Below(7)
            if n == 3:
                [1][n]
            if n == 4:
                raise ValueError
        except Exception as e:
            return type(e).__name__, repr(e), f"{e}", e.__class__.__name__
        e = ValueError("q", n)
        return str(e), repr(e), f"{e}", type(e).__name__

    @shoal.jit
    def parts(n):
        try:
            if n > 1:
                raise SystemExit(n)
            raise OSError(n, "text")
        except SystemExit as e:
            return e.code, ""
        except OSError as e:
            return e.errno, e.strerror

    check(f, 0, 1, 2, 3, 4)
    check(parts, 1000, -1)


def test_names_of_types():
    @shoal.jit
    def f(n):
        return (
            type(n).__name__,
            type([]).__name__,
            str.__name__,
            Point.__name__,
            type(Point(1, 2)).__name__,
            type(None).__name__,
            n.__class__.__name__,
            f.__name__,
            type(n),
            type({}),
        )

    check(f, 3)


def test_results_that_are_views():
    @shoal.jit
    def f(n):
        d = {"a": n, "b": 2}
        return range(n), range(0, n, 2), slice(1, n), {i: i for i in range(n)}.keys(), d

    @shoal.jit
    def views(n):
        d = {"a": n, "b": 2}
        return d.keys(), d.values(), d.items()

    check(f, 3)
    assert [type(v) for v in views(3)] == [type(v) for v in views.py_func(3)]
    assert list(map(list, views(3))) == list(map(list, views.py_func(3)))


class Config:
    rate = 0.5
    names = ("a", "b")
    levels = [1, 2, 3]
    table = {"x": 1}


def test_constants_of_classes():
    @shoal.jit
    def f(n):
        return Config.rate * n, Config.names[0], sum(Config.levels), Config.table["x"]

    check(f, 3)
