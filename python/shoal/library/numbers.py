"""Calculations over arrays: differences, weights, covariances, polynomials, windows."""

import numpy as np

from shoal import prange

from . import axis_of, refuse
from .shapes import _at


def _floats(x):
    """Integers as float64; floats and complex numbers stay what they are."""
    return x + 0.0 if x.dtype.kind in "iub" else x


# -- Differences -------------------------------------------------------------------------------


def _spacing(given, y, axes, i):
    """What np.gradient()'s arguments say for the axis axes[i]."""
    if len(given) == 0:
        return 1.0
    d = given[0] if len(given) == 1 else given[i]
    if np.ndim(d) == 0:
        return d
    if len(given) == 1 and len(axes) > 1:
        raise TypeError("invalid number of arguments")
    d = np.asarray(d)
    if d.ndim != 1:
        raise ValueError("distances must be either scalars or 1d")
    if len(d) != y.shape[axes[i]]:
        raise ValueError(
            "when 1d, distances must match the length of the corresponding dimension"
        )
    return np.diff(d)


def _even(y, out, d, k):
    out[_at(k, slice(1, -1))] = (
        y[_at(k, slice(2, None))] - y[_at(k, slice(None, -2))]
    ) / (2.0 * d)


def _uneven(y, out, d, k):
    shape = (-1,) + (1,) * (y.ndim - k - 1)
    left, right = np.reshape(d[:-1], shape), np.reshape(d[1:], shape)
    out[_at(k, slice(1, -1))] = (
        (-right / (left * (left + right))) * y[_at(k, slice(None, -2))]
        + ((right - left) / (left * right)) * y[_at(k, slice(1, -1))]
        + (left / (right * (left + right))) * y[_at(k, slice(2, None))]
    )


def _ends(y, out, first, last, k, edge_order):
    n = y.shape[k]
    if edge_order == 1:
        out[_at(k, 0)] = (y[_at(k, 1)] - y[_at(k, 0)]) / first[0]
        out[_at(k, n - 1)] = (y[_at(k, n - 1)] - y[_at(k, n - 2)]) / last[1]
    else:
        d1, d2 = first
        a = -(2.0 * d1 + d2) / (d1 * (d1 + d2))
        b = (d1 + d2) / (d1 * d2)
        c = -d1 / (d2 * (d1 + d2))
        out[_at(k, 0)] = a * y[_at(k, 0)] + b * y[_at(k, 1)] + c * y[_at(k, 2)]
        d1, d2 = last
        a = d2 / (d1 * (d1 + d2))
        b = -(d2 + d1) / (d1 * d2)
        c = (2.0 * d2 + d1) / (d2 * (d1 + d2))
        out[_at(k, n - 1)] = (
            a * y[_at(k, n - 3)] + b * y[_at(k, n - 2)] + c * y[_at(k, n - 1)]
        )


def _slope(y, d, k, edge_order):
    if y.shape[k] < edge_order + 1:
        raise ValueError(
            "Shape of array too small to calculate a numerical gradient, at least "
            "(edge_order + 1) elements are required."
        )
    out = np.zeros(y.shape, y.dtype)
    if np.ndim(d) == 0:
        _even(y, out, d, k)
        _ends(y, out, (d, d), (d, d), k, edge_order)
    elif (d == d[0]).all():
        _even(y, out, d[0], k)
        _ends(y, out, (d[0], d[0]), (d[0], d[0]), k, edge_order)
    else:
        _uneven(y, out, d, k)
        n = len(d)
        second, before = min(1, n - 1), max(n - 2, 0)
        _ends(y, out, (d[0], d[second]), (d[before], d[n - 1]), k, edge_order)
    return out


def gradient(f, *varargs, axis=None, edge_order=1):
    y = _floats(np.asarray(f))
    if axis is None:
        axes = tuple(range(y.ndim))
    elif isinstance(axis, tuple):
        axes = tuple([axis_of(k, y.ndim) for k in axis])
    else:
        axes = (axis_of(axis, y.ndim),)
    if len(varargs) not in (0, 1, len(axes)):
        raise TypeError("invalid number of arguments")
    if edge_order > 2:
        raise ValueError("'edge_order' greater than 2 not supported")
    out = tuple(
        [
            _slope(y, _spacing(varargs, y, axes, i), axes[i], edge_order)
            for i in range(len(axes))
        ]
    )
    return out[0] if len(out) == 1 else out


