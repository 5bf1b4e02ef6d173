"""How many messages a rank sends, by operation and number of ranks.

    python -m bench.dist.many [--ranks 8 64] [--json FILE]

Every case runs once on a pool of each size, more ranks than cores as a rule, after a first
call that compiles; the largest numbers of a rank are printed: messages of rows, rounds (each
an allgather of 64 bytes, log p messages), bytes. Where every rank may have rows for every
other, p - 1 messages are what the operation is (`all`); elsewhere they may grow with log p
(`log`).
"""

import argparse
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import shoal
from shoal import prange

N = 2000


def frame(n):
    return pd.DataFrame(
        {"a": np.arange(n), "k": np.arange(n) * 7 % 50, "x": np.arange(n) * 0.5}
    )


def length(df):
    return len(df[df.a > 10])


def total(df):
    return df.x.sum()


def mean(df):
    return df.x.mean()


def spread(df):
    return df.x.max() - df.x.min()


def deviation(df):
    return df.x.std()


def filtered(df):
    return df[df.x > 20]


def added(df):
    df["y"] = df.x * 2 + df.a
    return df


def few_groups(df):
    return df.groupby("k").x.sum()


def many_groups(df):
    return df.groupby("a").x.sum()


def joined_small(df):
    small = pd.DataFrame({"k": np.arange(5), "name": np.arange(5) * 10})
    return df.merge(small, on="k")


def joined(df):
    return df.merge(df, on="a")


def sorted_(df):
    return df.sort_values("x", ascending=False)


def first_rows(df):
    return df.head(7)


def last_rows(df):
    return df.tail(7)


def element(df):
    return df.x.values[N // 2]


def running(df):
    return df.x.cumsum()


def shifted(df):
    return df.x.shift(1)


def distinct(df):
    return df.k.drop_duplicates()


def how_many(df):
    return df.k.nunique()


def counted(df):
    return df.k.value_counts()


def masked(df):
    a = df.a.values
    return a[a % 3 == 1]


def sliced(df):
    return df.a.values[5:-5:2]


def put_together(df):
    return pd.concat([df, df])


def gathered(df):
    return shoal.allgatherv(df)


def on_root(df):
    return len(shoal.gatherv(df))


def evened(df):
    return shoal.rebalance(df[df.a < N // 2])


def loop(df):
    a = df.x.values
    s = 0.0
    for i in prange(len(a)):
        s += a[i]
    return s


def stencil(df):
    a = df.x.values
    b = np.zeros(len(a))
    for i in prange(1, len(a) - 1):
        b[i] = a[i - 1] + a[i] + a[i + 1]
    return b.sum()


def collected(df):
    out = pd.DataFrame({"a": np.arange(0)})
    for i in prange(len(df)):
        out = pd.concat([out, pd.DataFrame({"a": np.arange(i % 3)})])
    return len(out)


def waited(df):
    shoal.barrier()
    return len(df)


def quantile(df):
    return df.x.quantile(0.25)


LOG = (
    length, total, mean, spread, deviation, filtered, added, few_groups, joined_small,
    first_rows, last_rows, element, running, shifted, masked, sliced,
    gathered, loop, stencil, waited, counted,
)  # fmt: skip
# Rows of every rank may belong on every other; a root gets or gives those of all.
ALL = (
    many_groups, joined, sorted_, put_together, on_root, evened, collected, quantile,
    how_many, distinct,
)  # fmt: skip


def traffic(pool) -> np.ndarray:
    """(messages, bytes, rounds) of every rank."""
    from shoal._wire import encode

    return np.array(pool.command([encode(("traffic",))] * pool.n, "counting"))


def measure(ranks: int) -> dict:
    """Case -> the largest [messages, bytes, rounds] of a rank."""
    os.environ["SHOAL_NUM_WORKERS"] = str(ranks)
    from shoal import _pool

    _pool.close()
    made = shoal.jit(frame)(N)
    found = {}
    for case in (*LOG, *ALL):
        function = shoal.jit(case)
        function(made)
        before = traffic(_pool.current())
        function(made)
        sent = (traffic(_pool.current()) - before).max(axis=0)
        found[case.__name__] = [int(x) for x in sent]
    _pool.close()
    return found


def grown(figures: dict, low: int, high: int) -> list[str]:
    """What sends more than it has to on more ranks."""
    out = []
    logs = math.log2(high) / math.log2(low)
    names = {case.__name__ for case in LOG}
    for name, (messages, _, rounds) in figures[high].items():
        before, _, rounds_before = figures[low][name]
        most = (
            max(before, 2) * logs
            if name in names
            else max(before, 1) * high / low * 1.5
        )
        if messages > most + 1:
            out.append(
                f"{name}: {before} messages on {low} ranks, {messages} on {high}"
            )
        if rounds > max(rounds_before, 1) * logs:
            out.append(
                f"{name}: {rounds_before} rounds on {low} ranks, {rounds} on {high}"
            )
    return out


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.dist.many", description=__doc__)
    parser.add_argument("--ranks", type=int, nargs=2, default=[8, 64])
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    low, high = wanted.ranks
    figures = {n: measure(n) for n in (low, high)}
    head = [
        f"{what} {n}" for what in ("messages", "bytes", "rounds") for n in (low, high)
    ]
    print(f"{'case':14}", *(f"{h:>12}" for h in head), "  may grow")
    for name in figures[low]:
        cells = [figures[n][name][k] for k in range(3) for n in (low, high)]
        kind = "all" if name in {c.__name__ for c in ALL} else "log"
        print(f"{name:14}", *(f"{c:>12,}" for c in cells), f"  {kind}")
    bad = grown(figures, low, high)
    print("\n".join(bad) or "nothing grows beyond that")
    if wanted.json:
        wanted.json.write_text(json.dumps(figures))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
