"""Mistakes that users make: the first line of the message suffices, it names the line, and it is short."""

import re

import numpy as np
import pandas as pd
import pytest
from program_run import load

import shoal

DF = pd.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5], "name": ["x", "y", "z"]})
PRELUDE = """
import math
import numpy as np
import pandas as pd
import shoal

class P:
    def __init__(self, x):
        self.x = x

    def go(self, n):
        return self.x + n

class Q(P):
    pass

def add(a, b=1):
    return a + b

"""

# Python says the same. The argument is x.
SAME = [
    (1, "x + 'a'"), ("a", "x + 1"), (1, "lenn(x)"), (1, "add(x, 2, 3)"), (1, "add()"), (1, "add(x, c=3)"),
    (None, "x + 1"), (None, "x.upper()"), (None, "x[0]"), (None, "len(x)"), ([1, 2], "x.push(3)"), ([1, 2], "x['a']"),
    ({"a": 1}, "x.a"), ({"a": 1}, "x['b']"), ({"a": 1}, "x[1]"), (3, "[i for i in x]"), (3, "x[0]"), (3, "x()"),
    (3, "len(x)"), (3, "x.real.foo"), ((1, 2), "x[5]"), ([1, 2], "x[5]"), (1, "P(x).z"), (1, "P(x).go()"), (1, "P()"),
    ("a", "x < 3"), (3, "'n is ' + x"), (3, "f'{x:q}'"), ("a", "f'{x:d}'"), ("5", "int(x) + x"), ("a", "int(x)"),
    ("a", "float(x)"), ([3, 1], "sorted(x, key=1)"), ([3, 1], "sum(x, 'a')"), (3, "range('a')"), (3, "{[1]: x}"),
    (3, "[1, 2, 3].index('a')"), ([1, 2, 3], "add(*x)"), (3, "'abc'.replace('a')"), ("x", "x.join([1, 2])"),
    ("x", "x * 2.5"), ("x", "-x"), (3, "not_there.attr"), (3, "x / 0"), (3, "x // 0"), (3, "1 << -x"),
    ("a", "ord(x * 2)"), (-1, "chr(x)"), ((1, 2), "x + [3]"), ([1], "x + (3,)"), ([1], "x * 'a'"), (3, "math.sqrt(-x)"),
    (np.arange(6.0), "x[1.5]"), (np.arange(6.0), "x['k']"), (np.arange(6.0), "x[1, 2]"), (np.arange(6.0), "x[9]"),
    (np.arange(6.0), "x + np.arange(5)"), (np.arange(6.0), "1 if x > 3 else 0"), (3, "np.zeros(x).reshape(2, 2)"),
    (3, "np.dot(np.zeros((2, 3)), np.zeros((2, 3)))"), (DF, "x['aa']"), (DF, "1 if x.a > 3 else 0"),
    (DF, "x.sort_values('q')"), (DF, "x.drop(columns=['nope'])"), (DF, "x.merge(x, on='zz')"),
]  # fmt: skip

# What it begins with, and the text that the caret stands under.
OTHER = [
    ([1] * 20, "    return add(*x)\n", "*list[int64] can't be passed as arguments", "add(*x)"),
    (5, "    l = []\n    for i in range(x):\n        l.append(i)\n        l.append('a')\n    return l\n", "list[int64] can't hold str: its elements are int64", "'a'"),
    (5, "    s = P(1)\n    for i in range(x):\n        s = Q(i)\n    return s.x\n", "s is P from line 21 but Q from line 23; instead: write one class", "s"),
    (5, "    return [P(1), Q(2)][x].x\n", "the elements of a container differ: P and Q; instead: write one class", "[P(1), Q(2)][x]"),
    (5, "    with open('f') as f:\n        return f.read()\n", "with statements are not compiled", None),
    (5, "    return 10**30 + x\n", "the result of constants is an integer beyond 64 bits", "10**30"),
    (5, "    return x * 9223372036854775808\n", "integers beyond 64 bits are not compiled", "x * 9223372036854775808"),
    ("a", "    return x or 3\n", "the value of the expression is str from line 21 but int from line 21", "x or 3"),
    (5, "    return lambda y: y\n", "a function can't be a result", None),
    (DF, "    return x.aa\n", "'DataFrame' object has no attribute 'aa' (columns: 'a', 'b', 'name')", "x.aa"),
    (DF, "    return x.groupy('a')\n", "'DataFrame' object has no attribute 'groupy'", "x.groupy"),
    (np.arange(3), "    return x.summ()\n", "'numpy.ndarray' object has no attribute 'summ'; the nearest name is sum", "x.summ"),
    (3, "    try:\n        return x / 0\n    except ZeroDivision:\n        return 0\n", "name 'ZeroDivision' is not defined", "ZeroDivision"),
    (3, "    s = 0\n    for i in shoal.prange(x):\n        s += i\n        if i == 2:\n            break\n    return s\n", "a prange can't be left by break or return", "break"),
]  # fmt: skip


def failure(func, x):
    with pytest.raises(Exception) as e:
        func(x)
    return e.value


@pytest.mark.parametrize(
    "k", range(len(SAME)), ids=lambda k: f"{k}-{SAME[k][1]}".replace("::", ":")
)
def test_what_python_says_too(k):
    x, expr = SAME[k]
    func = load(f"{PRELUDE}def f(x):\n    return {expr}\n")
    want, got = (
        failure(func, x),
        failure(shoal.jit(func, distributed=False), x),
    )
    lines = str(got).split("\n")
    assert type(got) is type(want)
    first = re.sub(r"; the nearest.*|(?<=indices), not \w+$", "", lines[0])
    assert first == str(want).split("\n")[0]
    assert len(lines) <= 20
    assert "line 0" not in str(got)


@pytest.mark.parametrize("k", range(len(OTHER)))
def test_what_is_said_otherwise(k):
    x, body, begins, under = OTHER[k]
    func = load(f"{PRELUDE}def f(x):\n{body}")
    text = str(failure(shoal.jit(func, distributed=False), x))
    lines = text.split("\n")
    assert lines[0].startswith(begins)
    assert len(lines) <= 20
    assert "line 0" not in text
    code, caret = lines[2:4]
    shown = code[len(caret) - len(caret.lstrip()) : len(caret)]
    assert under is None or shown == under, text