def trapezoid(y, x=None, dx=1.0, axis=-1):
    y = np.asarray(y)
    k = axis_of(axis, y.ndim)
    right, left = y[_at(k, slice(1, None))], y[_at(k, slice(None, -1))]
    if x is None:
        d = dx
    else:
        x = np.asarray(x)
        if x.ndim == 1:
            d = np.reshape(np.diff(x), (-1,) + (1,) * (y.ndim - k - 1))
        else:
            d = np.diff(x, axis=axis)
    return (d * (right + left) / 2.0).sum(k)


def ediff1d(ary, to_end=None, to_begin=None):
    ary = np.ravel(np.asarray(ary))
    d = ary[1:] - ary[:-1]
    if to_begin is not None:
        d = np.concatenate((np.ravel(np.atleast_1d(to_begin)).astype(ary.dtype), d))
    if to_end is not None:
        d = np.concatenate((d, np.ravel(np.atleast_1d(to_end)).astype(ary.dtype)))
    return d


def unwrap(p, discont=None, axis=-1, period=2 * np.pi):
    p = np.asarray(p)
    k = axis_of(axis, p.ndim)
    if isinstance(period, int) and p.dtype.kind in "iu":
        refuse("np.unwrap() of whole numbers with a whole period")
    d = np.diff(p, axis=axis)
    if discont is None:
        discont = period / 2
    high = period / 2
    wrapped = (d + high) % period - high
    wrapped = np.where((wrapped == -high) & (d > 0), high, wrapped)
    correct = np.where(abs(d) < discont, 0.0, wrapped - d)
    up = _floats(np.array(p))
    up[_at(k, slice(1, None))] = p[_at(k, slice(1, None))] + np.cumsum(correct, k)
    return up


# -- Sums ---------------------------------------------------------------------------------------


def nancumsum(a, axis=None):
    a = np.asarray(a)
    if a.dtype.kind == "f":
        a = np.where(np.isnan(a), np.zeros(1, a.dtype), a)
    return np.cumsum(a, axis)


def nancumprod(a, axis=None):
    a = np.asarray(a)
    if a.dtype.kind == "f":
        a = np.where(np.isnan(a), np.ones(1, a.dtype), a)
    return np.cumprod(a, axis)


def _with_first(total, one, x, axis):
    first = np.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), one, total.dtype)
    return np.concatenate((first, total), axis)


def _one_axis(x, axis, name):
    if axis is None:
        if x.ndim != 1:
            raise ValueError(
                "For arrays which have more than one dimension ``axis`` argument is required."
            )
        return 0
    return axis_of(axis, x.ndim)


def cumulative_sum(x, axis=None, include_initial=False):
    x = np.asarray(x)
    axis = _one_axis(x, axis, "cumulative_sum")
    total = np.cumsum(x, axis)
    return _with_first(total, 0, x, axis) if include_initial else total


def cumulative_prod(x, axis=None, include_initial=False):
    x = np.asarray(x)
    axis = _one_axis(x, axis, "cumulative_prod")
    total = np.cumprod(x, axis)
    return _with_first(total, 1, x, axis) if include_initial else total


def _average_weights(a, axis, weights):
    """The weights of the elements along axes in the dimensions of a."""
    axes = tuple(axis) if isinstance(axis, tuple) else (axis,)
    axes = tuple([axis_of(k, a.ndim) for k in axes])
    wrong = len(axes) != weights.ndim
    if not wrong:
        for i in tuple(range(weights.ndim)):
            wrong = wrong or weights.shape[i] != a.shape[axes[i]]
    if wrong:
        raise ValueError(
            "Shape of weights must be consistent with shape of a along specified axis."
        )
    shape = ()
    for k in tuple(range(a.ndim)):
        shape += (a.shape[k],) if k in axes else (1,)
    return np.reshape(np.transpose(weights, tuple(_order(axes))), shape)


