# ruff: noqa: B905, C416, PERF402, PERF403
"""Containers and text at run time: the compiled function gives what the plain one gives."""

import copy

import pandas as pd
import pytest

import shoal


def outcome(f, args):
    try:
        return f(*args)
    except Exception as e:
        return type(e), str(e).splitlines()[0] if str(e) else ""


def same(f, *args):
    mine, plain = copy.deepcopy(args), copy.deepcopy(args)
    want = outcome(f, plain)
    got = outcome(shoal.jit(f), mine)
    assert got == want
    assert type(got) is type(want)
    assert mine == plain, "what it changes in its arguments is seen"


# -- Lists -------------------------------------------------------------------------------------


def squares(n):
    a = []
    for i in range(n):
        a.append(i * i)
    return a


def comp(n):
    a = [i * 2 for i in range(n) if i % 3 != 1]
    b = [(x, str(x)) for x in a]
    return a, b, len(a), [x for x, _ in b][::-1]


def rows(n):
    out = []
    for i in range(n):
        row = []
        for j in range(i):
            row.append(j)
        out.append(row)
    return out


def index(a, i):
    return a[i]


def edit(a, x):
    a.insert(1, x)
    a[0] += 1
    a.extend([x, x + 1])
    y = a.pop()
    z = a.pop(0)
    a.remove(x)
    a.reverse()
    del a[0]
    return y, z, a.count(x), x in a, a


def slices(a):
    return (
        a[1:],
        a[:-1],
        a[::-1],
        a[::2],
        a[-3:2],
        a[10:],
        a + a,
        a * 2,
        a == a[:],
        a < a[1:],
    )


def sorting(n):
    a = [(i * 7919) % 101 for i in range(n)]
    b = sorted(a, reverse=True)
    c = sorted(a, key=lambda v: (v % 10, v))
    a.sort()
    return a, b, c, min(a), max(a), sum(a), min(c, key=lambda v: -v)


def widening(n):
    a = []
    for i in range(n):
        if i > 3:
            a.append(i / 2)
        else:
            a.append(float(i))
    return a


def growing(a):
    for x in a:
        if x < 5:
            a.append(x + 3)
    return a


def any_all(a):
    return (
        any(x > 3 for x in a),
        all(x > 0 for x in a),
        sum(x * x for x in a),
        max(x % 4 for x in a),
    )


def views(a):
    out = []
    for i, x in enumerate(a, 1):
        out.append(i * x)
    for x, y in zip(a, out):
        out.append(x + y) if x > 100 else None
    for x in reversed(a):
        out.append(x)
    return out


NUMBERS = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (squares, (5,)),
        (squares, (0,)),
        (comp, (10,)),
        (rows, (5,)),
        (index, (NUMBERS, 3)),
        (index, (NUMBERS, -1)),
        (index, (NUMBERS, 11)),
        (index, (NUMBERS, -12)),
        (edit, (NUMBERS, 7)),
        (slices, (NUMBERS,)),
        (sorting, (60,)),
        (widening, (8,)),
        (growing, (NUMBERS,)),
        (any_all, (NUMBERS,)),
        (views, (NUMBERS,)),
    ],
)
def test_lists(f, args):
    same(f, *args)


# -- Dicts and sets ----------------------------------------------------------------------------


def count_words(s):
    d = {}
    for w in s.split():
        d[w] = d.get(w, 0) + 1
    return d


def count_in(s):
    d = {}
    for w in s.split():
        if w in d:
            d[w] += 1
        else:
            d[w] = 1
    return sorted(d.items(), key=lambda kv: (-kv[1], kv[0]))


def group(s):
    d = {}
    for w in s.split():
        d.setdefault(len(w), []).append(w)
    return d


def dict_ops(n):
    d = {i: i * i for i in range(n)}
    x = d.pop(2)
    y = d.pop(100, -1)
    del d[0]
    k, v = d.popitem()
    e = dict(d)
    e.update({1: 5})
    keys = [k for k in d]
    total = 0
    for k, v in d.items():
        total += k * v
    return x, y, k, v, keys, list(d.values()), d == e, len(d), total, 3 in d, 300 in d


def missing(n):
    d = {}
    for i in range(n):
        d[i] = i
    return d[n + 1]


def changed(n):
    d = {}
    for i in range(n):
        d[i] = i
    for k in d:
        d[k + 100] = 1
    return d


