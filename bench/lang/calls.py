"""What a warm call costs beside the work: two scalars, a large argument, a large result."""

from time import perf_counter

import numpy as np

LARGE = 10_000_000  # float64: copying them takes some 10 ms


def add(x, y):
    return x + y


def second(a):
    return a[1]


def made(n):
    return np.ones(n)


def dropped(n):
    return np.ones(n)[1]


def best(function, *args, rounds: int = 20, calls: int = 1000) -> float:
    """Seconds a call, the best of some rounds."""
    out = []
    for _ in range(rounds):
        begin = perf_counter()
        for _ in range(calls):
            function(*args)
        out.append((perf_counter() - begin) / calls)
    return min(out)


def measure() -> dict:
    """Seconds of warm calls of functions that do nothing else."""
    import shoal

    functions = add, second, made, dropped
    f, g, h, k = (shoal.jit(distributed=False)(one) for one in functions)
    large, small = np.ones(LARGE), np.ones(8)
    for call in (f, 1, 2), (g, small), (g, large), (h, LARGE), (k, LARGE):
        call[0](*call[1:])
    return {
        "two scalars": best(f, 1, 2),
        "an array of 8": best(g, small, calls=100),
        "an array of 80 MB": best(g, large, calls=100),
        "making 80 MB": best(k, LARGE, calls=10),
        "making and returning 80 MB": best(h, LARGE, calls=10),
    }