def _order(axes):
    return sorted(range(len(axes)), key=lambda i: axes[i])


def average(a, axis=None, weights=None, returned=False, keepdims=False):
    a = np.asarray(a)
    if weights is None:
        avg = np.mean(a, axis=axis, keepdims=keepdims)
        if not returned:
            return avg
        count = a.size / np.size(avg)
        return avg, (
            np.float64(count) if np.ndim(avg) == 0 else np.full(avg.shape, count)
        )
    w = np.asarray(weights)
    if axis is None:
        if a.ndim != w.ndim:
            raise TypeError(
                "Axis must be specified when shapes of a and weights differ."
            )
        if a.shape != w.shape:
            raise TypeError(
                "Axis must be specified when shapes of a and weights differ."
            )
    elif a.ndim != w.ndim:
        w = _average_weights(a, axis, w)
    elif a.shape != w.shape:
        raise ValueError(
            "Shape of weights must be consistent with shape of a along specified axis."
        )
    if a.dtype.kind in "iub":
        w = _floats(w)
    total = np.sum(w, axis=axis, keepdims=keepdims)
    if np.any(total == 0.0):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    avg = np.sum(a * w, axis=axis, keepdims=keepdims) / total
    if not returned:
        return avg
    return avg, (total if np.ndim(avg) == 0 else np.zeros(avg.shape) + total)


def _samples(m, rowvar):
    """The variables as columns: rows are what stays on the ranks."""
    if m.ndim > 2:
        raise ValueError("m has more than 2 dimensions")
    if m.ndim == 1:
        return m[:, None]
    return m.T if rowvar else m


def _covariance(m, y, rowvar, ddof):
    x = _floats(_samples(np.asarray(m), rowvar))
    if y is not None:
        y = np.asarray(y)
        if y.ndim > 2:
            raise ValueError("y has more than 2 dimensions")
        x = np.concatenate((x, _floats(_samples(y, rowvar))), axis=1)
    x = x - np.mean(x, axis=0)
    return np.dot(x.T, x) / max(x.shape[0] - ddof, 0)


def cov(m, y=None, rowvar=True, bias=False, ddof=None):
    if ddof is None:
        ddof = 0 if bias else 1
    c = _covariance(m, y, rowvar, ddof)
    return c[0, 0] if y is None and np.ndim(m) == 1 else c


def corrcoef(x, y=None, rowvar=True):
    c = _covariance(x, y, rowvar, 1)
    if y is None and np.ndim(x) == 1:
        return c[0, 0] / c[0, 0]
    d = np.sqrt(np.diagonal(c))
    return np.clip(c / d[:, None] / d[None, :], -1.0, 1.0)


# -- Polynomials --------------------------------------------------------------------------------


def polyval(p, x):
    p = np.asarray(p)
    if np.ndim(x) == 0:
        y = np.zeros(1, p.dtype)[0] + 0 * x
    else:
        x = np.asarray(x)
        y = np.zeros(x.shape, x.dtype) + np.zeros(1, p.dtype)[0]
    for i in range(len(p)):
        y = y * x + p[i]
    return y


def polyder(p, m=1):
    p = np.asarray(p)
    if m < 0:
        raise ValueError("Order of derivative must be positive (see polyint)")
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyint(p, m=1, k=None):
    p = np.asarray(p)
    if m < 0:
        raise ValueError("Order of integral must be positive (see polyder)")
    for i in range(m):
        c = 0.0
        if k is not None:
            c = k if np.ndim(k) == 0 else k[0 if len(k) == 1 else i]
        p = np.concatenate((p / np.arange(len(p), 0, -1), np.full(1, float(c))))
    return p


def _same_degree(a, b):
    """Both with as many coefficients as the longer one has."""
    a, b = np.atleast_1d(np.asarray(a)), np.atleast_1d(np.asarray(b))
    n = max(len(a), len(b))
    a = np.concatenate((np.zeros(n - len(a), a.dtype), a))
    return a, np.concatenate((np.zeros(n - len(b), b.dtype), b))


