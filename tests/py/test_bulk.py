"""Copies and zeros that are one call in place of a loop (codegen/cg_nd.c), and what looks like
them."""

import numpy as np
import pytest

import shoal

ROWS = np.arange(24.0).reshape(4, 6)
ARRAYS = {
    "one": np.arange(7.0),
    "none": np.arange(0.0),
    "rows": ROWS,
    "columns": ROWS.T,
    "second": np.arange(9)[::2],
    "backwards": np.arange(9)[::-1],
    "part": ROWS[1:3, 2:5],
    "bool": np.arange(5) > 2,
    "complex": np.arange(5) * 1j,
    "small": np.arange(5, dtype="int8"),
    "times": np.arange(5).astype("M8[s]"),
    "large": np.arange(3_000_000.0),
}


def copied(a):
    return a.copy()


def begun(a):
    return a[:3].copy()


def cleared(a):
    a[...] = 0
    return a + 0


def first_rows_cleared(a):
    a[:2] = 0.0
    return a.copy()


def spread(a):
    out = np.empty((3, 4))
    out[...] = a
    return out


def negative_zeros(a):
    a[...] = -0.0
    return a.copy()


def in_a_loop(a, n):
    out = a.copy()
    for _ in range(n):
        out[...] = 0.0
        b = a.copy()
        b[0] += 1
        out += b
    return out


def check(func, a, *more):
    mine, numpys = a.copy(order="K"), a.copy(order="K")
    got = shoal.jit(distributed=False)(func)(mine, *more)
    want = func(numpys, *more)
    assert got.dtype == want.dtype
    np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(mine, numpys)
    if want.dtype.kind == "f":
        np.testing.assert_array_equal(np.signbit(got), np.signbit(want))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("func", [copied, begun], ids=lambda f: f.__name__)
def test_copies(func, name):
    a = ARRAYS[name]
    np.testing.assert_array_equal(shoal.jit(distributed=False)(func)(a), func(a))


@pytest.mark.parametrize("name", [n for n in ARRAYS if n != "times"])
@pytest.mark.parametrize(
    "func", [cleared, first_rows_cleared], ids=lambda f: f.__name__
)
def test_zeros(func, name):
    check(func, ARRAYS[name])


def test_what_is_no_copy():
    check(negative_zeros, np.arange(5.0))
    check(spread, np.arange(4.0))
    check(spread, np.arange(1.0))
    check(in_a_loop, np.arange(5.0), 3)


def test_text_that_is_held():
    """Containers hold pieces of an argument's text without copies; results outlive it."""

    def pieces(text):
        seen = {}
        for word in text.split():
            seen[word] = seen.get(word, 0) + 1
        return seen, text, text[1:3], [text], text.split()[0]

    f = shoal.jit(distributed=False)(pieces)
    for text in [
        "ab  cd\tab \u2003é x\x1fyy 123456789012345678",
        "a" * 20 + " b",
        "q w\x01e \x85 r",
    ]:
        got = f("".join(list(text)))  # nobody else has it
        assert got == pieces(text)


@pytest.mark.parametrize("n", range(20))
def test_words_of_every_length(n):
    """Equal texts and those that differ in one place, of each length."""

    def counts(words):
        seen = {}
        for w in words:
            seen[w] = seen.get(w, 0) + 1
        return seen

    base = "abcdefghijklmnopqrstuvwxyz"[:n]
    words = [base] + [base[:k] + "X" + base[k + 1 :] for k in range(n)] + [base + "!"]
    f = shoal.jit(distributed=False)(counts)
    assert f(words * 3) == counts(words * 3)
