"""NumPy arrays of text (dtype <U5): values, dtypes and writes are NumPy's own."""

import copy

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal import prange

A = np.array(["b", "añ", "ccc", "b", "x", "", "yy", "€uro", "q", "b", "𝄞z"])
B = np.array(["b", "zz", "cccccc", "€uro", "x", "", "yy", "€ur", "q", "b", "𝄞"])
M = np.array([[s, s[::-1], "k"] for s in A])
N = np.arange(len(A))
OBJECTS = np.array(["b", "a", "ccc"], dtype=object)
S = pd.Series(A)


def same(got, want):
    if isinstance(want, tuple | list):
        assert type(got) is type(want) and len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, np.ndarray):
        assert got.dtype == want.dtype and got.shape == want.shape
        assert got.tolist() == want.tolist()
    elif isinstance(want, pd.DataFrame | pd.Series):
        assert type(got) is type(want) or isinstance(got, type(want))
        assert got.equals(want)
    else:
        assert got == want


def outcome(func, args):
    try:
        return func(*args)
    except Exception as e:
        return e


def check(func, args, **flags):
    mine, theirs = copy.deepcopy(args), copy.deepcopy(args)
    want, got = outcome(func, theirs), outcome(shoal.jit(**flags)(func), mine)
    if isinstance(want, Exception):
        assert type(got) is type(want), (got, want)
        assert str(got).splitlines()[0] == str(want)
        return
    assert not isinstance(got, Exception), got
    same(got, want)
    same(list(mine), list(theirs))


def store(a):
    a[0], a[1] = "too long to stay", ""
    a[-1] += "!"
    return a


def store_many(a):
    a[a == "b"] = "QQQQQQQ"
    a[1:3] = ["x", "yyyyyyyyy"]
    a[[4, 5]] = "k"
    a[np.array([6, 7])] = np.array(["m", "nnnnnn"])
    return a


def store_rows(m):
    m[1, 2] = "longer"
    m[:, 0] = "z"
    m[0] = ["1", "2", "3"]
    m[2:4] += "+"
    return m


def in_place(a):
    a += "xy"
    a[2:5].sort()
    a[-2:].fill("end")
    return a


def lengths(a):
    n = 0
    for s in a:
        n += len(s)
    for i, s in enumerate(a):
        n += i * (s == "b")
    return n


def counted(a):
    out = {}
    for s in a:
        out[s] = out.get(s, 0) + 1
    return out


def grown(n):
    a = np.full(3, "a")
    for _ in range(n):
        a = a + "b"
    return a


def either(n):
    if n > 2:  # noqa: SIM108
        a = np.full(n, "a")
    else:
        a = np.array(["xx", "y"])
    return a, a == "a"


def from_list(s):
    out = []
    for x in s:
        out.append(x + "q")  # noqa: PERF401
    return np.array(out), np.array(list(s), dtype="U2")


def made():
    return (
        np.array(["a", "bé"]),
        np.array([["a", "bé"], ["", "x"]]),
        np.array([""]),
        np.full(3, "ab"),
        np.full((2, 3), "ab"),
        np.zeros(3, dtype="U5"),
        np.zeros(3, dtype=str),
        np.ones(2, dtype="<U3"),
        np.full(2, "abc", dtype="U2"),
        np.array(["abc", "d"], dtype="U2"),
        np.array(["abc", "d"], dtype=object),
        np.array([], dtype=str),
        np.arange(3).astype(str),
        np.array([True, False]).astype("U"),
    )


LOCAL = [
    (lambda a: a[7], A[:5]),
    (lambda a: (a[-1], a[2]), A),
    (lambda m: m[0, 0, 0], M),
    (lambda m: (m[1, 0], m[1], m[:, 1], m[..., 0], m.T, m[::2, ::-1], m[None]), M),
    (lambda a: (a.shape, a.ndim, a.size, a.itemsize, a.nbytes, len(a)), A),
    (lambda m: (m.shape, m.strides, m.itemsize, len(m)), M),
    (lambda m: (m.reshape(-1), m.ravel(), m.flatten(), m.reshape(3, -1)), M),
    (lambda m: (m == "k", m == m[0], m < m[:, :1], m + m, m + "x"), M),
    (lambda m: np.concatenate([m, m], axis=1), M),
    (lambda a, b: (np.vstack([a, b]), np.stack([a, b], -1), np.hstack([a, b])), A, B),
    (lambda a: (np.append(a, "longer text"), np.flip(a), a.copy(), np.array(a)), A),
    (lambda a: (a.astype("U2"), a.astype("U9"), a.astype(str), a.astype(object)), A),
    (lambda a: (a.astype(float), a[:1].astype(int)), np.array(["15", "2.5"])),
    (lambda a: (list(a), a.tolist(), sorted(a), max(a), min(a)), A),
    (lambda a: ("b" in a, "?" in a, "b" in a[:0], ",".join(a)), A),
    (lambda a: [s.upper() for s in a], A),
    (lambda a, b: [x + y for x, y in zip(a, b, strict=True)], A, B),
    (lambda a: a == ["b", "q", "ccc"], A[:3]),
    (lambda a: np.add(a, ["x", "yyyyyyy", "z"]), A[:3]),
    (lambda a: (np.zeros_like(a), np.full_like(a, "qqqqqqqqq")), A),
    (lambda a: (a, a[::2]), A[::-1]),
    (lambda m: m, M.T),
    (lambda a: (a[:0], a[:0] == "x", np.unique(a[:0]), a[:0] + "x"), A),
    (lambda a: (a, a == ""), np.array(["", ""])),
    (lambda n: np.select([n > 1, n > 0], ["x", "yy"], "zzz"), N),
    (lambda s: (np.array(s, dtype="U2"), np.array(s, dtype=str)), S),
    (lambda o: (o, o[1:], o[o != "b"], o[np.array([2, 0])], np.sort(o)), OBJECTS),
    (lambda s: (np.unique(s), np.sort(s.to_numpy()), np.isin(s, ["b"])), S),
    (made,),
    (store, A),
    (store, A[::-1]),
    (store_many, A),
    (store_rows, M),
    (store_rows, M[::-1]),
    (in_place, A),
    (lengths, A),
    (counted, A),
    (grown, 3),
    (either, 2),
    (either, 5),
    (from_list, S),
]


