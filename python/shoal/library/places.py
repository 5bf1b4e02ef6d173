"""Elements by their places: taking, putting, choosing, and numbers of places."""

import numpy as np

from shoal import prange

from . import axis_of, refuse
from .shapes import _at


def _places(indices, n, mode):
    if mode == "clip":
        return np.clip(indices, 0, n - 1)
    if mode == "wrap":
        return indices % n
    if mode != "raise":
        raise ValueError(
            "clipmode must be one of 'clip', 'raise', or 'wrap' (got '" + mode + "')"
        )
    return indices


def _picked(rows, at):
    """One element of each row."""
    out = np.empty(len(rows), rows.dtype)
    for i in prange(len(rows)):
        out[i] = rows[i, at[i]]
    return out


def _placed(rows, at, value):
    for i in prange(len(rows)):
        rows[i, at[i]] = value


def _placed_each(rows, at, values):
    for i in prange(len(rows)):
        rows[i, at[i]] = values[i]


def take(a, indices, axis=None, mode="raise"):
    a = np.asarray(a)
    if axis is None:
        a = a.ravel()
        axis = 0
    axis = axis_of(axis, a.ndim)
    if np.ndim(indices) > 0:
        indices = np.asarray(indices)
        if indices.dtype.kind == "f":
            raise TypeError(
                "Cannot cast array data from dtype('float64') to dtype('int64') "
                "according to the rule 'safe'"
            )
        if indices.dtype.kind == "b":
            indices = indices.astype(np.int64)
        if a.shape[axis] == 0 and indices.size > 0:
            raise IndexError("cannot do a non-empty take from an empty axes.")
    return a[_at(axis, _places(indices, a.shape[axis], mode))]


def _along(indices, axis):
    """The index of elements that stand at `indices` along an axis."""
    key = ()
    for k in tuple(range(indices.ndim)):
        if k == axis:
            key += (indices,)
        else:
            shape = (1,) * k + (-1,) + (1,) * (indices.ndim - k - 1)
            key += (np.reshape(np.arange(indices.shape[k]), shape),)
    return key


def _check_along(arr, indices):
    if arr.ndim != indices.ndim:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")


def take_along_axis(arr, indices, axis=-1):
    if axis is None:
        return arr.ravel()[indices]
    _check_along(arr, indices)
    axis = axis_of(axis, arr.ndim)
    return arr[_whole(arr, _along(indices, axis), indices, axis)]


def _whole(arr, key, indices, axis):
    """Where the indices have length 1 along another axis, they stand for all of it."""
    full = ()
    for k in tuple(range(arr.ndim)):
        if k != axis and indices.shape[k] == 1 and arr.shape[k] != 1:
            shape = (1,) * k + (-1,) + (1,) * (arr.ndim - k - 1)
            full += (np.reshape(np.arange(arr.shape[k]), shape),)
        else:
            full += (key[k],)
    return full


def put_along_axis(arr, indices, values, axis):
    if axis is None:
        put(arr, indices, values)
    else:
        _check_along(arr, indices)
        arr[_along(indices, axis_of(axis, arr.ndim))] = values


def ndarray_partition(a, kth, axis=-1):
    _check_kth(kth, a.shape[axis_of(axis, a.ndim)])
    a.sort(axis)


def ndarray_compress(a, condition, axis=None):
    return compress(condition, a, axis)


def compress(condition, a, axis=None):
    a = np.asarray(a)
    if axis is None:
        a = a.ravel()
        axis = 0
    condition = np.asarray(condition)
    if condition.ndim != 1:
        raise ValueError("condition must be a 1-d array")
    return take(a, np.flatnonzero(condition), axis_of(axis, a.ndim))


def extract(condition, arr):
    return take(np.ravel(np.asarray(arr)), np.flatnonzero(np.ravel(condition)))


def choose(a, choices, mode="raise"):
    a = np.asarray(a)
    n = len(choices)
    if mode == "raise" and np.any((a < 0) | (a >= n)):
        raise ValueError("invalid entry in choice array")
    a = _places(a, n, mode)
    return np.select([a == i for i in range(n)], list(choices))


# -- Putting -----------------------------------------------------------------------------------


def put(a, ind, v, mode="raise"):
    n = a.size
    ind = np.ravel(np.asarray(ind)) if np.ndim(ind) > 0 else np.full(1, ind)
    v = np.ravel(np.asarray(v)) if np.ndim(v) > 0 else np.full(1, v)
    if len(v) > 0:
        for j in range(len(ind)):
            i = ind[j]
            if mode == "clip":
                i = min(max(i, 0), n - 1)
            elif mode == "wrap":
                i = i % n
            elif i < -n or i >= n:
                raise IndexError(f"index {i} is out of bounds for axis 0 with size {n}")
            _put_flat(a, i % n, v[j % len(v)])


