"""Numbers as Python and NumPy have them: scalars of all dtypes under all operators, ranges
and slices as values, methods of numbers, against CPython and NumPy."""

import itertools
import math
import random
import warnings

import numpy as np
import pytest

import shoal

DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
]
PYTHON = {
    "pyint": [0, 1, -1, 2, 3, 7, 100, -5, 127],
    "pyfloat": [0.0, 1.5, -2.0, 0.1, 1e10, -0.5],
    "pybool": [True, False],
    "pycomplex": [1j, 2 - 1j, 0j],
}


def compare(a, b):
    return a == b, a != b, a < b, a <= b, a > b, a >= b


def equality(a, b):
    return a == b, a != b


OPERATORS = [
    lambda a, b: (a + b, a * b),
    lambda a, b: a - b,
    lambda a, b: a / b,
    lambda a, b: a // b,
    lambda a, b: a % b,
    lambda a, b: a**b,
    compare,
    equality,
    lambda a, b: (a & b, a | b, a ^ b),
    lambda a, b: (a << b, a >> b),
    lambda a, b: (-a, abs(a), +a),
    lambda a, b: ~a,
    lambda a, b: divmod(a, b),
]


def draw(rng, name):
    if name in PYTHON:
        return rng.choice(PYTHON[name])
    t = np.dtype(name)
    if t.kind == "b":
        return np.bool_(rng.randint(0, 1))
    if t.kind in "iu":
        i = np.iinfo(t)
        some = [0, 1, 2, 3, 5, 7, i.max, i.min, rng.randint(int(i.min), int(i.max))]
        return t.type(rng.choice(some))
    if t.kind == "f":
        return t.type(rng.choice([0, 1, -1.5, 2.25, 0.1, 1e30, math.inf, math.nan, -3]))
    return t.type(rng.choice([0, 1 + 2j, -1j, 2.5]))


def outcome(func, *args):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return func(*args)
    except Exception as e:
        return e


def same(got, want):
    if isinstance(want, TypeError):
        return isinstance(got, TypeError | shoal.UnsupportedError)
    if isinstance(want, Exception):
        return type(got) is type(want) and str(got).splitlines()[:1] == [str(want)][:1]
    if isinstance(want, tuple | list):
        return (
            type(got) is type(want)
            and len(got) == len(want)
            and all(map(same, got, want))
        )
    if isinstance(want, np.ndarray):
        return np.array_equal(got, want)
    if type(got) is not type(want):
        return False
    if want != want:
        return got != got
    if isinstance(want, complex | np.complexfloating | np.float32):
        single = type(want) in (np.complex64, np.float32)
        return np.allclose(got, want, rtol=1e-5 if single else 1e-12, equal_nan=True)
    if isinstance(want, float):
        return got == want or abs(got - want) <= abs(want) * 1e-15
    return got == want


def is_out_of_reach(func, x, y, want):
    """What docs/language.md says is different."""
    if isinstance(want, OverflowError) and want.args[0] == 34:
        return True
    whole = [v for v in (want if type(want) is tuple else (want,)) if type(v) is int]
    if any(not -(2**63) <= v < 2**63 for v in whole):
        return True
    negative = np.real(x) < 0 and type(x) in (int, float) and type(y) is float
    return func is OPERATORS[5] and negative and isinstance(want, complex)


PAIRS = list(itertools.product(DTYPES + list(PYTHON), repeat=2))


@pytest.mark.parametrize("part", range(8))
def test_all_pairs_of_types(part):
    rng = random.Random(part)
    jits = [shoal.jit(f) for f in OPERATORS]
    wrong = []
    for a, b in PAIRS[part::8]:
        for func, jit in zip(OPERATORS, jits, strict=True):
            x, y = draw(rng, a), draw(rng, b)
            want, got = outcome(func, x, y), outcome(jit, x, y)
            if not is_out_of_reach(func, x, y, want) and not same(got, want):
                at = OPERATORS.index(func)
                wrong.append(f"{at}: {x!r}, {y!r}: {got!r} instead of {want!r}"[:300])
    assert not wrong, "\n".join(wrong)


