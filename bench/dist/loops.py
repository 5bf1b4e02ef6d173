"""Loops over rows that are split over the ranks.

    mpiexec -n N python -m bench.dist.loops NAME ROWS STEPS ROUNDS

Rank 0 prints the seconds of each round, one a line, as loops.c does for the same loop on
one process's share of the rows.
"""

import sys
from time import perf_counter

import numpy as np

import shoal
from shoal import prange


@shoal.jit
def stencil(n, steps):
    """Halos of both neighbours are exchanged before every loop."""
    a = np.arange(n) % 10 * 1.0
    b = np.arange(n) % 10 * 1.0
    for _ in range(steps):
        for i in prange(1, n - 1):
            b[i] = (a[i - 1] + a[i] + a[i + 1]) / 3
        for i in prange(1, n - 1):
            a[i] = (b[i - 1] + b[i] + b[i + 1]) / 3
    return a.sum()


@shoal.jit
def waves(n, steps):
    a = np.arange(n) % 10 * 1.0
    total = 0.0
    for s in range(steps):
        for i in prange(n):
            total += np.sqrt(a[i] * a[i] + s) / (1 + a[i])
    return total


def main() -> None:
    name, (rows, steps, rounds) = sys.argv[1], map(int, sys.argv[2:5])
    function = {"stencil": stencil, "waves": waves}[name]
    function(rows, steps)
    function(rows, 0)
    for _ in range(rounds):
        shoal.barrier()
        start = perf_counter()
        function(rows, steps)
        shoal.barrier()
        took = perf_counter() - start
        start = perf_counter()
        function(rows, 0)  # the arrays are made, not looped over
        shoal.barrier()
        if shoal.get_rank() == 0:
            print(took - (perf_counter() - start), flush=True)


if __name__ == "__main__":
    main()