def polyadd(a1, a2):
    a1, a2 = _same_degree(a1, a2)
    return a1 + a2


def polysub(a1, a2):
    a1, a2 = _same_degree(a1, a2)
    return a1 - a2


def _leading(a):
    """Without zeros in front, but for one."""
    a = np.atleast_1d(np.asarray(a))
    start = 0
    while start < len(a) - 1 and a[start] == 0:
        start += 1
    return a[start:]


def polymul(a1, a2):
    return np.convolve(_leading(a1), _leading(a2))


def polydiv(u, v):
    u = np.atleast_1d(np.asarray(u)) + 0.0
    v = np.atleast_1d(np.asarray(v)) + 0.0
    m, n = len(u) - 1, len(v) - 1
    scale = 1.0 / v[0]
    q = np.zeros(max(m - n + 1, 1), u.dtype)
    r = np.array(u)
    for k in range(m - n + 1):
        q[k] = scale * r[k]
        r[k : k + n + 1] -= q[k] * v
    start = 0
    while start < len(r) - 1 and abs(r[start]) <= 1e-8:
        start += 1
    return q, r[start:]


def poly(seq_of_zeros):
    seq = np.atleast_1d(np.asarray(seq_of_zeros))
    if seq.ndim != 1:
        refuse("np.poly() of a matrix")
    a = np.ones(1, _floats(seq).dtype)
    for i in range(len(seq)):
        a = np.convolve(a, np.array([1.0, -seq[i]]))
    return a


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    if full or cov:
        refuse("np.polyfit() with full or cov")
    x = np.asarray(x) + 0.0
    y = np.asarray(y) + 0.0
    if deg < 0:
        raise ValueError("expected deg >= 0")
    if x.ndim != 1:
        raise TypeError("expected 1D vector for x")
    if len(x) == 0:
        raise TypeError("expected non-empty vector for x")
    if y.ndim < 1 or y.ndim > 2:
        raise TypeError("expected 1D or 2D array for y")
    if len(x) != y.shape[0]:
        raise TypeError("expected x and y to have same length")
    if rcond is None:
        rcond = len(x) * np.finfo(x.dtype).eps
    left = np.vander(x, deg + 1)
    if w is not None:
        w = np.asarray(w) + 0.0
        if w.ndim != 1:
            raise TypeError("expected a 1-d array for weights")
        if len(w) != y.shape[0]:
            raise TypeError("expected w and y to have the same length")
        left = left * w[:, None]
        y = y * w if y.ndim == 1 else y * w[:, None]
    scale = np.sqrt((left * left).sum(axis=0))
    c = np.linalg.lstsq(left / scale, y, rcond)[0]
    return c / scale if y.ndim == 1 else (c.T / scale).T


# -- What ufuncs have in common ------------------------------------------------------------------

_KINDS = "buifc"


def _stored(result, out, where, ufunc):
    """The result of a ufunc in its argument out, where a mask holds."""
    given, wanted = np.asarray(result).dtype, out.dtype
    if given != wanted and _KINDS.index(given.kind) > _KINDS.index(wanted.kind):
        raise TypeError(
            f"Cannot cast ufunc '{ufunc}' output from dtype('{given.name}') to "
            f"dtype('{wanted.name}') with casting rule 'same_kind'"
        )
    if np.ndim(where) == 0:
        out[...] = result
    else:
        np.copyto(out, result, where=where)
    return out


def _row(args, i):
    return [a if np.ndim(a) == 0 else np.asarray(a)[i] for a in args]


