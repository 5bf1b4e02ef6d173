"""prange on 1, 2 and 3 ranks: reductions in all forms, private variables, what is refused.

PYTEST_DONT_REWRITE: assert statements of compiled functions stay as they are.
"""

import math

import numpy as np
import pytest

import shoal
from shoal import prange

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
CASES = []
A = np.arange(1, 20).astype(float) / 7
I = (np.arange(23) * 7919) % 101  # noqa: E741


def case(*args):
    def add(f):
        CASES.append(pytest.param(f, args, id=f.__name__))
        return f

    return add


def same(a, b) -> bool:
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.allclose(a, b, rtol=1e-14)
    if isinstance(a, float):
        return math.isclose(a, b, rel_tol=1e-13) or (a != a and b != b)
    return a == b


@case(10)
def r1(n):
    s = 0
    for i in prange(2, n):
        s += i
    return s


@case(10, 4)
def conditions_on_the_index(n, limit):
    s = t = 0
    for i in prange(n):
        if i > 2:
            s += 1
        if i < limit:
            t += i
        else:
            t += 1
    return s, t


@case(10)
def r2(n):
    s = 0
    for i in prange(n, -3, -2):
        s = i + s
    return s


@case(0)
def r3(n):
    s = 7
    for i in prange(n):
        s = s + i
    return s


@case(I)
def mn(a):
    m = 1000
    M = -5
    for i in prange(len(a)):
        m = min(m, a[i])
        M = max(a[i], M)
    return m, M


@case(I)
def mn2(a):
    m = 1000
    M = -5
    for i in prange(len(a)):
        if a[i] < m:
            m = a[i]
        if a[i] > M:
            M = a[i]
    return m, M


@case(I)
def mn3(a):
    m = 1000
    M = -5
    for i in prange(len(a)):
        m = a[i] if a[i] < m else m
        x = a[i]
        M = M if x < M else x
    return m, M


@case(I)
def bits(a):
    x = -1
    y = 0
    z = 0
    for i in prange(len(a)):
        x &= a[i] | 64
        y |= a[i]
        z ^= a[i]
    return x, y, z


@case(I)
def boolr(a):
    x = True
    y = False
    for i in prange(len(a)):
        x &= a[i] > -1
        y |= a[i] > 100
    return x, y


@case(A)
def prod(a):
    p = 1.0
    for i in prange(len(a)):
        p *= 1 + a[i] / 10
    return p


@case(A)
def subdiv(a):
    p = 100.0
    q = 5.0
    for i in prange(len(a)):
        p -= a[i]
        q /= a[i] + 1
    return p, q


@case(A)
def private(a):
    s = 0.0
    for i in prange(len(a)):
        t = a[i] * 2
        if t > 2:
            t = t - 1
        s += t
    return s


@case(9)
def nested(n):
    s = 0
    for i in prange(n):
        for j in prange(i):
            s += i * j
    return s


@case(9)
def nested2(n):
    s = 0
    for i in prange(n):
        t = 0
        for j in prange(i):
            t += i * j
        s += t
    return s


@case(9)
def idx_assign(n):
    s = 0
    for i in prange(n):
        i = i * 2
        s += i
    return s


@case(9)
def arrayred(n):
    acc = np.zeros(4)
    for i in prange(n):
        acc += np.arange(4) * i
    return acc


@case(9)
def arrayred_e(n):
    acc = np.zeros(4)
    for i in prange(n):
        acc[i % 4] += i
    return acc


@case(9)
def tupred(n):
    t = (0, 0.0)
    for i in prange(n):
        t = (t[0] + i, t[1] + 0.5)
    return t


@case(9)
def tupred2(n):
    a, b = 0, 0.0
    for i in prange(n):
        a, b = a + i, b + 0.5
    return a, b


@case(I)
def argmin(a):
    m = 10**9
    k = -1
    for i in prange(len(a)):
        if a[i] < m:
            m = a[i]
            k = i
    return m, k


@case(A)
def fill(a):
    b = np.zeros(len(a))
    for i in prange(len(a)):
        b[i] = a[i] ** 2
    return b


def helper(n):
    s = 0
    for k in prange(n):
        s += k
    return s


@case(9)
def callpr(n):
    s = 0
    for i in prange(n):
        s += helper(i)
    return s


@case(9)
def cond(n):
    s = 0
    for i in prange(n):
        if i % 2:
            continue
        s += i
    return s


@case(9)
def whilep(n):
    s = 0
    for i in prange(n):
        j = i
        while j > 1:
            j //= 2
            s += 1
    return s


@case(9)
def two_stmts(n):
    s = 0
    for i in prange(n):
        s += i
        s += 2 * i
    return s


