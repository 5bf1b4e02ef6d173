"""Every kind of long loop ends soon after Ctrl-C; ranks that die and interrupts at random
moments are one exception, in time, after which the next call works and nothing is left.

SHOAL_BLOWS=200 strikes that often.
"""

import contextlib
import gc
import os
import random
import secrets
import signal
import tempfile
import threading
import time

import numpy as np
import pandas as pd
import pytest
from test_faults import works
from test_pool import gone_within

import shoal
from shoal import _lazy, _leftover, _pool
from shoal._interrupts import uninterrupted
from shoal._wire import encode

BLOWS = int(os.environ.get("SHOAL_BLOWS", "10"))


def strike_after(seconds: float, pid: int, sig: int, sent: list) -> threading.Timer:
    def strike():
        sent.append(time.monotonic())
        os.kill(pid, sig)

    timer = threading.Timer(seconds, strike)
    timer.start()
    return timer


# -- Loops -------------------------------------------------------------------------------------


def endless(k):
    while k >= 0:
        k = (k * 3 + 1) % 1000003
    return k


def nested(n):
    s = 0
    for i in range(10**12):
        for j in range(1000):
            s = (s + i * j) % 1000003
    return s


def stencil(n):
    a = np.arange(1000.0)
    for k in range(10**11):
        for i in range(1000):
            a[i] = a[i] * 0.5 + k
    return a[3]


def recursive(n):
    return recursive(n - 1) + endless(n) if n > 0 else endless(n)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def of_lists(n):
    t = [1, 2, 3]
    while len(t) < 10:
        t.append(1)
        t.pop()
    return len(t)


def of_text(n):
    s = "abc"
    while len(s) < 10:
        s = s[1:] + s[0]
    return s


def catches(n):
    a, k = [1], 0
    while k >= 0:
        try:
            k += a[k % 3]
        except Exception:
            k = 0
    return k


def by_key(n):
    return sorted([3, 1, 2], key=endless)[0]


def generator(n):
    return sum(i % 3 for i in range(10**13))


def parallel(n):
    s = 0
    for i in shoal.prange(10**13):
        s += i % 7
    return s


def parallel_while(n):
    s = 0
    for i in shoal.prange(1000):
        k = i + 1
        while k != 0:
            k = (k * 3 + 1) % 1000003 + 1
        s += k
    return s


def mapped(n):
    return pd.Series(np.arange(n)).map(endless).sum()


def applied(n):
    df = pd.DataFrame({"a": np.arange(n)})
    return df.apply(lambda r: endless(r.a), axis=1).sum()


def sorts(n):
    a, s = np.sin(np.arange(1e6)), 0.0
    for k in range(10**9):
        s += np.sort(a)[k % 100]
    return s


def many_pairs(n):
    df = pd.DataFrame({"k": np.zeros(20_000, np.int64), "a": np.arange(20_000)})
    s = 0
    for _ in range(10**6):
        s += df.merge(df, on="k").a_x.sum()
    return s


def products(n):
    a, s = np.ones((2000, 2000)), 0.0
    for _ in range(10**6):
        s += (a @ a)[0, 0]
    return s


def inverses(n):
    a, s = np.eye(500) * 2, 0.0
    for _ in range(10**6):
        s += np.linalg.inv(a)[0, 0]
    return s


LOOPS = [
    *(endless, nested, stencil, recursive, fib, of_lists, of_text, catches, by_key),
    *(generator, parallel, parallel_while, mapped, applied, sorts, many_pairs),
    *(products, inverses),
]
SIZES = {fib: 90, recursive: 3, mapped: 100, applied: 100}


@pytest.mark.filterwarnings("ignore:No parallelism")
@pytest.mark.parametrize("ranks", ["1", "2"])
@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
def test_ctrl_c_ends_a_loop(monkeypatch, f, ranks):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", ranks)
    assert works(10) == 45
    jit, n, sent = shoal.jit(f), SIZES.get(f, 1), []
    jit.explain(n)  # compiled
    timer = strike_after(0.3, os.getpid(), signal.SIGINT, sent)
    with pytest.raises(KeyboardInterrupt):
        jit(n)
    assert time.monotonic() - sent[0] < 5
    timer.join()
    assert works(10) == 45