def made(n, x):
    return (
        np.int8(n),
        np.uint16(n),
        np.float32(x),
        np.float64(n),
        np.int64(x),
        np.bool_(n),
        np.complex64(x),
        np.complex128(x, n),
        np.int8(np.int64(n) + 256),
        np.int8() + 1,
        np.int8(n) + np.int8(100),
        np.float32(x) * 2,
        np.uint8(n) - 5,
        repr(np.int8(n)),
        repr(np.float32(x)),
        repr(np.bool_(n)),
        str(np.float32(0.1)),
        f"{np.float32(0.1)} {np.float32(0.1):.3f} {np.int8(n)}",
        np.float32(x).dtype == np.float32,
        np.int8(n).item(),
        np.float32(x).astype(np.int16),
        np.int16(n).bit_count(),
        np.float32(x).is_integer(),
    )


def floats(x):
    return [str(np.float32(x * k)) for k in (1.0, 1e5, 1e6, 1e-4, 1e20)]


G = np.float32(0.5)


def test_made():
    f = shoal.jit(made)
    for args in ((3, 2.5), (100, -1.25), (0, 0.0)):
        assert same(f(*args), made(*args)), args
    assert shoal.jit(floats)(1.2345678) == floats(1.2345678)
    assert type(shoal.jit(lambda x: G * x)(3)) is np.float32


ERRORS = [
    (lambda n: np.int8(n), 300),
    (lambda n: np.uint8(n), -1),
    (lambda x: np.uint8(x), 300.5),
    (lambda x: np.int8(x), math.nan),
    (lambda x: np.int32(x), math.inf),
    (lambda s: np.int8(s), "x"),
    (lambda n: np.int8(100) + n, 200),
    (lambda n: n * np.uint16(2), -3),
]


@pytest.mark.parametrize(("func", "value"), ERRORS, ids=range(len(ERRORS)))
def test_what_does_not_fit(func, value):
    want, got = outcome(func, value), outcome(shoal.jit(func), value)
    assert same(got, want), (got, want)


# -- Ranges and slices -----------------------------------------------------------------


def slices(x, a, b):
    s, t = slice(a, b, 2), slice(3)
    same_one = s == slice(a, b, 2)
    return x[s], x[t], s.start, s.stop, s.step, t.start, same_one, s.indices(7)


def back(x, a):
    s = slice(a, None, -1)
    return x[s], s.indices(len(x)), "hello"[s], [1, 2, 3, 4][slice(1, a)]


def ranges(n, i):
    r = range(n)
    parts = (r.start, r.stop, r.step, min(r), max(r))
    return len(r), r[i], i in r, r[-1], sum(r), list(r), parts


def steps(a, b, c, i):
    r = range(a, b, c)
    return len(r), i in r, list(r[1:3]), list(r[::-1]), r.count(a), bool(r), r[1:] == r


def walked(n):
    r = range(n)
    t = 0
    for i in r[2:]:
        t += i
    for i in r[::2]:
        t += 100 * i
    return t, r == range(n), r != range(1, n)


VALUES = [
    (slices, (np.arange(10), 1, 8)),
    (slices, (np.arange(10), -8, -1)),
    (back, (np.arange(6), 4)),
    (ranges, (10, 3)),
    (ranges, (5, -4)),
    (ranges, (3, 3)),
    (steps, (0, 10, 3, 6)),
    (steps, (10, 0, -3, 4)),
    (steps, (5, 5, 1, 0)),
    (walked, (6,)),
    (lambda n, x: range(n).index(x), (5, 3)),
    (lambda n, x: range(n).index(x), (5, 7)),
    (lambda n: slice(1, n).indices(5), (9,)),
]


@pytest.mark.parametrize("case", VALUES, ids=range(len(VALUES)))
def test_ranges_and_slices(case):
    want, got = outcome(case[0], *case[1]), outcome(shoal.jit(case[0]), *case[1])
    assert same(got, want), (got, want)


# -- Functions and methods of numbers ---------------------------------------------------


