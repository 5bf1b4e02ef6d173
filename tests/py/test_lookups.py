"""A key that is looked up once, whatever happens to the dict between its uses."""

import pytest

import shoal

jit = shoal.jit(distributed=False)


@jit
def counted(words):
    counts = {}
    for word in words.split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


@jit
def not_in(words):
    counts = {}
    for word in words.split():
        if word not in counts:
            counts[word] = 0
        counts[word] += len(counts)
    return counts


@jit
def grows_between(words, n):
    d = {"": 0}
    for word in words.split():
        if word in d:
            for k in range(n):
                d[word + str(k)] = k
            d[word] += 1
        else:
            d[word] = n
    return d


@jit
def taken_between(words):
    d = {"x": 1}
    for word in words.split():
        if word in d:
            del d[word]
            d[word] = 7
            d["y"] = 8
        else:
            d[word] = 1
    return d


@jit
def under_two_names(words):
    d = {"": 0}
    e = d
    for word in words.split():
        if word in d:
            e.pop(word)
            d["other"] = 1
        d[word] = d.get(word, 5) + 1
    return d


@jit
def lists(words):
    d = {"": [0]}
    for word in words.split():
        if word in d:
            d[word] = [len(d[word])]
        else:
            d[word] = [1, 2, 3]
    return d


@jit
def pairs(n):
    d = {(0, "a"): 0.5}
    for i in range(n):
        k = (i % 3, "a")
        if k in d:
            d[k] *= 2.0
        else:
            d[k] = 1.0
    return d


@jit
def missing(word):
    d = {"a": 1}
    d[word] += 1
    d[word] += 1
    return d


WORDS = "b a b c a b x y x b "


@pytest.mark.parametrize("words", ["", "a", WORDS, WORDS * 20])
def test_as_python(words):
    for f in (counted, not_in, taken_between, under_two_names, lists):
        want, got = f.py_func(words), f(words)
        assert got == want
        assert list(got) == list(want)
    assert grows_between(words, 30) == grows_between.py_func(words, 30)


def test_keys_of_several_parts():
    assert pairs(10) == pairs.py_func(10)


def test_a_missing_key():
    assert missing("a") == {"a": 3}
    with pytest.raises(KeyError, match="b"):
        missing("b")
