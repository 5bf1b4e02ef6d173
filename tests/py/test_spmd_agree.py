"""SPMD: what ranks pass differently is noticed where all ranks act on it, and may differ
where it only goes into values."""

import pytest
from programs import check_program

pytestmark = pytest.mark.ranks

HEAD = """
import numpy as np, pandas as pd, shoal
rank, size = shoal.get_rank(), shoal.get_size()
A = np.arange(10.0)
df = pd.DataFrame({"a": A, "b": A * 2})

def refused(f, *args, text=""):
    if size == 1:
        return
    try:
        f(*args)
    except ValueError as e:
        assert text in str(e), e
    else:
        raise AssertionError(f"{f.__name__} was not refused")
"""
END = """
shoal.barrier()
print("passed\\n", end="", flush=True)
"""

SCALARS = """
@shoal.jit
def shape(n):
    return np.arange(n).sum()

@shoal.jit
def branch(A, m):
    s = 0
    if m > 3:
        s += A.sum()
    return s

@shoal.jit
def rounds(A, m):
    s = 0
    for i in range(m):
        s += A.sum()
    return s

@shoal.jit
def until(A, eps):
    t = 1.0
    while t > eps:
        t = t / 2
        if A.sum() * t < 0:
            break
    return t

@shoal.jit
def at(A, m):
    return A[m]

@shoal.jit
def divided(n, k):
    s = 0
    for i in shoal.prange(n):
        s += i * k
    return s

@shoal.jit
def column(df, c):
    return df[c].sum()

@shoal.jit
def head(df, n):
    return df.head(n)

@shoal.jit
def items(A, many):
    s = 0
    for x in many:
        s += A.sum() * x
    return s

refused(shape, 5 + rank, text="shape(): the argument 'n' is 5 on rank 0 and 6 on rank 1, but")
refused(branch, A, 3 + rank, text="the argument 'm' is 3 on rank 0")
refused(rounds, A, rank, text="'m'")
refused(until, A, 1 / (1 + rank), text="the argument 'eps' is 1.0 on rank 0 and 0.5 on rank 1")
refused(at, A, rank, text="'m'")
refused(divided, 10 + rank, 1, text="'n'")
assert column(df, "a") == 45 and column(df, "b") == 90
refused(column, df, "ab"[rank % 2], text="the argument 'c' is 'a' on rank 0 and 'b' on rank 1")
refused(head, df, rank, text="'n'")
refused(items, A, list(range(10 + rank)), text="the argument 'many' differs between rank 0 and")
# The same functions go on when ranks agree.
assert shape(5) == 10 and branch(A, 4) == 45 and at(A, 3) == 3 and divided(4, 2) == 12
assert rounds(A, 2) == 90 and items(A, [1, 2]) == 135
"""

VALUES = """
@shoal.jit
def elements(A, k):
    return A + k

@shoal.jit
def alone(r):
    return r * 2

@shoal.jit(distributed=False)
def whole(n):
    return np.arange(n).sum()

@shoal.jit
def items(A, k):
    s = 0
    for x in k:
        s += (A * x).sum()
    return s

assert elements(shoal.scatterv(A), rank).tolist() == (shoal.scatterv(A) + rank).tolist()
assert alone(rank) == rank * 2
assert whole(rank + 3) == np.arange(rank + 3).sum()
assert items(A, [1.5, 2]) == 45 * 3.5
"""

GLOBALS = """
K, M = rank, 3

class Setting:
    k = rank

@shoal.jit
def f(A):
    return A.sum() + K

@shoal.jit
def g(A):
    return A.sum() + M

@shoal.jit
def h(A):
    return A.sum() + Setting.k

refused(f, A, text="f(): the global value 'K' is 0 on rank 0 and 1 on rank 1")
assert g(A) == 48
M = 4
assert g(A) == 49
M = rank
refused(g, A, text="the global value 'M' is 0 on rank 0")
M = 5
assert g(A) == 50
refused(h, A, text="the global value 'k'")
"""

ARRAYS = """
@shoal.jit
def total(a):
    return a.sum()

flags = np.zeros(1000, bool)
assert total(flags) == 0
flags[100 + rank * 100:] = True
refused(total, flags, text="the argument 'a' has ")
m = np.zeros((20, 20), order="F")
m[10:] = rank
refused(total, m, text="the argument 'a' has ")
"""


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize(
    "body",
    [SCALARS, VALUES, GLOBALS, ARRAYS],
    ids=["scalars", "values", "globals", "arrays"],
)
def test_program(body, n, tmp_path):
    check_program(HEAD + body + END, n, "spmd", tmp_path)