@case(9)
def chain(n):
    s = 0
    for i in prange(n):
        s = s + i + 2
    return s


@case(9)
def mixed_sub(n):
    s = 0
    for i in prange(n):
        s += i
        s -= 1
    return s


@case(9)
def intfloat(n):
    s = 0
    for i in prange(n):
        s += 0.5 * i
    return s


@case(np.array([3, -1, 5], dtype=np.int32))
def i32(a):
    s = 0
    m = a[0]
    for i in prange(len(a)):
        s += a[i]
        m = max(m, a[i])
    return s, m


@case(9)
def dec(n):
    s = 0
    for i in prange(n, 0, -1):
        s += i * i
    return s


@case(9)
def seqin(n):
    s = 0
    for i in prange(n):
        for j in range(3):
            s += i * j
    return s


@case(9)
def elif_(n):
    a = 0
    b = 0
    for i in prange(n):
        if i % 3 == 0:
            a += 1
        elif i % 3 == 1:
            b += i
        else:
            a += 2
    return a, b


@case(I)
def nanmin(a):
    m = 1e9
    for i in prange(len(a)):
        m = min(m, a[i] * 0.5)
    return m


@case(9)
def augsub(n):
    x = np.zeros(n)
    for i in prange(n):
        x[i] += i
    return x


@case(9)
def unused(n):
    for _i in prange(n):
        pass
    return n


@case(9)
def pralen(n):
    x = np.arange(n)
    s = 0
    for i in prange(len(x)):
        s += x[i]
    return s


@case(9)
def prshape(n):
    x = np.arange(n)
    s = 0
    for i in prange(x.shape[0]):
        s += x[i]
    return s


@case(9)
def walrus(n):
    s = 0
    for i in prange(n):
        if (k := i * 2) > 5:
            s += k
    return s


@case(A)
def seqred(a):
    s = 0.0
    for i in range(3):
        for j in prange(len(a)):
            s += a[j] * i
    return s


@case(A)
def npwhole(a):
    s = 0.0
    for j in prange(4):
        s += (a * j).sum()
    return s


@case(0)
def minempty(n):
    m = 5
    for j in prange(n):
        m = min(m, j)
    return m


@case(np.array([3.0, -1.0, 5.0, -1.0, 7.0]))
def argmin_first(a):
    m, k = np.inf, -1
    for i in prange(len(a)):
        if a[i] < m:
            m, k = a[i], i
    return m, k


@case(np.array([3.0, -1.0, 5.0, -1.0, 7.0]))
def argmin_last(a):
    m, k = np.inf, -1
    for i in prange(len(a)):
        if a[i] <= m:
            m, k = a[i], i
    return m, k


@case(np.array([3.0, -1.0, 5.0, 5.0, 7.0]), np.array([9.0, 8.0, 7.0, 6.0, 5.0]))
def argmax_of_some(a, w):
    m, k, v = -np.inf, -1, 0.0
    for i in prange(len(a)):
        if a[i] < 6 and a[i] > m:
            m = a[i]
            k = i
            v = w[i]
    return m, k, v


@case(np.array([3.0, np.nan, -2.0, np.nan]))
def nan_is_no_minimum(a):
    m = 10.0
    for i in prange(len(a)):
        m = min(m, a[i])
    return m


@case(np.array([3.0, np.nan, -2.0, 4.0]))
def numpy_minimum_keeps_nan(a):
    m = 10.0
    for i in prange(len(a)):
        m = np.minimum(m, a[i])
    return m


@case(12)
def best_of_each(n):
    total = 0
    for i in prange(n):
        best, at = 100, -1
        for j in range(n):
            d = abs(i * 3 - j * j)
            if d < best:
                best = d
                at = j
        total += best * 10 + at
    return total


@case(10, 3)
def conditions_on_what_is_not_carried(n, k):
    s = c = 0
    for i in prange(n):
        if i > 2:
            s += i
        else:
            s += 100
        if k > 2:
            c += i
    return s, c


@pytest.mark.parametrize("f, args", CASES)
def test_as_python(f, args):
    want = f(*args)
    got = shoal.jit(f)(*args)
    assert same(want, got), (want, got)


# -- Refused ---------------------------------------------------------------------------


def conflict(n):
    s = 0
    for i in prange(n):
        if i % 2 == 0:
            s *= 2
        else:
            s += i
    return s


def test_conflicting_operators():
    with pytest.raises(shoal.UnsupportedRewriteError) as caught:
        shoal.jit(conflict)(5)
    lines = str(caught.value).split("\n")
    assert lines[:2] == [
        "Failed in bodo mode pipeline (step: convert to parfors)",
        "Reduction variable s has multiple conflicting reduction operators.",
    ]
    assert any("^^^" in line for line in lines[2:])
    assert any("one operator" in line for line in lines[2:])


