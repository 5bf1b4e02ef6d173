"""Calls from end to end on 1, 2 and 3 workers: results, laziness, guards, failures."""

import functools
import gc
import os
import signal
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal import _pool, prange
from shoal._wire import encode

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
HERE = __file__
FACTOR = 3


@pytest.fixture
def df():
    n = 1000
    return pd.DataFrame(
        {
            "a": np.arange(n),
            "s": [f"t{i % 7}" if i % 5 else None for i in range(n)],
            "d": pd.date_range("2020-01-01", periods=n),
            "x": np.where(np.arange(n) % 3, np.arange(n) / 7, np.nan),
        }
    )


@shoal.jit
def positive(df):
    return df[df.a >= 0]


@shoal.jit
def total(df):
    return df.a.sum()


@shoal.jit
def add(x):
    return x + FACTOR


@shoal.jit
def loop_sum(n):
    s = 0
    for i in prange(n):
        s += i
    return s


@shoal.jit
def spin(n):
    s = 0.0
    for _ in prange(n):
        x = 0.0
        while x < 1e15:
            x += 1.0
        s += x
    return s


def is_lazy(x) -> bool:
    return type(x) is not pd.DataFrame and type(x) is not pd.Series


def live() -> list:
    pool = _pool.current()
    return pool.command([encode(("kept",))] * pool.n, "a look")


def test_result_is_lazy_until_looked_at(pooled, df):
    r = positive(df)
    assert is_lazy(r)
    assert isinstance(r, pd.DataFrame)
    assert (len(r), r.shape, r.ndim, r.empty) == (1000, (1000, 4), 2, False)
    assert list(r.columns) == list(df.columns)
    assert r.dtypes.to_dict() == df.dtypes.to_dict()
    pd.testing.assert_frame_equal(r.head(3), df.head(3))
    pd.testing.assert_frame_equal(r.head(), df.head())
    assert is_lazy(r)
    assert total(r) == df.a.sum()
    assert is_lazy(r), "passing it on collects nothing"
    pd.testing.assert_frame_equal(r, df)
    assert type(r) is pd.DataFrame


@pytest.mark.parametrize("touch", ["sum", "copy", "repr", "pickle", "setitem", "left"])
def test_every_touch_collects_once(df, touch):
    import pickle

    r = positive(df)
    if touch == "sum":
        assert r.a.sum() == df.a.sum()
    elif touch == "copy":
        pd.testing.assert_frame_equal(r.copy(), df)
    elif touch == "repr":
        assert repr(r) == repr(df)
    elif touch == "pickle":
        pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(r)), df)
    elif touch == "setitem":
        r["b"] = 1
        assert list(r.columns) == [*df.columns, "b"]
    else:
        pd.testing.assert_frame_equal(df, r)
    assert type(r) is pd.DataFrame


def test_empty_and_tiny_frames(df):
    for n in (0, 1, 2):
        part = df[:n]
        r = positive(part)
        assert len(r) == n
        pd.testing.assert_frame_equal(r, part)
        assert total(part) == part.a.sum()


def test_dropping_frees_the_workers(pooled, df):
    r = positive(df)
    before = live()
    assert all(before)
    del r
    gc.collect()
    assert all(k < b for k, b in zip(live(), before, strict=True))


def test_collected_results_are_writable(df):
    r = positive(df)
    r.loc[0, "a"] = 77
    assert r.a[0] == 77
    assert df.a[0] == 0


def test_globals_are_guarded(monkeypatch):
    assert add(1) == 4
    monkeypatch.setitem(globals(), "FACTOR", 10)
    assert add(1) == 11
    monkeypatch.setitem(globals(), "FACTOR", 0.5)
    assert add(1) == 1.5


def test_closures_are_guarded():
    k = 1

    @shoal.jit
    def f(x):
        return x * k

    assert f(5) == 5
    k = 4
    assert f(5) == 20


def test_types_are_compiled_once():
    f = shoal.jit(lambda x: x + 1)
    assert [f(1), f(2), f(1.5)] == [2, 3, 2.5]
    assert f.signatures == ["(int64)", "(float64)"]


def test_binding_of_arguments():
    @shoal.jit
    def f(a, b=2, *, c=3):
        return a * 100 + b * 10 + c

    assert (f(1), f(1, 5), f(1, c=9), f(b=4, a=2)) == (123, 153, 129, 243)
    with pytest.raises(
        TypeError, match=r"f\(\) missing .* required positional argument.*: 'a'"
    ):
        f()


