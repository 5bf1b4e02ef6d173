"""Complex numbers: Python's scalars, cmath, NumPy arrays, against CPython and NumPy."""

import cmath
import math

import numpy as np
import pytest

import shoal
from shoal import prange

INF, NAN = math.inf, math.nan
rng = np.random.default_rng(3)


def draw(*shape):
    return rng.normal(size=shape) + 1j * rng.normal(size=shape)


X, Y, M, S = draw(13), draw(13), draw(4, 5), draw(4, 4)
X64 = X.astype(np.complex64)
SORT = np.array([3 + 1j, 1 + 2j, 1 - 2j, complex(NAN, 1), complex(1, NAN), -1j, 1 + 2j])


def same(got, want):
    if isinstance(want, tuple | list | dict):
        assert type(got) is type(want) and len(got) == len(want)
        if isinstance(want, dict):
            want, got = list(want.items()), list(got.items())
        for g, w in zip(got, want, strict=True):
            same(g, w)
        return
    assert type(got) is type(want), (got, want)
    if isinstance(want, str):
        assert got == want
        return
    a, b = np.asarray(got), np.asarray(want)
    assert a.dtype == b.dtype and a.shape == b.shape
    single = b.dtype in (np.complex64, np.float32)
    tol = {"rtol": 1e-5, "atol": 1e-6} if single else {"rtol": 1e-13, "atol": 1e-14}
    if b.dtype.kind in "fc":
        np.testing.assert_allclose(a, b, **tol)
    else:
        assert np.array_equal(a, b)


def outcome(func, args):
    args = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    try:
        with np.errstate(all="ignore"):
            return func(*args)
    except Exception as e:
        return e


def check(func, *args):
    want, got = outcome(func, args), outcome(shoal.jit(func), args)
    if isinstance(want, Exception):
        assert type(got) is type(want), (got, want)
        assert str(got).splitlines()[0] == str(want)
        return
    if isinstance(got, Exception):
        raise got
    same(got, want)


# -- Python's scalars ------------------------------------------------------------------


def arithmetic(z, w):
    return z * w, z + w, z - w, z / w, -z, +z, abs(z), z == w, z != w, bool(z)


def mixed(z, n, x):
    return z * n, n - z, x / z, z / x, z + 2j, 2 + 1j, z == x, z == n, 1j * 1j


def parts(z, x, n):
    return (
        z.real,
        z.imag,
        z.conjugate(),
        x.real,
        x.imag,
        x.conjugate(),
        n.real,
        n.imag,
        n.numerator,
        n.denominator,
    )


def made(z, x, n):
    return (
        0j,
        complex(x),
        complex(x, n),
        complex(z),
        complex(z, x),
        complex(x, z),
        complex(real=x, imag=n),
        complex("1+2j"),
        isinstance(z, complex),
        isinstance(x, complex),
        type(z) is complex,
    )


def powers(z, w):
    return z**2, z**0, z**-3, z**0.5, z**w, w ** (1 / 3), 2**z, z**101


def texts(z):
    return (
        str(z),
        repr(z),
        f"{z}",
        f"{z:.2f}",
        f"{z:20.3e}|",
        f"{z:<20}|",
        f"{z:^+20.4g}|",
        f"{z!r:>22}",
        f"{z:.3}",
        f"{z:,.1f}",
        str([z, 1j]),
        str((z, 1)),
        str({1: z}),
    )


SCALARS = [1 + 2j, 3 - 4j, 1j, -2.5 + 0j, complex(-0.0, -0.0), 1e16 + 1e-7j, 0.1 + 0.2j]


@pytest.mark.parametrize("z", SCALARS, ids=str)
def test_scalars(z):
    check(arithmetic, z, 3.5 - 1j)
    check(mixed, z, 3, 2.5)
    check(parts, z, 2.5, 7)
    check(made, z, 2.5, 7)
    check(texts, z)
    if z:
        check(powers, z, 0.5 - 1.25j)


def test_infinite_scalars():
    for z in (complex(INF, 1), complex(1, -INF), complex(NAN, NAN), complex(0, INF)):
        check(lambda z: (str(z), abs(z), z.real, z.imag, z == z, z + 1, f"{z:.1f}"), z)


