"""Characters of text that is not ASCII: read in order, each costs one step."""

import time

import pandas as pd
import pytest

import shoal

TEXT = "abñ𝄞€" * 40


def forward(s):
    n = 0
    for i, c in enumerate(s):
        if c == "€":
            n += i
    return n


def indexed(s):
    n = 0
    for i in range(len(s)):
        n = (n * 3 + ord(s[i])) % 65521
    return n


def backward(s):
    n = 0
    for i in range(len(s) - 1, -1, -1):
        n = (n * 3 + ord(s[i])) % 65521
    return n


def jumping(s):
    n, k = 0, 1
    for i in range(300):
        k = (k * 1103515245 + 12345) % 2147483648
        n += ord(s[k % len(s)]) * i + ord(s[-1 - k % len(s)])
    return n


def pairs(s):
    t = s[::-1]
    n = 0
    for i in range(len(s)):
        n += s[i] == t[i]
    return n, t[:3], s[1:9:3]


def words(s):
    n = 0
    for w in s.split("b"):
        for c in w:
            n += ord(c)
        for i in range(len(w)):
            n += ord(w[-i - 1]) * i
    return n


def grown(s):
    t, n = "", 0
    for c in s:
        t += c
        n += ord(t[len(t) // 2])
        for d in t[-3:]:
            n += ord(d)
    return n


@pytest.mark.parametrize(
    "func",
    [forward, indexed, backward, jumping, pairs, words, grown],
    ids=lambda f: f.__name__,
)
def test_like_python(func):
    for s in (TEXT, "x" + TEXT, TEXT[::-1], "€", "abc"):
        assert shoal.jit(func)(s) == func(s)


@pytest.mark.parametrize(
    "func", [forward, indexed, backward, pairs], ids=lambda f: f.__name__
)
def test_long_text_takes_one_walk(func):
    """Walks from the start would take minutes."""
    long = "abñ𝄞€" * 400_000
    compiled = shoal.jit(func)
    compiled(TEXT)
    begin = time.process_time()
    compiled(long)
    assert time.process_time() - begin < 10


@shoal.jit(distributed=False)
def lengths(words):
    return [len(w) for w in words]


@pytest.mark.parametrize("odd", ["", "é", "€", "𝄞", "\x7f"])
def test_lengths_of_short_text(odd):
    """Up to 16 bytes are looked at in the loop, wherever a character of more bytes is."""
    words = ["abcdefghijklmnopqrstuvwxyz"[:n] for n in range(22)]
    words = [w[:k] + odd + w[k:] for w in words for k in range(len(w) + 1)]
    assert lengths(words) == [len(w) for w in words]
    assert lengths(pd.Series(words)) == [len(w) for w in words]


@shoal.jit(distributed=False)
def length_of_row(s, i):
    return len(s.iloc[i])


def test_length_of_missing_text():
    s = pd.Series(["ab", None])
    assert length_of_row(s, 0) == 2
    with pytest.raises(TypeError, match=r"has no len\(\)"):
        length_of_row(s, 1)
