"""Forms of NumPy's functions that are easily left out, each beside NumPy itself on 1, 2 and 3
ranks: values, dtypes, shapes, exceptions and their first lines."""

import numpy as np
import pytest
from comparing import compiled, outcome, same

DATA = {
    "a": np.round(np.sin(np.arange(7.0)) * 3, 2),
    "b": np.round(np.cos(np.arange(7.0)) * 3, 2),
    "w": np.arange(5) * 0.5 - 1,
    "v": np.arange(4) * 1.5 - 2,
    "j": np.arange(7) * 3 % 5,
    "t": (np.arange(7) * 37 % 100 - 50).astype(np.int8),
    "u": (np.arange(7) * 3 % 5).astype(np.uint64),
    "q": np.arange(7) % 3 > 0,
    "z": np.arange(7) - 3 + np.arange(7) % 2 * 1j,
    "A": np.round(np.sin(np.arange(20.0)) * 3, 2).reshape(5, 4),
    "B": np.round(np.cos(np.arange(20.0)) * 3, 2).reshape(5, 4),
    "I": (np.arange(20) * 7 % 11 % 2).reshape(5, 4),
    "T": (np.arange(20) * 37 % 100 - 50).astype(np.int8).reshape(5, 4),
    "Q": np.arange(20).reshape(5, 4) % 3 > 0,
    "C": np.round(np.cos(np.arange(24.0)), 2).reshape(2, 3, 4),
    "G": np.zeros((0, 3)),
    "D": np.round(np.sin(np.arange(24.0)), 2).reshape(2, 4, 3),
    "W": np.sin(np.arange(16.0)).reshape(2, 2, 2, 2),
    "e": np.zeros(0),
    "f": np.arange(5, dtype="f4") / 3,
    "td": np.array([10, 20, -35, 7, 0], dtype="m8[s]"),
    "te": np.array([3, 0, 4, "NaT", 5], dtype="m8[s]"),
    "ti": np.array([2, 3, 4, 0, 1]),
    "tf": np.array([2.5, 0.0, -1, np.nan, 3]),
    "d": np.array(
        ["2020-01-05", "2019-03-04", "2020-01-05", "NaT", "2021-07-07"], dtype="M8[ns]"
    ),
    "s": np.array(["pear", "apple", "fig", "apple", ""]),
}