# -- At random moments -----------------------------------------------------------------------


@shoal.jit
def program(n, seed):
    rng = np.random.default_rng(seed)
    df = pd.DataFrame({"k": np.arange(n) % 97, "v": rng.random(n)})
    g = df.groupby("k", as_index=False).v.sum()
    m = df.merge(g, on="k").sort_values("v_x")
    s = 0.0
    for i in shoal.prange(n):
        s += np.sqrt(1.0 * i)
    return m.v_x.head(3).sum() + m.v_y.sum() + s


def blow(pid: int, sig: int, error: type, seconds: float) -> bool:
    """Whether it ended the call; else the call was faster."""
    sent = []
    timer = strike_after(seconds, pid, sig, sent)
    try:
        program(100_000, 1)
        timer.join()
    except error:
        assert time.monotonic() - sent[0] < 5
        return True
    return False


@pytest.mark.parametrize("what", ["killed", "interrupted"])
def test_blows_at_random_moments(monkeypatch, what):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    want, hits, chance = program(100_000, 1), 0, random.Random(what)
    start = time.monotonic()
    program(100_000, 1)
    took = time.monotonic() - start
    for _ in range(BLOWS):
        works(3)
        pool, after = _pool.current(), chance.random() * 1.2 * took
        if what == "killed":
            pid = chance.choice(pool.pids)
            hit = blow(pid, signal.SIGKILL, _pool.RankDiedError, after)
            hits += hit
            if not hit:  # it came when the call had ended: the next one finds it
                assert gone_within([pid], 5)
                with contextlib.suppress(_pool.RankDiedError):
                    program(100_000, 1)  # works() may know a form without ranks
        else:
            try:
                hits += blow(os.getpid(), signal.SIGINT, KeyboardInterrupt, after)
            except KeyboardInterrupt:  # it came when the call had ended
                pass
        np.testing.assert_allclose(program(100_000, 1), want)
        if what == "killed" and pool.dead is not None:
            assert gone_within(pool.pids, 5)
            assert [n for n in os.listdir("/dev/shm") if pool.id in n] == []
    assert hits >= BLOWS // 4


# -- Between two instructions ------------------------------------------------------------------


@shoal.jit
def lazily(df):
    return df[df.a >= 3]


@shoal.jit
def adds(a):
    for i in shoal.prange(len(a)):
        a[i] += 1
    return a.sum()


def some() -> pd.DataFrame:
    return pd.DataFrame({"a": np.arange(1000), "b": np.arange(1000.0)})


@shoal.jit
def summed(n):
    """As works(), on ranks alone."""
    s = 0
    for i in shoal.prange(n):
        s += i
    return s


def start() -> int:
    _pool.close()
    return count()


def write() -> float:
    a = np.zeros(100)
    try:
        return float(adds(a))
    finally:
        assert a.sum() in (0, 100), "changed as a whole or not at all"


def gather() -> float:
    return float(lazily(some()).b.sum())


def count() -> int:
    return summed(10)


# What a call does on its way, and where: Ctrl-C comes right before it and right behind it.
MOMENTS = [
    *((start, _pool.Pool, name) for name in ("_launch", "_environment", "_remove")),
    (start, _pool.Pool, "_accept"),
    (start, _leftover, "hold"),
    *((count, _pool, name) for name in ("encode", "_world", "flush_drops")),
    *((count, _pool.Pool, name) for name in ("send_all", "set_abort", "_read")),
    (count, _lazy, "results"),
    *((write, _pool, name) for name in ("create", "remove", "view")),
    (gather, _lazy, "results"),
    *((gather, _pool, name) for name in ("create", "view", "remove")),
]


