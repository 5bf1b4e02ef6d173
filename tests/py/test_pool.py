"""The pool as processes: start, sleep, death, Ctrl-C, and nobody left behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from shoal import _leftover, _pool
from shoal._errors import RankDiedError
from shoal._wire import encode

pytestmark = pytest.mark.ranks
MPI_MEMORY = "/dev/shm/mpich_shm_", "/dev/shm/sm_segment.", "/dev/shm/ucx_shm_"


@pytest.fixture(params=[1, 2, 3])
def pool(request, monkeypatch):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", str(request.param))
    _pool.close()
    yield _pool.current()
    _pool.close()


def ping(pool):
    return pool.command([encode(("ping",))] * pool.n, "a ping")


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone_within(pids, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any(map(alive, pids)):
            return True
        time.sleep(0.02)
    return False


def mpi_memory(pid: int) -> tuple[list, list]:
    """MPI's files of shared memory that a process has mapped: all, those with a name."""
    with open(f"/proc/{pid}/maps") as maps:
        lines = [line.split(maxsplit=5)[5:] for line in maps]
    paths = [p[0].strip() for p in lines if p and p[0].startswith(MPI_MEMORY)]
    return paths, [p for p in paths if os.path.exists(p)]


def test_answers_of_all_ranks(pool):
    assert len(ping(pool)) == pool.n
    assert len(pool.pids) == pool.n


def test_close_leaves_nothing(pool):
    ping(pool)
    pids, folder, page = pool.pids, pool.folder, pool.abort_path
    _pool.close()
    assert gone_within(pids, 2)
    assert not os.path.exists(folder)
    assert not os.path.exists(page)


def test_idle_workers_sleep(pool):
    ping(pool)

    def ticks():
        total = 0
        for pid in pool.pids:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total

    time.sleep(0.1)
    before = ticks()
    time.sleep(0.5)
    assert ticks() - before <= 1


def test_killed_worker_is_one_exception_in_time(pool):
    ping(pool)
    victim = pool.pids[-1]
    os.kill(victim, signal.SIGKILL)
    start = time.monotonic()
    with pytest.raises(
        _pool.RankDiedError, match=r"rank \d of \d was killed by SIGKILL .*a ping"
    ):
        ping(pool)
    assert time.monotonic() - start < 2
    assert gone_within(pool.pids, 2)
    fresh = _pool.current()
    assert fresh is not pool
    assert len(ping(fresh)) == fresh.n


def test_a_message_to_a_rank_that_died_meanwhile(pool):
    ping(pool)
    os.kill(pool.pids[-1], signal.SIGKILL)
    assert gone_within(pool.pids[-1:], 2)
    late = pool.conns[pool.n - 1]
    late.out += b"late"
    pool._want_write(late)
    with pytest.raises(_pool.RankDiedError, match="SIGKILL"):
        ping(pool)


def test_death_between_calls_is_noticed(pool):
    ping(pool)
    os.kill(pool.pids[0], signal.SIGTERM)
    assert gone_within(pool.pids[:1], 2)
    time.sleep(0.1)
    assert _pool.current() is not pool


def test_second_ctrl_c_ends_a_stuck_rank(pool):
    ping(pool)
    result = _pool.Held(pool, 77, "f() called at here.py:3")
    for pid in pool.pids:
        os.kill(pid, signal.SIGSTOP)
    me = os.getpid()
    timers = [threading.Timer(t, os.kill, (me, signal.SIGINT)) for t in (0.2, 0.5)]
    for t in timers:
        t.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt, match=r"is lost: f\(\) called at here.py:3"):
        ping(pool)
    assert result.pool.dead
    assert time.monotonic() - start < 3
    assert gone_within(pool.pids, 2)
    assert len(ping(_pool.current())) == pool.n


def test_ctrl_c_is_python_s_again_after_a_call(pool):
    ping(pool)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


def test_failed_command_is_reported_and_the_pool_lives(pool):
    from shoal._errors import Failure

    with pytest.raises(Failure, match="InternalError"):
        pool.command([encode(("measure", 12345, [0]))] * pool.n, "nothing")
    assert len(ping(pool)) == pool.n


SCRIPT = """
import os, sys, time
from shoal import _pool
from shoal._wire import encode
p = _pool.current()
p.command([encode(("ping",))] * p.n, "a ping")
print(*p.pids, p.folder, p.id, flush=True)
{end}
"""