def optional(n, k):
    d = {}
    for i in range(n):
        d[i] = i
    x = d.get(k)
    if x is None:
        return -1
    return 1


def sets(n):
    a = set()
    for i in range(n):
        a.add(i % 7)
    b = {i for i in range(3, 12)}
    a.discard(100)
    a.remove(2)
    return (
        a | b,
        a & b,
        a - b,
        a ^ b,
        len(a),
        3 in a,
        a <= b,
        (a & b) <= b,
        a == b,
        sorted(a),
    )


def set_missing(n):
    a = {i for i in range(n)}
    a.remove(n)
    return a


def tuple_keys(n):
    d = {}
    for i in range(n):
        d[i % 3, str(i % 2)] = i
    return d


TEXT = "the quick brown fox jumps over the lazy dog the end ä ß ä"


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (count_words, (TEXT,)),
        (count_in, (TEXT,)),
        (group, (TEXT,)),
        (dict_ops, (6,)),
        (missing, (4,)),
        (changed, (4,)),
        (optional, (4, 2)),
        (optional, (4, 9)),
        (sets, (20,)),
        (tuple_keys, (7,)),
    ],
)
def test_dicts_and_sets(f, args):
    same(f, *args)


# -- Text --------------------------------------------------------------------------------------


def building(n):
    s = ""
    for i in range(n):
        s += "ab"
        s = s + str(i)
    return s, len(s), s * 2


def pieces(s):
    return s[0], s[-1], s[1:3], s[::-1], s[::2], s[-4:], s[5:1:-1], len(s)


def chars(s):
    out = []
    n = 0
    for c in s:
        if c in "aeiou":
            n += 1
        out.append(ord(c))
    return n, out, "".join([chr(x) for x in out]) == s


def levenshtein(a, b):
    prev = list(range(len(b) + 1))
    for i, ca in enumerate(a):
        cur = [i + 1]
        for j, cb in enumerate(b):
            cur.append(min(prev[j + 1] + 1, cur[j] + 1, prev[j] + (ca != cb)))
        prev = cur
    return prev[-1]


def cases(s):
    return s.upper(), s.lower(), s.title(), s.capitalize(), s.swapcase(), s.casefold()


def kinds(s):
    return (
        s.isalpha(), s.isalnum(), s.isdigit(), s.isdecimal(), s.isnumeric(), s.isspace(),
        s.islower(), s.isupper(), s.istitle(), s.isprintable(), s.isascii(),
    )  # fmt: skip


def cutting(s, t):
    return (
        s.strip(), s.lstrip(), s.rstrip(), s.strip(t), s.split(), s.split(t), s.rsplit(t, 1),
        s.split(None, 1), s.rsplit(None, 1), s.splitlines(), s.splitlines(True), s.partition(t),
        s.rpartition(t), s.removeprefix(t), s.removesuffix(t),
    )  # fmt: skip


def finding(s, t):
    return (
        s.find(t), s.rfind(t), s.count(t), s.find(t, 2), s.find(t, -3, -1), s.startswith(t),
        s.endswith(t), t in s, s.replace(t, "<>"), s.replace(t, "", 1), s.startswith((t, "x")),
    )  # fmt: skip


def padding(s, n):
    return (
        s.ljust(n),
        s.rjust(n, "*"),
        s.center(n),
        s.center(n, "é"),
        s.zfill(n),
        s.expandtabs(4),
    )


def order(s, t):
    return s < t, s <= t, s == t, s != t, s > t, max(s, t), min(s, t)


TEXTS = [
    "",
    "a",
    "Hello World",
    " äÖü ß \t\n",
    "ὈΔΥΣΣΕΎΣ Σ",
    "1234",
    "٣٤",
    "ǅ ﬁ",
    "a\r\nb\x1cc",
    "😀x",
]


@pytest.mark.parametrize("s", TEXTS)
@pytest.mark.parametrize("f", [cases, kinds])
def test_text_of_one(f, s):
    same(f, s)


@pytest.mark.parametrize("s", [t for t in TEXTS if len(t) > 1])
def test_text_pieces(s):
    same(pieces, s + "abcdefg")
    same(chars, s)


@pytest.mark.parametrize("s", TEXTS)
@pytest.mark.parametrize("t", ["a", "o", " ", "ß", "ab"])
def test_text_of_two(s, t):
    same(cutting, s, t)
    same(finding, s, t)
    same(order, s, t)