def test_results_without_ranks_start_no_pool():
    _pool.close()
    f = shoal.jit(lambda x: x * 2)
    assert f(21) == 42
    assert _pool.pids() == []


def test_prange(ranks):
    for n in (0, 1, 2, 10):
        assert loop_sum(n) == sum(range(n))


def test_prints(capsys):
    @shoal.jit
    def f(n):
        print("once", n)
        s = 0
        for i in prange(n):
            s += i
        return s

    assert f(5) == 10
    assert capsys.readouterr().out == "once 5\n"


def test_run_error_shows_the_users_line(df, ranks):
    @shoal.jit
    def f(df, n):
        t = df.a.sum()
        if t > n:
            raise ValueError("too much")
        return t

    for _ in range(2):
        with pytest.raises(ValueError, match=r"^too much$") as caught:
            f(df, 3)
        last = traceback.extract_tb(caught.value.__traceback__)[-1]
        assert (last.filename, last.name) == (HERE, "f")
        assert last.line == 'raise ValueError("too much")'
    assert f(df, 10**9) == df.a.sum()


def test_compile_error_shows_line_and_caret(df):
    @shoal.jit
    def f(df):
        return df.a + df.no_such_column

    with pytest.raises(Exception, match="no_such_column") as caught:
        f(df)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.name) == (HERE, "f")
    assert "\n    " in str(caught.value)
    assert "^^^" in str(caught.value)


def test_missing_file():
    @shoal.jit
    def f(path):
        return pd.read_parquet(path)

    with pytest.raises(FileNotFoundError, match="nowhere"):
        f("nowhere.pq")


def test_changed_file_is_read_with_its_new_schema(tmp_path):
    @shoal.jit
    def f(path):
        return pd.read_parquet(path).a.sum()

    file = str(tmp_path / "a.pq")
    pd.DataFrame({"a": [1, 2]}).to_parquet(file)
    assert f(file) == 3
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(file)
    assert f(file) == 6
    pd.DataFrame({"a": [1.5, 2]}).to_parquet(file)
    assert f(file) == 3.5


def test_relative_paths_follow_the_driver(tmp_path, monkeypatch, df):
    @shoal.jit
    def save(df, path):
        df.to_parquet(path)

    monkeypatch.chdir(tmp_path)
    save(df, "out.pq")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "out.pq"), df)
    with pytest.raises(OSError, match="non-existent"):
        save(df, "no/out.pq")
    assert [p.name for p in tmp_path.iterdir()] == ["out.pq"]


def test_threads_hand_results_over():
    """A thread that passes a lazy result on waits for the call of another."""
    make = shoal.jit(lambda n: pd.DataFrame({"a": np.arange(n)}))
    total = shoal.jit(lambda df: df.a.sum())
    with ThreadPoolExecutor(4) as threads:
        for _ in range(3):
            got = threads.map(lambda n: total(make(n)), range(1, 20))
            assert list(got) == [sum(range(n)) for n in range(1, 20)]


def test_names_of_columns_stay_lazy():
    @shoal.jit
    def make(n):
        return pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5})

    @shoal.jit
    def total(df):
        return df.x.sum()

    lazy = type(make(4))
    for names in (["x", "y"], ("x", "y"), pd.Index(["x", "y"])):
        df, want = make(20), make.py_func(20)
        head = df.head(2)
        df.columns, want.columns = names, names
        assert type(df) is lazy  # of one rank, plain
        assert list(df.columns) == ["x", "y"]
        assert list(head.columns) == ["a", "b"] and list(df.head(2).columns) == [
            "x",
            "y",
        ]
        assert total(df) == 190
        pd.testing.assert_frame_equal(pd.DataFrame(df), want)
    for names in (["x", "x"], [1, 2], pd.Index(["x", "y"], name="q")):
        df, want = make(20), make.py_func(20)
        df.columns, want.columns = names, names
        pd.testing.assert_frame_equal(pd.DataFrame(df), want)
    with pytest.raises(ValueError, match="Length mismatch"):
        make(3).columns = ["x"]


