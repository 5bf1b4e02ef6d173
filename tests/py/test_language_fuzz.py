"""Random programs give compiled what CPython gives, refuse little, and leave nothing behind.

tests/py/fuzz_language.py runs any number of them."""

import collections
import random

import hypothesis.strategies as st
import program_run
import pytest
from hypothesis import HealthCheck, given, settings
from program_gen import Program, program

COUNT, ON_RANKS = 200, 8
kinds = collections.Counter()


@pytest.fixture(autouse=True)
def no_cache(monkeypatch):
    """Each of these programs is compiled once."""
    monkeypatch.setenv("SHOAL_CACHE", "0")


@st.composite
def programs(draw, size=8):
    return program(lambda n: draw(st.integers(0, n - 1)), size)


# Always the same programs: what a change of the compiler breaks is not what chance finds.
@given(programs())
@settings(
    max_examples=20,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_small_programs(p):
    verdict = program_run.compare(p, distributed=False)
    assert verdict.kind != program_run.DIFFERENT, verdict.text


@pytest.mark.parametrize("seed", range(0, COUNT, 50))
def test_programs(seed):
    for k in range(seed, seed + 50):
        p = program(random.Random(k).randrange)
        verdict = program_run.compare(p, distributed=False)
        kinds[verdict.kind] += 1
        assert verdict.kind != program_run.DIFFERENT, f"{p}{verdict.text}"
        if k % 4 == 0:
            assert not program_run.leaked(p), p


def test_few_are_refused():
    refused = kinds[program_run.REFUSED] / max(sum(kinds.values()), 1)
    print(f"refused: {refused:.1%} of {sum(kinds.values())}")
    assert refused < 0.02


def test_on_ranks(monkeypatch):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    for k in range(ON_RANKS):
        p = program(random.Random(5000 + k).randrange)
        verdict = program_run.compare(p)
        assert verdict.kind != program_run.DIFFERENT, f"{p}{verdict.text}"


# Found by such programs, made smaller.
FOUND = [
    ("def f(n):\n    d = dict([])\n    return d.pop(str(n), 3), d\n", "(3,)"),
    ("def f(a):\n    return {3, 1} <= {a, 1, 3}, {1} == {1}, {1} | {2}\n", "(4,)"),
    ("def f(a):\n    return ('b', a) < max([('a', 1)]), [1, a] >= [1, 3]\n", "(2,)"),
    (
        "def f(a):\n    return 'x,yé日'[:2], 'abc'[::-2], '日本'[1:], ('a' + 'b')[:20]\n",
        "(2,)",
    ),
    (
        "def f(a):\n    a[1:] = [7, 8][:a[0]]\n    del a[5:]\n    return a\n",
        "([1, 2, 3],)",
    ),
    (
        "def f(a):\n    a.clear()\n    a += [1, 2]\n    b = a\n    b += [3]\n    return a\n",
        "([5],)",
    ),
    (
        "def f(a):\n    try:\n        pass\n    except ValueError:\n        a.pop(2)\n    return a\n",
        "([],)",
    ),
    ("def f(a):\n    a.clear()\n    del a['1']\n", "({'1': 2},)"),
    ("def f(a):\n    return 1.5 / a\n", "(0.0,)"),
    ("def f(a):\n    return 1 / a, a % 0.0\n", "(0,)"),
    ("def f(a):\n    v = np.arange(4)[a]\n    return 1\n", "(9,)"),
    (
        "def f(a):\n    for i in 'ab':\n        a.setdefault(i * 2, 3)\n        a = {**a, 'z': 7}\n    return a\n",
        "({'a': 1},)",
    ),
    (
        "def f(a, n):\n    for i in range(n):\n        try:\n            a = {'b': 2, 'a': 3}\n        except ValueError:\n            pass\n    return a\n",
        "({'a': 1, 'b': 2}, 3)",
    ),
    (
        "def f(a, n):\n    a[a > len([[1]][-2])] = [3, 1].index(n)\n",
        "(np.array([1]), 0)",
    ),
    (
        "def f(a):\n    try:\n        for i in range(a):\n            b = ['x']\n            b.pop(i)\n    except IndexError as e:\n        print(e)\n",
        "(3,)",
    ),
    (
        "def f(a):\n    return np.array([i * 0.5 for i in range(a)]), np.array([[i, 2] for i in range(a)])\n",
        "(3,)",
    ),
    (
        "def f(a, n):\n    try:\n        for i in range(n):\n            a += a[:2]\n            a.remove('zz')\n    except Exception as e:\n        print(e)\n    return a\n",
        "(['b', 'ab'], 3)",
    ),
    (
        "def f(n):\n    d = {}\n    try:\n        x = d[n]\n    except KeyError:\n        x = 0\n    d[n] = 5\n    return d, x\n",
        "(3,)",
    ),
    (
        "def f(n):\n    for i in range(n):\n        if i == 2:\n            return [i]\n    return [9, 9]\n",
        "(4,)",
    ),
    (
        "def f(n):\n    if n > 2:\n        l = [n]\n    if n > 1:\n        l.append(3)\n    return l\n",
        "(2,)",
    ),
    (
        "def f(n):\n    try:\n        return {'bc': 1}[str(n)]\n    except LookupError as e:\n        print(str(e), e.args[0])\n",
        "(3,)",
    ),
    (
        "def f(n):\n    print([n, n + 1], {'k': n, 'l': 2.5}, (n, 'x', None), {n}, (n,), set())\n",
        "(3,)",
    ),
    (
        "def f(a):\n    return sorted(a, key=lambda q: (a.get(q, 0), q))\n",
        "({'b': 3, 'a': 3, 'c': 1},)",
    ),
    (
        "def f(a):\n    return a.tolist(), len([i for i in a.tolist()])\n",
        "(np.array([1, 5]),)",
    ),
]


@pytest.mark.parametrize("source, call", FOUND)
def test_found(source, call):
    verdict = program_run.compare(Program(source, [call]), distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text
