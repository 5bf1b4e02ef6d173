"""Runs the example functions compiled and as plain pandas, and compares the results.

    python -m bench.check [--scale 0.1] [NAME ...]

Prints one JSON line a function: its name, and what differs ("" if nothing does). The number
of ranks is SHOAL_NUM_WORKERS, as for any program; the tests run this on 1, 2 and 3.
"""

import argparse
import json
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

import pandas as pd

import shoal
from bench import data
from bench.flights import delays
from bench.taxi import taxi
from bench.tpch import QUERIES


def difference(result: object, expected: object) -> str:
    """Why a result is not what pandas gives; empty if it is."""
    try:
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(result, expected)
        else:
            pd.testing.assert_series_equal(pd.Series([result]), pd.Series([expected]))
    except AssertionError as error:
        return str(error)
    return ""


def functions(scale: float, trips: int) -> dict[str, tuple[Callable, tuple]]:
    """By name: the pandas function and its arguments, less the path that it writes."""
    flights, taxis, tpch = data.flights(), data.taxi(trips), data.tpch(scale)
    named = {
        "delays": (
            delays,
            (str(flights / "flights.parquet"), str(flights / "weather.csv")),
        ),
        "taxi": (taxi, (str(taxis / "trips.parquet"), str(taxis / "weather.csv"))),
    }
    for number, query in QUERIES.items():
        named[f"tpch {number}"] = query, (str(tpch),)
    return named


def compare(function: Callable, args: tuple) -> str:
    """What differs between the compiled function and pandas: results and written files."""
    if function not in (delays, taxi):
        return difference(shoal.jit(function)(*args), function(*args))
    with tempfile.TemporaryDirectory(prefix="shoal-check-") as folder:
        ours, theirs = (str(Path(folder) / name) for name in ("ours", "theirs"))
        result = shoal.jit(function)(*args, ours)
        problem = difference(result, function(*args, theirs))
        return problem or difference(pd.read_parquet(ours), pd.read_parquet(theirs))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.check")
    parser.add_argument("--scale", type=float, default=0.1, help="of the TPC-H data")
    parser.add_argument("--trips", type=int, default=100_000)
    parser.add_argument("names", nargs="*")
    wanted = parser.parse_args()

    wrong = 0
    for name, (function, args) in functions(wanted.scale, wanted.trips).items():
        if wanted.names and name not in wanted.names:
            continue
        try:
            problem = compare(function, args)
        except Exception:
            problem = traceback.format_exc()
        wrong += bool(problem)
        print(json.dumps({"name": name, "problem": problem}), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