FORMS = """
np.zeros_like(A.T)
np.ones_like(A[1:].T)
A[1:].T.shape
sum(A)
sum(T)
sum(Q)
sum(A, np.zeros(4))
min(a, b)
max(a, b)
round(a, 1)
np.sort(a, kind="foo")
np.sort(a, kind="stable")
np.meshgrid(v, w, indexing="xx")
np.meshgrid(v, w, sparse=True)
np.meshgrid(v, w, sparse=True, indexing="ij")
np.repeat(3, 4)
np.repeat(a, [2])
np.repeat(a, -1)
np.repeat(A, [1, 2, 0, 1], axis=1)
np.repeat(C, [2, 0, 1], axis=1)
np.tile(3, (2, 2))
np.broadcast_to(3, (2, 2))
np.stack([a, w])
np.stack([A, B[:3]])
np.stack([A, a])
A.reshape(4, 5, order="F")
np.reshape(A, (10, 2), order="F")
A.ravel("F")
A.flatten(order="F")
A.copy(order="F")
np.asfortranarray(A)
z.astype(bool)
a.astype("i2")
a.astype("<f4")
np.zeros(3, dtype="b")
np.zeros(3, dtype=np.intp)
np.arange(3, dtype="u1")
np.bincount(u)
np.clip(t, 0, 1000)
np.clip(t, -1000, 1000)
np.clip(t, -1000, 5)
a[[]]
A[:, []]
a.sum(where=q)
A.sum(axis=0, where=Q)
np.prod(A, where=A > 0)
A.tolist()
C.tolist()
np.median(A, axis=(0, 1))
np.percentile(C, [30, 40], axis=(1, 2))
np.unique(I, axis=0)
np.unique(I, axis=1, return_counts=True)
np.unique(I, axis=0, return_index=True, return_inverse=True)
np.unique(G, axis=0)
np.unique(j, axis=0)
np.fromiter((x * x for x in range(5)), dtype=float)
np.astype(a, int)
np.unique_counts(j)
A.reshape(3, 7)
A.reshape(3, -1)
A.reshape(-1, 3)
np.cumsum(I, axis=0, dtype=np.int8)
np.cumsum(q, dtype=np.int8)
td / ti
td / tf
td // 3
td * 2.5
td % te
td // te
divmod(td, te)
td + 3
ti - td
td > 5
np.where(td > 0, td, 0)
np.minimum(td, ti)
d + ti
td.mean()
te.mean()
np.mean(td, axis=0)
np.mean(a, where=q)
np.min(a, where=q, initial=3.0)
np.max(a, where=q)
np.max(e, initial=3.0)
np.min(t, initial=7.5)
np.nanmax(tf, initial=9.0)
np.nansum(tf, where=ti > 1)
np.mean(A, axis=0, where=Q)
A.min(axis=1, where=Q, initial=9.0)
A.var(axis=0, where=Q, ddof=1, keepdims=True)
np.std(A, where=Q, correction=1)
np.any(A, where=Q)
np.all(A, axis=1, where=Q)
np.std(a, ddof=7)
np.var(a, ddof=8)
np.std(A, ddof=6, axis=0)
np.histogram(a, bins="auto")
np.histogram(a, bins="sturges")
np.histogram(a, bins="fd")
np.histogram(a, bins="scott")
np.histogram(a, bins="rice")
np.histogram(a, bins="sqrt")
np.histogram(a, bins="doane")
np.histogram(a, bins="stone")
np.histogram(a, bins="foo")
np.histogram(j, bins="auto")
np.histogram(e, bins="auto")
np.histogram(a, bins="auto", weights=b)
np.histogram_bin_edges(a, bins="auto", range=(0, 1))
np.searchsorted(np.sort(s), s)
np.searchsorted(np.sort(s), "b", side="right")
np.searchsorted(s, s, sorter=np.argsort(s))
np.searchsorted(np.sort(d), d)
np.searchsorted(np.sort(td), td[1])
np.unique(s, return_index=True, return_inverse=True, return_counts=True)
np.unique(d, return_index=True, return_inverse=True, return_counts=True)
np.unique(td, return_inverse=True)
C @ D
D @ C
C @ D[0]
C @ v
w[:3] @ C
A[:2] @ D
W @ W[0]
C @ C
np.dot(C, D)
np.dot(C, v)
np.dot(C, C)
np.inner(C, C)
np.vdot(A, B)
np.outer(A, v)
Q.T @ Q
np.linalg.inv(W + np.eye(2))
np.linalg.solve(W + np.eye(2), W)
np.linalg.det(W)
np.linalg.norm(a, 0)
np.linalg.norm(f, 0)
np.linalg.norm(A, 0, axis=1)
np.linalg.norm(C, axis=(1, 2))
np.linalg.norm(C, 2, axis=(1, 2), keepdims=True)
np.linalg.norm(C, "nuc", (0, 2))
np.linalg.norm(C, 1)
np.linalg.norm(A, "fro", 1)
np.linalg.matmul(C, D)
a.view("i8")
a.view(np.float32)
a[::2].view("i8")
t.view("u1")
d.view("i8")
j.view("M8[us]")
z.view(float)
A.view("f4")
A.T.view("i8")
A.T.view("f4")
A[:, ::2].view("f4")
A.view("c16")
a.view("c16")
a.astype(str)
f.astype(str)
(a * 1e20).astype("U8")
z.astype(str)
q.astype(str)
d.astype(str)
A.astype(str)
a.dtype
(f.dtype, d.dtype, np.dtype("m8[us]"))
np.rint(z)
np.sign(te)
np.signbit(z)
np.linspace(v, 2 * v, 3)
np.linspace(0, v, 4, endpoint=False)
np.nanmin(e)
np.nanmax(G, axis=0)
np.linalg.inv(f[:4].reshape(2, 2))
np.linalg.det(f[:4].reshape(2, 2))
np.linalg.svd(f[:4].reshape(2, 2))[1]
np.trace(C, axis1=1, axis2=2)
""".strip().splitlines()


@pytest.mark.parametrize("form", FORMS)
def test_like_numpy(ranks, form):
    source = f"def f({', '.join(DATA)}):\n    return {form}\n"
    f, g = compiled(source, f"<form {form}>", ranks)
    want, got = outcome(f, *DATA.values()), outcome(g, *DATA.values())
    assert same(got, want), (got, want)
