"""Products of arrays, and what is made of factors of matrices."""

import numpy as np

from . import axis_of, factor, refuse


def kron(a, b):
    a, b = np.asarray(a), np.asarray(b)
    n = max(a.ndim, b.ndim)
    left = (1,) * (n - a.ndim) + a.shape
    right = (1,) * (n - b.ndim) + b.shape
    wide, narrow, full = (), (), ()
    for k in range(n):
        wide += (left[k], 1)
        narrow += (1, right[k])
        full += (left[k] * right[k],)
    return np.reshape(np.reshape(a, wide) * np.reshape(b, narrow), full)


def _vectors(a, axis, name):
    if a.ndim < 1:
        raise ValueError("At least one array has zero dimension")
    a = np.moveaxis(a, axis_of(axis, a.ndim), -1)
    if a.shape[-1] not in (2, 3):
        raise ValueError(
            "incompatible dimensions for cross product\n(dimension must be 2 or 3)"
        )
    if a.shape[-1] == 2:
        raise ValueError(f"{name}() of vectors of 2 elements: write out the product")
    return a[..., 0], a[..., 1], a[..., 2]


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axis is not None:
        axisa, axisb, axisc = axis, axis, axis
    a0, a1, a2 = _vectors(np.asarray(a), axisa, "cross")
    b0, b1, b2 = _vectors(np.asarray(b), axisb, "cross")
    c0, c1, c2 = a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0
    if np.ndim(c0) == 0:
        return np.array([c0, c1, c2])
    c = np.stack((c0, c1, c2), -1)
    return np.moveaxis(c, -1, axisc)


def linalg_cross(x1, x2, axis=-1):
    return cross(x1, x2, axis=axis)


def _product(items):
    n = 1
    for k in items:
        n *= k
    return n


def tensordot(a, b, axes=2):
    a, b = np.asarray(a), np.asarray(b)
    if np.ndim(axes) == 0:
        over_a = tuple([a.ndim - axes + i for i in range(axes)])
        over_b = tuple(range(axes))
    else:
        over_a = (axes[0],) if np.ndim(axes[0]) == 0 else tuple(axes[0])
        over_b = (axes[1],) if np.ndim(axes[1]) == 0 else tuple(axes[1])
        over_a = tuple([axis_of(k, a.ndim) for k in over_a])
        over_b = tuple([axis_of(k, b.ndim) for k in over_b])
    if len(over_a) != len(over_b):
        raise ValueError("shape-mismatch for sum")
    for i in range(len(over_a)):
        if a.shape[over_a[i]] != b.shape[over_b[i]]:
            raise ValueError("shape-mismatch for sum")
    free_a = tuple([k for k in range(a.ndim) if k not in over_a])
    free_b = tuple([k for k in range(b.ndim) if k not in over_b])
    n = _product([a.shape[k] for k in over_a])
    rows = _product([a.shape[k] for k in free_a])
    cols = _product([b.shape[k] for k in free_b])
    left = np.reshape(np.transpose(a, free_a + over_a), (rows, n))
    right = np.reshape(np.transpose(b, over_b + free_b), (n, cols))
    res = np.dot(left, right)
    shape = tuple([a.shape[k] for k in free_a]) + tuple([b.shape[k] for k in free_b])
    return res[0, 0] if len(shape) == 0 else np.reshape(res, shape)


def _labels(subscripts, n):
    """(labels of each operand, labels of the result) of np.einsum()."""
    text = subscripts.replace(" ", "")
    if "." in text:
        refuse("np.einsum() with an ellipsis")
    given, arrow, out = text.partition("->")
    parts = tuple(given.split(","))
    if len(parts) != n:
        raise ValueError(
            "more operands provided to einstein sum function than specified in the "
            "subscripts string"
            if len(parts) < n
            else "fewer operands provided to einstein sum function than specified in the "
            "subscripts string"
        )
    if not arrow:
        joint = given.replace(",", "")
        out = "".join(tuple(sorted([c for c in tuple(joint) if joint.count(c) == 1])))
    return parts, out


def _alone(a, labels, keep):
    """The operand with each label once, and only those to be kept: diagonals and sums."""
    for c in tuple(labels):
        if labels.count(c) > 1:
            i, j = labels.index(c), labels.rfind(c)
            a = np.moveaxis(np.diagonal(a, 0, i, j), -1, i)
            labels = labels[:j] + labels[j + 1 :]
    for c in tuple(labels):
        if c not in keep:
            k = labels.index(c)
            a = np.sum(a, axis=k)
            labels = labels[:k] + labels[k + 1 :]
    return a, labels