def methods(x):
    return x.is_integer(), x.hex(), x.as_integer_ratio()


FUNCTIONS = [
    (lambda a, b: (divmod(a, b), pow(a, b)), [(7, 2), (-7, 2), (7.5, 2.0)]),
    (lambda a, b: divmod(a, b), [(7, 0), (-7, -2), (7.5, -2.0), (1.0, 0.0)]),
    (
        lambda a, b, m: pow(a, b, m),
        [
            (3, 200, 13),
            (2, -1, 7),
            (-3, 5, 7),
            (3, 5, -7),
            (2, 10, 0),
            (5, 0, 1),
            (10**17, 10**17, 10**18 + 9),
            (2, -1, 4),
        ],
    ),
    (
        lambda x, n: round(x, n),
        [
            (2.675, 2),
            (2.5, 0),
            (1234.5678, -2),
            (0.1 + 0.2, 15),
            (1e300, 5),
            (-2.345, 2),
            (5.015, 2),
            (15.0, -1),
            (25.0, -1),
            (5.0, -1),
            (5.1, -1),
            (-0.0, 3),
            (1.7e308, -308),
            (math.nan, 2),
        ],
    ),
    (
        lambda n, k: round(n, k),
        [(1234, -2), (1250, -2), (1350, -2), (-1250, -2), (5, -1), (15, -1), (7, 3)],
    ),
    (lambda x: round(x), [(2.5,), (3.5,), (-0.5,), (1e10,), (7,), (True,)]),
    (lambda x: round(x, 2), [(2.675,), (1.005,), (3.14159,)]),
    (lambda n: (n.bit_length(), n.bit_count()), [(0,), (255,), (-256,), (True,)]),
    (methods, [(0.75,), (-2.0,), (0.0,), (1e-3,), (-0.0,), (1e18,), (3.0,)]),
    (lambda x: x.as_integer_ratio(), [(math.nan,), (math.inf,), (6,)]),
    (lambda x: (x.is_integer(), x.hex()), [(math.nan,), (-math.inf,), (5e-324,)]),
    (lambda s: int(s), [("12",), (" -7 ",), ("1_000",), ("",), ("1.5",), ("1__0",)]),
    (lambda s, b: int(s, b), [("ff", 16), ("0b101", 0), ("12", 2), ("z", 37)]),
    (lambda s: float(s), [(" inf",), ("1_0.5",), ("",), ("0x1p3",), ("1e400",)]),
    (lambda x: int(x), [(1.9,), (-1.9,), (math.nan,), (math.inf,)]),
    (lambda b: (+b, -b, ~b, abs(b)), [(True,), (False,)]),
    (lambda x, y: x**y, [(0.0, -1.0), (2.0, -1.0), (0, -2.5), (-8.0, 3.0)]),
]


@pytest.mark.parametrize("case", FUNCTIONS, ids=range(len(FUNCTIONS)))
def test_functions(case):
    func, jit = case[0], shoal.jit(case[0])
    for args in case[1]:
        want, got = outcome(func, *args), outcome(jit, *args)
        assert same(got, want), (args, got, want)


def test_a_power_that_is_complex_raises():
    with pytest.raises(ValueError, match="complex"):
        shoal.jit(lambda x, y: x**y)(-8.0, 0.5)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sqrt(2) * x,
        lambda x: (np.sqrt(2.0) + 1) * x,
        lambda x, k=2.0: x * np.sqrt(k),
        lambda x: np.abs(-3) * x,
        lambda x: np.maximum(1.5, 2) + x,
        lambda x: np.mod(7, 3) * x,
        lambda x: np.add(1, 2) * x,
        lambda x: abs(-3) * x,
        lambda x: np.pi * x,
        lambda x: np.sqrt(2),
        lambda x: np.isnan(2.0),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "int8", "float64"])
def test_numpys_functions_of_pythons_numbers_give_numpys(f, dtype):
    x = np.arange(3, dtype=dtype)
    want, got = f(x), shoal.jit(f)(x)
    assert type(want) is type(got) and want.dtype == got.dtype
    np.testing.assert_allclose(got, want)
