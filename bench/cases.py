"""The list of what is measured.

A case is one function with its arguments, in the versions of the engines. Cases of one group
run in one process, one after the other, as a user's program would. `columns_read` and
`intermediate` describe the memory that the work cannot do without (aim: peak <= 1.5 x).
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import data
from bench.flights import delays
from bench.taxi import taxi

ENGINES = ("pandas", "polars", "duckdb", "shoal")
OUT = "<out>"  # stands for a path that is removed before each call


@dataclass(frozen=True)
class Case:
    name: str
    functions: dict[str, Callable]  # by engine; shoal compiles the pandas one
    args: tuple = ()
    rows: int = 0  # for ns a row
    needs: Callable[[], int] | None = None  # bytes the work cannot do without
    loads: tuple[str, ...] = field(default=())  # tables to load first (kernels)

    def function(self, engine: str) -> Callable:
        if engine != "shoal":
            return self.functions[engine]
        import shoal

        return shoal.jit(self.functions["pandas"])

    def call(self, function: Callable, out: Path, tables: list) -> object:
        """One call; what an earlier one wrote is gone by then."""
        return function(*[out if a == OUT else a for a in self.args], *tables)


def clear(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def arrow_bytes(table) -> int:
    """Size in Arrow's layout: what a table of these columns and rows cannot do without."""
    return table.combine_chunks().nbytes


# -- Groups ----------------------------------------------------------------------------


def flights_needs(folder: Path) -> int:
    """Columns read, and the joined table: the kept rows' columns, precip, wet and part."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    values = ["hour", "dep_delay", "distance", "carrier", "flight"]
    table = pq.read_table(
        folder / "flights.parquet", columns=["origin", "year", "month", "day", *values]
    )
    kept = pc.and_(pc.is_valid(table["dep_delay"]), pc.greater(table["distance"], 200))
    joined = table.select(values).filter(kept)
    added = joined.num_rows * (8 + 1 + 8)  # precip, wet and part as codes
    return arrow_bytes(table) + arrow_bytes(joined) + added


def flights_group(quick: bool) -> list[Case]:
    from bench import peers

    folder = data.flights(3 if quick else 60)
    functions = {
        "pandas": delays,
        "polars": peers.delays_polars,
        "duckdb": peers.delays_duckdb,
    }
    args = str(folder / "flights.parquet"), str(folder / "weather.csv"), OUT
    return [Case("delays", functions, args, needs=partial(flights_needs, folder))]


def taxi_needs(folder: Path) -> int:
    """Columns read, and the joined table's seven columns (date parts of 4 bytes)."""
    import pyarrow.parquet as pq

    kept = ["operator", "pickup_zone", "dropoff_zone", "miles"]
    table = pq.read_table(folder / "trips.parquet", columns=["pickup_at", *kept])
    added = table.num_rows * (4 + 4 + 1 + 8)  # month, weekday, wet and part as codes
    return arrow_bytes(table) + arrow_bytes(table.select(kept)) + added


def taxi_group(quick: bool) -> list[Case]:
    from bench import peers

    folder = data.taxi(1_000_000 if quick else 20_000_000)
    functions = {
        "pandas": taxi,
        "polars": peers.taxi_polars,
        "duckdb": peers.taxi_duckdb,
    }
    args = str(folder / "trips.parquet"), str(folder / "weather.csv"), OUT
    return [Case("taxi", functions, args, needs=partial(taxi_needs, folder))]


def tpch_group(quick: bool) -> list[Case]:
    from bench.tpch import QUERIES

    versions = {"pandas": QUERIES}
    for engine in "polars", "duckdb":
        try:
            module = __import__(f"bench.tpch.{engine}_queries", fromlist=["QUERIES"])
            versions[engine] = module.QUERIES
        except ImportError:
            pass
    root = str(data.tpch(0.1 if quick else 1))
    return [
        Case(
            f"tpch q{number}",
            {engine: queries[number] for engine, queries in versions.items()},
            (root,),
        )
        for number in QUERIES
    ]


def kernel_group(quick: bool) -> list[Case]:
    rows = 1_000_000 if quick else 10_000_000
    cases = []
    for kernel, distinct in [
        ("group", 100),
        ("group", 100_000),
        ("group", 10_000_000),
        ("join", 1_000_000),
        ("sort", 10_000_000),
    ]:
        few = min(distinct, rows)
        tables = [str(data.keys(rows, few) / "pairs.parquet")]
        if kernel == "join":
            tables.append(str(data.unique_keys(few) / "pairs.parquet"))
        name = f"{kernel} {few:.0e}".replace("e+0", "e")
        cases.append(
            Case(name, kernel_versions(kernel), rows=rows, loads=tuple(tables))
        )
    return cases


def kernel_versions(kernel: str) -> dict[str, Callable]:
    """By engine, the kernel; the engines' loaders are found by `loader`."""
    from bench import kernels

    versions = {"pandas": kernels.FUNCTIONS[kernel]}
    for engine in "polars", "duckdb":
        versions[engine] = partial(peer_kernel, engine, kernel)
    return versions


_peers: dict[str, dict] = {}


def peer_kernels(engine: str) -> dict:
    """A peer's kernels, made once in a process: DuckDB's share a connection."""
    from bench import kernels

    if engine not in _peers:
        _peers[engine] = getattr(kernels, f"{engine}_functions")()
    return _peers[engine]


def peer_kernel(engine: str, kernel: str, *tables) -> object:
    return peer_kernels(engine)[kernel](*tables)


def loader(engine: str) -> Callable:
    from bench import kernels

    if engine == "pandas":
        return kernels.load
    if engine == "shoal":
        import shoal

        return shoal.jit(kernels.load)
    return peer_kernels(engine)["load"]


def startup_group(quick: bool) -> list[Case]:
    from bench.startup import tiny

    return [Case("prange(4)", {"pandas": tiny}, (4,))]


GROUPS = {
    "startup": startup_group,
    "flights": flights_group,
    "tpch": tpch_group,
    "taxi": taxi_group,
    "kernels": kernel_group,
}
