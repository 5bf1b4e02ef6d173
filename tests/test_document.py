"""The examples of the guide to advanced parallelism, on a pool and under a launcher."""

import functools
import re
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from paths import ROOT
from programs import MODES, run, run_all

EXAMPLES = ROOT / "examples"
ALL = sorted(p.stem for p in EXAMPLES.glob("*.py") if p.stem != "make_data")

# What each leaves behind, checked in the process itself (in SPMD: on every rank).
CHECKS = {
    "inferred": """
        import pandas as pd
        want = pd.read_parquet("pd_example.pq").groupby("A").sum()
        whole = df3 if spawned else bodo.allgatherv(df3)
        pd.testing.assert_frame_equal(whole, want)
    """,
    "replicated": """
        import os
        bodo.barrier()
        want = pd.read_parquet("my_large_data.pq").merge(
            pd.read_parquet("my_tiny_data.pq"), on="id")
        assert os.path.isdir("my_merged_data.pq") or ranks == 1
        pd.testing.assert_frame_equal(pd.read_parquet("my_merged_data.pq"), want)
    """,
    "indexing": """
        a = np.arange(11)
        b_, c_, d_ = a[a > 3], a[::2], a[-2]
        a[a > 3] = 7; a[::2] = 7; a[-2] = 7
        for got, want in ((A, a), (B, b_), (C, c_)):
            whole = got if spawned else bodo.allgatherv(got)
            assert whole.tolist() == want.tolist(), (whole, want)
        assert b == d_
    """,
    "concat_reduction": """
        want = pd.DataFrame({"A": np.concatenate([np.arange(i) for i in range(7)])})
        whole = df if spawned else bodo.allgatherv(df)
        pd.testing.assert_frame_equal(whole, want)
    """,
    "concat_parameters": """
        params = [0.1, 0.2, 0.5, 1.0, 1.2, 1.5, 2.0, 7.5, 30.0, 100]
        want = pd.concat([get_result.py_func(p) for p in params], ignore_index=True)
        whole = df if spawned else bodo.allgatherv(df)
        pd.testing.assert_frame_equal(whole, want)
    """,
    "rebalance": """
        assert total.tolist() == [39.0, 19.5] and list(total.index) == ["A", "B"]
    """,
    "collections_of_frames": """
        whole = df if spawned else bodo.allgatherv(df)
        assert len(whole) == 1000
        assert whole.A.tolist() == list(range(100)) * 10
        assert list(whole.index) == list(range(100)) * 10
        assert whole.B.between(0, 1).all() and whole.B.nunique() == 1000
    """,
    "declared_types": """
        assert best_zone(3) == best_zone.py_func(3) == ("east", 20.0)
    """,
    "one_rank": """
        import os
        assert not os.path.exists("data/data.pq")
    """,
}
CHECKS["flags"] = CHECKS["inferred"]
CHECKS["rebalance_dests"] = CHECKS["rebalance"]
CHECKS["one_rank_spmd"] = CHECKS["each_node"] = CHECKS["one_rank"]


