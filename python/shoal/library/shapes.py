"""New shapes: diagonals and triangles, parts put in and taken out, borders."""

import numpy as np
from numpy.exceptions import AxisError

from . import axis_of, refuse


def _at(axis, key):
    """The index that is key along one axis and takes all of those before it."""
    return (slice(None),) * axis + (key,)


def _least(a, b):
    """The smaller of two lengths, none below zero."""
    return max(min(a, b), 0)


def copy(a):
    return np.array(a)


def asanyarray(a, dtype=None):
    return np.asarray(a, dtype)


# -- Diagonals and triangles -----------------------------------------------------------------


def _diagonal(a, offset):
    """Of the last two dimensions."""
    below, right = max(-offset, 0), max(offset, 0)
    at = np.arange(_least(a.shape[-2] - below, a.shape[-1] - right))
    return a[..., at + below, at + right]


def diagonal(a, offset=0, axis1=0, axis2=1):
    a = np.asarray(a)
    if a.ndim < 2:
        raise ValueError("diag requires an array of at least two dimensions")
    first, second = axis_of(axis1, a.ndim), axis_of(axis2, a.ndim)
    if first == second:
        raise ValueError("axis1 and axis2 cannot be the same")
    return _diagonal(np.moveaxis(a, (first, second), (-2, -1)), offset)


def diag(v, k=0):
    v = np.asarray(v)
    if v.ndim == 2:
        return _diagonal(v, k)
    if v.ndim != 1:
        raise ValueError("Input must be 1- or 2-d.")
    n = len(v) + abs(k)
    at = np.arange(len(v))
    res = np.zeros((n, n), v.dtype)
    res[at + max(-k, 0), at + max(k, 0)] = v
    return res


def diagflat(v, k=0):
    return diag(np.ravel(np.asarray(v)), k)


def _below(n, m, k):
    """Which places of a matrix are on or below a diagonal."""
    return np.arange(n)[:, None] >= np.arange(m)[None, :] - k


def tri(N, M=None, k=0, dtype=float):
    return _below(N, N if M is None else M, k).astype(dtype)


def tril(m, k=0):
    m = np.asarray(m)
    if m.ndim == 1:
        m = np.broadcast_to(m, (len(m), len(m)))
    return np.where(_below(m.shape[-2], m.shape[-1], k), m, np.zeros(1, m.dtype))


def triu(m, k=0):
    m = np.asarray(m)
    if m.ndim == 1:
        m = np.broadcast_to(m, (len(m), len(m)))
    return np.where(_below(m.shape[-2], m.shape[-1], k - 1), np.zeros(1, m.dtype), m)


def tril_indices(n, k=0, m=None):
    return np.nonzero(_below(n, n if m is None else m, k))


def triu_indices(n, k=0, m=None):
    return np.nonzero(~_below(n, n if m is None else m, k - 1))


def tril_indices_from(arr, k=0):
    arr = np.asarray(arr)
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return tril_indices(arr.shape[-2], k, arr.shape[-1])


def triu_indices_from(arr, k=0):
    arr = np.asarray(arr)
    if arr.ndim != 2:
        raise ValueError("input array must be 2-d")
    return triu_indices(arr.shape[-2], k, arr.shape[-1])


def diag_indices(n, ndim=2):
    return (np.arange(n),) * ndim


def vander(x, N=None, increasing=False):
    x = np.asarray(x)
    if x.ndim != 1:
        raise ValueError("x must be a one-dimensional array or sequence.")
    n = len(x) if N is None else N
    if x.dtype.kind in "iub":
        v = np.zeros((len(x), n), np.int64)
    else:
        v = np.zeros((len(x), n), x.dtype)
    power = np.ones(len(x), v.dtype)
    for j in range(n):
        if increasing:
            v[:, j] = power
        else:
            v[:, n - 1 - j] = power
        power = power * x
    return v


def rollaxis(a, axis, start=0):
    n = a.ndim
    axis = axis_of(axis, n)
    if start < 0:
        start += n
    if not 0 <= start <= n:
        raise AxisError(
            f"'start' arg requires {-n} <= start < {n + 1}, but {start} was passed in"
        )
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


def matrix_transpose(x):
    if x.ndim < 2:
        raise ValueError(
            f"Input array must be at least 2-dimensional, but it is {x.ndim}"
        )
    return np.swapaxes(x, -1, -2)


def dsplit(ary, indices_or_sections):
    if ary.ndim < 3:
        raise ValueError("dsplit only works on arrays of 3 or more dimensions")
    return np.split(ary, indices_or_sections, 2)


