"""Functions of arrays of several dimensions, as a user writes them; run by test_nd.py.

Arguments by name: a, b float64 (5, 4); i int64 (5, 4); v (4,), w (5,); k int64 (5,); s, a
strided view of floats (5, 4); f float32 (5, 4); t uint8 (5, 4); m bool (5, 4); q bool (5,);
c (2, 3, 4); d datetime64 (3, 2); e timedelta64 (3, 2); n a float array (5, 4) with NaN.
"""

import numpy as np

CASES: dict = {}


def case(fn):
    CASES[fn.__name__] = fn
    return fn


def each(**functions):
    CASES.update(functions)


# -- Element-wise ----------------------------------------------------------------------

each(
    add=lambda a, b: a + b,
    add_scalar=lambda a: 2 * a + 1,
    add_row=lambda a, v: a + v,
    add_column=lambda a, w: a - w[:, None],
    add_strided=lambda a, s: a * s + s,
    add_transposed=lambda a, b: a.T + b.T,
    add_three=lambda c, a: c + a[:2, None, :],
    int_float=lambda i, a: i + a,
    int_weak=lambda i: i * 2.5,
    f32_weak=lambda f: f * 2.5 + 1,
    f32_f64=lambda f, a: f + a,
    u8_weak=lambda t: t + 1,
    u8_wraps=lambda t: t * 7,
    u8_i64=lambda t, i: t + i,
    bools=lambda m, q: m & q[:, None] | ~m,
    compare=lambda a, v: (a > v, a <= 1.5, a == a, a != v),
    floor_div=lambda i, k: (i // 3, i % 3, i // k[:, None], a_mod(i, k)),
    power=lambda a, i: (a**2, i**2, abs(a) ** 0.5),
    divide=lambda i, a: (i / 4, a / 2, a // 1.5, a % 1.5),
    negative=lambda a, i: (-a, abs(a), -i, abs(i)),
    where=lambda a, b, v: (
        np.where(a > 0, a, b),
        np.where(a > v, 1, 0),
        np.where(v > 0, a, -1.0),
    ),
    minmax=lambda a, b, v: (np.minimum(a, b), np.maximum(a, v), np.minimum(a, 0.5)),
    math=lambda a: (np.exp(a), np.sqrt(abs(a)), np.sin(a), np.floor(a), np.round(a, 1)),
    shifts=lambda i, t: (i << 2, i >> 1, t >> 1, i & 3, i | 1, i ^ 5),
    times=lambda d, e: (d + e, d - d[:1], e * 2, d > d[0, 0], e + e),
    nan=lambda n: (np.isnan(n), n > 0, n + 1),
    chain=lambda a, b, v: ((a + b) * v - a / 2 + np.sqrt(b * b)) * (a > b),
    trig=lambda a: (
        np.sinh(a),
        np.tanh(a),
        np.arctan(a),
        np.arcsinh(a),
        np.expm1(a),
        np.log1p(abs(a)),
        np.cbrt(a),
        np.exp2(a),
    ),
    two=lambda a, b, v: (
        np.hypot(a, b),
        np.logaddexp(a, v),
        np.fmod(a, v),
        np.nextafter(a, b),
        np.float_power(abs(a), v),
    ),
    signs=lambda a, i, n: (
        np.sign(a),
        np.sign(i),
        np.sign(n),
        np.signbit(a),
        np.square(i),
        np.reciprocal(a),
        np.square(a),
    ),
    finite=lambda n, i: (
        np.isfinite(n),
        np.isinf(n),
        np.isfinite(i),
        np.nan_to_num(n),
        np.fmax(n, 0.5),
        np.fmin(n, n[0]),
    ),
    angles=lambda a, f: (np.degrees(a), np.deg2rad(f), np.radians(a), np.rad2deg(f)),
    logical=lambda a, m, i: (
        np.logical_and(a > 0, m),
        np.logical_or(i, m),
        np.logical_xor(i, a),
        np.logical_not(i),
    ),
    int_math=lambda i, k: (
        np.fmod(i, k[:, None]),
        np.divmod(i, 3),
        np.ldexp(i * 1.0, 3),
        np.sqrt(i * i),
    ),
    math_1d=lambda w, k: (
        np.tanh(w),
        np.hypot(w, 2.0),
        np.sign(k),
        np.logical_not(w > 0),
    ),
    row_of_three=lambda c: c[1] + c[0],
    out_of_one=lambda a: a[:, :1] * a[:1, :],
)


def a_mod(i, k):
    return i % k[:, None]


# -- Elements as Python's numbers --------------------------------------------------------

each(
    item=lambda a, i, m: (
        a.item(3),
        i.item(-1),
        m.item(0),
        a.item(2, 1),
        i.item((1, 3)),
    ),
    item_of_one=lambda a, t, w: (a[1:2, 2:3].item(), t[0, 0:1].item(), w[4:].item()),
    item_counts=lambda a, s, c: (a.T.item(6), s.item(7), c.item(13), c.item(1, 2, 3)),
    item_is_wide=lambda f, t: (f.item(5) * 3, t.item(5) * 1000),
)

# -- Views -----------------------------------------------------------------------------

each(
    rows=lambda a: (a[1:3], a[:, 1:3], a[::2, ::-1], a[::-1], a[-2:], a[7:], a[3:1]),
    row=lambda a: (a[1], a[-1], a[:, 0], a[:, -1], a[1, 2], a[-1, -4]),
    dots=lambda c: (c[..., 0], c[0, ...], c[..., 1:, :2], c[1, ..., 2]),
    newaxis=lambda v, a: (
        v[None, :],
        v[:, None],
        a[:, None, :],
        a[None],
        v[None, :, None].shape,
    ),
    transpose=lambda a, c: (
        a.T,
        c.T,
        c.transpose(1, 0, 2),
        np.transpose(c, (2, 0, 1)),
        a.transpose(),
    ),
    swap=lambda c: (c.swapaxes(0, 2), np.moveaxis(c, 0, -1), np.swapaxes(c, 1, 2)),
    reshape=lambda a, c: (
        a.reshape(4, 5),
        a.reshape(-1),
        a.reshape((2, 10)),
        c.reshape(6, -1),
        np.reshape(a, (2, -1)),
    ),
    reshape_copy=lambda a, s: (
        a.T.reshape(-1),
        s.reshape(20),
        a[:, 1:3].ravel(),
        s.ravel(),
    ),
    ravel=lambda a, v: (a.ravel(), a.flatten(), v.ravel(), np.ravel(a.T)),
    squeeze=lambda a: (
        a[:, :1].squeeze(1),
        a[None].squeeze(0),
        np.squeeze(a[2:3], axis=0),
    ),
    expand=lambda a, v: (
        np.expand_dims(v, 0),
        np.expand_dims(a, -1),
        np.expand_dims(a, (0, 2)),
    ),
    flip=lambda a: (
        np.flip(a),
        np.flip(a, 0),
        np.flip(a, axis=1),
        np.fliplr(a),
        np.flipud(a),
    ),
    rot90=lambda a: (np.rot90(a), np.rot90(a, 2), np.rot90(a, 3), np.rot90(a, -1)),
    broadcast=lambda v: (
        np.broadcast_to(v, (3, 4)),
        np.broadcast_to(v[:, None], (4, 2)),
    ),
    atleast=lambda v, a: (np.atleast_2d(v), np.atleast_1d(a), np.atleast_3d(a)),
    split=lambda a, w: (
        np.split(a, 2, axis=1),
        np.array_split(a, 3),
        np.split(w, [1, 3]),
        np.hsplit(a, 2),
    ),
    attributes=lambda a, c, f: (
        a.shape,
        a.ndim,
        a.size,
        c.shape,
        f.itemsize,
        f.nbytes,
        len(c),
        c.size,
    ),
    strided_rows=lambda s: (s[1], s[:, 2], s[1:3, ::2], s[2, 3], s.T),
)


@case
def write_views(a):
    x = a.copy()
    x[0] = 7
    x[:, 1] = np.arange(5)
    x[2:4, 2:] *= 10
    y = x[1]
    y[3] = -1
    z = x.T
    z[0, 4] = 99
    x[1:, 0] += x[:-1, 0]
    return x, y, z


@case
def write_overlap(a):
    x = a.copy()
    x[1:] = x[:-1]
    y = a.copy()
    y[:, 1:] += y[:, :-1]
    z = a.copy()
    z[:] = z[::-1]
    return x, y, z


@case
def write_broadcast(a, v, w):
    x = a.copy()
    x[:] = v
    y = a.copy()
    y[...] = w[:, None]
    z = a.copy()
    z[1:3, :] = 1
    x[0, 1:] = [5, 6, 7]
    return x, y, z


@case
def augmented(a, i, f, v):
    x = a.copy()
    x += 1
    x *= v
    x -= x[0]
    y = i.copy()
    y += 2
    y //= 3
    y %= 5
    z = f.copy()
    z /= 3
    z **= 2
    return x, y, z


@case
def alias(a):
    x = a.copy()
    y = x
    y += 1
    z = x[:2]
    z -= 100
    return x, y, z


@case
def one_dimension(w):
    x = w.copy()
    y = x[::2]
    y += 10
    x[1:3] = -1
    z = x[::-1]
    return x, y, z, z + x, z[1], x[-2:]


# -- Index arrays and masks ------------------------------------------------------------

each(
    mask_rows=lambda a, q: (a[q], a[~q], a[q, 1], a[q, 1:]),
    mask_all=lambda a, m: (a[m], a[a > 0], a[~m].sum()),
    mask_column=lambda a, v: (a[:, v > 0], a[:, v > 100]),
    index_rows=lambda a: (a[[0, 2, -1]], a[[0, 2], [1, 3]], a[[0, 2], 1], a[:, [0, 3]]),
    index_broadcast=lambda a, c: (
        a[[[0], [1]], [2, 3]],
        c[:, [0, 1], [2, 3]],
        c[[0, 1], :, [2, 3]],
    ),
    index_slices=lambda a, c: (
        a[1:, [0, 1]],
        c[0, :, [1, 2]],
        c[[1, 0], 1:, ::2],
        c[[0], None].shape,
    ),
    index_by_array=lambda w, k: (w[k % 5], w[k[::2] % 5], w[k % 5] + w),
    index_2d=lambda w, i: w[i % 5],
    index_1d=lambda w, q: (w[q], w[w > 0], w[[1, 1, 0]]),
)


@case
def write_masks(a, m, q):
    x = a.copy()
    x[m] = 0
    y = a.copy()
    y[q] = 5
    z = a.copy()
    z[z > 0] += 10
    u = a.copy()
    u[m] = np.arange(float(m.sum()))
    z[q, 1] = 3
    return x, y, z, u


@case
def write_index(a, w):
    x = a.copy()
    x[[0, 2]] = 1
    x[[1, 3], [0, 1]] = [7.0, 8.0]
    x[:, [1, 2]] = x[:, [2, 1]]
    y = w.copy()
    y[[0, 3]] += 10
    y[y < 0] = 0
    return x, y


# -- Joining and repeating -------------------------------------------------------------

each(
    concatenate=lambda a, b, i: (
        np.concatenate((a, b)),
        np.concatenate([a, i], axis=1),
        np.concatenate((a, b), axis=None),
    ),
    stack=lambda v, a, b: (
        np.stack([v, v]),
        np.stack((a, b), axis=-1),
        np.stack([v, v], axis=1),
    ),
    vstack=lambda a, v, w: (
        np.vstack((a, v)),
        np.hstack((a, a)),
        np.hstack((v, w)),
        np.column_stack((w, w, w)),
    ),
    append=lambda a, v, w: (
        np.append(a, v),
        np.append(a, a, axis=0),
        np.append(w, 3.5),
        np.append(v, [1, 2]),
    ),
    repeat=lambda a, v: (
        np.repeat(v, 3),
        np.repeat(a, 2, axis=0),
        a.repeat(2, axis=1),
        np.repeat(a, 2),
    ),
    tile=lambda a, v: (
        np.tile(v, 2),
        np.tile(v, (2, 2)),
        np.tile(a, (1, 2)),
        np.tile(a, 2),
    ),
    roll=lambda a, v: (
        np.roll(v, 1),
        np.roll(a, 3),
        np.roll(a, -1, axis=0),
        np.roll(a, (1, 2), axis=(0, 1)),
    ),
)

# -- Creation --------------------------------------------------------------------------

each(
    zeros=lambda w: (
        np.zeros((2, 3)),
        np.ones((2, 2), np.int32),
        np.full((2, 3), 7),
        np.full((2, 2), 1.5, np.float32),
    ),
    like=lambda a, i: (
        np.zeros_like(a),
        np.ones_like(i),
        np.full_like(a, 3),
        np.empty_like(a).shape,
        np.zeros_like(a, dtype=np.int8),
    ),
    eye=lambda w: (
        np.eye(3),
        np.eye(2, 4, 1),
        np.identity(2),
        np.eye(3, k=-1, dtype=int),
    ),
    lists=lambda w: (
        np.array([[1, 2], [3, 4]]),
        np.array([[1.5, 2], [3, 4]], dtype=np.float32),
        np.array([[True], [False]]),
        np.array([1, 2, 3], float),
    ),
    of_arrays=lambda v: (
        np.array([v, v + 1]),
        np.array([[v, v], [v, v]]).shape,
        np.asarray(v),
    ),
    meshgrid=lambda v, w: (np.meshgrid(v, w), np.meshgrid(v, w, indexing="ij")),
    copies=lambda a, s: (
        a.copy(),
        np.array(s),
        s.copy(),
        a.astype(np.float32),
        a.astype(int),
        s.astype("int16"),
    ),
    by_length=lambda a: np.zeros((a.shape[0], 2)) + a[:, :2],
    arange2=lambda w: np.arange(12).reshape(3, 4) * 2,
)

# -- Reductions ------------------------------------------------------------------------

for _name in (
    "sum",
    "prod",
    "min",
    "max",
    "mean",
    "var",
    "std",
    "any",
    "all",
    "argmin",
    "argmax",
    "ptp",
):
    _fn = getattr(np, _name)
    _src = (
        f"lambda a, c, i, s: (np.{_name}(a), np.{_name}(a, axis=0), np.{_name}(a, axis=1), "
        f"np.{_name}(i, axis=-1), np.{_name}(c, axis=1), np.{_name}(s, 0), np.{_name}(c, axis=2), "
        f"np.{_name}(a, axis=1, keepdims=True))"
    )
    CASES[f"reduce_{_name}"] = _src
for _name in ("sum", "prod", "min", "max", "mean", "var", "std", "argmin", "argmax"):
    CASES[f"nan_{_name}"] = (
        f"lambda n, a: (np.nan{_name}(n), np.nan{_name}(n, axis=0), np.nan{_name}(a, axis=1))"
    )

each(
    reduce_axes=lambda c: (
        c.sum(axis=(0, 2)),
        c.mean(axis=(0, 1)),
        c.max(axis=(1, 2), keepdims=True),
        c.sum((0, 1, 2)),
    ),
    reduce_types=lambda i, t, m, f: (
        i.sum(0),
        t.sum(1),
        m.sum(0),
        f.sum(0),
        f.mean(1),
        t.mean(0),
        t.max(0),
        m.any(1),
        i.prod(1),
    ),
    reduce_nan=lambda n: (n.min(0), n.max(1), n.sum(0), n.argmax(0), n.mean()),
    reduce_f32=lambda f: (f.var(0), f.std(), f.mean(axis=0, keepdims=True)),
    reduce_ddof=lambda a: (
        a.var(ddof=1),
        a.std(axis=0, ddof=1),
        np.var(a, axis=1, ddof=1),
    ),
    reduce_dtype=lambda i, t: (i.sum(dtype=np.float64), t.sum(axis=0, dtype=np.int32)),
    reduce_view=lambda a: (
        a.T.sum(axis=0),
        a[::-1].argmax(0),
        a[:, ::2].sum(1),
        a[1:3].mean(),
    ),
    count=lambda a, i: (
        np.count_nonzero(a > 0),
        np.count_nonzero(i, axis=0),
        (a > 0).sum(axis=1),
    ),
    cumulate=lambda a, i, v: (
        np.cumsum(a, axis=0),
        a.cumsum(axis=1),
        np.cumsum(i),
        i.cumprod(axis=1),
        v.cumsum(),
    ),
    centre=lambda a: (
        a - a.mean(axis=0),
        a / a.sum(axis=1, keepdims=True),
        (a - a.mean(0)) / a.std(0),
    ),
    times_reduced=lambda d, e: (
        d.min(axis=0),
        d.max(),
        e.sum(axis=0),
        d.argmax(axis=1),
    ),
    initial=lambda a: (a.sum(initial=10), a.max(axis=0, initial=1)),
    of_replicated=lambda a, w: (
        (a - w[:, None]).sum(axis=1),
        (a.T @ a).sum(axis=1),
        (a.T @ a).mean(axis=1) + a[0],
    ),
)


# -- Order, along a dimension or of all -------------------------------------------------

each(
    sort=lambda a, n, i, t, m, d: (
        np.sort(a),
        np.sort(n, axis=0),
        np.sort(i, axis=0),
        np.sort(t, axis=1),
        np.sort(m),
        np.sort(d, axis=0),
        np.sort(a, axis=None),
        np.sort(a.T, axis=0),
    ),
    sort_deep=lambda c: [np.sort(c, axis=k) for k in range(3)],
    argsort=lambda a, i, f: (
        np.argsort(i, axis=0, kind="stable"),
        f.argsort(kind="stable"),
        a.argsort(axis=None, kind="stable"),
    ),
    median=lambda a, n, c: (
        np.median(a, axis=0),
        np.median(a, axis=-1, keepdims=True),
        np.median(n, axis=1),
        np.nanmedian(n, axis=0),
        np.median(c, axis=1),
        np.median(a),
        np.nanmedian(n),
    ),
    quantile=lambda a, n, i, f, v: (
        np.percentile(a, 30, axis=0),
        np.quantile(a, [0.1, 0.5, 1.0], axis=1),
        np.nanpercentile(n, [25, 75], axis=0),
        np.percentile(i, 50, axis=0, method="lower"),
        np.quantile(f, 0.25, axis=1),
        np.quantile(a, abs(v) / 10, axis=0),
        np.quantile(a, 0.5),
    ),
    diff_along=lambda a, i, m, c: (
        np.diff(a),
        np.diff(i, axis=0),
        np.diff(a, n=2, axis=0),
        np.diff(m, axis=1),
        np.diff(c, axis=1),
    ),
    unique_of_all=lambda i: (
        np.unique(i),
        np.unique(i, return_counts=True, return_inverse=True, return_index=True),
    ),
    places=lambda a, m, c: (
        np.nonzero(a > 0),
        np.where(m),
        np.argwhere(m),
        np.flatnonzero(a > 1),
        np.where(c > 0),
    ),
    among=lambda i, k, v, a: (
        np.isin(i, k),
        np.isin(i, [1, 2], invert=True),
        np.searchsorted(np.sort(v), a),
    ),
    histogram_of_all=lambda a: np.histogram(a, bins=3),
    alike=lambda a, b, n: (
        np.allclose(a, a + 1e-12),
        np.allclose(a, b),
        np.isclose(n, n, equal_nan=True),
        np.array_equal(a, a.copy()),
        np.array_equal(a, b),
        np.array_equal(a, a[1:]),
        np.array_equal(a, a[0]),
    ),
    vector_products=lambda a, b, v, w, t: (
        np.vecdot(a, b),
        np.vecdot(a, v),
        np.vecdot(a, b, axis=0),
        np.matvec(a, v),
        np.vecmat(w, a),
        np.vecdot(t, t),
    ),
    norms=lambda a: (
        np.linalg.norm(a, axis=1),
        np.linalg.norm(a, ord=1, axis=0),
        np.linalg.norm(a, ord=np.inf, axis=1, keepdims=True),
        np.linalg.norm(a),
    ),
    repeat_each=lambda a, w, k: (np.repeat(w, k), np.repeat(a, k, axis=0)),
)


@case
def sort_in_place(a, n):
    a.sort(axis=0)
    n[1:].sort()
    return a, n


# -- Control flow ----------------------------------------------------------------------


@case
def loops(a, v):
    total = 0.0
    for row in a:
        total += row[0] * row.sum()
    x = a
    for _ in range(3):
        x = x * 0.5 + v
    return total, x


@case
def stencil(a):
    n, m = a.shape
    out = np.zeros((n, m))
    for i in range(1, n - 1):
        for j in range(1, m - 1):
            out[i, j] = (a[i - 1, j] + a[i + 1, j] + a[i, j - 1] + a[i, j + 1]) / 4
    return out


@case
def matmul(a, b):
    n, k = a.shape
    m = b.shape[0]
    out = np.zeros((n, m))
    for i in range(n):
        for j in range(m):
            s = 0.0
            for p in range(k):
                s += a[i, p] * b[j, p]
            out[i, j] = s
    return out


@case
def branches(a, w):
    x = a[0] if w[0] > 0 else a[:, 0][:4]
    if w.sum() > 1:  # noqa: SIM108
        y = a[1:]
    else:
        y = a[:2, ::-1]
    return x, y.sum(), y


@case
def swap_buffers(a):
    x = a.copy()
    y = a * 0
    for _ in range(5):
        y[1:-1] = (x[:-2] + x[2:]) * 0.5
        x, y = y, x
    return x