def test_threads_take_turns(df):
    out: list = []
    threads = [threading.Thread(target=lambda: out.append(total(df))) for _ in range(5)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert out == [df.a.sum()] * 5


def test_ctrl_c_stops_the_call_and_keeps_results(df):
    kept = positive(df)
    assert total(kept) == df.a.sum()
    with pytest.raises(ZeroDivisionError):
        shoal.jit(lambda n: 1 // n)(0)
    stop = threading.Timer(2.0, os.kill, (os.getpid(), signal.SIGINT))
    stop.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        spin(4)
    assert time.monotonic() - start < 3.0
    pd.testing.assert_frame_equal(kept, df)


def test_killed_rank_is_one_exception_and_results_are_lost(pooled, df, ranks):
    lost = positive(df)
    victim = _pool.pids()[-1]
    shot: list = []

    def kill():
        shot.append(time.monotonic())
        os.kill(victim, signal.SIGKILL)

    threading.Timer(1.5, kill).start()
    with pytest.raises(
        shoal.RankDiedError, match=rf"rank \d of {ranks} .*SIGKILL.*spin\(\)"
    ) as e:
        spin(4)
    assert time.monotonic() - shot[0] < 2
    assert HERE in str(e.value)
    with pytest.raises(
        shoal.LostResultError, match=r"positive\(\) called at .*SIGKILL"
    ):
        lost.a.sum()
    with pytest.raises(shoal.LostResultError):
        total(lost)
    assert total(df) == df.a.sum()


def test_in_process_when_not_distributed(df):
    @shoal.jit(distributed=False)
    def f(df):
        return df.a.max(), df[df.a > 500]

    top, rest = f(df)
    assert top == 999
    assert type(rest) is pd.DataFrame
    pd.testing.assert_frame_equal(rest, df[df.a > 500])


def test_several_results(df):
    @shoal.jit
    def f(df):
        return df[df.a > 3], df.a.sum(), df.a + 1

    a, b, c = f(df)
    pd.testing.assert_frame_equal(a, df[df.a > 3])
    assert b == df.a.sum()
    pd.testing.assert_series_equal(c, df.a + 1)


def test_array_results():
    @shoal.jit
    def f(a):
        return a * 2

    for n in (0, 1, 10, 1001):
        a = np.arange(n, dtype=float)
        out = f(a)
        assert type(out) is np.ndarray
        np.testing.assert_array_equal(out, a * 2)
        out[:] = 0


@shoal.jit
def set_first(A, df):
    A[0] = df.a.sum()
    return df[df.a > 1]


@shoal.jit
def set_then_fail(A):
    A[0] = 7
    if A[1] == 1:
        raise ValueError("no")
    return 0


def test_written_arrays_are_seen_by_the_caller(df):
    for a in (np.arange(10), np.arange(20)[::2]):
        part = set_first(a, df)
        assert a[0] == df.a.sum()
        assert a[1] != df.a.sum()
        assert len(part) == 998


def test_writes_of_a_failed_call_are_not(df):
    a = np.arange(10)
    with pytest.raises(ValueError, match="no"):
        set_then_fail(a)
    assert a[0] == 0
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        set_then_fail(a)


def test_doctor(ranks):
    import subprocess
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "shoal", "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"pool           {ranks} workers in" in done.stdout
    assert "llvm" in done.stdout


@shoal.jit
def talk(n):
    for i in range(n):
        shoal.parallel_print("rank", shoal.get_rank(), i)


def test_ranks_print_in_rank_order(pooled, ranks, capsys):
    for _ in range(3):
        talk(2)
        lines = [f"rank {r} {i}" for r in range(ranks) for i in range(2)]
        assert capsys.readouterr().out.splitlines() == lines


def test_flushes_are_shown_in_rank_order(capsys):
    prints = _pool.Prints(3)
    prints.add(2, [(1, "c1\n")])
    prints.add(1, [(1, "b1\n")])
    prints.add(1, [(1, "b2\n")])
    prints.show({})
    assert capsys.readouterr().out == "", "rank 0 may still say something"
    prints.add(0, [(1, "a1\n")])
    prints.show({})
    assert capsys.readouterr().out == "a1\nb1\nc1\n"
    prints.show({0: 1, 2: 1})
    assert capsys.readouterr().out == "b2\n", "the others have ended"
    prints.add(1, [(1, "b3\n")])
    prints.since -= 1
    assert prints.wait(3600) <= 0.5
    prints.show({})
    assert capsys.readouterr().out == "b3\n", "nobody is held up for long"


def test_a_function_that_a_decorator_made():
    """functools.wraps names another function's signature; the code's own counts."""

    def double(f):
        @functools.wraps(f)
        def twice(*args):
            return 2 * f(*args)

        return twice

    @shoal.jit
    @double
    def add(a, b):
        return a + b

    assert add(3, 4) == 14
