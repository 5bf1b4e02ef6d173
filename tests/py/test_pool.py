"""The pool as processes: start, sleep, death, Ctrl-C, and nobody left behind."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from shoal import _pool
from shoal._wire import encode

pytestmark = pytest.mark.ranks
MPI_MEMORY = (
    "mpich" if os.environ.get("SHOAL_MPI", "mpich") == "mpich" else "sm_segment"
)


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
    before = set(os.listdir("/dev/shm"))
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
    left = set(os.listdir("/dev/shm")) - before  # our segments and MPI's
    assert [n for n in left if pool_id in n or MPI_MEMORY in n] == []


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
