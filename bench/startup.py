"""The smallest call that needs ranks: what is left is start-up and the way there and back."""

from shoal import prange


def tiny(n):
    total = 0
    for i in prange(n):
        total += i
    return total