def _pair(a, la, b, lb, keep):
    """Two operands made one: summed over the labels that nothing keeps."""
    both = "".join(tuple([c for c in la if c in lb and c in keep]))
    over = "".join(tuple([c for c in la if c in lb and c not in keep]))
    fa = "".join(tuple([c for c in la if c not in lb]))
    fb = "".join(tuple([c for c in lb if c not in la]))
    for c in tuple(both + over):
        if a.shape[la.index(c)] != b.shape[lb.index(c)]:
            raise ValueError(
                "operands could not be broadcast together with remapped shapes"
            )
    if over == "":
        order = both + fa + fb
        x = _spread(a, la, order)
        y = _spread(b, lb, order)
        return x * y, order
    ta = np.transpose(a, tuple([la.index(c) for c in both + fa + over]))
    tb = np.transpose(b, tuple([lb.index(c) for c in both + over + fb]))
    m = len(both)
    shape = ta.shape[: m + len(fa)] + tb.shape[m + len(over) :]
    n = _product(ta.shape[m + len(fa) :])
    ra = _product(ta.shape[m : m + len(fa)])
    rb = _product(tb.shape[m + len(over) :])
    if m == 0:
        res = np.dot(np.reshape(ta, (ra, n)), np.reshape(tb, (n, rb)))
        return (res[0, 0] if len(shape) == 0 else np.reshape(res, shape)), fa + fb
    many = _product(ta.shape[:m])
    x = np.reshape(ta, (many, ra, n, 1))
    y = np.reshape(tb, (many, 1, n, rb))
    return np.reshape((x * y).sum(axis=2), shape), both + fa + fb


def _spread(a, labels, order):
    """The operand with its dimensions in this order, of length 1 where it has none."""
    a = np.transpose(a, tuple([labels.index(c) for c in order if c in labels]))
    shape, k = (), 0
    for c in tuple(order):
        if c in labels:
            shape += (a.shape[k],)
            k += 1
        else:
            shape += (1,)
    return np.reshape(a, shape)


def einsum(subscripts, *operands, optimize=False):
    parts, out = _labels(subscripts, len(operands))
    arrays = tuple([np.asarray(a) for a in operands])
    for k in tuple(range(len(parts))):
        if len(parts[k]) != arrays[k].ndim:
            raise ValueError(
                "einstein sum subscripts string contains too many subscripts for operand "
                + str(k)
                if len(parts[k]) > arrays[k].ndim
                else "operand has more dimensions than subscripts given in einstein sum, "
                "but no '...' ellipsis provided to broadcast the extra dimensions."
            )
    a, la = _alone(arrays[0], parts[0], out + "".join(parts[1:]))
    for k in tuple(range(1, len(parts))):
        rest = out + "".join(parts[k + 1 :])
        b, lb = _alone(arrays[k], parts[k], rest + la)
        a, la = _pair(a, la, b, lb, rest)
    a, la = _alone(a, la, out)
    return a if len(la) < 2 else np.transpose(a, tuple([la.index(c) for c in out]))


# -- Matrices ------------------------------------------------------------------------------------


def _square(a):
    if a.ndim != 2:
        raise np.linalg.LinAlgError(
            f"{a.ndim}-dimensional array given. Array must be at least two-dimensional"
        )
    if a.shape[0] != a.shape[1]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")


def linalg_matrix_power(a, n):
    a = np.asarray(a)
    _square(a)
    if n == 0:
        return np.eye(a.shape[0], dtype=a.dtype)
    if n < 0:
        a = np.linalg.inv(a)
        n = -n
    if n == 1:
        return np.array(a)
    z = a
    res = a
    started = False
    while n > 0:
        if n % 2 == 1:
            res = np.dot(res, z) if started else z
            started = True
        n //= 2
        if n > 0:
            z = np.dot(z, z)
    return res


def linalg_multi_dot(arrays):
    n = len(arrays)
    if n < 2:
        raise ValueError("Expecting at least two arrays.")
    if n == 3 and np.ndim(arrays[0]) == 2 and np.ndim(arrays[2]) == 2:
        a, b, c = arrays
        a0, a1, b1, c1 = a.shape[0], a.shape[1], c.shape[0], c.shape[1]
        if a0 * b1 * (a1 + c1) < a1 * c1 * (a0 + b1):
            return np.dot(np.dot(a, b), c)
        return np.dot(a, np.dot(b, c))
    res = arrays[0]
    for k in range(1, n):
        res = np.dot(res, arrays[k])
    return res


def linalg_outer(x1, x2):
    return np.outer(x1, x2)


def linalg_trace(x):
    return np.trace(x)


def linalg_diagonal(x, offset=0):
    return np.diagonal(x, offset, -2, -1)


def linalg_matrix_transpose(x):
    return np.matrix_transpose(x)


def linalg_vector_norm(x, axis=None, keepdims=False, ord=2):
    x = np.asarray(x)
    if axis is None:
        x = np.ravel(x)
        if keepdims:
            refuse("vector_norm() of all elements with keepdims")
        return np.linalg.norm(x, ord)
    return np.linalg.norm(x, ord, axis, keepdims)


def linalg_matrix_norm(x, keepdims=False, ord="fro"):
    if keepdims or np.ndim(x) != 2:
        refuse("matrix_norm() of many matrices, or with keepdims")
    return np.linalg.norm(x, ord)


