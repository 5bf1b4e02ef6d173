"""Comparing compiled functions with the same functions in Python."""

import traceback

import numpy as np
import pytest


def outcome(func, args):
    """What a call gives: its value or its exception, with the lines it passed."""
    args = [a.copy() if isinstance(a, np.ndarray) else a for a in args]
    try:
        return "value", func(*args)
    except Exception as e:
        lines = [
            (t.lineno, t.name)
            for t in traceback.extract_tb(e.__traceback__)
            if "language" in t.filename
        ]
        return "raised", type(e), e.args, [x for x in lines if x[1] != "outcome"]


def same(got, want) -> bool:
    if isinstance(want, tuple | list):
        return (
            type(got) is type(want)
            and len(got) == len(want)
            and all(same(g, w) for g, w in zip(got, want, strict=True))
        )
    if isinstance(want, np.ndarray):
        return got.dtype == want.dtype and np.array_equal(got, want)
    if isinstance(want, float) and want != want:
        return got != got
    if isinstance(want, float):  # Python's and NumPy's 64-bit floats
        return isinstance(got, float) and got == want
    return type(got) is type(want) and got == want


# pytest rewrites the asserts of its own files: what asserts stands here.
def asserting(n):
    if n == 4:
        assert n == 5, "message"
    if n == 5:
        assert n == 4
    assert n < 9, n
    return n


def check(jit, *calls):
    """Every call gives what the plain function gives."""
    for args in calls:
        args = args if isinstance(args, tuple) else (args,)
        want, got = outcome(jit.py_func, args), outcome(jit, args)
        if not same(got, want):
            pytest.fail(f"{jit.__name__}{args}: {got} instead of {want}")
