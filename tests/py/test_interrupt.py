"""Every kind of long loop ends soon after Ctrl-C; ranks that die and interrupts at random
moments are one exception, in time, after which the next call works and nothing is left.

SHOAL_BLOWS=200 strikes that often.
"""

import contextlib
import os
import random
import signal
import threading
import time

import numpy as np
import pandas as pd
import pytest
from test_faults import works
from test_pool import gone_within

import shoal
from shoal import _pool

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
