"""Where Shoal departs from the reference on purpose: the lines of docs/dropin.md."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
import warnings

import numpy as np
import pandas as pd
from comparing import whole

import shoal


def refused(error, f, *args):
    try:
        f(*args)
    except error:
        return True
    return False


@shoal.jit
def span(a, b, c):
    s = 0
    for i in shoal.prange(a, b, c):
        s += i
    return s


for r in ((3, 11, 1), (1, 20, 3), (10, 0, -2), (5, 5, 1)):
    assert span(*r) == sum(range(*r)), r


@shoal.jit
def renamed(n):
    s = 0
    for i in shoal.prange(n):
        i = 3
        s += i
    return s


assert renamed(4) == 12


@shoal.jit
def less(n):
    s, t = 0.0, 8.0
    for i in shoal.prange(n):
        s -= i
        t /= 2
    return s, t


assert less(3) == (-3.0, 1.0)


@shoal.jit
def left(n):
    s = 0
    for i in shoal.prange(n):
        if i == 3:
            break
        s += 1
    return s


assert refused(shoal.UnsupportedError, left, 9)


@shoal.jit
def around(n, x):
    A = np.arange(n) * 1.0
    B = np.zeros(n)
    for i in shoal.prange(1, n - 1):
        B[i] = A[i - 1] + A[i + 1] + A[x[i]]
    return (B,)


@shoal.jit
def element(n, m):
    A = np.arange(n)
    A[m] = 50
    return A[m] + A[-1]


assert element(11, 3) == 60 and element(11, -2) == 60
for m in (11, -12):
    assert refused(IndexError, element, 11, m)


@shoal.jit(distributed=["A", "B", "C", "D"])
def slices(n):
    A = np.arange(n)
    A[1::2] = 5
    A[2:5] = np.arange(3)
    A[A > 7] = A[A > 7] + 1
    B = A[np.arange(n)[A > 2]]
    C = A[1::3]
    D = A[-3:]
    return A, B, C, D


for n in (1, 2, 11):
    if n > 4:
        for got, want in zip(slices(n), slices.py_func(n)):
            assert whole(got).tolist() == want.tolist()
x = np.arange(11)[::-1].copy()
(got,) = around(11, x)
assert whole(got).tolist() == around.py_func(11, x)[0].tolist()


@shoal.jit
def missing(df):
    return df.s.iloc[1], df.a.iloc[1], df.d.iloc[1]


df = pd.DataFrame({
    "s": pd.array(["x", None], dtype="str"),
    "a": pd.array([1, None], dtype="Int64"),
    "d": pd.to_datetime(["2020-01-01", None]),
})
assert [type(v) for v in missing(df)] == [type(v) for v in missing.py_func(df)]


@shoal.jit(distributed=["a", "b", "c", "d"])
def ordered(n):
    df = pd.DataFrame({"k": np.arange(n) * 7 % 5, "v": np.arange(n)})
    a = df.groupby("k", sort=False).v.sum().reset_index()
    b = df.merge(pd.DataFrame({"k": [4, 1, 2], "z": [1, 2, 3]}), on="k")
    c = pd.concat([df, df])
    d = df.drop_duplicates("k")
    return a, b, c, d


for got, want in zip(ordered(12), ordered.py_func(12)):
    pd.testing.assert_frame_equal(whole(got), want)


@shoal.jit
def change(df, a):
    df["z"] = df.x * 2
    a[a > 2] = 0


df, a = pd.DataFrame({"x": [1, 2, 3]}), np.arange(5)
change(df, a)
assert df.z.tolist() == [2, 4, 6] and a.tolist() == [0, 1, 2, 0, 0]


def total(*arrays):
    return arrays[0].sum() + arrays[1].sum()


for flags in ({"distributed": True}, {"replicated": True}, {}):
    assert shoal.jit(**flags)(total)(np.arange(4), np.arange(3)) == 9


@shoal.jit
def numbers(n):
    return np.arange(n)


@shoal.jit
def above(a):
    return a[a > 3].sum()


assert above(numbers(100)) == sum(range(4, 100))


@shoal.jit
def parquet(path):
    return pd.read_parquet(path)


@shoal.jit
def csv(path):
    return pd.read_csv(path)


assert refused(FileNotFoundError, parquet, "nowhere.parquet")
assert refused(FileNotFoundError, csv, "nowhere.csv")


@shoal.jit
def there(path):
    import os

    return os.path.exists(path)


assert there(".") and not there("nowhere")


@shoal.jit
def alone(n):
    s = 0
    A = np.arange(n)
    if shoal.get_rank() == 0:
        s = A.sum()
    return s


@shoal.jit
def failing(n):
    for i in shoal.prange(n):
        if i == 2:
            raise ValueError(i)
        if i > 2:
            raise KeyError(i)


try:
    failing(9)
except ValueError as e:  # of the lowest iteration
    assert e.args == (2,), e
else:
    raise AssertionError("nothing was raised")


@shoal.jit
def size():
    return shoal.get_size()


assert size() == 1 or refused(shoal.DistributionError, alone, 5)


@shoal.jit(distributed=["b", "c"])
def mixed(n):
    b = shoal.random_shuffle(np.arange(n), dests=[0], seed=1)
    c = shoal.random_shuffle(np.arange(n), seed=1, n_samples=4)
    return b, c


b, c = mixed(9)
assert sorted(whole(b)) == list(range(9)) and len(set(whole(c))) == 4


def twice(x):
    y = shoal.rebalance(x * 2, random=True, random_seed=3)
    return y


x = np.arange(9)
rank, ranks = shoal.get_rank(), shoal.get_size()  # under a pool the driver is one of one
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    part = shoal.jit(twice)(x)
    own = shoal.get_end(9, ranks, rank) - shoal.get_start(9, ranks, rank)
    assert len(part) == own and sorted(whole(part)) == (x * 2).tolist()
    for flag in ({"returns_maybe_distributed": False}, {"replicated": ["y"]}):
        assert len(shoal.jit(**flag)(twice)(x)) == 9
    assert shoal.jit(replicated=["x"])(lambda x: x.sum())(x) == 36
assert not warned, [w.message for w in warned]
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_departures(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
