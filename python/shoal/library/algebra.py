"""Products of arrays, and what is made of factors of matrices."""

import numpy as np

from shoal import prange

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


# -- Many matrices at once -----------------------------------------------------------------------


def _kept_shape(x, axes):
    """The shape that a reduction with keepdims leaves."""
    return tuple([1 if k in axes else x.shape[k] for k in range(x.ndim)])


def _lead(a, b):
    """The shape that all dimensions but the last two have together."""
    return np.broadcast_shapes(a.shape[:-2], b.shape[:-2])


def _listed(a, lead):
    """The matrices of a one after the other: rows that are there stay where they are."""
    same = a.ndim == len(lead) + 2
    for k in tuple(range(a.ndim - 2)):
        same = same and a.shape[k] == lead[k]
    full = a if same else np.broadcast_to(a, lead + a.shape[-2:])
    if a.ndim == 3 and len(lead) == 1:
        return full
    return np.reshape(full, (_product(lead), *a.shape[-2:]))


def _joint_dtype(a, b):
    return (np.zeros(1, a.dtype) * np.zeros(1, b.dtype)).dtype


def _stacked(a, b):
    """np.matmul() of arrays of which one has more than two dimensions."""
    x = a[None, :] if a.ndim == 1 else a
    y = b[:, None] if b.ndim == 1 else b
    if x.shape[-1] != y.shape[-2]:
        raise ValueError(
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc "
            f"signature (n?,k),(k,m?)->(n?,m?) (size {y.shape[-2]} is different from "
            f"{x.shape[-1]})"
        )
    lead = _lead(x, y)
    left, right = _listed(x, lead), _listed(y, lead)
    n, m = x.shape[-2], y.shape[-1]
    out = np.zeros((left.shape[0], n, m), _joint_dtype(a, b))
    for i in prange(left.shape[0]):
        out[i] = np.dot(left[i], right[i])
    shape = lead
    if a.ndim > 1:
        shape += (n,)
    if b.ndim > 1:
        shape += (m,)
    return out if len(shape) == 3 and len(lead) == 1 else np.reshape(out, shape)


def _bool_product(a, b):
    return np.matmul(a.astype(np.int64), b.astype(np.int64)) != 0


def _over_last(a, b, over):
    """Sums of products over the last axis of a and one of b."""
    if a.shape[a.ndim - 1] != b.shape[over]:
        raise ValueError(
            f"shapes {_shape_text(a)} and {_shape_text(b)} not aligned: "
            f"{a.shape[a.ndim - 1]} (dim {a.ndim - 1}) != {b.shape[over]} (dim {over})"
        )
    return tensordot(a, b, ((a.ndim - 1,), (over,)))


def _shape_text(a):
    return (
        "(" + ",".join([str(n) for n in a.shape]) + ("," if a.ndim == 1 else "") + ")"
    )


def _dot_many(a, b):
    """np.dot() of arrays of more dimensions."""
    return _over_last(a, b, 0 if b.ndim == 1 else b.ndim - 2)


def _inner_many(a, b):
    return _over_last(a, b, b.ndim - 1)


def _many_square(a):
    if a.shape[-1] != a.shape[-2]:
        raise np.linalg.LinAlgError("Last 2 dimensions of the array must be square")


def _of_each(of, a):
    """of() of each matrix, which is another of its shape."""
    _many_square(a)
    x = _listed(a, a.shape[:-2])
    out = np.zeros(x.shape, (x[:0] / 1).dtype)
    for i in prange(x.shape[0]):
        out[i] = of(x[i])
    return np.reshape(out, a.shape)


def _many_inv(a):
    return _of_each(np.linalg.inv, a)


def _many_cholesky(a):
    return _of_each(np.linalg.cholesky, a)


def _many_det(a):
    _many_square(a)
    x = _listed(a, a.shape[:-2])
    out = np.zeros(x.shape[0], (x[:0] / 1).dtype)
    for i in prange(x.shape[0]):
        out[i] = np.linalg.det(x[i])
    return np.reshape(out, a.shape[:-2])


