"""What a call through the pool costs, whatever it moves.

    python -m bench.dist.calls [--quick]

Prints one JSON line: milliseconds of a call that gets the result of another compiled
function, which is still on the ranks, by its rows (medians); seconds of 1,000 small
calls.
"""

import json
import sys
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd

import shoal
from bench.startup import tiny


@shoal.jit
def make(n):
    return pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5})


@shoal.jit
def take(df):
    return len(df)


def handed(rows: int, rounds: int) -> float:
    """Milliseconds of a call that gets a result which is still on the ranks."""
    df = make(rows)
    take(df)
    each = []
    for _ in range(rounds):
        start = perf_counter()
        take(df)
        each.append(perf_counter() - start)
    return median(each) * 1e3


def main() -> None:
    quick = "--quick" in sys.argv
    rows = (1_000, 100_000) if quick else (1_000, 1_000_000, 50_000_000)
    hand_over = {n: handed(n, 21) for n in rows}
    call = shoal.jit(tiny)
    call(4)
    start = perf_counter()
    for _ in range(1000):
        call(4)
    took = perf_counter() - start
    print(json.dumps({"hand_over_ms": hand_over, "calls": took}))


if __name__ == "__main__":
    main()
