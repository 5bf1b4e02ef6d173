"""Random programs give compiled what CPython gives, refuse little, and leave nothing behind.

tests/py/fuzz_language.py runs any number of them."""

import collections
import random

import hypothesis.strategies as st
import program_run
import pytest
from hypothesis import HealthCheck, given, settings
from program_gen import Program, program
from program_wide import wide_program

COUNT, ON_RANKS = 200, 8
WIDE, WIDE_ON_RANKS = 120, 4
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


@pytest.mark.parametrize("seed", range(0, WIDE, 30))
def test_wide_programs(seed):
    for k in range(seed, seed + 30):
        p = wide_program(random.Random(k).randrange)
        verdict = program_run.compare(p, distributed=False)
        kinds[verdict.kind] += 1
        assert verdict.kind != program_run.DIFFERENT, f"{p}{verdict.text}"


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
    for k in range(WIDE_ON_RANKS):
        p = wide_program(random.Random(7000 + k).randrange)
        verdict = program_run.compare(p)
        assert verdict.kind != program_run.DIFFERENT, f"{p}{verdict.text}"


# Found by such programs, made smaller.
FOUND = [
    ("def f(a):\n    b = [a][1:]\n    del b[:1]\n    return b\n", "(3,)"),
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
    (
        "def f(a, b):\n    del a[25:]\n    match a:\n        case [x, y] if b:\n            return x\n",
        "([], True)",
    ),
    (
        "def f(n):\n    if n > 5:\n        return y\n    y = 2\n    return y\n",
        "(1,)",
    ),
    (
        "def f(a, n):\n    v = [a[:2]]\n    try:\n        try:\n            v.remove([])\n        finally:\n            v += [[n]]\n    except ValueError:\n        pass\n    return v\n",
        "([1, 2], 1)",
    ),
    (
        "def f(a):\n    try:\n        a = '27'.split(' ')\n        try:\n            raise KeyError(1)\n        finally:\n            a += ['b', 'a']\n    except Exception:\n        a.append('c')\n    return a\n",
        "(['x'],)",
    ),
    (
        "def f(n):\n    a = [0]\n    d = {0: [0]}\n    try:\n        a = [1]\n        a.append(2)\n        d = {1: a}\n        b = d[1]\n        b.append(7)\n        c = 1 // n\n        a.append(3)\n    except ZeroDivisionError:\n        a.append(4)\n    return a, d\n",
        "(0,)",
    ),
    (
        "def f(n):\n    try:\n        return {'a': 1}[\"q'\\n\\\\\"]\n    except KeyError as e:\n        print(str(e))\n",
        "(0,)",
    ),
    (
        "def f(a):\n    try:\n        try:\n            a = '27'.split(' ')\n        except KeyError:\n            pass\n        else:\n            try:\n                raise KeyError(1)\n            finally:\n                a += ['b']\n    except Exception:\n        pass\n    return a\n",
        "([],)",
    ),
    (
        "def f(a):\n    try:\n        for i in range(3):\n            a = [i, 2]\n        else:\n            a.append(4)\n            raise KeyError(1)\n    except Exception:\n        pass\n    return a\n",
        "([7],)",
    ),
    (
        "def f(a, s, n):\n    a.sort()\n    s.add(n)\n    if len(a) > n: a.append(3)\n    return a < [3], a >= [3], s < {1, 2, 9}\n",
        "([1, 2], {1}, 1)",
    ),
    (
        "def f(a, n):\n    if bool((np.zeros(3) > a[n]).all()):\n        a.append(1)\n    return a\n",
        "([], 2)",
    ),
    (
        "def f(n):\n    def g():\n        pass\n    out = []\n    for i in range(4):\n        try:\n            if i == 0: print((2, 5)[g()])\n            if i == 1: print([2, 5][g()])\n            if i == 2: print('ab'[g()])\n            if i == 3: print(complex(g(), n))\n        except TypeError as e:\n            out.append(str(e))\n    return out\n",
        "(0,)",
    ),
]