def meeting(s, t):
    return (
        s == t, s != t, (t, s).index(s), (t, s, t).count(s), (s, t, "x").index("x"),
        s in (t,), {t: 1}.get(s), (s,) == (t,), 1 if s == t else 2,
    )  # fmt: skip


def place(s, t):
    return (t, t).index(s)


@pytest.mark.parametrize(
    "a, b", [("ab", "cd"), (1, 2), (1.5, 2.5), (b"ab", b"cd"), (True, False)], ids=str
)
@pytest.mark.parametrize("equal_first", [True, False])
def test_equal_arguments_are_found_by_the_run_time(a, b, equal_first):
    """What was made for two arguments is for others of their types, equal or not."""
    pairs = [(b, b), (a, b), (b, a), (a, a)]
    f, g = shoal.jit(meeting), shoal.jit(place)
    for args in pairs if equal_first else pairs[::-1][1:]:
        assert f(*args) == meeting(*args)
        if args[0] == args[1]:
            assert g(*args) == 0
        else:
            with pytest.raises(ValueError, match="not in"):
                g(*args)


@pytest.mark.parametrize("s", TEXTS)
@pytest.mark.parametrize("n", [0, 5, 12])
def test_text_padding(s, n):
    same(padding, s, n)


def test_text_building():
    same(building, 4)
    same(levenshtein, "kitten", "sitting")
    same(levenshtein, "größe", "grosse")


def out_of_range(s, i):
    return s[i]


def text_or_none(n):
    x = None if n > 2 else "a"
    y = "b"
    for _ in range(n):
        y = "c" if y is None else None
    return 1 if x is None else 2, 1 if y is None else 2


def test_text_or_none():
    for n in range(5):
        same(text_or_none, n)


def test_text_errors():
    same(out_of_range, "abc", 3)
    same(out_of_range, "äbc", -4)
    same(lambda s: s.index("q"), "abc")
    same(lambda s: s.split(""), "abc")


# -- Numbers and text --------------------------------------------------------------------------

FLOATS = [0.0, -0.0, 1.5, 1e16, 1e22, 123456789.125, 1e-5, 0.1, 5e-324, 1.7976931348623157e308,
          float("inf"), float("nan"), 2.0**-44, 1 / 3, 1e15, 9007199254740993.0]  # fmt: skip


def float_formats(x):
    return (
        f"{x}", f"{x!r}", f"{x:.2f}", f"{x:10.3e}", f"{x:g}", f"{x:.3g}", f"{x:+.1f}", f"{x:,.2f}",
        f"{x:08.1f}", f"{x:<12}|", f"{x:^12.4}|", f"{x:%}", f"{x:.0f}", f"{x:#.3g}", f"{x:_.1f}", str(x),
    )  # fmt: skip


def int_formats(n):
    return (
        f"{n}", f"{n:d}", f"{n:>8,d}", f"{n:08d}", f"{n:+}", f"{n:x}", f"{n:#X}", f"{n:#b}", f"{n:o}",
        f"{n:_}", f"{n:*^12}", f"{n:e}", f"{n:.2f}", f"{n:012,}", f"{n:=+10}", f"{n:%}", str(n), repr(n),
    )  # fmt: skip


@pytest.mark.parametrize("x", FLOATS)
def test_float_formats(x):
    same(float_formats, x)
    same(float_formats, -x)


@pytest.mark.parametrize("n", [0, 1, -1, 1234567, -98765, 2**63 - 1, -(2**63)])
def test_int_formats(n):
    same(int_formats, n)


def parse_int(s, base):
    return int(s, base)


def parse_float(s):
    return float(s)


@pytest.mark.parametrize(
    "s", ["12", " -12 ", "+1_000", "0x1F", "1__2", "", "abc", "٣٤", "0b101", "_1"]
)
@pytest.mark.parametrize("base", [10, 16, 0, 2])
def test_int_of_text(s, base):
    same(parse_int, s, base)


@pytest.mark.parametrize(
    "s", ["1.5", " -1e10 ", "inf", "-Infinity", "1_0.5", "1e", "", ".", "0x1", "٣.٥"]
)
def test_float_of_text(s):
    same(parse_float, s)


def reprs(n):
    a = [i / 2 for i in range(n)]
    d = {str(i): [i, i + 1] for i in range(n)}
    return (
        str(a),
        repr(d),
        str([(i, "ä'\n") for i in range(n)]),
        str({i for i in range(n)}),
    )