# One that ends with an error has a process of its own, so that its user's exit is seen.
APART = "prange_conflict"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with the data of the examples."""
    folder = tmp_path_factory.mktemp("data")
    subprocess.run(
        [sys.executable, EXAMPLES / "make_data.py"], cwd=folder, check=True, timeout=60
    )
    return folder


def place(name: str, data, folder, ranks: int, mode: str):
    """The example with its check and the data, in a folder of its own."""
    shutil.copytree(data, folder)
    program = folder / f"{name}.py"
    check = "\n".join(line[8:] for line in CHECKS.get(name, "").splitlines())
    text = (EXAMPLES / program.name).read_text()
    program.write_text(f"{text}\nspawned, ranks = {mode == 'pool'}, {ranks}\n{check}\n")
    return program


@pytest.fixture(scope="module")
def launched(data, tmp_path_factory):
    """launched(name, ranks, mode): what the example did. All of them ran at once."""

    @functools.cache
    def launch_all(ranks: int, mode: str):
        folder = tmp_path_factory.mktemp(f"{mode}{ranks}")
        names = [n for n in ALL if n != APART]
        if ranks == 1:
            names.remove("rebalance_dests")
        files = [place(n, data, folder / n, ranks, mode) for n in names]
        return run_all(files, ranks, mode)

    return lambda name, ranks, mode: launch_all(ranks, mode)[name]


def said(done) -> list[str]:
    return done.stdout.splitlines()


# On so many ranks in either mode; all examples of one kind follow each other.
def everywhere(test):
    for mark in (
        pytest.mark.parametrize("ranks", [1, 2, 3, 4]),
        pytest.mark.parametrize("mode", MODES),
        pytest.mark.ranks,
    ):
        test = mark(test)
    return test


@everywhere
@pytest.mark.parametrize("name", [n for n in ALL if n in CHECKS])
def test_leaves_what_it_should(name, ranks, mode, launched):
    if name == "rebalance_dests" and ranks == 1:
        pytest.skip("there is no rank 1")
    done = launched(name, ranks, mode)
    assert done.returncode == 0, done.stderr
    assert said(done) == []


@everywhere
def test_prints_of_a_reduction(ranks, mode, launched):
    done = launched("prange_reduction", ranks, mode)
    lines = said(done)
    counts = [10 // ranks + (r < 10 % ranks) for r in range(ranks)]
    for r in range(ranks):
        assert lines.count(f"rank {r}") == counts[r], done.stderr
    results = [line for line in lines if not line.startswith("rank")]
    assert len(results) == (1 if mode == "pool" else ranks)
    assert len(set(results)) == 1 and 0 < float(results[0]) < 30


@everywhere
def test_two_operators_on_one_variable(ranks, mode, data, tmp_path):
    done = run(place(APART, data, tmp_path / "here", ranks, mode), ranks, mode)
    assert done.returncode != 0 and said(done) == []
    assert re.search(
        r"UnsupportedRewriteError: Failed in bodo mode pipeline \(step: convert to parfors\)\n"
        r"Reduction variable s has multiple conflicting reduction operators\.\n",
        done.stderr,
    ), done.stderr


@everywhere
def test_parameters(ranks, mode, launched, data):
    done = launched("parameters", ranks, mode)
    b = pd.read_parquet(data / "my_large_data.pq").B
    params = [1, 3, 4, 5, 7, 8, 11, 15, 17, 21]
    want = max((b % a).sum() for a in params + [2 * a for a in params])
    assert said(done) == [str(float(want))], done.stderr


@everywhere
def test_chunks_of_blocks(ranks, mode, launched):
    done = launched("distributed_block", ranks, mode)
    times = 1 if mode == "pool" else ranks
    assert said(done) == ["4950"] * times, done.stderr


def by_hand(ranks: int) -> float:
    """The SciPy example on NumPy chunks: it clips to its own chunk, so its value depends
    on the number of ranks."""
    interpolate = pytest.importorskip("scipy.interpolate")

    def block(a, r):
        n = len(a)
        start = r * (n // ranks) + min(r, n % ranks)
        return a[start : start + n // ranks + (r < n % ranks)]

    x, x2 = np.arange(100), np.arange(0, 100, 0.5)
    y = np.exp(-x / 3.0)
    total = 0.0
    for r in range(ranks):
        mine, at = block(x, r), block(x2, r)
        at = np.minimum(np.maximum(at, mine[0]), mine[-1])
        total += interpolate.interp1d(mine, block(y, r))(at).sum()
    return total


@everywhere
def test_scipy_on_chunks(ranks, mode, launched):
    want = by_hand(ranks if mode == "spmd" else 1)
    done = launched("scipy_chunks", ranks, mode)
    lines = said(done)
    assert len(lines) == (ranks if mode == "spmd" else 1), done.stderr
    assert len(set(lines)) == 1
    assert float(lines[0]) == pytest.approx(want, rel=1e-12)
    if mode == "spmd" and ranks == 4:
        assert float(lines[0]) == pytest.approx(6.555500504321469, rel=1e-12)


def test_every_example_is_tested():
    printed = {"prange_reduction", "prange_conflict", "parameters", "distributed_block"}
    assert set(ALL) == set(CHECKS) | printed | {"scipy_chunks"}
