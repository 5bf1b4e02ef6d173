"""All of NumPy's ufuncs on arrays and scalars of several types: NumPy's values, dtypes and
exceptions, or a refusal that says why."""

import linecache

import numpy as np
import pytest

import shoal
from shoal._errors import UnsupportedError

UFUNCS = sorted(x for x in dir(np) if isinstance(getattr(np, x), np.ufunc))
DATA = {
    "A": np.array([1.5, -2.0, 0.25, np.nan, np.inf]),
    "F": np.array([1.5, -2.0, 0.25], dtype="f4"),
    "I": np.array([6, 4, 9, 0, 1]),
    "U": np.array([6, 4, 200], dtype="u1"),
    "K": np.array([True, False, True]),
    "T": np.array(["2020-01-01", "NaT"], dtype="M8[ns]"),
    "M": np.array([[1.0, -2.0], [0.5, 3.0], [4.0, 4.0]]),
}
OPERANDS = ["A", "F", "I", "U", "K", "T", "M", "2.5", "3"]
# What is refused, by the words of the reason.
REASONS = [
    "float16",
    "many at once",
    "spacing of float32",
    "of bools",
    "of such values",
]


def source(ufunc, operand: str) -> str:
    args = ", ".join([operand] * ufunc.nin)
    return f"def f({', '.join(DATA)}):\n    return np.{ufunc.__name__}({args})\n"


def outcome(f):
    try:
        with np.errstate(all="ignore"):
            return f(**DATA)
    except Exception as e:
        return e


def same(got, want):
    if isinstance(want, tuple):
        return all(map(same, got, want))
    g, w = np.asarray(got), np.asarray(want)
    if w.dtype.kind not in "fc":
        return g.dtype == w.dtype and g.tolist() == w.tolist()
    rtol = 1e-6 if w.dtype == np.float32 else 1e-13
    return g.dtype == w.dtype and np.allclose(g, w, rtol, 0, equal_nan=True)


@pytest.mark.parametrize("name", UFUNCS)
def test_like_numpy(name):
    ufunc, wrong = getattr(np, name), []
    for operand in OPERANDS:
        text = source(ufunc, operand)
        file = f"<{name} {operand}>"
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
        space = {"np": np}
        exec(compile(text, file, "exec"), space)
        want = outcome(space["f"])
        got = outcome(shoal.jit(space["f"], distributed=False))
        if isinstance(got, UnsupportedError) and any(r in str(got) for r in REASONS):
            continue
        if isinstance(want, Exception):
            ok = isinstance(
                got, TypeError if isinstance(want, TypeError) else type(want)
            )
        else:
            ok = not isinstance(got, Exception) and same(got, want)
        if not ok:
            wrong.append(f"{operand}: {got!r} instead of {want!r}")
    assert not wrong, "\n".join(wrong)