def test_reprs():
    same(reprs, 3)
    same(reprs, 0)


# -- Memory ------------------------------------------------------------------------------------


def long_loop(n):
    s = ""
    total = 0
    for i in range(n):
        s = "x" * 1000 + str(i)
        a = [i, i + 1, i + 2]
        a.append(i)
        d = {}
        for w in s.split("x"):
            d[w] = len(a)
        total += len(d) + len(s) + a[-1]
    return total


@pytest.mark.parametrize("n", [20, 2000])
def test_memory_of_a_long_loop_is_bounded(n):
    from shoal import _core

    assert shoal.jit(long_loop)(n) == long_loop(n)
    live, peak, _ = _core.heap_stats()
    assert live == 0, "everything is released"
    assert peak < 400_000


# -- Random text and formats -------------------------------------------------------------------

hypothesis = pytest.importorskip("hypothesis")
st = hypothesis.strategies

ALPHABET = st.sampled_from("abAB xyz09_-.,\tß\n éΣσ\u1e9e\u0130ﬁ😀٣ǆ\u2028")
SMALL = st.text(ALPHABET, max_size=12)
jitted = {}


def quick(f, *args):
    """The same, compiled once: nothing is specialised on values here."""
    got = outcome(jitted.setdefault(f, shoal.jit(f)), args)
    assert got == outcome(f, args)


def everything(s, t):
    return (
        s.upper(), s.lower(), s.title(), s.capitalize(), s.swapcase(), s.casefold(), s.split(),
        s.strip(), s.splitlines(), s.count(t), s.find(t), s.rfind(t), s.replace(t, "-"), s < t,
        s.startswith(t), s.endswith(t), s.isalpha(), s.isalnum(), s.isspace(), s.istitle(),
        s.islower(), s.isupper(), s.isidentifier() or True, s[::-1], s[1:-1], s[::2], repr(s),
        s.zfill(9), s.center(9), len(s), s + t, s.isprintable(), s.rsplit(None, 1),
    )  # fmt: skip


@hypothesis.given(SMALL, SMALL)
@hypothesis.settings(max_examples=150, deadline=None)
def test_random_text(s, t):
    quick(everything, s, t)


@hypothesis.given(st.floats())
@hypothesis.settings(max_examples=200, deadline=None)
def test_random_floats(x):
    quick(float_formats, x)
    quick(lambda_float_round_trip, x)


def lambda_float_round_trip(x):
    return repr(float(repr(x)))


@hypothesis.given(st.integers(-(2**63), 2**63 - 1))
@hypothesis.settings(max_examples=100, deadline=None)
def test_random_ints(n):
    quick(int_formats, n)
    quick(int_round_trip, n)


def int_round_trip(n):
    return int(str(n)), int(f"{n:_}")


def words(path, text):
    counts = {}
    rows = len(pd.read_parquet(path + ".parquet"))
    for word in text.split():
        counts[word] = counts.get(word, 0) + 1
    n = 0
    for i, c in enumerate(text):
        if c == "w":
            n += i
    return rows, counts, n, [ord(c) for c in text][-3:], text[2:9], text[-1]


@pytest.mark.parametrize("length", [0, 3, 4_000])
def test_long_texts_are_gone_through_at_run_time(tmp_path, length):
    """Also in a function that is made for the text of another argument."""
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(tmp_path / "t.parquet")
    text = " ".join(f"w{i * i % 37} ä{i % 5}" for i in range(length)) or "w"
    args = str(tmp_path / "t"), text
    assert shoal.jit(words)(*args) == words(*args)


def displays(n):
    a = []
    for i in range(n):
        a.append(i)
    b = [*a, 7, *a, *range(n)]
    b.append(3)
    return a, b, [1, *(i * i for i in range(n)), *a], [*[1, 2], 3]


def test_lists_of_what_exists_at_run_time():
    for n in (0, 1, 4):
        assert shoal.jit(displays)(n) == displays(n)


def early_list(n):  # noqa: RET503
    for i in range(n):
        if i == 2:
            return [i, 2]


def early_dict(n):  # noqa: RET503
    if n > 2:
        return {"a": n, "b": 2}


def early_or_none(n):
    for i in range(n):
        if i * i > 8:
            return {i}
    return None


def test_containers_of_an_early_return():
    """None where control comes to the end, and only there."""
    for n in (0, 2, 3, 5):
        for f in (early_list, early_dict, early_or_none):
            same(f, n)