def left_over(ids: list) -> tuple:
    """Files of these pools that should be gone, and how many results each rank keeps."""
    gc.collect()
    pool = _pool.current()
    with _pool._lock:
        _pool.flush_drops()
    kept = pool.command([encode(("kept",))] * pool.n, "a look")
    folders = "/dev/shm", tempfile.gettempdir()
    names = [n for f in folders for n in os.listdir(f) if n[6:22] in ids]
    known = f"shoal-{pool.id}", f"shoal-{pool.id}-abort"
    return [n for n in names if n not in known], kept


@pytest.mark.parametrize("when", ["before", "behind"])
@pytest.mark.parametrize(
    "body, owner, name", MOMENTS, ids=[f"{m[0].__name__}-{m[2]}" for m in MOMENTS]
)
def test_ctrl_c_between_two_instructions(monkeypatch, body, owner, name, when):
    """Where a file has no owner yet, a message is half read, an argument half changed."""
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    want, old, strikes, ids = body(), getattr(owner, name), [], [_pool.current().id]
    token = secrets.token_hex
    monkeypatch.setattr(secrets, "token_hex", lambda n: ids.append(token(n)) or ids[-1])

    def struck(*args, **kwargs):
        if when == "before" and not strikes:
            strikes.append(signal.raise_signal(signal.SIGINT))
        out = old(*args, **kwargs)
        if not strikes:
            strikes.append(signal.raise_signal(signal.SIGINT))
        return out

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, struck)
        with pytest.raises(KeyboardInterrupt):
            body()
    assert strikes
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert body() == want
    assert left_over(ids) == ([], [0, 0])


@pytest.mark.parametrize("handler", ["returns", "raises"])
def test_the_program_s_own_handler_is_asked(monkeypatch, handler):
    """What it raises is raised; a call that has ended before it returns has its result."""
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    assert count() == 45
    asked, results = [], _lazy.results

    def handle(sig, frame):
        asked.append(sig)
        if handler == "raises":
            raise LookupError("mine")

    def struck(*args):
        signal.raise_signal(signal.SIGINT)
        return results(*args)

    old = signal.signal(signal.SIGINT, handle)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(_lazy, "results", struck)
            if handler == "raises":
                with pytest.raises(LookupError):
                    count()
            else:
                assert count() == 45
        assert asked == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is handle
    finally:
        signal.signal(signal.SIGINT, old)
    assert count() == 45


def test_sections_nest_and_leave_ignored_signals_alone():
    with pytest.raises(KeyboardInterrupt), uninterrupted() as outer:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
        reached = outer.count
        with pytest.raises(KeyboardInterrupt):
            outer.check()
    assert reached == 1
    old = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, old)


@shoal.wrap_python("int64")
def has_mark(i):
    return int("SHOAL_TEST_MARK" in os.environ)


@shoal.jit
def marks(n):
    s = 0
    for i in shoal.prange(n):
        s += has_mark(i)
    return s


def test_what_an_interrupted_call_did_not_send_is_sent_by_the_next(monkeypatch):
    """The variables that ranks take from the driver."""
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    assert marks(4) == 0
    monkeypatch.setenv("SHOAL_TEST_MARK", "1")
    old = _pool.encode

    def struck(message):
        signal.raise_signal(signal.SIGINT)
        return old(message)

    with monkeypatch.context() as patch:
        patch.setattr(_pool, "encode", struck)
        with pytest.raises(KeyboardInterrupt):
            marks(4)
    assert marks(4) == 4


def test_functions_that_cannot_be_sent_leave_no_segment(monkeypatch):
    monkeypatch.setenv("SHOAL_NUM_WORKERS", "2")
    lock = threading.Lock()
    asks = shoal.wrap_python("float64")(lambda x: x * lock.locked())

    @shoal.jit
    def f(df):
        s = 0.0
        for i in shoal.prange(len(df)):
            s += asks(df.b.values[i])
        return s

    with pytest.raises(TypeError, match="pickle"):
        f(some())
    assert left_over([_pool.current().id]) == ([], [0, 0])
