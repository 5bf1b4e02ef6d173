"""NumPy's functions that are written in Python (python/shoal/library), each on several inputs
and on 1, 2 and 3 ranks: NumPy's values, dtypes, shapes, exceptions."""

import linecache
import warnings

import numpy as np
import pytest
from library_cases import DATA, FAILURES, PROGRAMS, REFUSED

import shoal
from shoal._errors import UnsupportedError


def function(body: str):
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    text = f"def f({', '.join(DATA)}):\n{lines}"
    file = f"<library {body}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np}
    exec(compile(text, file, "exec"), space)
    return space["f"]


def outcome(f):
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return f(**{name: v.copy() for name, v in DATA.items()})
    except Exception as e:
        return e


def difference(got, want) -> str | None:
    if isinstance(got, Exception):
        return repr(got)
    if isinstance(want, tuple | list):
        if not isinstance(got, tuple | list) or len(got) != len(want):
            return f"{got!r} for {want!r}"
        return next(filter(None, map(difference, got, want)), None)
    g, w = np.asarray(got), np.asarray(want)
    if (g.dtype, g.shape) != (w.dtype, w.shape):
        return f"{g.dtype}{g.shape} for {w.dtype}{w.shape}"
    if w.dtype.kind not in "fc":
        return None if g.tolist() == w.tolist() else f"{g} for {w}"
    rtol = 1e-5 if w.dtype == np.float32 else 1e-11
    near = np.allclose(g, w, rtol, 1e-12, equal_nan=True)
    return None if near else f"{g} for {w}"


@pytest.mark.parametrize("name", PROGRAMS)
def test_like_numpy(name, ranks):
    wrong = []
    for body in PROGRAMS[name]:
        f = function(body)
        want = outcome(f)
        assert not isinstance(want, Exception), body
        unlike = difference(outcome(shoal.jit(f)), want)
        if unlike:
            wrong.append(f"{body}: {unlike}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("body", FAILURES)
def test_failures(body, ranks):
    f = function(body)
    want, got = outcome(f), outcome(shoal.jit(f))
    assert isinstance(want, type(got))  # NumPy's may be a class derived from it
    assert str(want).split("\n")[0].startswith(str(got).split("\n")[0].rstrip("."))


@pytest.mark.parametrize("body", REFUSED)
def test_refused(body):
    got = outcome(shoal.jit(function(body)))
    assert isinstance(got, UnsupportedError)
    assert REFUSED[body] in str(got)
    assert f'File "<library {body}>", line 2' in str(got)


def test_place_of_failure():
    """Tracebacks name the line of the call, not the library's."""
    f = shoal.jit(function("return np.take(A, 99)"))
    with pytest.raises(IndexError) as failed:
        f(**DATA)
    files = [str(entry.path) for entry in failed.traceback]
    assert not [file for file in files if "shoal/library" in file]
    assert files[-1].endswith("<library return np.take(A, 99)>")


def test_distributed_rows(ranks):
    """Rows that are split stay split where the functions work along others."""

    @shoal.jit(distributed=["X"])
    def f(X):
        return np.nan_to_num(X) + np.diff(X, axis=1, n=1).sum(axis=1)[:, None]

    X = np.arange(40.0).reshape(10, 4)
    X[3, 2] = np.nan
    want = np.nan_to_num(X) + np.diff(X, axis=1).sum(axis=1)[:, None]
    assert np.array_equal(np.asarray(f(X)), want, equal_nan=True)