def broadcast_arrays(*args):
    arrays = tuple([np.asarray(a) for a in args])
    shape = broadcast_shapes(*[a.shape for a in arrays])
    return tuple([np.broadcast_to(a, shape) for a in arrays])


def broadcast_shapes(*args):
    n = max([len(s) for s in args])
    shape = (1,) * n
    for s in args:
        s = (1,) * (n - len(s)) + tuple(s)
        shape = tuple([_joint(shape[k], s[k]) for k in range(n)])
    return shape


def _joint(a, b):
    if a != b and a != 1 and b != 1:
        raise ValueError(
            "shape mismatch: objects cannot be broadcast to a single shape"
        )
    return b if a == 1 else a


# -- Putting in and taking out ----------------------------------------------------------------


def insert(arr, obj, values, axis=None):
    arr = np.asarray(arr)
    if axis is None:
        arr = arr.ravel()
        axis = 0
    axis = axis_of(axis, arr.ndim)
    n = arr.shape[axis]
    if isinstance(obj, slice):
        refuse("np.insert() at a slice")
    if np.ndim(obj) == 0:
        return _insert_one(arr, obj, np.asarray(values), axis, n)
    at = np.asarray(obj)
    if at.dtype == np.bool_:
        at = np.flatnonzero(at)
    if at.ndim != 1:
        raise ValueError(
            "index array argument obj to insert must be one dimensional or scalar"
        )
    for i in at:
        if i < -n or i > n:
            raise IndexError(
                f"index {i} is out of bounds for axis {axis} with size {n}"
            )
    at = np.where(at < 0, at + n, at)
    order = np.argsort(at, kind="stable")
    places = np.zeros(len(at), np.int64)
    places[order] = at[order] + np.arange(len(at))
    old = np.ones(n + len(at), np.bool_)
    old[places] = False
    new = np.zeros((*arr.shape[:axis], n + len(at), *arr.shape[axis + 1 :]), arr.dtype)
    new[_at(axis, old)] = arr
    new[_at(axis, places)] = values
    return new


def _insert_one(arr, at, values, axis, n):
    if at < -n or at > n:
        raise IndexError(f"index {at} is out of bounds for axis {axis} with size {n}")
    if at < 0:
        at += n
    if np.ndim(values) == 0:
        count = 1
    else:
        if values.ndim < arr.ndim:
            values = np.reshape(values, (1,) * (arr.ndim - values.ndim) + values.shape)
        values = np.moveaxis(values, 0, axis)
        count = values.shape[axis]
    new = np.zeros((*arr.shape[:axis], n + count, *arr.shape[axis + 1 :]), arr.dtype)
    new[_at(axis, slice(None, at))] = arr[_at(axis, slice(None, at))]
    new[_at(axis, slice(at, at + count))] = values
    new[_at(axis, slice(at + count, None))] = arr[_at(axis, slice(at, None))]
    return new


def delete(arr, obj, axis=None):
    arr = np.asarray(arr)
    if axis is None:
        arr = arr.ravel()
        axis = 0
    axis = axis_of(axis, arr.ndim)
    n = arr.shape[axis]
    keep = np.ones(n, np.bool_)
    if isinstance(obj, slice):
        keep[obj] = False
        return arr[_at(axis, keep)]
    if np.ndim(obj) == 0:
        if obj < -n or obj >= n:
            raise IndexError(
                f"index {obj} is out of bounds for axis {axis} with size {n}"
            )
        keep[obj] = False
        return arr[_at(axis, keep)]
    at = np.asarray(obj)
    if at.dtype == np.bool_:
        if len(at) != n:
            raise ValueError(
                "boolean array argument obj to delete must be one dimensional and match "
                f"the axis length of {n}"
            )
        return arr[_at(axis, ~at)]
    keep[at] = False
    return arr[_at(axis, keep)]


def resize(a, new_shape):
    flat = np.ravel(np.asarray(a))
    shape = (new_shape,) if np.ndim(new_shape) == 0 else tuple(new_shape)
    n = 1
    for k in shape:
        if k < 0:
            raise ValueError("all elements of `new_shape` must be non-negative")
        n *= k
    if len(flat) == 0:
        return np.zeros(shape, flat.dtype)
    return np.reshape(flat[np.arange(n) % len(flat)], shape)


