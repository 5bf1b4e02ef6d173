"""`make demo`: the example function and TPC-H on all cores, checked against pandas.

    python -m bench.demo [--scale 0.1]

Prints each result, compares it with what pandas gives (values, dtypes, index, order), then
the times: pandas, Shoal's first call (compile included), and the next call (it is compiled).
Ends with the plan of the example, and fails if any result differed.
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import pandas as pd
from rich.console import Console
from rich.table import Table

import shoal
from bench import data
from bench.cases import clear
from bench.check import difference
from bench.flights import delays
from bench.measure import collect
from bench.tpch import QUERIES

console = Console(width=None if sys.stdout.isatty() else 110)


@dataclass
class Run:
    """One function: its seconds, and what was wrong with its result."""

    name: str
    pandas: float
    first: float
    again: float
    problem: str = ""


def timed(function, args: tuple) -> tuple[float, object]:
    for arg in args:
        if arg.endswith(".out"):
            clear(Path(arg))
    start = perf_counter()
    result = function(*args)
    collect(result)
    return perf_counter() - start, result


def run(name: str, function, args: tuple) -> Run:
    compiled = shoal.jit(function)
    first, result = timed(compiled, args)
    again, result = timed(compiled, args)
    pandas, expected = timed(function, args)
    console.rule(name)
    show(result)
    return Run(name, pandas, first, again, difference(result, expected))


def show(result: object) -> None:
    if isinstance(result, pd.DataFrame):
        with pd.option_context("display.width", 110, "display.max_columns", 8):
            print(result.head(10))
        if len(result) > 10:
            print(f"... {len(result)} rows")
    else:
        print(result)


def times(runs: list[Run]) -> Table:
    table = Table(title="Seconds")
    table.add_column("function")
    for heading in ("pandas", "first call", "next call", "pandas / next"):
        table.add_column(heading, justify="right")
    table.add_column("same as pandas")
    for r in runs:
        table.add_row(
            r.name,
            f"{r.pandas:.3f}",
            f"{r.first:.3f}",
            f"{r.again:.3f}",
            f"{r.pandas / r.again:.1f}",
            "[red]no[/red]" if r.problem else "yes",
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.demo")
    parser.add_argument("--scale", type=float, default=0.1, help="of the TPC-H data")
    wanted = parser.parse_args()

    flights, tpch = data.flights(), data.tpch(wanted.scale)
    with tempfile.TemporaryDirectory(prefix="shoal-demo-") as folder:
        args = (
            str(flights / "flights.parquet"),
            str(flights / "weather.csv"),
            str(Path(folder) / "delays.out"),
        )
        runs = [run("delays", delays, args)]
        for number, query in QUERIES.items():
            runs.append(run(f"TPC-H {number}", query, (str(tpch),)))
        console.rule("plan of delays")
        compiled = shoal.jit(delays)
        compiled(*args[:2], str(Path(folder) / "again.out"))
        plan = compiled.explain()
        if plan:
            print(plan)
    console.print(times(runs))
    wrong = [r for r in runs if r.problem]
    for r in wrong:
        print(f"{r.name} differs from pandas: {r.problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