@pytest.mark.parametrize("source, call", FOUND)
def test_found(source, call):
    verdict = program_run.compare(Program(source, [call]), distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text


# Loops whose body changes what they go over: short containers are known when compiling,
# long ones are objects of the run time.
CHANGED = {
    "grows": "for x in a:\n        out.append(x)\n        if x < 3: a.append(x + 1)",
    "grows_always": "for x in a:\n        a.append(x)\n        if len(a) > 300: break",
    "shrinks": "for x in a:\n        a.remove(x)\n    else:\n        out.append(7)",
    "enumerate": "for i, x in enumerate(a, n):\n        del a[-1]\n        out.append(i + x)",
    "enumerate_grows": "for i, x in enumerate(a):\n        if x < n: a.append(x + 1)\n        out.append(i)",
    "zip": "for x, y in zip(a, reversed(a)):\n        del a[-1]\n        out.append(x - y)",
    "zip_stores": "for x, y in zip(a, a):\n        a[-1] = 70\n        out.append(x + y)\n        if x < n and len(a) < 90: a.append(9)",
    "reversed": "for x in reversed(a):\n        a[0] = x\n        out.append(x)",
    "reversed_shrinks": "for x in reversed(a):\n        del a[n:]\n        out.append(x)",
    "nested": "for i, (x, y) in enumerate(zip(a, b)):\n        b.pop()\n        out.append(i + x + y)",
    "leaves": "for x in a:\n        a.insert(0, n)\n        if len(a) > 30: return a, b, d, s, out\n        if x == n: continue\n        out.append(x)",
    "dict_grows": "for k in d:\n        d[n] = 1",
    "dict_items": "for k, v in d.items():\n        out.append(v)\n        d[2] = n",
    "dict_values": "for v in d.values():\n        d[1] = v\n        out.append(v)\n        d.pop(n, 0)",
    "dict_leaves": "for k in d:\n        d[n] = 1\n        break\n    else:\n        out.append(9)",
    "dict_same": "for k in d:\n        d[k] += 1\n    else:\n        out.append(9)",
    "dict_enumerate": "for i, k in enumerate(d):\n        out.append(i * k)\n        d[k] = n",
    "set_grows": "for k in s:\n        s.add(n)\n        out.append(k)",
    "set_returns": "for k in s:\n        s.add(n)\n        return a, b, d, s, out\n    else:\n        out.append(1)",
    "caught": "try:\n        for k in d:\n            d[n] = len(d)\n    except RuntimeError as e:\n        out.append(str(e).count('size'))",
}


@pytest.mark.parametrize("times", [1, 12])
@pytest.mark.parametrize("n", [1, 3, 99])
@pytest.mark.parametrize("name", CHANGED)
def test_loops_that_change_what_they_go_over(name, n, times):
    source = f"def f(a, b, d, s, n):\n    out = []\n    {CHANGED[name]}\n    return a, b, d, s, out\n"
    a = [1, 2, 3, 4, 5] * times
    d = {i: i * 2 for i in range(1, 3 * times + 1)}
    call = f"({a}, {a[:-1]}, {d}, {set(d)}, {n})"
    verdict = program_run.compare(Program(source, [call]), distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text


def test_a_known_list_in_a_loop_that_changes_it():
    source = (
        "def f(n):\n    a = [1, 2]\n    d = {'a': 1}\n    s = 0\n    for x in a:\n        s += x\n"
        "        if x < 4: a.append(x + 1)\n    for k in d:\n        if n > 2: d['b'] = n\n    return a, s, d\n"
    )
    verdict = program_run.compare(Program(source, ["(1,)", "(3,)"]), distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text


# Both arguments have no place in the source, but types of their own.
def test_empty_lists_as_arguments():
    source = """def f(a, b):
    del a[25:]
    try:
        try:
            if len([q for q in a]) == 0:
                a.append(-1)
        except ArithmeticError:
            pass
        b = b + b
    finally:
        pass
    return a, b
"""
    p = Program(source, ["([], [2.0])", "([], [])"])
    verdict = program_run.compare(p, distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text