@pytest.mark.parametrize(
    "end", ["pass", "os._exit(3)", "os.kill(os.getpid(), 9)", "time.sleep(60)"]
)
def test_no_worker_outlives_the_driver(end):
    env = {**os.environ, "SHOAL_NUM_WORKERS": "2"}
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(end=end)],
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    *numbers, folder, pool_id = child.stdout.readline().split()
    pids = list(map(int, numbers))
    assert len(pids) == 2
    if "sleep" in end:
        child.terminate()
    child.wait(10)
    child.stdout.close()
    assert gone_within(pids, 2)
    until = time.monotonic() + 2
    while time.monotonic() < until and os.path.exists(folder):
        time.sleep(0.02)
    assert not os.path.exists(folder)
    assert [n for n in os.listdir("/dev/shm") if pool_id in n] == []


def test_mpi_memory_has_no_name(pool):
    """So ranks may be killed in any way: nothing is left behind."""
    ping(pool)
    for pid in pool.pids:
        mapped, named = mpi_memory(pid)
        assert mapped or pool.n == 1
        assert not named


@pytest.mark.parametrize("all_ranks", [False, True])
def test_killed_ranks_leave_nothing(pool, all_ranks):
    ping(pool)
    for pid in pool.pids if all_ranks else pool.pids[-1:]:
        os.kill(pid, signal.SIGKILL)
    assert gone_within(pool.pids[-1:], 3)
    with pytest.raises(RankDiedError):
        ping(pool)
    assert not os.path.exists(pool.folder)
    assert [n for n in os.listdir("/dev/shm") if pool.id in n] == []


EARLY = """
import os, sys
from shoal import _pool
p = _pool.Pool(2)
print(p.folder, p.id, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_driver_killed_while_its_pool_starts():
    """No supervisor is there yet; the first one that comes tidies up."""
    done = subprocess.run([sys.executable, "-c", EARLY], stdout=subprocess.PIPE)
    folder, pool_id = done.stdout.decode().split()
    page = f"/dev/shm/shoal-{pool_id}-abort"
    until = time.monotonic() + 10
    while time.monotonic() < until and (os.path.exists(folder) or os.path.exists(page)):
        time.sleep(0.02)
    assert not os.path.exists(folder)
    assert not os.path.exists(page)


WRITING = """
import os, sys
from shoal import _pool
p = _pool.Pool(2)
os.makedirs(sys.argv[1])
open(os.path.join(sys.argv[1], "part-00.parquet"), "w").write("half")
os.symlink(sys.argv[1], os.path.join(p.folder, "part-x"))
print(p.folder, flush=True)
os.kill(os.getpid(), 9)
"""


def test_a_driver_killed_while_its_ranks_write(tmp_path):
    """What they had written goes with the pool's folder, which says where it is."""
    parts = tmp_path / ".x.tmp"
    command = [sys.executable, "-c", WRITING, str(parts)]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    folder = done.stdout.decode().strip()
    until = time.monotonic() + 10
    while time.monotonic() < until and (os.path.exists(folder) or parts.exists()):
        time.sleep(0.02)
    assert not os.path.exists(folder)
    assert not parts.exists()


@pytest.mark.parametrize("age", [0, 1000])
def test_a_start_removes_what_dead_drivers_left(pool, age, tmp_path, monkeypatch):
    """Pages without a driver, unless they are young: their driver may be about to lock."""
    dead, then = f"{age:016x}", time.time() - age
    page, segment = f"/dev/shm/shoal-{dead}-abort", f"/dev/shm/shoal-{dead}-3"
    folder = tmp_path / f"shoal-{dead}"
    folder.mkdir()
    (folder / "launcher.log").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for path in (page, segment):
        Path(path).touch(0o600)
        os.utime(path, (then, then))
    os.utime(pool.abort_path, (then, then))  # its driver lives
    try:
        _leftover.sweep()
        there = [os.path.exists(path) for path in (page, segment, folder)]
        assert there == [age == 0] * 3
        assert os.path.exists(pool.abort_path)
    finally:
        for path in (page, segment):
            Path(path).unlink(missing_ok=True)


def test_a_forked_child_has_its_own_pool(pool):
    ping(pool)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            mine = _pool.current()
            os.write(write, b"%d" % (len(ping(mine)) if mine is not pool else 0))
            _pool.close()
        finally:
            os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    assert os.read(read, 16) == b"%d" % pool.n
    os.close(read)
    assert len(ping(pool)) == pool.n


def test_other_size_is_another_pool(pool, monkeypatch):
    ping(pool)
    monkeypatch.setenv("SHOAL_NUM_WORKERS", str(pool.n + 1))
    other = _pool.current()
    assert other.n == pool.n + 1
    assert gone_within(pool.pids, 2)
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "none")
    with pytest.raises(ValueError, match="SHOAL_NUM_WORKERS"):
        _pool.workers()
