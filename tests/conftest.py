"""Shared set-up of the tests: which build is tested, and where data is kept.

SHOAL_BUILD names a build folder (default build/release). Its package comes first in
sys.path, here and in every process that a test starts.
"""

import gc
import os
import signal
import sys
from pathlib import Path

import pytest
from paths import BUILD

sys.path.insert(0, str(BUILD / "python"))
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(BUILD / "python"), *filter(None, [os.environ.get("PYTHONPATH")])]
)


@pytest.fixture(scope="session")
def build() -> Path:
    """The build folder under test."""
    return BUILD


@pytest.fixture(scope="session")
def shoal_opt() -> str:
    """The tool that runs passes on IR text."""
    return str(BUILD / "bin" / "shoal_opt")


def pytest_addoption(parser):
    parser.addoption("--bless", action="store_true", help="write golden files anew")
    parser.addoption(
        "--mpi", metavar="MPI", help="mpich, openmpi, or the folder of an installed MPI"
    )


def pytest_configure(config):
    mpi = config.getoption("--mpi")
    if mpi:
        os.environ["SHOAL_MPI"] = mpi
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        # Processes of pytest-xdist and in the background ignore Ctrl-C, and so would what
        # they start.
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """Tests neither read nor fill the user's cache of compiled code."""
    old = os.environ.get("SHOAL_CACHE_DIR")
    if old is None:
        os.environ["SHOAL_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if old is None:
        del os.environ["SHOAL_CACHE_DIR"]


@pytest.fixture(scope="module", params=[1, 2, 3], ids=lambda n: f"ranks{n}")
def ranks(request):
    """All tests of a module on one rank (in this process), then on two, then on three:
    another number of ranks is another pool, which each test would have to wait for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOAL_NUM_WORKERS", str(request.param))
        yield request.param


@pytest.fixture
def pooled(ranks):
    """For what only workers can do: one rank runs in the driver itself."""
    if ranks == 1:
        pytest.skip("one rank needs no workers")


KINDS = "buffers", "heaps", "objects of calls that ended", "arrays of calls that ended"


def alive() -> tuple:
    """The pool, None if there is none, and what is alive here and in each rank, KINDS."""
    from shoal import _core, _pool
    from shoal._wire import encode

    here, pool = _core.live()[1:], _pool._pool
    if pool is None or pool.dead is not None or pool.pid != os.getpid():
        return None, [here]
    ranks = pool.command([encode(("ping",))] * pool.n, "a look")
    return pool, [here, *(there[1:] for there in ranks)]


def left_behind(pool, before) -> str:
    """What is there that was not: kinds with numbers in the driver and in each rank."""
    now, after = alive()
    more = [
        [b - a for a, b in zip(*pair, strict=True)]
        for pair in zip(before, after, strict=False)
    ]
    if now is not pool:  # ranks that began with this test: the driver's count alone
        more = more[:1]
    counts = zip(KINDS, zip(*more, strict=True), strict=False)
    return ", ".join(f"{kind}: {n}" for kind, n in counts if any(k > 0 for k in n))


@pytest.fixture(autouse=True)
def no_leak(request):
    """No program leaves a buffer or an object behind, here or in a rank, also when it ends
    with an exception. Python's cycles may hold some: they are looked for only then, among
    what came since the last look, or looking would take half of the tests' time."""
    if request.node.get_closest_marker("keeps"):
        yield
        return
    start = alive()
    yield
    if left_behind(*start):
        gc.collect()
        gc.freeze()
        left = left_behind(*start)
        if left:
            pytest.fail(f"left behind, in the driver and the ranks: {left}")


def pytest_report_header() -> str:
    mpi = os.environ.get("SHOAL_MPI")
    return f"shoal build: {BUILD}" + (f", MPI: {mpi}" if mpi else "")