def _many_solve(a, b):
    """b is one vector, or matrices."""
    _many_square(a)
    y = b[:, None] if b.ndim == 1 else b
    if y.shape[-2] != a.shape[-1]:
        raise ValueError(
            "solve: Input operand 1 has a mismatch in its core dimension 0, with gufunc "
            f"signature (m,m),(m,n)->(m,n) (size {y.shape[-2]} is different from "
            f"{a.shape[-1]})"
        )
    lead = _lead(a, y)
    left, right = _listed(a, lead), _listed(y, lead)
    out = np.zeros(right.shape, (np.zeros(1, _joint_dtype(a, b)) / 1).dtype)
    for i in prange(left.shape[0]):
        out[i] = np.linalg.solve(left[i], right[i])
    shape = lead + (b.shape if b.ndim == 1 else y.shape[-2:])
    return np.reshape(out, shape)


# -- Names of the array API ----------------------------------------------------------------------


def linalg_matmul(x1, x2):
    return np.matmul(x1, x2)


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
        y = np.linalg.norm(np.ravel(x), ord)
        return np.full((1,) * x.ndim, y) if keepdims else y
    if isinstance(axis, tuple):
        axes = tuple([axis_of(k, x.ndim) for k in axis])
        rest = tuple([k for k in range(x.ndim) if k not in axes])
        y = np.transpose(x, axes + rest)
        y = np.reshape(y, (_product([x.shape[k] for k in axes]), *y.shape[len(axes) :]))
        y = np.linalg.norm(y, ord, 0)
        shape = _kept_shape(x, axes)
        return np.reshape(y, shape) if keepdims else y
    return np.linalg.norm(x, ord, axis, keepdims)


def linalg_matrix_norm(x, keepdims=False, ord="fro"):
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


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


def _vector_norm(x, ord, axis, keepdims):
    """The norms of vectors by an order that is no 2."""
    size = abs(x)
    if ord == np.inf:
        return np.max(size, axis=axis, keepdims=keepdims)
    if ord == -np.inf:
        return np.min(size, axis=axis, keepdims=keepdims)
    if ord == 0:
        return np.sum((size != 0).astype(size.dtype), axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(size, axis=axis, keepdims=keepdims)
    total = np.sum(size ** float(ord), axis=axis, keepdims=keepdims)
    return total ** (1.0 / ord)


def _singular(x):
    """Singular values of the matrices in the last two dimensions."""
    if x.ndim == 2:
        return linalg_svdvals(x)
    m = _listed(x, x.shape[:-2])
    out = np.zeros((m.shape[0], min(m.shape[1], m.shape[2])), x.dtype)
    for i in prange(m.shape[0]):
        out[i] = linalg_svdvals(m[i])
    return np.reshape(out, x.shape[:-2] + out.shape[1:])


def _matrix_norm(x, ord):
    """Of the matrices in the last two dimensions."""
    if ord == 2:
        return np.max(_singular(x), axis=-1)
    if ord == -2:
        return np.min(_singular(x), axis=-1)
    if ord == "nuc":
        return np.sum(_singular(x), axis=-1)
    if ord is None or ord == "fro" or ord == "f":
        return np.sqrt(np.sum(abs(x) ** 2, axis=(-2, -1)))
    if ord == 1:
        return np.max(np.sum(abs(x), axis=-2), axis=-1)
    if ord == -1:
        return np.min(np.sum(abs(x), axis=-2), axis=-1)
    if ord == np.inf:
        return np.max(np.sum(abs(x), axis=-1), axis=-1)
    if ord == -np.inf:
        return np.min(np.sum(abs(x), axis=-1), axis=-1)
    raise ValueError("Invalid norm order for matrices.")


def linalg_norm(x, ord, axis=None, keepdims=False):
    """What is no root of a sum of squares."""
    x = np.asarray(x)
    if axis is None:
        if x.ndim > 2:
            raise ValueError("Improper number of dimensions to norm.")
        axes = tuple(range(x.ndim))
    else:
        axes = tuple(axis) if isinstance(axis, tuple) else (axis,)
        axes = tuple([axis_of(k, x.ndim) for k in axes])
    if len(axes) == 1:
        if isinstance(ord, str):
            raise ValueError(f"Invalid norm order '{ord}' for vectors")
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2:
        raise ValueError("Improper number of dimensions to norm.")
    if axes[0] == axes[1]:
        raise ValueError("Duplicate axes given.")
    y = _matrix_norm(np.moveaxis(x, axes, (-2, -1)), ord)
    if not keepdims:
        return y
    shape = _kept_shape(x, axes)
    return np.full(shape, y) if np.ndim(y) == 0 else np.reshape(y, shape)
