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
""".strip().splitlines()


@pytest.mark.parametrize("form", FORMS)
def test_like_numpy(ranks, form):
    source = f"def f({', '.join(DATA)}):\n    return {form}\n"
    f, g = compiled(source, f"<form {form}>", ranks)
    want, got = outcome(f, *DATA.values()), outcome(g, *DATA.values())
    assert same(got, want), (got, want)
