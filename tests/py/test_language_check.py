"""check(): all problems of a function at once. Calls in compile errors."""

import numpy as np
import pytest

import shoal


def helper(x):
    return x.nosuch + 1


def wrong(a, n):
    x = undefined_name + 1  # noqa: F821
    y = x + 2
    with open("x"):
        z = 1
    for i in range(n):
        q = helper(i)
        w = q + 1
        if w > 3:
            u = np.nosuchfunc(a)
    b = "a" + 5
    return b + z + u + y


def fine(a, n):
    return a.sum() + n


@shoal.jit
def calls(n):
    return helper(n) + 1


def test_all_problems_at_once():
    found = shoal.check(wrong, np.arange(3.0), int)
    first = wrong.__code__.co_firstlineno
    lines = [p.line - first for p in found if p.func == "wrong"]
    assert lines == [1, 3, 9, 10]
    assert [p.func for p in found].count("helper") == 1
    assert "name 'undefined_name' is not defined" in str(found)


def test_no_problems():
    assert shoal.check(fine, np.arange(3.0), int) == []
    assert shoal.check(fine, shoal.types.float64[:], 5) == []
    assert str(shoal.check(fine, np.arange(3.0), 1)) == "no problems"


def test_a_compile_error_shows_the_calls():
    with pytest.raises(AttributeError) as caught:
        calls(1)
    line = calls.py_func.__code__.co_firstlineno + 2
    assert str(caught.value).splitlines()[-1] == (
        f'  called from calls(), File "{__file__}", line {line}'
    )
