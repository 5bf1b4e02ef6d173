"""Ufuncs of two operands on pairs of dtypes: NumPy's values and result dtypes, TypeError
where it has no loop, or a refusal that says why. What NumPy can do is one function for
each ufunc, the rest are calls of their own, which end in the front end."""

import linecache

import numpy as np
import pytest
from comparing import same

import shoal
from shoal._errors import UnsupportedError

UFUNCS = sorted(
    x
    for x in dir(np)
    if isinstance(getattr(np, x), np.ufunc)
    and getattr(np, x).nin == 2
    and getattr(np, x).__name__ == x
    and getattr(np, x).signature is None
    and x not in ("equal", "not_equal")  # compiled as == and !=, of any types
)
DATA = {
    "k": np.array([True, False, True, False]),
    "i": np.array([6, -4, 100, -3], dtype="i2"),
    "u": np.array([2, 5, 1, 3], dtype="u2"),
    "w": np.array([6, 4, 200, 3], dtype="u8"),
    "f": np.array([1.5, -2.0, 0.25, np.nan], dtype="f4"),
    "z": np.array([1.5 + 1j, -2.0, 0.25j, 3 - 2j]),
    "t": np.array([5, "NaT", -7, 10], dtype="m8[s]"),
    "d": np.array([5, "NaT", -7, 10], dtype="M8[ns]"),
}


def function(expression: str, name: str):
    text = f"def f({', '.join(DATA)}):\n    return {expression}\n"
    file = f"<types {name} {expression[:40]}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np}
    exec(compile(text, file, "exec"), space)
    return shoal.jit(space["f"], distributed=False)


def by_numpy(ufunc, x, y):
    try:
        with np.errstate(all="ignore"):
            return ufunc(x, y)
    except (TypeError, ValueError) as e:
        return e


def is_half(result) -> bool:
    parts = result if isinstance(result, tuple) else (result,)
    return any(isinstance(r, np.ndarray) and r.dtype == np.float16 for r in parts)


@pytest.mark.parametrize("name", UFUNCS)
def test_pairs(name):
    done, calls = [], []
    for a in DATA:
        for b in DATA:
            call = f"np.{name}({a}, {b})"
            want = by_numpy(getattr(np, name), DATA[a], DATA[b])
            if is_half(want):
                with pytest.raises(UnsupportedError, match="float16"):
                    function(call, name)(**DATA)
            elif isinstance(want, ValueError):
                continue
            elif isinstance(want, TypeError):
                with pytest.raises((TypeError, UnsupportedError)):
                    function(call, name)(**DATA)
            else:
                done.append(want)
                calls.append(call)
    got = function(f"({', '.join(calls)},)", name)(**DATA)
    wrong = [c for c, g, w in zip(calls, got, done, strict=True) if not same(g, w)]
    assert not wrong


PROGRAMS = [
    "x = a.view('i8'); x[0] = 5; x[-1] += 2; return a, x",
    "x = a.view('u1'); x[9] = 5; return a, x",
    "b = np.array(a); x = b.view('f4'); x[1:3] = 2.5; return b, x",
    "x = A.view('f4'); x[:, 1] = 2.5; return A",
    "B = A.copy(); x = B.view('c16'); x[0, 1] = 2 + 1j; return B, x",
    "b = np.zeros(6); x = b.view('c16'); x[1] = 2 + 1j; return b, x",
]


@pytest.mark.parametrize("program", PROGRAMS)
def test_views_share_memory(ranks, program):
    text = f"def f(a, A):\n    {program}\n"
    file = f"<views {program}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np}
    exec(compile(text, file, "exec"), space)
    f = space["f"]
    args = [(np.arange(7.0) * 1.5, np.arange(20.0).reshape(5, 4)) for _ in range(2)]
    want, got = f(*args[0]), shoal.jit(f)(*args[1])
    assert same(got, want)
    assert same(args[1], args[0])