ERRORS = [
    (lambda z: z / 0, (1j,)),
    (lambda z, w: z / w, (1j, 0j)),
    (lambda z: 0**z, (1j,)),
    (lambda z: z**-1, (0j,)),
    (lambda z: (z * 1e300) ** 3, (1 + 1j,)),
    (lambda z: abs(z), (complex(1.7e308, 1.7e308),)),
    (lambda z: cmath.log(z), (0j,)),
    (lambda z: cmath.exp(z), (1000 + 1j,)),
    (lambda z: cmath.atanh(z), (1 + 0j,)),
    (lambda z: cmath.sin(z), (complex(INF, 1),)),
    (lambda z: cmath.tanh(z), (complex(1, INF),)),
    (lambda r: cmath.rect(r, INF), (1.0,)),
    (lambda z: f"{z:08.2f}", (1j,)),
    (lambda z: f"{z:=20}", (1j,)),
    (lambda z: f"{z:d}", (1j,)),
    (lambda s: complex(s), ("1 + 2j",)),
    (lambda s: complex(s), ("",)),
    (lambda s: complex(s), ("1j2",)),
]


@pytest.mark.parametrize(("func", "args"), ERRORS, ids=range(len(ERRORS)))
def test_errors(func, args):
    check(func, *args)


def test_refused_operators():
    for f in (lambda z: z < 1j, lambda z: z // 2, lambda z: z % 2, lambda z: int(z)):
        with pytest.raises((TypeError, shoal.UnsupportedError)):
            shoal.jit(f)(1j)


@pytest.mark.parametrize(
    "s", ["1+2j", " (3-1j) ", "j", "-j", "1e5-2.5J", "nan+infj", "1_0j", "2.5", "+.5j"]
)
def test_of_text(s):
    def of_text(s):
        z = complex(s)
        return str(z), z.real == z.real

    check(of_text, s)


def functions(z):
    return (
        cmath.exp(z),
        cmath.log(z),
        cmath.log(z, 2),
        cmath.log10(z),
        cmath.sqrt(z),
        cmath.sin(z),
        cmath.cos(z),
        cmath.tan(z),
        cmath.sinh(z),
        cmath.cosh(z),
        cmath.tanh(z),
        cmath.asin(z),
        cmath.acos(z),
        cmath.atan(z),
        cmath.asinh(z),
        cmath.acosh(z),
        cmath.atanh(z),
        cmath.phase(z),
        cmath.polar(z),
        cmath.rect(2.0, 1.5),
        cmath.isnan(z),
        cmath.isinf(z),
        cmath.isfinite(z),
        cmath.isclose(z, z * (1 + 1e-12)),
        cmath.isclose(z, z + 1, rel_tol=0.1, abs_tol=0.01),
        cmath.pi,
        cmath.infj,
    )


def test_cmath():
    for z in (1 + 2j, -0.5 + 0.25j, 3 + 0j, 0.1 - 7j):
        check(functions, z)
    check(lambda x: (cmath.sqrt(x), cmath.phase(x)), -2.0)


def mandelbrot(n, most):
    total = 0
    for i in range(n):
        for j in range(n):
            c = complex(-2 + 3 * i / n, -1.5 + 3 * j / n)
            z = 0j
            k = 0
            while abs(z) <= 2 and k < most:
                z = z * z + c
                k += 1
            total += k
    return total


def compares(z, x):
    return abs(z) < x, abs(z) <= x, abs(z) > x, abs(z) >= x, x < abs(z), x >= abs(z)


def test_sizes_without_a_root():
    check(mandelbrot, 40, 60)
    for z in (3 + 4j, 0j, complex(NAN, 1), complex(INF, NAN), complex(1e-200, 0)):
        for x in (
            5.0,
            4.999999999999999,
            5.000000000000001,
            0.0,
            -1.0,
            INF,
            NAN,
            1e-200,
        ):
            check(compares, z, x)


def kept(n):
    zs = [1j * k + 0.5 for k in range(n)]
    zs.append(2 + 1j)
    where = {}
    for i in range(len(zs)):
        where[zs[i]] = i
    t = 0
    for z in zs:
        t = t + z
    pair = (zs[0], n)
    return zs, t, sum(zs), 0.5 in zs, where[2 + 1j], zs[-1] in where, pair


K = 2 - 1j


def captured(x, z=1.5j):
    def inner(w):
        return w * K + z

    return inner(x), inner(1j)


def branches(n):
    z = 0
    for i in range(n):
        z = z + 1j if i % 2 else z * 2
    w = 1 if n > 3 else 2j
    return z, w + 0j


def test_in_containers_and_closures():
    check(kept, 5)
    check(captured, 2 + 1j)
    check(branches, 5)


def tried(z):
    try:
        return 1 / z, ""
    except ZeroDivisionError as e:
        return 0j, str(e)


def test_in_try():
    check(tried, 0j)
    check(tried, 2j)


# -- Arrays ----------------------------------------------------------------------------


def a_arith(a, b):
    return a + b, a - b, a * b, a / b, -a, a + 1, 2j * a, a * 1.5, a**2, a == b, a != b


def a_single(a, b):
    return a + 1, a * 2j, a * 1.5, a + b, abs(a), a * np.float64(2), a.real, a**2, b * a


def a_mixed(a):
    x, i = a.real, np.arange(13)
    f = x.astype(np.float32)
    return x + a, i * a, f * 1j, i * 1j, f + a, np.sqrt(a * i), i.astype(np.int8) * 2j


def a_nd(a):
    return (
        a + 1,
        a * a,
        a.T,
        a[1],
        a[:, 2],
        a[1, 2],
        abs(a),
        np.exp(a),
        a.conj(),
        a.real,
    )


def a_ufuncs(a):
    return (
        np.exp(a),
        np.log(a),
        np.sqrt(a),
        np.sin(a),
        np.cos(a),
        np.tan(a),
        np.abs(a),
        np.angle(a),
        np.real(a),
        np.imag(a),
        np.conjugate(a),
        np.sinh(a),
        np.log10(a),
        np.log2(a),
        np.square(a),
        np.isnan(a),
        np.isfinite(a),
        np.arctan(a),
        np.exp2(a),
        np.log1p(a),
        np.expm1(a),
        np.sign(a),
        np.reciprocal(a),
        np.iscomplex(a),
        a.imag,
        np.round(a, 2),
        a**1.5,
        a**a,
    )


def a_reduced(a):
    return (
        a.sum(),
        a.mean(),
        np.prod(a),
        a.var(),
        a.std(),
        np.any(a),
        np.count_nonzero(a),
    )


def a_axes(a):
    return (
        a.sum(axis=0),
        a.mean(axis=1),
        a.prod(axis=0),
        a.prod(axis=1),
        a.sum(),
        np.sum(a, axis=0, keepdims=True),
        np.cumsum(a, axis=1),
        a.var(axis=0),
    )


def a_made(n):
    a, b = np.zeros(n, dtype=np.complex128), np.ones((n, 2), dtype=complex)
    c, d = np.full(n, 1 + 2j), np.empty(n, np.complex64)
    d[:] = 1j
    a[1] = 3
    a[2] = 1j
    a[3] += 2
    for i in range(n):
        b[i, 0] = b[i, 1] * 1j * i
    e = np.array([1, 2j, 3.5])
    return (
        a,
        b,
        c,
        d,
        e,
        np.zeros_like(a),
        np.array([[1j, 2], [3, 4]]),
        a.dtype == complex,
    )


def a_products(a, b):
    return np.dot(a, b), a @ b, np.vdot(a, b), np.linalg.norm(a), a @ b.real


def a_matrices(a, v):
    return (
        a @ a,
        a @ v,
        np.linalg.solve(a, v),
        np.linalg.solve(a, a),
        np.linalg.inv(a),
        np.trace(a),
        np.outer(v, v),
        a.T @ a,
        a.real @ a,
    )


def a_cast(a):
    return a.astype(np.complex64), a.real.astype(np.complex128), a.imag.astype("c8")


def a_sorted(a):
    return np.sort(a), np.argsort(a), np.sort(a)[::-1]


def a_picked(a):
    return (
        a[2:7],
        a[::-1],
        a[a.real > 0],
        a[[1, 3, 2]],
        np.where(a.imag > 0, a, 0),
        np.concatenate((a, a)),
        a[3],
        np.flip(a),
        np.roll(a, 2),
        np.repeat(a, 2),
        np.stack((a, a)),
        np.tile(a, 2),
        np.diff(a),
        a.reshape(13, 1),
        np.append(a, a),
        np.nonzero(a)[0],
        np.maximum(a, 1j),
        np.minimum(a, 0),
        a < 1,
        a >= a,
        np.cumsum(a),
        bool(np.allclose(a, a)),
    )


def a_prange(a):
    s, p = 0j, 1 + 0j
    for i in prange(len(a)):
        s += a[i] * 1j
    for i in prange(len(a)):
        p *= a[i]
    return s, p


def a_prange_out(a):
    b = np.empty(len(a), dtype=np.complex128)
    for i in prange(len(a)):
        b[i] = a[i] * a[i] + 1j
    return b, b.sum()


def a_written(a):
    a[0] = 5
    a[1:3] = 1j
    a[4] *= 2
    a += 1
    a[a.real > 0] = 0
    a[5] = a[6].conjugate()
    a *= 2j
    a /= 3
    return a


def a_scalars(n):
    a, b = np.complex128(1 + 2j), np.complex64(1.5j)
    return a, b, a * b, b * 2, a.real, b.imag, a.conj(), abs(b), np.exp(a), a / n, a / 0


def a_transform(n):
    return np.exp(2j * np.pi * np.arange(n) / n), np.linspace(0, 1, n) * 1j


def v_stores(a):
    b = a.real
    b[0] = 1
    a[1] = 5 + 2j
    c = a.imag[::-1]
    c[0] = 9.0
    return b, a, c


def v_made(n):
    a = np.arange(n) * (1 + 2j)
    a.real += 1
    a.imag = a.real
    a.imag[1:3] = 7
    b = np.real(a)
    b *= 2
    return a, b, b.sum(), a.real.mean(), np.sort(a.imag), a.real @ a.imag


def v_loop(a):
    r = a.real
    for i in range(len(a)):
        r[i] = r[i] + a.imag[i]
    return r[:], a.sum()


def v_matrix(a):
    m = a.reshape(2, -1)
    m.imag[:, 0] = m.real[:, 1]
    m.real[m.imag > 2] = -1
    return m, m.real.T, m.imag.sum(axis=0)


def v_either(a, c):
    r = a.real if c else a.imag
    r[0] = 42.0
    return a


def v_carried(a):
    r = a.real
    for k in range(3):
        r = r + 1 if k == 1 else a.imag
        r[k] = k
    return r, a


def v_overlap(a):
    a.real[1:] = a.real[:-1]
    a.imag = a.real[::-1]
    return a


def v_prange(n):
    a = np.ones(n) * 1j
    re = a.real
    for i in prange(n):
        re[i] = i
        a.imag[i] += re[i]
    return a, re.sum()


ARRAYS = [
    (a_arith, X, Y),
    (a_single, X64, Y),
    (a_mixed, X),
    (a_nd, M),
    (a_nd, M.T),
    (a_ufuncs, X),
    (a_ufuncs, M[:, ::2]),
    (a_reduced, X),
    (a_reduced, X[:0]),
    (a_reduced, X64),
    (a_axes, M),
    (a_made, 6),
    (a_products, X, Y),
    (a_products, X64, X64),
    (a_matrices, S, X[:4] * 1),
    (a_cast, X),
    (a_sorted, SORT),
    (a_sorted, X),
    (a_picked, X),
    (a_prange, X),
    (a_prange, X[:1]),
    (a_prange_out, X),
    (a_written, X),
    (a_scalars, 0.5),
    (a_transform, 8),
    (v_stores, X),
    (v_stores, X64),
    (v_made, 7),
    (v_loop, X),
    (v_matrix, X[:6]),
    (v_either, X, True),
    (v_either, X, False),
    (v_carried, X),
    (v_overlap, X),
    (v_overlap, X[::2]),
    (v_prange, 10),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", ARRAYS, ids=lambda c: c[0].__name__)
def test_arrays(case, ranks):
    check(*case)


def test_distributed_ranks(ranks):
    @shoal.jit
    def spread(a):
        b = shoal.scatterv(a)
        return (
            shoal.gatherv(b * 2j),
            b.sum(),
            shoal.gatherv(shoal.rebalance(b[b.real > 0])),
        )

    got = spread(X)
    same(got[0], X * 2j)
    np.testing.assert_allclose(got[1], X.sum())
    same(got[2], X[X.real > 0])


REFUSED = [
    lambda a: np.unique(a),
    lambda a: np.cumprod(a),
    lambda a: a.min(),
    lambda a: np.linalg.det(a.reshape(1, -1) * a.reshape(-1, 1)),
]


@pytest.mark.parametrize("func", REFUSED, ids=range(len(REFUSED)))
def test_refused_by_name(func):
    with pytest.raises(shoal.UnsupportedError, match="complex"):
        shoal.jit(func)(X)