def leaves_by_break(n):
    s = 0
    for i in prange(n):
        if i == 3:
            break
        s += i
    return s


def leaves_by_return(n):
    for i in prange(n):
        for j in range(n):
            if i * j == 6:
                return i
    return n


def raises(n):
    s = 0
    for i in prange(n):
        if i == 3:
            raise ValueError("three")
        s += i
    return s


def asserts(n):
    s = 0
    for i in prange(n):
        assert i < 3
        s += i
    return s


def carried(n):
    a, b = 0, 1
    for _i in prange(n):
        a, b = b, a + b
    return a


def seen_inside(n):
    s, t = 0, 0
    for i in prange(n):
        s += i
        t += s
    return t


def guarded_sum(n):
    s = 0
    for i in prange(n):
        if s < 10:
            s += i
    return s


def other_than_compared(a):
    m = 100.0
    for i in prange(len(a)):
        if a[i] < m:
            m = a[i] + 1
    return m


def either(a):
    lo, hi = 100.0, -100.0
    for i in prange(len(a)):
        if a[i] < lo:
            lo = a[i]
        elif a[i] > hi:
            hi = a[i]
    return lo, hi


def counts_records(a):
    m, c = 100.0, 0
    for i in prange(len(a)):
        if a[i] < m:
            m = a[i]
            c += 1
    return c


def neighbour(n):
    x = np.ones(n)
    for i in prange(1, n):
        x[i] = x[i - 1] * 2
    return x


def neighbour_row(n):
    x = np.ones(n)
    for i in prange(n - 1):
        x[i + 1] += x[i]
    return x


def last_value(n):
    t = 0
    for i in prange(n):
        t = i * 2
    return t


def last_index(n):
    for i in prange(n):  # noqa: B007
        pass
    return i


@pytest.mark.parametrize(
    "f, line, text",
    [
        (leaves_by_break, 4, "left by break or return"),
        (leaves_by_return, 4, "left by break or return"),
        (raises, 4, "raise in a prange that reduces s"),
        (asserts, 3, "assert in a prange that reduces s"),
        (carried, 3, "a is carried"),
        (seen_inside, 4, "s is carried"),
        (guarded_sum, 3, "s is carried"),
        (other_than_compared, 3, "m is carried"),
        (either, 3, "lo is carried"),
        (counts_records, 3, "m is carried"),
        (neighbour, 3, "x is written at one place of the prange's index and read"),
        (neighbour_row, 3, "x is written"),
        (last_value, 4, "t is private"),
        (last_index, 3, "i is private"),
    ],
    ids=lambda x: getattr(x, "__name__", None),
)
def test_refused(f, line, text):
    arg = A if f.__code__.co_varnames[0] == "a" else 7
    with pytest.raises(shoal.UnsupportedError) as caught:
        shoal.jit(f)(arg)
    message = str(caught.value)
    assert text in message.split("\n")[0]
    assert f"line {f.__code__.co_firstlineno + line}" in message
    assert "instead: " in message


# -- Exceptions, precision -------------------------------------------------------------


@shoal.jit
def divides(n, a, b):
    s = 0
    for i in prange(n):
        s += 100 // (i - a) + 100 % (i - b)
    return s


@shoal.jit
def reads(x, n):
    s = 0.0
    for i in prange(n):
        s += x[i * 2]
    return s


@shoal.jit
def raises_alone(n, bad):
    x = np.zeros(n)
    for i in prange(n):
        if i % bad == bad - 1:
            raise ValueError(f"at {i}" if False else "bad")
        x[i] = i
    return x


def test_exception_of_the_lowest_iteration():
    with pytest.raises(ZeroDivisionError, match="division"):
        divides(30, 3, 28)
    with pytest.raises(ZeroDivisionError, match="modulo"):
        divides(30, 28, 3)
    with pytest.raises(IndexError, match=r"index 10 is out of bounds .* size 10"):
        reads(np.ones(10), 30)
    assert reads(np.ones(10), 5) == 5
    with pytest.raises(ValueError, match="bad"):
        raises_alone(20, 7)


@shoal.jit
def tenths(n, x):
    s = 0.0
    for _i in prange(n):
        s += x
    return s


@shoal.jit
def large_and_small(n):
    s = 1e16
    for i in prange(n):
        s += 1.0 + (i - i)
    return s


def test_sums_keep_their_digits():
    assert tenths(20_000_000, 0.1) == pytest.approx(2_000_000, rel=1e-13)
    assert large_and_small(1000) == 1e16 + 1000
