"""What is there before the first row: the pool, the compiler, the way to the ranks and back.

    python -m bench.startup

Prints one JSON line: seconds until a pool of two ranks has answered; milliseconds of the
first compile of `twenty` in this process, without its imports.
"""

import json
import os
from time import perf_counter

from shoal import prange


def tiny(n):
    """The smallest call that needs ranks."""
    total = 0
    for i in prange(n):
        total += i
    return total


def twenty(a, b, n):
    """Twenty lines of the user's own, for the compiler."""
    total = 0.0
    count = 0
    low = 1e300
    high = -1e300
    for i in range(n):
        x = a[i] * 2.0 + b[i]
        y = a[i] - b[i]
        if x > y:
            total += x * y
            count += 1
        elif x < -y:
            total -= y
        else:
            total += 1.0
        if x < low:
            low = x
        if x > high:
            high = x
        z = x * x + y * y
        if z > 100.0:
            total += z / (1.0 + x * x)
    return total, count, low, high


def pool_seconds() -> float:
    """Until every rank of a new pool has answered."""
    os.environ["SHOAL_NUM_WORKERS"] = "2"
    start = perf_counter()
    from shoal import _pool
    from shoal._wire import encode

    pool = _pool.current()
    pool.command([encode(("ping",))] * pool.n, "the first message")
    took = perf_counter() - start
    _pool.close()
    return took


def compile_ms() -> float:
    """Front end, passes and code of the first function that a process compiles."""
    import numpy as np

    import shoal

    f = shoal.jit(distributed=False)(twenty)
    f(np.ones(8), np.ones(8), 8)
    return f._compiled()[-1].ms[3]


if __name__ == "__main__":
    import pandas  # noqa: F401

    print(json.dumps({"pool": pool_seconds(), "compile": compile_ms()}))
