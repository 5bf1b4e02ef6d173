"""What an array under a distributed flag is read and written at: whatever NumPy takes, on
the ranks that have the rows; and what chunks are outside of compiled functions."""

import pytest
from programs import EVERYWHERE, check_program

pytestmark = pytest.mark.ranks

READS = [
    "A[m]", "A[-1]", "A[m, 1]", "A[-1, -1]", "A[m, 1:]", "A[1, ...]", "A[m][1]",
    "A[mask, 1]", "A[x, 1]", "A[x, 1:]", "A[A[:, 0] > 4, 1]", "A[::-1]", "A[8:2:-2, 1]",
    "A[:, 1][::-1]",
    # steps of any sign, known or not, and a second key
    "A[8:2:-2]", "A[::k]", "A[m:-1:k, 1:]", "A[1:][0]", "A[1:, 1][-1]", "A[::k][0, 1]",
    "A[mask][0]", "A[mask][A[mask][:, 0] > 4]", "A[1:][mask[1:]]", "A[np.append(mask, True)]",
    # rows, and columns by an array
    "A[:, [0, 2]]", "A[1:, c]", "A[::k, [2, 1, 2]]", "A[m, [0, 2]]", "A[m][c]",
    "A[[m, m], [0, 1]]", "A[x.reshape(-1, 1)]", "A[np.ix_(x, x % 3)]", "A[x, None]",
    "A[x, ..., 1]", "A[x, np.array([1])]", "np.repeat(A, 2, axis=1)",
    "(A[m], A[0].sum(), A[m][1])",
]  # fmt: skip
WRITES = [
    "A[m] = v", "A[m] = A[0]", "A[-1] = np.array([1, 2, 3])", "A[m] = np.ones((1, 3))",
    "A[m, :] += 1", "A[0] *= v", "A[m] += np.arange(3)", "A[mask, 1] = v",
    "A[mask, 1:] = v", "A[x, 1] = v", "A[x, 0] += 2", "A[::-1] = v", "A[8:2:-2] = v",
    "A[m::-1, 1] = v", "A[::-3] = np.arange(3)", "A[m] = np.arange(2)", "A[m - 30] = v",
    "A[m, :] -= v", "A[m] += np.arange(2)",
    "A[8:2:-2] = A[2:8:2] + 1", "A[::k] = A[::k][::-1]", "A[::-1] += 1", "A[:] = A[::-1]",
    "A[1:][0] = v", "A[1:][0, 1] = v", "A[m][1] = v", "A[m][1:] += v", "A[m][c] = v",
    "C = A[m]; C[:] = v", "C = A[m]; C += 1", "A[m], A[0] = A[0].copy(), A[m].copy()",
    "A[mask] = A[mask][::-1]", "A[mask] += 1", "A[mask] = B", "A[mask] = B[mask]",
    "A[mask, 1] = np.arange(mask.sum())", "A[mask, 1:] = np.ones((2, 2))", "A[m:] = B[m:]",
    "A[A > 4] = A[A > 4] * 2", "A[A > 4] = np.arange(2)", "A[1:][mask[1:]] = v",
    "A[:, [0, 2]] = v", "A[1:, c] += 1", "A[::k, c] = B[::k, :2]", "A[m, [0, 2]] = [7, 8]",
    "A[x] = np.arange(3)", "A[x] = B[x]", "A[x] = np.ones((2, 2))", "A[[0, -1]] += 1",
    "A[x.reshape(-1, 1)] = v", "A[x, np.array([1])] = v", "A[x.reshape(-1, 1), c] = v",
]  # fmt: skip

HEAD = """
import pickle
import warnings

import numpy as np
import pandas as pd
from comparing import outcome, whole

import shoal

warnings.simplefilter("error")
rank, size = shoal.get_rank(), shoal.get_size()


def chunk(v, first=None):
    if size == 1:
        return v
    n = len(v)
    counts = None if first is None else [first] + [0] * (size - 2) + [n - first]
    return shoal.scatterv(v if rank == 0 else None, send_counts=counts)

"""

FORM = """
@shoal.jit(distributed=["A"])
def f{i}(A, m, mask, x, v, k, c, B):
    {code}
    return {result}

"""

FOOT = """
for f in FORMS:
    for n, m in ((11, 3), (11, -2), (2, 1), (1, 0)):
        A = np.arange(3 * n).reshape(n, 3) * 5 % 17
        mask, x = np.arange(n) % 3 == 0, np.array([0, -1, n // 2])
        rest = mask, x, 50, 2 if m > 0 else -2, np.array([True, False, True]), A * 3 + 1
        want = outcome(f.py_func, A, m, *rest)
        for first in {None, 0, n}:
            D = chunk(A.copy(), first)
            got = outcome(lambda: whole(f(D, m, *rest)))
            assert type(got) is type(want), (f.py_func.__name__, n, m, got, want)
            if isinstance(want, tuple) and isinstance(want[0], np.ndarray):
                assert str(got) == str(want), f.py_func.__name__
            elif isinstance(want, np.ndarray):
                assert got.dtype == want.dtype, f.py_func.__name__
                assert got.tolist() == want.tolist(), (f.py_func.__name__, n, m, got)
            else:
                assert got == want, (f.py_func.__name__, n, m, got, want)
"""

CHUNKS = """
df = pd.DataFrame({"a": np.arange(7)})
df["b"] = df.apply(lambda r: r.a * 2, axis=1, engine=shoal.jit)
df["c"] = df.a.map(lambda x: x + 1, engine=shoal.jit)
assert df.values.tolist() == [[i, 2 * i, i + 1] for i in range(7)]
part = chunk(df)
part["b"] = part.apply(lambda r: r.a * 2, axis=1, engine=shoal.jit)
assert part.b.tolist() == (part.a * 2).tolist()
x = chunk(np.arange(7))
for protocol in (2, 5):
    y = pickle.loads(pickle.dumps(x, protocol=protocol))
    assert type(y) is np.ndarray and y.tolist() == x.tolist()
gone = shoal.gatherv(chunk(pd.RangeIndex(3, 9, name="i")))
assert rank == 0 or gone.equals(pd.RangeIndex(0)) and gone.start == 0 and gone.name == "i"


@shoal.jit(replicated=["x", "y"])
def shuffled(x):
    y = shoal.random_shuffle(x, seed=4)
    return y


assert sorted(shuffled(np.arange(5)).tolist()) == [0, 1, 2, 3, 4]
print("passed")
"""


@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_forms(ranks, mode, tmp_path):
    forms = [(f"result = {r}", "result") for r in READS] + [(w, "A") for w in WRITES]
    text = "".join(
        FORM.format(i=i, code=code, result=result)
        for i, (code, result) in enumerate(forms)
    )
    names = ", ".join(f"f{i}" for i in range(len(forms)))
    text += f"FORMS = [{names}]\n" + FOOT + CHUNKS
    check_program(HEAD + text, ranks, mode, tmp_path)
