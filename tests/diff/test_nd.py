"""Arrays of several dimensions as NumPy has them, on 1, 2 and 3 ranks."""

import numpy as np
import pytest
from nd_cases import CASES

import shoal


def data(rows: int) -> dict:
    rng = np.random.default_rng(rows)
    a = rng.normal(size=(rows, 4)).round(2)
    n = a.copy()
    n[rng.random((rows, 4)) < 0.3] = np.nan
    n[:, 0] = 1.0
    days = np.array(
        ["2020-01-01", "2021-05-06", "NaT", "1969-12-31", "2000-01-01", "2001-01-01"]
    )
    return {
        "a": a,
        "b": rng.normal(size=(rows, 4)).round(2),
        "i": rng.integers(-9, 9, (rows, 4)),
        "v": rng.normal(size=4).round(2),
        "w": rng.normal(size=rows).round(2),
        "k": rng.integers(1, 9, rows),
        "s": rng.normal(size=(4, 2 * rows)).round(2)[::-1, ::2].T,
        "f": rng.normal(size=(rows, 4)).astype("f4"),
        "t": rng.integers(0, 255, (rows, 4)).astype("u1"),
        "m": rng.random((rows, 4)) < 0.5,
        "q": rng.random(rows) < 0.5,
        "c": rng.normal(size=(2, 3, 4)).round(2),
        "d": days.astype("M8[ns]").reshape(3, 2),
        "e": np.arange(6).astype("m8[ns]").reshape(3, 2),
        "n": n,
    }


def same(got, want, where="result"):
    if isinstance(want, tuple | list):
        assert len(got) == len(want), where
        for j, (g, w) in enumerate(zip(got, want, strict=True)):
            same(g, w, f"{where}[{j}]")
        return
    if isinstance(want, np.ndarray):
        assert isinstance(got, np.ndarray), where
        assert got.shape == want.shape, where
        assert got.dtype == want.dtype, where
        if want.dtype.kind == "f":
            rtol = 1e-5 if want.dtype == np.float32 else 1e-12
            np.testing.assert_allclose(got, want, rtol=rtol, atol=rtol, err_msg=where)
        else:
            np.testing.assert_array_equal(got, want, err_msg=where)
        return
    if isinstance(want, np.datetime64 | np.timedelta64):
        assert np.isnat(want) if got is got and str(got) == "NaT" else got == want, (
            where
        )
        return
    assert got == pytest.approx(want, rel=1e-5, nan_ok=True), where


def function(name):
    fn = CASES[name]
    return eval(fn, {"np": np}) if isinstance(fn, str) else fn


_jitted: dict = {}


def jitted(name, ranks):
    key = (name, ranks == 1)
    if key not in _jitted:
        fn = CASES[name]
        if isinstance(fn, str):  # a source that inspect can find
            space: dict = {}
            import linecache

            file = f"<nd {name}>"
            linecache.cache[file] = (len(fn), None, [f"fn = {fn}\n"], file)
            exec(compile(f"fn = {fn}\n", file, "exec"), {"np": np}, space)
            fn = space["fn"]
        _jitted[key] = shoal.jit(fn) if ranks > 1 else shoal.jit(fn, distributed=False)
    return _jitted[key]


@pytest.mark.parametrize("name", CASES)
def test_like_numpy(ranks, name):
    fn = jitted(name, ranks)
    plain = fn.py_func
    names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
    want = plain(**{k: v for k, v in data(5).items() if k in names})
    got = fn(**{k: v for k, v in data(5).items() if k in names})
    same(got, want)


# -- Errors ------------------------------------------------------------------------------


def add(a, b):
    return a + b


def element(a, i, j):
    return a[i, j]


def row(a, i):
    return a[i].sum()


def take(a, i):
    return a[i]


def put(a, b):
    x = a.copy()
    x[:] = b
    return x


def mask(a, m):
    return a[m]


def reshape(a, n):
    return a.reshape(n, 7)


def smallest(a):
    return a.min(axis=0)


def item(a):
    return a.item()


def item_at(a, i):
    return a.item(i)


A = np.arange(12.0).reshape(3, 4)
FAILURES = [
    (add, (A, np.ones((2, 4)))),
    (add, (A, np.ones(3))),
    (element, (A, 3, 0)),
    (element, (A, 0, -5)),
    (row, (A, 7)),
    (take, (A, np.array([0, 5]))),
    (put, (A, np.ones((2, 4)))),
    (mask, (A, np.array([True, False]))),
    (reshape, (A, 2)),
    (smallest, (np.ones((0, 4)),)),
    (item, (A,)),
    (item, (A[0, :2],)),
    (item_at, (A, 12)),
    (item_at, (A, -13)),
    (item_at, (A, (1, 2, 3))),
    (item_at, (A, (3, 0))),
    (item_at, (A[0], 9)),
]


@pytest.mark.parametrize(("f", "args"), FAILURES)
def test_fails_like_numpy(ranks, f, args):
    with pytest.raises(Exception) as want:
        f(*args)
    with pytest.raises(type(want.value)) as got:
        (shoal.jit(f) if ranks > 1 else shoal.jit(f, distributed=False))(*args)
    text = str(got.value).split("\n")[0].strip()
    if ranks > 1:  # a rank names the rows that it has
        text = text.split("shape")[0]
    assert str(want.value).strip().startswith(text)


def test_read_only_and_structured():
    def write(a):
        a[0, 0] = 1

    a = np.zeros((2, 2))
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        shoal.jit(write)(a)
    with pytest.raises(shoal.UnsupportedError, match="structured"):
        shoal.jit(write)(np.zeros((2, 2), "i4,f8"))


def test_results_are_views_of_arguments():
    def view(a):
        return a[1:, ::2], a.T

    a = np.arange(12.0).reshape(3, 4)
    x, y = shoal.jit(view, distributed=False)(a)
    assert np.shares_memory(x, a) and np.shares_memory(y, a)
    x[0, 0] = 99
    assert a[1, 0] == 99
