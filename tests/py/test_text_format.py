# ruff: noqa: F521, F522, F523, F524, F525, UP032
"""Formats, conversions and codecs of text against Python's, also on odd inputs."""

import random

import pandas as pd
import pytest

import shoal

INTS = [0, 1, -1, 65, 255, -255, 1234567, -1234567, 10**12, 2**62, -(2**63), 0x20AC]
FLOATS = [0.0, -0.0, 1.0, -1.5, 3.14159265358979, 1e300, -1e-300, 1e16, 123456789.125]
FLOATS += [
    1e-5,
    0.0001,
    99999.5,
    float("inf"),
    float("-inf"),
    float("nan"),
    2.5,
    5e-324,
]
TEXTS = ["", "a", "hello", "ñé€", "𝄞x", "a'b\n"]


def outcome(func, args):
    try:
        return func(*args)
    except Exception as e:
        return e


def agree(func, rows):
    compiled = shoal.jit(func)
    for args in rows:
        want, got = outcome(func, args), outcome(compiled, args)
        assert type(got) is type(want), (args, got, want)
        if isinstance(want, Exception):
            assert str(got).splitlines()[0] == str(want), args
        else:
            assert repr(got) == repr(want), args


def draw_spec(r, kind):
    fill = r.choice(["", "", "", "*", "0", "é", " "])
    align = (
        r.choice("<>^" if kind == "s" else "<>^=") if fill or r.random() < 0.4 else ""
    )
    width = r.choice(["", "", "1", "5", "10", "17"])
    head = fill + align if align else ""
    if kind == "s":
        return head + width + r.choice(["", ".0", ".3", ".10"]) + r.choice(["", "s"])
    sign, alt = r.choice(["", "", "+", "-", " "]), r.choice(["", "", "", "#"])
    zero, group = r.choice(["", "", "0"]), r.choice(["", "", ",", "_"])
    if kind == "i":
        letter = r.choice(["", "d", "b", "o", "x", "X", "e", "g", "%", ".2f"])
        group = "" if letter in ("b", "o", "x", "X") and group == "," else group
    else:
        letter = r.choice(["", ".0", ".1", ".3", ".15"])
        letter += r.choice(["", "e", "E", "f", "F", "g", "G", "%"])
    return head + sign + alt + zero + width + group + letter


def draw_field(r):
    kind, how = r.choice("iffs"), r.choice(["", "", "", "!r", "!s", "!a"])
    if r.random() < 0.15:
        return "{" + kind + how + r.choice([":>{w}", ":{w}", ":<{w}"]) + "}"
    return "{" + kind + how + ":" + draw_spec(r, "s" if how else kind) + "}"


@pytest.mark.parametrize("seed", range(4))
def test_random_formats(seed, tmp_path):
    r = random.Random(seed)
    rows = [tuple(map(r.choice, (INTS, FLOATS, TEXTS, [0, 3, 12]))) for _ in range(6)]
    for k in range(15):
        path = tmp_path / f"f{k}.py"
        path.write_text(f'def format(i, f, s, w):\n    return f"{draw_field(r)}"\n')
        names = {}
        exec(compile(path.read_text(), str(path), "exec"), names)
        agree(names["format"], rows)


INT_TEXTS = [
    "1",
    "  12 ",
    "\t-7\n",
    "+5",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "",
    "  ",
    "0x10",
]
INT_TEXTS += [
    "1.5",
    "1e3",
    "١٢٣",
    "１２",
    "𝟙𝟚",
    "\u00a012\u2003",
    "--1",
    "1 2",
    "-0",
    "é",
    "²",
]
FLOAT_TEXTS = [
    "1.5",
    " 2 ",
    "nan",
    "-NaN",
    "+inf",
    "Infinity",
    "infin",
    "1e400",
    "-1e400",
]
FLOAT_TEXTS += [
    "1e-400",
    "1_0.5_0",
    "1__0",
    "_1",
    ".5",
    "5.",
    ".",
    "1e",
    "0x1p3",
    "1,5",
]
FLOAT_TEXTS += ["١.٥", "𝟙.𝟝", "1_e5", "", "1.5f", "9" * 400, "123456789012345678901"]


def test_numbers_of_text():
    agree(lambda s: int(s), [(s,) for s in INT_TEXTS])
    agree(lambda s: float(s), [(s,) for s in FLOAT_TEXTS])
    agree(lambda x: (str(x), repr(x)), [(x,) for x in FLOATS])
    agree(lambda x: (str(x), repr(x), f"{x!a}"), [(x,) for x in TEXTS])


BYTES = [
    b"abc",
    b"",
    "ñ€𝄞".encode(),
    b"ab\xff",
    b"\xc3",
    b"a\xe2\x82",
    b"\xe2\x82x",
    b"\xf0",
]
BYTES += [
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xc0\xaf",
    b"x\xf0\x9d\x84",
    b"\x80\x81z",
]
BYTES += [b"\xff" + b"a" * 600]


def decoded(b):
    return (
        b.decode(errors="replace"),
        b.decode("utf-8", "ignore"),
        b.decode("ascii", "replace"),
        b.decode("ascii", errors="backslashreplace"),
        b.decode("utf-8", "backslashreplace"),
        b.decode("latin-1", "ignore"),
    )


def encoded(s):
    return (
        s.encode("ascii", "replace"),
        s.encode("ascii", errors="ignore"),
        s.encode("latin-1", "backslashreplace"),
        s.encode("ascii", "backslashreplace"),
    )


def caught(b):
    try:
        return b.decode()
    except UnicodeDecodeError as e:
        return "caught " + str(e)


def test_codecs():
    agree(decoded, [(b,) for b in BYTES])
    agree(caught, [(b,) for b in BYTES])
    for name in ("utf-8", "ascii"):
        agree(lambda b, name=name: b.decode(name), [(b,) for b in BYTES])
    texts = [*TEXTS, "aéé€b", "é", "€" * 300]
    agree(encoded, [(s,) for s in texts])
    for name in ("ascii", "latin-1"):
        agree(lambda s, name=name: s.encode(name), [(s,) for s in texts])
    with pytest.raises(UnicodeDecodeError) as e:
        shoal.jit(lambda b: b.decode())(b"ab\xffc")
    assert e.value.args == ("utf-8", b"ab\xffc", 2, 3, "invalid start byte")


TEMPLATES = [
    lambda i, f, s: "{:>8}|{:.3f}|{!r}".format(i, f, s),
    lambda i, f, s: "{0}{1}{0:+d} {{}} {s!a:>12}".format(i, f, s=s),
    lambda i, f, s: "{} {}".format(i),
    lambda i, f, s: "{0} {}".format(i, f),
    lambda i, f, s: "no fields".format(i, f),
    lambda i, f, s: "{x}".format(y=i),
    lambda i, f, s: "}".format(i),
    lambda i, f, s: "{".format(i),
]


@pytest.mark.parametrize("func", TEMPLATES, ids=range(len(TEMPLATES)))
def test_templates(func):
    agree(func, [(5, 2.5, "añ"), (-7, 1e20, "")])


def test_refused_by_name():
    x = pd.Series(["a{}"])
    with pytest.raises(shoal.UnsupportedError, match=r"template of format\(\) must be"):
        shoal.jit(lambda x: max(x).format(1))(x)
    for func in (lambda n: bytearray(n), lambda n: b"%d" % n):
        with pytest.raises(shoal.UnsupportedError, match="byte"):
            shoal.jit(func)(3)
