"""Comparing arguments does not fix their values for later calls."""

import shoal


def chosen(x, w):
    if w == 0:
        return x + 1
    if w != 3:
        return x - 1
    return x


def test_equal_to_a_constant():
    f = shoal.jit(chosen)
    for w in (0, 1, 3, 2, 0):
        assert f(0.5, w) == chosen(0.5, w)


def test_equal_to_each_other():
    f = shoal.jit(lambda a, b: a == b)
    assert f(1, 1) and not f(1, 2) and f(2, 2.0)
