"""Failure records as exceptions: carets, the user's frames, ranks, options that are wrong."""

import traceback
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal import _errors

FILES = (("/home/u/job.py", "f", 10, "def f(df):\n    y = df.Ä + 'x'\n    return y"),)


def test_compile_error_shows_line_and_caret():
    loc = (0, 11, 8, 11, 18)
    e = _errors.compile_error(("TypeError", "no int + str", 2, -1, -1, -1, loc), FILES)
    assert type(e) is TypeError
    assert str(e).splitlines() == [
        "no int + str",
        '  File "/home/u/job.py", line 11',
        "    y = df.Ä + 'x'",
        "        ^^^^^^^^^",
    ]


def test_classes():
    assert _errors.exception_class("ParserError") is pd.errors.ParserError
    assert _errors.exception_class("UnsupportedError") is shoal.UnsupportedError
    assert _errors.exception_class("KeyError") is KeyError


def test_run_error_has_the_users_frames():
    inlines = (((0, 12, 11, 12, 20), "g", -1),)
    program = SimpleNamespace(
        sites=(((0, 11, 4, 11, 9), 0),), files=FILES, inlines=inlines
    )
    e = _errors.run_error(("ValueError", "bad", 1, 2, 0, -1, (0,) * 5), program, 4)
    assert e.__notes__ == ["(rank 2 of 4)"]
    with pytest.raises(ValueError, match="bad") as caught:
        _errors.raise_at(e, e.shoal_places)
    frames = traceback.extract_tb(caught.value.__traceback__)
    mine = [(f.filename, f.lineno, f.name) for f in frames if "job.py" in f.filename]
    assert mine == [("/home/u/job.py", 12, "f"), ("/home/u/job.py", 11, "g")]
    assert [f.name for f in frames if f.filename.endswith("shoal/_errors.py")] == [
        "raise_at"
    ]


def test_host_exception_keeps_its_class():
    program = SimpleNamespace(sites=(), files=(), inlines=())
    args = ("Exception", "UnicodeDecodeError: x", 21, 0, -1, -1, (0,) * 5)
    assert isinstance(_errors.run_error(args, program, 1), Exception)
    args = ("Exception", "NotImplementedError: not yet", 21, 0, -1, -1, (0,) * 5)
    e = _errors.run_error(args, program, 1)
    assert type(e) is NotImplementedError and str(e) == "not yet"


def plain(x):
    return x


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"distribute": ["a"]}, TypeError, "no option 'distribute'"),
        ({"distributed": "df"}, TypeError, "list of names"),
        ({"distributed": [1]}, TypeError, "names of variables"),
        ({"threaded": True}, TypeError, "list of names"),
        ({"cache": 1}, TypeError, "True or False"),
        (
            {"spawn": False, "propagate_env": ["X"]},
            shoal.ShoalError,
            "spawn=False while",
        ),
        (
            {"distributed": ["a"], "replicated": {"a"}},
            shoal.DistributionError,
            "both 'distributed' and 'replicated'",
        ),
    ],
)
def test_wrong_options(options, error, says):
    with pytest.raises(error, match=says):
        shoal.jit(**options)(plain)


@pytest.mark.parametrize("form", ["bare", "call", "options", "twice"])
def test_forms_of_the_decorator(form):
    f = {
        "bare": lambda: shoal.jit(plain),
        "call": lambda: shoal.jit()(plain),
        "options": lambda: shoal.jit(distributed={"x"}, cache=True, nopython=True)(
            plain
        ),
        "twice": lambda: shoal.jit(shoal.jit(plain), cache=True),
    }[form]()
    assert f.py_func is plain
    assert f.__name__ == "plain"
    with pytest.raises(
        shoal.ShoalError,
        match="Distributed diagnostics not available for a function that is not compiled",
    ):
        f.distributed_diagnostics()


def test_not_a_function():
    with pytest.raises(TypeError, match="takes a Python function"):
        shoal.jit(len)


def test_prange_and_ranks_in_python():
    assert list(shoal.prange(3)) == [0, 1, 2]
    assert (shoal.get_rank(), shoal.get_size()) == (0, 1)
    assert [shoal.get_start(10, 4, r) for r in range(4)] == [0, 3, 6, 8]
    assert shoal.get_end(10, 4, 3) == 10


WRONG_NAMES = [
    (lambda v: v.push(3), [1], "'list' object has no attribute 'push'"),
    (lambda v: v.append(3), np.zeros(3), "'numpy.ndarray' object has no attribute 'append'"),
    (lambda v: v.foo, 3, "'int' object has no attribute 'foo'"),
    (lambda v: np.zeroes(v), 3, "module 'numpy' has no attribute 'zeroes'; the nearest name is zeros"),
    (lambda v: {v: 1}[[1]], 3, "unhashable type: 'list'"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "arg", "text"), WRONG_NAMES)
def test_names_that_python_does_not_have_either(f, arg, text):
    with pytest.raises((AttributeError, TypeError)) as e:
        shoal.jit(f)(arg)
    assert str(e.value).split("\n")[0] == text
