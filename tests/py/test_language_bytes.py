"""bytes: compiled functions behave as the same functions in Python."""

import pytest
from language import check
from programs import check_program

import shoal

SAMPLES = [
    b"",
    b"a",
    b"hello world",
    b"\x00\xff\x80 \t\n\x1c x",
    b"a,b,,c",
    bytes(range(256)),
    b"'\"\\",
    "héß日😀".encode(),
]


@shoal.jit
def elements(b):
    total = 0
    for i, x in enumerate(b):
        total += x * (i + 1)
    return total, len(b), list(b), [x + 1 for x in b], sorted(b)[:3], sum(b)


@shoal.jit
def indexing(b, i):
    return b[i], b[i - 1], b[-1]


@shoal.jit
def slices(b, i, j):
    return b[i:j], b[:j], b[i:], b[::-1], b[i:j:2], b[::2], b[5:1:-2]


@shoal.jit
def operators(a, b):
    c = a
    c += b
    return (
        *(a + b, b"<" + a + b">", a * 3, 2 * b, c),
        *(a == b, a != b, a < b, a <= b, a > b, a >= b),
        *(a in b, b"l" in b, 108 in b, a not in b, b"" in a),
        *(not a, bool(b), a == "x", a != 3),
    )


@shoal.jit
def searching(b, x):
    return (
        *(b.find(x), b.rfind(x), b.find(x, 2), b.find(x, 1, -1), b.count(x)),
        *(b.startswith(x), b.endswith(x), b.startswith((x, b"h")), b.find(108)),
        *(b.partition(b","), b.rpartition(b","), b.removeprefix(x)),
        b.removesuffix(x),
    )


@shoal.jit
def cutting(b):
    return (
        *(b.split(), b.split(b","), b.split(b",", 1), b.split(None, 1), b.rsplit()),
        *(b.rsplit(None, 1), b.rsplit(b",", 1), b.strip(), b.lstrip(), b.rstrip(b"dc")),
        *(b.replace(b"l", b"LL"), b.replace(b"", b"-"), b.replace(b"l", b"", 1)),
        b"-".join(b.split(b",")),
    )


@shoal.jit
def kinds(b):
    return (
        *(b.upper(), b.lower(), b.swapcase(), b.capitalize(), b.hex(), b.isascii()),
        *(b.isalpha(), b.isdigit(), b.isalnum(), b.isspace(), b.islower(), b.isupper()),
        *(repr(b), str(b), f"{b} {b!r}"),
    )


@shoal.jit
def text(s):
    b = s.encode()
    return b, b.decode(), b.decode("utf-8") + "!", len(b), s.encode("utf-8").hex()


@shoal.jit
def decoded(b, how):
    if how == 0:
        return b.decode()
    if how == 1:
        return b.decode("ascii")
    return b.decode("latin-1")


@shoal.jit
def encoded(s):
    return s.encode("latin-1")


@shoal.jit
def made(n):
    a = bytes(n)
    b = bytes([i * 3 for i in range(n)])
    return a, b, bytes(b), bytes.fromhex("00ff 1A"), bytes(range(n)), ord(b"x")


@shoal.jit
def kept(words):
    d = {}
    for w in words:
        d[w] = d.get(w, 0) + 1
    s = {w[:1] for w in words}
    best = max(words)
    return d, sorted(s), best, list(d.items()), (best, 1), [words, words[:1]], d[b"a"]


@shoal.jit
def joined(c, b):
    x = b"yes" if c else b
    y = None
    if c:
        y = b + b"!"
    return x, y, y is None, isinstance(x, bytes), isinstance(x, str)


@shoal.jit
def missing(b):
    m = 0
    match b:
        case b"x":
            m = 1
        case _:
            m = 2
    return (b or None), (None if b else b), (b[1:] if b else None), m


@shoal.jit
def shown(b):
    print(b, [b], {"k": b}, (b, 1))
    return 0


@shoal.jit
def checksum(b):
    s = 0
    for i in range(len(b)):
        s = (s * 31 + b[i]) & 0xFFFFFFFF
    return s


def test_elements_and_slices():
    check(elements, *((b,) for b in SAMPLES))
    check(indexing, *((b, i) for b in SAMPLES for i in (0, 3, -2, 300)))
    check(slices, *((b, i, j) for b in SAMPLES for i, j in ((0, 3), (-4, 100), (5, 2))))
    check(checksum, *((b,) for b in SAMPLES))


def test_operators_and_methods():
    check(operators, *((a, b) for a in SAMPLES[:5] for b in SAMPLES))
    check(searching, *((b, x) for b in SAMPLES for x in (b"l", b"", b"c", b"\xff\x80")))
    check(cutting, *((b,) for b in SAMPLES))
    check(kinds, *((b,) for b in SAMPLES))


def test_text_and_bytes():
    check(text, "", "abc", "héß日😀")
    for b in SAMPLES:
        for how in (0, 1, 2):
            try:
                want = decoded.py_func(b, how)
            except UnicodeDecodeError:
                with pytest.raises(ValueError, match="codec can't decode byte"):
                    decoded(b, how)
                continue
            assert decoded(b, how) == want
    check(encoded, "aé\xff")
    with pytest.raises(ValueError, match="codec can't encode"):
        encoded("日")
    check(made, 0, 5, 86)


def test_in_containers(capsys):
    check(kept, ([b"a", b"b", b"a"],), ([b"a"] + [bytes([i]) for i in range(20)],))
    check(joined, (True, b"x"), (False, b"\xff"))
    check(missing, b"", b"x", b"yz")
    check(shown, b"a\xff", b"")
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["b'a\\xff' [b'a\\xff'] {'k': b'a\\xff'} (b'a\\xff', 1)"] * 2


def test_mixing_with_text_is_a_type_error():
    @shoal.jit
    def f(b, k):
        try:
            if k == 0:
                return b + "x"
            if k == 1:
                return str(b < "x")
            return str(b.find("x"))
        except TypeError as e:
            return str(e)

    assert f(b"x", 0) == "can't concat str to bytes"
    assert f(b"x", 1) == "'<' not supported between instances of 'bytes' and 'str'"
    assert f(b"x", 2).startswith("a bytes-like object is required, not 'str'")


PROGRAM = """
import numpy as np
import shoal

@shoal.jit
def f(n, b):
    a = np.zeros(n)
    for i in shoal.prange(n):
        a[i] = b[i % len(b)]
    return a.sum(), b + b"!", {b: len(b)}

want = f.py_func(100, b"abc\\xff")
assert f(100, b"abc\\xff") == want
print("passed")
"""


@pytest.mark.parametrize("ranks", [1, 2])
def test_on_ranks(ranks, tmp_path):
    check_program(PROGRAM, ranks, "pool", tmp_path)
