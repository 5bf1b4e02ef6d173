"""Payload of moves between ranks, beside all ranks copying memory at once.

    mpiexec -n N python -m bench.dist.moves MEGABYTES ROUNDS

Every round measures one move and one copy of as many bytes in turn, so that the machine's
moods meet both; a ratio is the median of the rounds'. The payload is all bytes of the
result, over all ranks. Rank 0 prints one JSON line a move.
"""

import json
import sys
from statistics import median
from time import perf_counter

import numpy as np
import pandas as pd

import shoal
from shoal import _core, _move

COLUMNS = 4
ROW = 8 * COLUMNS


def seconds(work) -> float:
    """Until the last rank is done."""
    shoal.barrier()
    start = perf_counter()
    work()
    shoal.barrier()
    return perf_counter() - start


def table(n: int) -> pd.DataFrame:
    return pd.DataFrame({f"c{k}": np.arange(n) * (k + 1) for k in range(COLUMNS)})


def shuffled(part: pd.DataFrame):
    """The exchange of a shuffle: every row to a rank of its own."""
    rank, size = shoal.get_rank(), shoal.get_size()
    dest = np.random.default_rng(rank).integers(0, size, len(part))
    count = np.bincount(dest, minlength=size)
    first = np.cumsum(count) - count
    order = _core.from_numpy(np.argsort(dest, kind="stable"))
    columns = _move._parts(part).columns()
    plan = first.tolist(), count.tolist(), order, False
    return lambda: _core.move_rows(columns, *plan)


def moves(rows: int) -> dict:
    """Name -> (what is done, bytes of its result over all ranks)."""
    rank, size = shoal.get_rank(), shoal.get_size()
    whole = table(rows) if rank == 0 else None
    part = table(rows // size)
    # Half of all rows are on the first rank, the others share the rest.
    heavy = table(rows // 2 if rank == 0 else rows // 2 // max(size - 1, 1))
    heavy = table(rows * 3 // 4) if rank == 0 and size == 2 else heavy
    total = sum(_move.exchange(len(heavy)))
    even = total // size * size
    return {
        "scatter": (lambda: shoal.scatterv(whole), rows * ROW),
        "gather": (lambda: shoal.gatherv(part), len(part) * size * ROW),
        "allgather": (lambda: shoal.allgatherv(part), len(part) * size * size * ROW),
        "rebalance": (lambda: shoal.rebalance(heavy), even * ROW),
        "shuffle": (shuffled(part), len(part) * size * ROW),
    }


def main() -> None:
    megabytes, rounds = int(sys.argv[1]), int(sys.argv[2])
    rank, size = shoal.get_rank(), shoal.get_size()
    for name, (move, payload) in moves(megabytes * 2**20 // ROW).items():
        source = np.ones(payload // size, np.uint8)
        target = np.empty_like(source)
        seconds(move)
        seconds(lambda to=target, of=source: np.copyto(to, of))
        each = []
        for _ in range(rounds):
            took = seconds(move)
            copy = seconds(lambda to=target, of=source: np.copyto(to, of))
            each.append((copy / took, payload / took, payload / copy))
        if rank == 0:
            ratio, rate, copied = (median(x) for x in zip(*each, strict=True))
            figures = {"move": name, "ratio": ratio, "rate": rate, "memcpy": copied}
            print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