def _put_flat(a, i, x):
    key = ()
    for k in tuple(range(a.ndim - 1, -1, -1)):
        key = (i % a.shape[k], *key)
        i = i // a.shape[k]
    a[key] = x


def place(arr, mask, vals):
    vals = np.ravel(np.asarray(vals)) if np.ndim(vals) > 0 else np.full(1, vals)
    n = np.count_nonzero(mask)
    if n > 0:
        if len(vals) == 0:
            raise ValueError("Cannot insert from an empty array!")
        arr[np.asarray(mask) != 0] = vals[np.arange(n) % len(vals)]


def putmask(a, mask, values):
    mask = np.asarray(mask)
    if mask.shape != a.shape:
        raise ValueError("putmask: mask and data must be the same size")
    if np.ndim(values) == 0:
        a[mask] = values
    else:
        values = np.ravel(np.asarray(values))
        if len(values) > 0:
            full = np.reshape(values[np.arange(a.size) % len(values)], a.shape)
            a[...] = np.where(mask, full, a)


def copyto(dst, src, where=True):
    if np.ndim(where) == 0:
        dst[...] = src
    else:
        where = np.broadcast_to(np.asarray(where), dst.shape)
        if np.ndim(src) == 0:
            dst[where] = src
        else:
            dst[where] = np.broadcast_to(np.asarray(src), dst.shape)[where]