def _each_row(pyfunc, args, typed):
    """Of arrays of one dimension and scalars: each rank calls for its own rows."""
    long = [np.asarray(a) for a in args if np.ndim(a) == 1]
    n = len(long[0])
    for a in long:
        if len(a) != n:
            raise ValueError(
                "shape mismatch: objects cannot be broadcast to a single shape (np.vectorize "
                "of arrays of different lengths: write a[0] for an array of one element)"
            )
    if typed:
        none = [pyfunc(*_row(args, 0)) for _ in range(0)]
        out = np.empty(n, np.array(none).dtype)
    else:
        if n == 0:
            raise ValueError(
                "cannot call `vectorize` on size 0 inputs unless `otypes` is set"
            )
        out = np.full(n, pyfunc(*_row(args, 0)))
    for i in prange(n):
        out[i] = pyfunc(*_row(args, i))
    return out


def vectorize(pyfunc, typed=False):
    """typed: of no rows too, for only the type of a result is asked for, where NumPy calls
    for the first row to learn it."""

    def each(*args):
        dims = [np.ndim(a) for a in args]
        if max(dims) == 0:
            return pyfunc(*args)
        if max(dims) == 1:
            return _each_row(pyfunc, args, typed)
        arrays = np.broadcast_arrays(*[np.asarray(a) for a in args])
        flat = tuple([np.ravel(a) for a in arrays])
        return np.reshape(_each_row(pyfunc, flat, typed), arrays[0].shape)

    return each


# -- Functions of each element ---------------------------------------------------------------


def sinc(x):
    x = np.pi * (x if np.ndim(x) == 0 else np.asarray(x))
    y = np.where(x == 0, np.finfo(np.float64).eps, x)
    return np.sin(y) / y


def isposinf(x):
    return np.isinf(x) & ~np.signbit(x)


def isneginf(x):
    return np.isinf(x) & np.signbit(x)


def nan_to_num(x, nan=0.0, posinf=None, neginf=None):
    x = x if np.ndim(x) == 0 else np.array(x)
    if np.ndim(x) > 0 and x.dtype.kind in "iub":
        return x
    if np.ndim(x) > 0 and x.dtype.kind == "c":
        refuse("np.nan_to_num() of complex numbers")
    high = np.finfo(np.float64 if np.ndim(x) == 0 else x.dtype).max
    high, low = (
        (high if posinf is None else posinf),
        (-high if neginf is None else neginf),
    )
    y = np.where(
        np.isnan(x), nan, np.where(x == np.inf, high, np.where(x == -np.inf, low, x))
    )
    return y if np.ndim(x) == 0 else y.astype(x.dtype)


def fix(x):
    return np.trunc(x)


def around(a, decimals=0):
    return np.round(a, decimals)


def iscomplexobj(x):
    return np.asarray(x).dtype.kind == "c"


def isrealobj(x):
    return not iscomplexobj(x)


