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
    days = np.array(["2020-01-01", "2021-05-06", "NaT", "1969-12-31", "2000-01-01", "2001-01-01"])
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
        assert np.isnat(want) if got is got and str(got) == "NaT" else got == want, where
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