def fill_diagonal(a, val, wrap=False):
    if a.ndim < 2:
        raise ValueError("array must be at least 2-d")
    if a.ndim == 2:
        n, m = a.shape[0], a.shape[1]
        count = min(n, m)
        if wrap and n > m:
            count = (n * m + m) // (m + 1)
        if np.ndim(val) == 0:
            for i in range(count):
                j = i * (m + 1)
                a[j // m, j % m] = val
        else:
            val = np.ravel(np.asarray(val))
            for i in range(count):
                j = i * (m + 1)
                a[j // m, j % m] = val[i % len(val)]
    else:
        for k in range(1, a.ndim):
            if a.shape[k] != a.shape[0]:
                raise ValueError("All dimensions of input must be of equal length")
        if np.ndim(val) == 0:
            for i in range(a.shape[0]):
                a[(i,) * a.ndim] = val
        else:
            val = np.ravel(np.asarray(val))
            for i in range(a.shape[0]):
                a[(i,) * a.ndim] = val[i % len(val)]


# -- Numbers of places -------------------------------------------------------------------------


def ix_(*args):
    out = ()
    for k in range(len(args)):
        x = np.asarray(args[k])
        if x.ndim != 1:
            raise ValueError("Cross index must be 1 dimensional")
        if x.dtype == np.bool_:
            x = np.flatnonzero(x)
        out += (np.reshape(x, (1,) * k + (len(x),) + (1,) * (len(args) - k - 1)),)
    return out


def indices(dimensions, dtype=int, sparse=False):
    dimensions = tuple(dimensions)
    n = len(dimensions)
    out = ()
    for k in range(n):
        shape = (1,) * k + (dimensions[k],) + (1,) * (n - k - 1)
        out += (np.reshape(np.arange(dimensions[k], dtype=dtype), shape),)
    if sparse:
        return out
    res = np.zeros((n, *dimensions), dtype)
    for k in range(n):
        res[k] = out[k]
    return res


def fromfunction(function, shape, dtype=float):
    grid = indices(shape, dtype)
    return function(*[grid[k] for k in range(len(shape))])


def unravel_index(indices, shape):
    shape = (shape,) if np.ndim(shape) == 0 else tuple(shape)
    n = 1
    for k in shape:
        n *= k
    one = np.ndim(indices) == 0
    if not one:
        indices = np.asarray(indices)
        for i in np.ravel(indices):
            if i < 0 or i >= n:
                raise ValueError(f"index {i} is out of bounds for array with size {n}")
    elif indices < 0 or indices >= n:
        raise ValueError(f"index {indices} is out of bounds for array with size {n}")
    out = ()
    for k in tuple(range(len(shape) - 1, -1, -1)):
        at = np.int64(indices % shape[k]) if one else indices % shape[k]
        out = (at, *out)
        indices = indices // shape[k]
    return out


def ravel_multi_index(multi_index, dims, mode="raise"):
    n = len(dims)
    if len(multi_index) != n:
        raise ValueError("parameter multi_index must be a sequence of length " + str(n))
    at = 0
    for k in range(n):
        i = multi_index[k]
        if np.ndim(i) > 0:
            i = np.asarray(i)
        if mode == "raise":
            if np.any((i < 0) | (i >= dims[k])):
                raise ValueError("invalid entry in coordinates array")
        else:
            i = _places(i, dims[k], mode)
        at = at * dims[k] + i
    return np.int64(at) if np.ndim(at) == 0 else at


def size(a, axis=None):
    if np.ndim(a) == 0:
        return 1
    return np.asarray(a).size if axis is None else np.asarray(a).shape[axis]


def _stretch(key):
    """The numbers that a slice in a subscript of np.r_ or np.mgrid stands for."""
    start = 0 if key.start is None else key.start
    step = 1 if key.step is None else key.step
    return np.arange(start, key.stop, step)


def r_(*key):
    parts = [_stretch(k) if isinstance(k, slice) else np.atleast_1d(k) for k in key]
    return np.concatenate(parts)


def c_(*key):
    parts = [_stretch(k) if isinstance(k, slice) else np.atleast_1d(k) for k in key]
    return np.concatenate([p[:, None] if p.ndim == 1 else p for p in parts], axis=-1)


def ogrid(*key):
    lines = tuple([_stretch(k) for k in key])
    return lines[0] if len(key) == 1 else ix_(*lines)


def mgrid(*key):
    lines = tuple([_stretch(k) for k in key])
    if len(key) == 1:
        return lines[0]
    return np.stack(np.broadcast_arrays(*ix_(*lines)))


def ndindex(*shape):
    if len(shape) == 1 and np.ndim(shape[0]) == 1:
        shape = shape[0]
    if len(shape) == 1:
        return [(i,) for i in range(shape[0])]
    if len(shape) == 2:
        return [(i, j) for i in range(shape[0]) for j in range(shape[1])]
    if len(shape) != 3:
        refuse("np.ndindex() of more than three dimensions")
    a, b, c = shape
    return [(i, j, k) for i in range(a) for j in range(b) for k in range(c)]


def ndenumerate(arr):
    arr = np.asarray(arr)
    return [(i, arr[i]) for i in ndindex(*arr.shape)]


def nditer(op):
    return np.ravel(np.asarray(op))


# -- Orders ------------------------------------------------------------------------------------


def lexsort(keys, axis=-1):
    n = len(keys)
    if n == 0:
        raise TypeError("need sequence of keys with len > 0 in lexsort")
    if np.ndim(keys[0]) != 1:
        refuse("np.lexsort() of keys of more dimensions")
    order = np.argsort(np.asarray(keys[0]), kind="stable")
    for k in range(1, n):
        order = order[np.argsort(np.asarray(keys[k])[order], kind="stable")]
    return order


def partition(a, kth, axis=-1):
    a = np.asarray(a)
    if axis is None:
        a = a.ravel()
        axis = -1
    _check_kth(kth, a.shape[axis_of(axis, a.ndim)])
    return np.sort(a, axis)


def argpartition(a, kth, axis=-1):
    a = np.asarray(a)
    if axis is None:
        a = a.ravel()
        axis = -1
    _check_kth(kth, a.shape[axis_of(axis, a.ndim)])
    return np.argsort(a, axis)


def _check_kth(kth, n):
    for k in (kth,) if np.ndim(kth) == 0 else kth:
        if k < -n or k >= n:
            raise ValueError(f"kth(={k}) out of bounds ({n})")


def sort_complex(a):
    a = np.sort(np.asarray(a))
    if a.dtype.kind == "c":
        return a
    return a.astype(np.complex128)


def apply_along_axis(func1d, axis, arr, *args):
    arr = np.asarray(arr)
    lines = np.moveaxis(arr, axis_of(axis, arr.ndim), -1)
    if arr.ndim == 1:
        return func1d(arr, *args)
    if arr.ndim != 2:
        refuse("np.apply_along_axis() of an array of more than two dimensions")
    n = lines.shape[0]
    if n == 0:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    first = func1d(lines[0], *args)
    if np.ndim(first) == 0:
        res = np.full(n, first)
    else:
        res = np.zeros((n, *np.shape(first)), first.dtype)
        res[0] = first
    for i in range(1, n):
        res[i] = func1d(lines[i], *args)
    return res if np.ndim(first) == 0 or axis % 2 == 1 else res.T


def piecewise(x, condlist, funclist):
    x = np.asarray(x)
    n = len(condlist)
    if len(funclist) not in (n, n + 1):
        raise ValueError(
            f"with {n} condition(s), either {n} or {n + 1} functions are expected"
        )
    y = np.zeros(x.shape, x.dtype)
    rest = np.ones(x.shape, np.bool_)
    for k in range(n):
        rest = rest & ~condlist[k]
    for k in range(len(funclist)):
        cond = condlist[k] if k < n else rest
        func = funclist[k]
        y[cond] = func(x[cond]) if callable(func) else func
    return y