def packbits(a, axis=None, bitorder="big"):
    a = np.asarray(a)
    if a.dtype.kind == "f" or a.dtype.kind == "c":
        raise TypeError("Expected an input array of integer or boolean data type")
    if axis is None:
        a = a.ravel()
        axis = 0
    k = axis_of(axis, a.ndim)
    bits = np.moveaxis((a != 0).astype(np.uint8), k, -1)
    n = bits.shape[-1]
    full = np.zeros((*bits.shape[:-1], (n + 7) // 8 * 8), np.uint8)
    full[..., :n] = bits
    eight = np.reshape(full, (*bits.shape[:-1], (n + 7) // 8, 8))
    at = np.arange(8) if bitorder == "little" else np.arange(7, -1, -1)
    out = (eight.astype(np.int64) << at).sum(axis=-1).astype(np.uint8)
    return np.moveaxis(out, -1, k)


def unpackbits(a, axis=None, count=None, bitorder="big"):
    a = np.asarray(a)
    if a.dtype != np.uint8:
        raise TypeError("Expected an input array of unsigned byte data type")
    if axis is None:
        a = a.ravel()
        axis = 0
    k = axis_of(axis, a.ndim)
    at = np.arange(8) if bitorder == "little" else np.arange(7, -1, -1)
    bytes_ = np.moveaxis(a, k, -1).astype(np.int64)
    bits = ((bytes_[..., None] >> at) & 1).astype(np.uint8)
    bits = np.reshape(bits, (*bytes_.shape[:-1], bytes_.shape[-1] * 8))
    if count is not None:
        bits = bits[..., :count]
    return np.moveaxis(bits, -1, k)


# -- Sequences and windows ---------------------------------------------------------------------


def logspace(start, stop, num=50, endpoint=True, base=10.0):
    return np.power(float(base), np.linspace(start, stop, num, endpoint))


def geomspace(start, stop, num=50, endpoint=True):
    if start == 0 or stop == 0:
        raise ValueError("Geometric sequence cannot include zero")
    sign = -1.0 if start < 0 else 1.0
    first, last = start / sign, stop / sign
    if last < 0:
        refuse("np.geomspace() between numbers of different signs")
    out = np.power(10.0, np.linspace(np.log10(first), np.log10(last), num, endpoint))
    if num > 0:
        out[0] = first
        if num > 1 and endpoint:
            out[num - 1] = last
    return out * sign


def _window(M):
    return np.pi * np.arange(1 - M, M, 2) / (M - 1.0)


def hamming(M):
    if M <= 1:
        return np.ones(max(M, 0))
    return 0.54 + 0.46 * np.cos(_window(M))


def hanning(M):
    if M <= 1:
        return np.ones(max(M, 0))
    return 0.5 + 0.5 * np.cos(_window(M))


def blackman(M):
    if M <= 1:
        return np.ones(max(M, 0))
    t = _window(M)
    return 0.42 + 0.5 * np.cos(t) + 0.08 * np.cos(2.0 * t)


def bartlett(M):
    if M <= 1:
        return np.ones(max(M, 0))
    n = np.arange(1 - M, M, 2)
    return np.where(n <= 0, 1 + n / (M - 1), 1 - n / (M - 1))


def correlate(a, v, mode="valid"):
    a, v = np.asarray(a), np.asarray(v)
    if len(a) >= len(v):
        return np.convolve(a, v[::-1], mode)
    return np.convolve(v, a[::-1], mode)[::-1]


_RULES = ("auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges")


def _spread(x):
    return np.max(x).astype(np.float64) - np.min(x).astype(np.float64)


def _quartiles(x):
    high, low = np.percentile(x, 75), np.percentile(x, 25)
    return 2.0 * (high - low) * len(x) ** (-1.0 / 3.0)


def _doane(x, n):
    sigma = np.std(x)
    if n <= 2 or not sigma > 0.0:
        return 0.0
    sg1 = np.sqrt(6.0 * (n - 2) / ((n + 1.0) * (n + 3)))
    g1 = np.mean(((x - np.mean(x)) / sigma) ** 3)
    return _spread(x) / (1.0 + np.log2(n) + np.log2(1.0 + abs(g1) / sg1))


def _stone(x, n, low, high):
    """The count of bins with the smallest estimated error."""
    spread = _spread(x)
    if n <= 1 or spread == 0:
        return 0.0
    best, at = 0.0, 0
    for bins in range(1, max(100, int(np.sqrt(n))) + 1):
        p = np.histogram(x, bins, (low, high))[0] / n
        error = (2 - (n + 1) * (p * p).sum()) / (spread / bins)
        if at == 0 or error < best:
            best, at = error, bins
    return spread / at


def _rule_width(x, rule, low, high):
    n = len(x)
    if rule == "sqrt":
        return _spread(x) / np.sqrt(n)
    if rule == "sturges":
        return _spread(x) / (np.log2(n) + 1.0)
    if rule == "rice":
        return _spread(x) / (2.0 * n ** (1.0 / 3))
    if rule == "scott":
        return (24.0 * np.pi**0.5 / n) ** (1.0 / 3.0) * np.std(x)
    if rule == "fd":
        return _quartiles(x)
    if rule == "doane":
        return _doane(x, n)
    if rule == "stone":
        return _stone(x, n, low, high)
    widths = max(_quartiles(x), _spread(x) / np.sqrt(n) / 2)
    return min(widths, _spread(x) / (np.log2(n) + 1.0))


def _bins_by_rule(a, rule, range, weights):
    """How many even bins a rule makes for np.histogram()."""
    if rule not in _RULES:
        raise ValueError(f"'{rule}' is not a valid estimator for `bins`")
    if weights is not None:
        raise TypeError(
            "Automated estimation of the number of bins is not supported for weighted data"
        )
    a = np.ravel(np.asarray(a))
    if range is not None:
        low, high = float(range[0]), float(range[1])
        if low > high:
            raise ValueError("max must be larger than min in range parameter.")
        a = a[(a >= low) & (a <= high)]
    elif len(a) > 0:
        low, high = float(np.min(a)), float(np.max(a))
    else:
        low, high = 0.0, 1.0
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError(f"autodetected range of [{low}, {high}] is not finite")
    if low == high:
        low, high = low - 0.5, high + 0.5
    if len(a) == 0:
        return 1
    width = float(_rule_width(a, rule, low, high))
    if width == 0:
        return 1
    if a.dtype.kind in "iu" and width < 1:
        width = 1.0
    return int(np.ceil((high - low) / width))


def histogram2d(x, y, bins=10, range=None, density=None, weights=None):
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y):
        raise ValueError("x and y must have the same length.")
    both = isinstance(bins, (list, tuple)) and len(bins) == 2
    first, second = (bins[0], bins[1]) if both else (bins, bins)
    xe = np.histogram_bin_edges(x, first, None if range is None else range[0])
    ye = np.histogram_bin_edges(y, second, None if range is None else range[1])
    xe, ye = xe + 0.0, ye + 0.0
    nx, ny = len(xe) - 1, len(ye) - 1
    h = np.zeros((nx, ny))
    i = np.searchsorted(xe, x, side="right") - 1
    j = np.searchsorted(ye, y, side="right") - 1
    i = np.where(x == xe[nx], nx - 1, i)
    j = np.where(y == ye[ny], ny - 1, j)
    w = np.ones(len(x)) if weights is None else np.asarray(weights) + 0.0
    inside = (i >= 0) & (i < nx) & (j >= 0) & (j < ny)
    at = i[inside] * ny + j[inside]
    flat = np.bincount(at, weights=w[inside], minlength=nx * ny)
    h[...] = np.reshape(flat, (nx, ny))
    if density:
        area = np.diff(xe)[:, None] * np.diff(ye)[None, :]
        h = h / area / h.sum()
    return h, xe, ye


# -- Methods of ufuncs ---------------------------------------------------------------------------


def add_reduce(array, axis=0, keepdims=False):
    return np.sum(array, axis=axis, keepdims=keepdims)


def multiply_reduce(array, axis=0, keepdims=False):
    return np.prod(array, axis=axis, keepdims=keepdims)


def maximum_reduce(array, axis=0, keepdims=False):
    return np.max(array, axis=axis, keepdims=keepdims)


def minimum_reduce(array, axis=0, keepdims=False):
    return np.min(array, axis=axis, keepdims=keepdims)


def logical_and_reduce(array, axis=0, keepdims=False):
    return np.all(array, axis=axis, keepdims=keepdims)


def logical_or_reduce(array, axis=0, keepdims=False):
    return np.any(array, axis=axis, keepdims=keepdims)


def add_accumulate(array, axis=0):
    return np.cumsum(array, axis=axis)


def multiply_accumulate(array, axis=0):
    return np.cumprod(array, axis=axis)


def _running(array, axis, take):
    out = np.moveaxis(np.array(array), axis_of(axis, np.ndim(array)), 0)
    for i in range(1, out.shape[0]):
        out[i] = take(out[i - 1], out[i])
    return np.moveaxis(out, 0, axis_of(axis, out.ndim))


def maximum_accumulate(array, axis=0):
    return _running(array, axis, np.maximum)


def minimum_accumulate(array, axis=0):
    return _running(array, axis, np.minimum)


def _outer(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return np.reshape(a, a.shape + (1,) * b.ndim), b


def add_outer(A, B):
    a, b = _outer(A, B)
    return a + b


def subtract_outer(A, B):
    a, b = _outer(A, B)
    return a - b


def multiply_outer(A, B):
    a, b = _outer(A, B)
    return a * b


def divide_outer(A, B):
    a, b = _outer(A, B)
    return a / b


def maximum_outer(A, B):
    a, b = _outer(A, B)
    return np.maximum(a, b)


def minimum_outer(A, B):
    a, b = _outer(A, B)
    return np.minimum(a, b)


def _each(a, indices, b, put):
    """put(index, value) for each element that the indices name, one after the other."""
    if not isinstance(indices, tuple):
        indices = (indices,)
    arrays = tuple(
        [np.asarray(i) if np.ndim(i) > 0 else np.full(1, i) for i in indices]
    )
    arrays = tuple([np.ravel(i) for i in np.broadcast_arrays(*arrays)])
    n = len(arrays[0])
    if len(arrays) < a.ndim:
        refuse("at() of whole rows: name an element by an index for each dimension")
    if np.ndim(b) == 0:
        for i in range(n):
            put(tuple([x[i] for x in arrays]), b)
    else:
        values = np.ravel(np.broadcast_to(np.asarray(b), (n,)))
        for i in range(n):
            put(tuple([x[i] for x in arrays]), values[i])


def add_at(a, indices, b):
    def put(at, x):
        a[at] += x

    _each(a, indices, b, put)


def subtract_at(a, indices, b):
    def put(at, x):
        a[at] -= x

    _each(a, indices, b, put)


def multiply_at(a, indices, b):
    def put(at, x):
        a[at] *= x

    _each(a, indices, b, put)


def maximum_at(a, indices, b):
    def put(at, x):
        a[at] = np.maximum(a[at], x)

    _each(a, indices, b, put)


def minimum_at(a, indices, b):
    def put(at, x):
        a[at] = np.minimum(a[at], x)

    _each(a, indices, b, put)


def _end(a, axis, x):
    """What stands before or behind a along an axis: one value is a row of them."""
    if np.ndim(x) > 0:
        return np.asarray(x)
    return np.full((*a.shape[:axis], 1, *a.shape[axis + 1 :]), x)


def _between(a, axis, prepend, append):
    """What np.diff goes through."""
    axis = axis_of(axis, a.ndim)
    if prepend is not None:
        a = np.concatenate((_end(a, axis, prepend), a), axis)
    if append is not None:
        a = np.concatenate((a, _end(a, axis, append)), axis)
    return a


def _trace(a, offset, axis1, axis2):
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


def _spaced(v, dtype):
    """np.linspace of a dtype: integers are rounded down."""
    dtype = np.empty(0, dtype).dtype
    return np.floor(v).astype(dtype) if dtype.kind in "iu" else v.astype(dtype)


def _lines_between(start, stop, num, endpoint):
    """np.linspace() between arrays: rows of numbers."""
    start, stop = np.asarray(start) * 1.0, np.asarray(stop) * 1.0
    if num < 0:
        raise ValueError(f"Number of samples, {num}, must be non-negative.")
    delta = stop - start
    gaps = num - 1 if endpoint else num
    at = np.reshape(np.arange(num) * 1.0, (-1,) + (1,) * np.ndim(delta))
    lines = at * (delta / max(gaps, 1)) + start
    if endpoint and num > 1:
        lines[num - 1] = stop + 0.0 * delta
    return lines


def _step(step, num, endpoint):
    gaps = num - 1 if endpoint else num
    return np.float64(step) if gaps > 0 else np.float64(np.nan)


def _cast_as(v, dtype, casting):
    dtype = np.empty(0, dtype).dtype
    kinds = "buifc"
    narrows = kinds.find(dtype.kind) < kinds.find(v.dtype.kind)
    if v.dtype.kind == "i" and dtype.kind == "u":
        narrows = True
    if casting == "same_kind":
        if narrows:
            raise TypeError(
                "Cannot cast array data from dtype('"
                + v.dtype.name
                + "') to dtype('"
                + dtype.name
                + "') according to the rule 'same_kind'"
            )
    elif casting != "unsafe":
        refuse("casting='" + casting + "'")
    return v.astype(dtype)
