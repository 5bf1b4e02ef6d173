"""The module math in compiled functions: values, types and errors of CPython."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shoal

SPECIAL = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.5, 3.0, 1e-300, 700.0, 1e300, -1e300]
SPECIAL += [math.inf, -math.inf, math.nan, 171.5, 0.9999999]


def outcome(func, *args):
    try:
        return func(*args)
    except (ValueError, OverflowError, ZeroDivisionError) as err:
        return type(err), str(err).splitlines()[0]


def same(a, b):
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float) and isinstance(b, float):
        if math.isnan(a) or math.isnan(b):
            return math.isnan(a) and math.isnan(b)
        if a == b:
            return math.copysign(1, a) == math.copysign(1, b)
        return math.isclose(a, b, rel_tol=1e-13, abs_tol=1e-14)
    return type(a) is type(b) and a == b


CASES = {}


def case(func):
    CASES[func.__name__] = (func, shoal.jit(func))
    return func


@case
def group1(x, which):
    if which == 0:
        return math.acos(x)
    if which == 1:
        return math.asin(x)
    if which == 2:
        return math.atan(x)
    if which == 3:
        return math.cos(x)
    if which == 4:
        return math.sin(x)
    if which == 5:
        return math.tan(x)
    if which == 6:
        return math.cosh(x)
    if which == 7:
        return math.sinh(x)
    if which == 8:
        return math.tanh(x)
    if which == 9:
        return math.acosh(x)
    if which == 10:
        return math.asinh(x)
    if which == 11:
        return math.atanh(x)
    if which == 12:
        return math.exp(x)
    if which == 13:
        return math.exp2(x)
    if which == 14:
        return math.expm1(x)
    if which == 15:
        return math.log1p(x)
    if which == 16:
        return math.cbrt(x)
    if which == 17:
        return math.erf(x)
    if which == 18:
        return math.erfc(x)
    if which == 19:
        return math.gamma(x)
    if which == 20:
        return math.lgamma(x)
    if which == 21:
        return math.ulp(x)
    if which == 22:
        return math.fabs(x)
    if which == 23:
        return math.sqrt(x)
    if which == 24:
        return math.log(x)
    if which == 25:
        return math.log2(x)
    if which == 26:
        return math.log10(x)
    if which == 27:
        return math.degrees(x)
    return math.radians(x)


@case
def pairs(x, y, which):
    if which == 0:
        return math.atan2(x, y)
    if which == 1:
        return math.copysign(x, y)
    if which == 2:
        return math.nextafter(x, y)
    if which == 3:
        return math.fmod(x, y)
    if which == 4:
        return math.remainder(x, y)
    if which == 5:
        return math.pow(x, y)
    if which == 6:
        return math.log(x, y)
    return math.hypot(x, y)


@case
def parts(x):
    return math.modf(x), math.frexp(x), math.isnan(x), math.isinf(x), math.isfinite(x)


@case
def rounded(x):
    return math.floor(x), math.ceil(x), math.trunc(x)


@case
def whole(a, b):
    return math.gcd(a, b), math.lcm(a, b), math.gcd(a, b, 12), math.gcd(), math.lcm(a)


@case
def chosen(a, b):
    return math.comb(a, b), math.perm(a, b), math.isqrt(a)


@case
def factorials(a):
    return math.factorial(a), math.perm(a)


@case
def near(x, y):
    return (
        math.isclose(x, y),
        math.isclose(x, y, rel_tol=0.1),
        math.isclose(x, y, abs_tol=2.0),
    )


@case
def more(x, k):
    return (
        math.ldexp(x, k),
        math.dist((x, 1.0), (0.0, x)),
        math.hypot(x, x, 1.0),
        math.prod((x, k, 2)),
    )


@case
def constants():
    return math.pi, math.e, math.tau, math.inf, math.nan


def check(name, *args):
    plain, ours = CASES[name]
    want, got = outcome(plain, *args), outcome(ours, *args)
    if not same(want, got):
        # Whole numbers end at 64 bits.
        big = isinstance(got, tuple) and got[0] is OverflowError
        assert big and "int64" in got[1], (name, args, want, got)


@pytest.mark.parametrize("which", range(29))
def test_one_float(which):
    for x in SPECIAL:
        check("group1", x, which)


@pytest.mark.parametrize("which", range(8))
def test_two_floats(which):
    for x in SPECIAL:
        for y in SPECIAL:
            check("pairs", x, y, which)


@settings(max_examples=60, deadline=None)
@given(st.floats(), st.floats(), st.integers(0, 28))
def test_any_float(x, y, which):
    check("group1", x, which)
    check("pairs", x, y, which % 8)
    check("parts", x)
    check("near", x, y)


@pytest.mark.parametrize("x", [0.0, -0.5, 2.5, -7.99, 1e18, math.nan, 4.0])
def test_to_whole(x):
    check("rounded", x)


@settings(max_examples=60, deadline=None)
@given(st.integers(-(2**40), 2**40), st.integers(-50, 2**20))
def test_whole_numbers(a, b):
    check("whole", a, b)


@settings(max_examples=60, deadline=None)
@given(st.integers(-3, 70), st.integers(-3, 40))
def test_choices(a, b):
    check("chosen", a, b)
    check("factorials", a)


@pytest.mark.parametrize("x", [0.0, 1.5, -3.0, 1e200])
@pytest.mark.parametrize("k", [0, 3, -2000, 1000])
def test_more(x, k):
    check("more", x, k)


def test_constants():
    check("constants")


def test_wrong_arguments():
    with pytest.raises(TypeError):
        shoal.jit(lambda: math.gcd(2.5, 1))()
    with pytest.raises(TypeError):
        shoal.jit(lambda x: math.sqrt("a"))(1)
    with pytest.raises(TypeError):
        shoal.jit(lambda x: math.atan2(x))(1.0)