@pytest.mark.parametrize("case", LOCAL, ids=range(len(LOCAL)))
@pytest.mark.filterwarnings("ignore")
def test_like_numpy(case):
    check(case[0], case[1:])


def marked(a):
    b = np.empty(len(a), dtype="U6")
    for i in prange(len(a)):
        b[i] = a[i] + "!"
        a[i] = "<" + a[i]
    return b


def total(a):
    n = 0
    for i in prange(len(a)):
        if a[i] == "b":
            n += 1
        n += len(a[i])
    return n


def masked(a):
    a[a == "b"] = "QQQQQ"
    return a


SPLIT = [
    (lambda a: a, A),
    (lambda a: (a[2:7], a[::2], a[a == "b"], a[a == "nothing"]), A),
    (lambda a, b: (a == b, a < b, a >= "c", a + b, a + "xy", "z" + a), A, B),
    (lambda a, b: (np.where(a == "b", "x", "long"), np.where(a == b, a, b)), A, B),
    (lambda a: (np.unique(a), np.sort(a), np.argsort(a, kind="stable")), A),
    (lambda a: np.unique(a, return_counts=True), A),
    (lambda a: (np.isin(a, ["b", "x"]), np.char.upper(a), np.strings.str_len(a)), A),
    (lambda a: (np.full_like(a, "zz"), a.copy(), a.astype("U2")), A),
    (lambda m, n: (m, m[:, 1], m[2:5], m[n > 4]), M, N),
    (lambda a: pd.Series(a).str.upper(), A),
    (lambda a, n: pd.DataFrame({"a": a, "n": n}).groupby("a").n.sum(), A, N),
    (lambda s, a: s == a, S, A),
    (marked, A),
    (total, A),
    (masked, A),
]


@pytest.mark.parametrize("short", [False, True], ids=["long", "short"])
@pytest.mark.parametrize("case", SPLIT, ids=range(len(SPLIT)))
@pytest.mark.filterwarnings("ignore")
def test_split(case, short, ranks):
    args = [a[:2] for a in case[1:]] if short else case[1:]
    check(case[0], args, all_args_distributed_block=True)


def test_moves(ranks):
    @shoal.jit
    def spread(a):
        b = shoal.scatterv(a)
        return (
            shoal.gatherv(b + "x"),
            shoal.allgatherv(b),
            shoal.gatherv(shoal.rebalance(b[b > "b"])),
        )

    got = spread(A)
    same(got, (A + "x", A, A[A > "b"]))


@pytest.mark.parametrize("n", [0, 1, 20])
def test_made_in_parallel(n, ranks):
    @shoal.jit(distributed=["b"])
    def numbers(n):
        b = np.full(n, "abc")
        for i in prange(n):
            if i % 3 == 0:
                b[i] = str(i)
        return b

    want = np.full(n, "abc")
    want[::3] = [str(i) for i in range(0, n, 3)]
    same(numbers(n), want)


REFUSED = [
    (lambda a: a.sum(), "ndarray.sum"),
    (lambda a: np.repeat(a, 2), "np.repeat"),
    (lambda a: np.random.permutation(a), "permutation"),
    (lambda a: a * 2, "arrays of text"),
    (lambda a: np.maximum(a, a), "arrays of text"),
    (lambda a: a.dtype, "dtype"),
    (lambda a: np.full(3, 5, dtype="U3"), "str"),
]


@pytest.mark.parametrize("case", REFUSED, ids=range(len(REFUSED)))
def test_refused_by_name(case):
    with pytest.raises(shoal.UnsupportedError, match=case[1]):
        shoal.jit(case[0])(A)


def test_refused_arguments():
    identity = shoal.jit(lambda a: a)
    cases = [
        (np.array([b"x"]), "decode"),
        (np.array(["x"], dtype=np.dtypes.StringDType()), "astype"),
        (np.array(["x"], dtype=">U3"), "newbyteorder"),
        (np.array(["2020-01-01"], dtype="M8[D]"), "datetime64"),
        (np.array([1], dtype="m8[D]"), "timedelta64"),
    ]
    for a, word in cases:
        with pytest.raises(shoal.UnsupportedError, match=word):
            identity(a)

    @shoal.jit
    def write(o):
        o[0] = "x"

    with pytest.raises(shoal.UnsupportedError, match="objects"):
        write(OBJECTS.copy())


def test_results_share_memory():
    a = A.copy()
    view = shoal.jit(distributed=False)(lambda a: a[2:])(a)
    view[0] = "new"
    assert a[2] == "new"
