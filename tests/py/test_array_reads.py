"""What is read from an array before and after a store to it."""

import numpy as np

import shoal


def reads(n):
    a = np.zeros(n)
    x = a[0]
    s = a.sum()
    a[0] = 5.0
    return x, s, a[0], a.sum()


def test_a_store_between_two_reads():
    assert shoal.jit(reads)(3) == reads(3)