def trim_zeros(filt, trim="fb"):
    filt = np.asarray(filt)
    if filt.ndim != 1:
        refuse("np.trim_zeros() of an array of more dimensions")
    start, stop = 0, len(filt)
    if "f" in trim.lower():
        while start < stop and filt[start] == 0:
            start += 1
    if "b" in trim.lower():
        while stop > start and filt[stop - 1] == 0:
            stop -= 1
    return filt[start:stop]


def block(arrays):
    if not isinstance(arrays, list):
        return np.array(arrays)
    if not isinstance(arrays[0], list):
        return np.concatenate([np.atleast_1d(x) for x in arrays], axis=-1)
    rows = [np.concatenate([np.atleast_2d(x) for x in r], axis=-1) for r in arrays]
    if isinstance(arrays[0][0], list):
        refuse("np.block() of lists nested more than twice")
    return np.concatenate(rows, axis=-2)


# -- Borders -----------------------------------------------------------------------------------


def _pair(v, k, ndim):
    """What np.pad says for axis k: one number, two, or two for each axis."""
    if np.ndim(v) == 0:
        return v, v
    if np.ndim(v[0]) == 0:
        return (v[0], v[0]) if len(v) == 1 else (v[0], v[1])
    row = v[0] if len(v) == 1 else v[k]
    return (row[0], row[0]) if len(row) == 1 else (row[0], row[1])


def _source(n, before, after, mode):
    """For each place along a padded axis, the place that its value is from."""
    at = np.arange(-before, n + after)
    if mode == "edge":
        return np.clip(at, 0, n - 1)
    if mode == "wrap":
        return at % n
    if mode == "reflect":
        if n == 1:
            return at * 0
        at = at % (2 * n - 2)
        return np.where(at < n, at, 2 * n - 2 - at)
    at = at % (2 * n)
    return np.where(at < n, at, 2 * n - 1 - at)


def pad(array, pad_width, mode="constant", constant_values=0):
    a = np.asarray(array)
    if mode not in ("constant", "edge", "wrap", "reflect", "symmetric"):
        refuse(f"np.pad() in this mode ({mode})")
    for k in range(a.ndim):
        before, after = _pair(pad_width, k, a.ndim)
        if before < 0 or after < 0:
            raise ValueError("index can't contain negative values")
        n = a.shape[k]
        if mode == "constant":
            first, last = _pair(constant_values, k, a.ndim)
            new = np.zeros(
                (*a.shape[:k], n + before + after, *a.shape[k + 1 :]), a.dtype
            )
            new[_at(k, slice(before, before + n))] = a
            new[_at(k, slice(None, before))] = first
            new[_at(k, slice(before + n, None))] = last
            a = new
        else:
            if n == 0 and before + after > 0:
                raise ValueError(
                    f"can't extend empty axis {k} using modes other than 'constant' or 'empty'"
                )
            a = a[_at(k, _source(n, before, after, mode))]
    return a


def _lines_of(a, axes):
    """The axes one behind the other, as the last one."""
    a = np.moveaxis(np.asarray(a), axes, tuple(range(-len(axes), 0)))
    return a.reshape((*a.shape[: a.ndim - len(axes)], -1))


def _tolist(a):
    return [row.tolist() for row in a]


def fromiter(iter, dtype):
    return np.array(list(iter)).astype(dtype)


def astype(x, dtype, copy=True):
    return x.astype(dtype, copy=copy)


def _unique_rows(ar, axis, return_index, return_inverse, return_counts):
    """Distinct rows in order, column by column from the last one: sorts are stable."""
    a = np.asarray(ar)
    axis = axis_of(axis, a.ndim)
    if a.ndim != 2:
        refuse(f"np.unique() along an axis of an array of {a.ndim} dimensions")
    rows = a.T if axis == 1 else a
    n = len(rows)
    order = np.arange(n)
    for j in range(rows.shape[1] - 1, -1, -1):
        order = order[np.argsort(rows[order, j], kind="stable")]
    rows = rows[order]
    new = np.ones(n, np.bool_)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    found = rows[new]
    first = np.flatnonzero(new)
    result = (found.T if axis == 1 else found,)
    if return_index:
        result += (order[first],)
    if return_inverse:
        codes = np.empty(n, np.int64)
        codes[order] = np.cumsum(new) - 1
        result += (codes,)
    if return_counts:
        result += (np.diff(np.append(first, n)),)
    return result if len(result) > 1 else result[0]


def unique_values(x):
    return np.unique(x)


def unique_counts(x):
    return np.unique(x, return_counts=True)


def unique_inverse(x):
    return np.unique(x, return_inverse=True)


def unique_all(x):
    return np.unique(x, return_index=True, return_inverse=True, return_counts=True)
