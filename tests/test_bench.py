"""The benchmark's versions of a query agree, so that their times can be compared."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from bench import data, peers
from bench.flights import delays
from bench.taxi import taxi
from bench.tpch import QUERIES

ENGINES = ("polars", "duckdb")


def engine_queries(engine: str) -> dict:
    pytest.importorskip(engine)
    module = __import__(f"bench.tpch.{engine}_queries", fromlist=["QUERIES"])
    return module.QUERIES


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", QUERIES)
def test_tpch(number: int, engine: str) -> None:
    root = str(data.tpch(0.1))
    theirs = engine_queries(engine)[number](root)
    ours = QUERIES[number](root)
    if isinstance(ours, pd.DataFrame):
        pd.testing.assert_frame_equal(
            ours.reset_index(drop=True), theirs, check_dtype=False, rtol=1e-9
        )
    else:
        assert ours == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("function", [delays, taxi])
def test_pipeline(function, engine: str, tmp_path) -> None:
    pytest.importorskip(engine)
    is_taxi = function is taxi
    folder = data.taxi(100_000) if is_taxi else data.flights()
    source = folder / ("trips.parquet" if is_taxi else "flights.parquet")
    args = str(source), str(folder / "weather.csv")
    function(*args, str(tmp_path / "ours"))
    getattr(peers, f"{function.__name__}_{engine}")(*args, str(tmp_path / "theirs"))
    ours, theirs = (pd.read_parquet(tmp_path / name) for name in ("ours", "theirs"))
    pd.testing.assert_frame_equal(
        ours.reset_index(drop=True), theirs, check_dtype=False, rtol=1e-9
    )


def test_lang_runs_in_quick_size(tmp_path) -> None:
    """The loops give the same in C, Numba, CPython and Shoal."""
    pytest.importorskip("numba")
    out = tmp_path / "lang.json"
    command = [sys.executable, "-m", "bench.lang", "--quick", "--rounds", "1"]
    command += ["--only", "collatz", "heap_sort", "stencil_1d", "--json", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    *loops, calls = map(json.loads, out.read_text().splitlines())
    assert calls["case"] == "calls"
    # What is borrowed or given as it is costs no more when it is large: 80 MB are 10 ms.
    assert calls["an array of 80 MB"] < calls["an array of 8"] + 1e-3
    for figures in loops:
        assert figures["failures"] == []
        assert {"gcc", "numba", "shoal"} <= set(figures["seconds"])


@pytest.mark.ranks
def test_dist_runs_in_quick_size(tmp_path) -> None:
    """Every move and loop, on two ranks."""
    pytest.importorskip("rich")
    out = tmp_path / "dist.json"
    command = [sys.executable, "-m", "bench.dist", "--quick", "--rounds", "1"]
    done = subprocess.run(
        [*command, "--json", str(out)], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(out.read_text())
    moves = {"scatter", "gather", "allgather", "rebalance", "shuffle"}
    assert {m["move"] for m in figures["moves"]} == moves
    assert len(figures["loops"]) == 4
    assert set(figures["calls"]["hand_over_ms"]) == {"1000", "100000"}


@pytest.mark.ranks
@pytest.mark.slow
def test_messages_on_many_ranks() -> None:
    """On 64 ranks no operation sends more than log p allows, or than its rows demand."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.dist.many"],
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing grows" in done.stdout