def _matrix(a):
    if a.ndim < 2:
        raise np.linalg.LinAlgError(
            f"{a.ndim}-dimensional array given. Array must be at least two-dimensional"
        )
    if a.ndim > 2:
        refuse("factors of many matrices at once")
    if a.dtype.kind == "c":
        refuse("factors of complex matrices")


def linalg_eigh(a, UPLO="L"):
    a = np.asarray(a)
    _matrix(a)
    _square(a)
    n = a.shape[0]
    flat = factor("eigh", a if UPLO.upper() == "L" else a.T)
    return flat[:n], np.reshape(flat[n:], (n, n))


def linalg_eigvalsh(a, UPLO="L"):
    return np.array(linalg_eigh(a, UPLO)[0])


def linalg_svd(a, full_matrices=True, compute_uv=True, hermitian=False):
    a = np.asarray(a)
    _matrix(a)
    if not compute_uv:
        return factor("svdvals", a)
    m, n = a.shape[0], a.shape[1]
    k = min(m, n)
    flat = factor("svdfull" if full_matrices else "svd", a)
    rows, cols = (m, n) if full_matrices else (k, k)
    u = np.reshape(flat[k : k + m * rows], (m, rows))
    return u, flat[:k], np.reshape(flat[k + m * rows :], (cols, n))


def linalg_svdvals(x):
    return linalg_svd(x, True, False)


def linalg_qr(a, mode="reduced"):
    a = np.asarray(a)
    _matrix(a)
    if mode != "reduced" and mode != "r":
        refuse(f"np.linalg.qr() in this mode ({mode})")
    m, n = a.shape[0], a.shape[1]
    k = min(m, n)
    flat = factor("qr", a)
    r = np.reshape(flat[m * k :], (k, n))
    if mode == "r":
        return np.array(r)
    return np.reshape(flat[: m * k], (m, k)), r


def linalg_lstsq(a, b, rcond=None):
    a, b = np.asarray(a), np.asarray(b)
    _matrix(a)
    m, n = a.shape[0], a.shape[1]
    if m != b.shape[0]:
        raise np.linalg.LinAlgError("Incompatible dimensions")
    if rcond is None:
        rcond = np.finfo(np.float64).eps * max(m, n)
    right = b[:, None] if b.ndim == 1 else b
    count, k = right.shape[1], min(m, n)
    flat = factor("lstsq", a, right, rcond)
    rank = int(flat[0])
    full = np.reshape(flat[1 + k :], (max(m, n), count))
    left = np.zeros(count if rank == n and m > n else 0)
    if rank == n and m > n:
        left[...] = (full[n:] ** 2).sum(axis=0)
    x = np.array(full[:n, 0]) if b.ndim == 1 else np.array(full[:n])
    return x, left, np.int32(rank), np.array(flat[1 : 1 + k])


def linalg_slogdet(a):
    a = np.asarray(a)
    _matrix(a)
    _square(a)
    flat = factor("slogdet", a)
    return flat[0], flat[1]


def linalg_matrix_rank(A, tol=None, hermitian=False, rtol=None):
    A = np.asarray(A)
    if A.ndim < 2:
        return np.int64(not np.all(A == 0))
    s = linalg_svdvals(A)
    if tol is None:
        if rtol is None:
            rtol = max(A.shape[-2], A.shape[-1]) * np.finfo(s.dtype).eps
        tol = np.max(s) * rtol
    return np.count_nonzero(s > tol)


def linalg_pinv(a, rcond=None, hermitian=False, rtol=None):
    a = np.asarray(a)
    _matrix(a)
    if rcond is None:
        rcond = 1e-15 if rtol is None else rtol
    u, s, vt = linalg_svd(a, False)
    large = s > rcond * np.max(s)
    inverse = np.where(large, 1.0 / np.where(large, s, 1.0), 0.0)
    return np.dot(vt.T, inverse[:, None] * u.T)


def linalg_cond(x, p=None):
    x = np.asarray(x)
    _matrix(x)
    if p is None or p == 2:
        s = linalg_svdvals(x)
        return s[0] / s[len(s) - 1]
    if p == -2:
        s = linalg_svdvals(x)
        return s[len(s) - 1] / s[0]
    return linalg_norm(x, p) * linalg_norm(np.linalg.inv(x), p)


def linalg_norm(x, ord):
    """The norms of a matrix that sums of its elements do not give at once."""
    x = np.asarray(x)
    if ord == 2 or ord == -2 or ord == "nuc":
        s = linalg_svdvals(x)
        return np.max(s) if ord == 2 else np.min(s) if ord == -2 else np.sum(s)
    if ord == 1:
        return np.max(np.sum(abs(x), axis=0))
    if ord == -1:
        return np.min(np.sum(abs(x), axis=0))
    if ord == np.inf:
        return np.max(np.sum(abs(x), axis=1))
    if ord == -np.inf:
        return np.min(np.sum(abs(x), axis=1))
    if ord == "fro":
        return np.linalg.norm(x)
    raise ValueError("Invalid norm order for matrices.")
