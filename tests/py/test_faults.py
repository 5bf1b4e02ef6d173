"""What goes wrong from outside (files, memory, disks, Ctrl-C, death): one exception of the
right type at the user's line, in time, no partial output, and the next call works."""

import contextlib
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_pool import gone_within

import shoal
from shoal import _files, _pool

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
HERE = __file__


@shoal.jit
def works(n):
    s = 0
    for i in shoal.prange(n):
        s += i
    return s


def failing(f, *args, line: str, seconds: float = 5.0) -> BaseException:
    """The exception of a call, whose traceback must show the user's line; what is called
    next works."""
    works(3)  # the pool is there: its start is not measured
    start = time.monotonic()
    with pytest.raises(BaseException) as caught:
        f(*args)
    assert time.monotonic() - start < seconds
    shown = "".join(traceback.format_exception(caught.value))
    assert line in shown, shown
    assert works(10) == 45
    return caught.value


# -- Reading ---------------------------------------------------------------------------------


@shoal.jit
def read(path):
    df = pd.read_parquet(path)  # the read
    return df.a.sum()


@shoal.jit
def read_nope(path):
    df = pd.read_parquet(path)
    return df["nope"].sum()  # the column


@shoal.jit
def read_add(path):
    df = pd.read_parquet(path)
    return (df.a + df.s).sum()  # the types


@shoal.jit
def read_text(path):
    df = pd.read_csv(path)  # the csv
    return df.a.sum()


def parquet(path, n: int = 1000) -> str:
    pd.DataFrame({"a": np.arange(n), "s": ["t"] * n}).to_parquet(path)
    return str(path)


def test_missing_file(tmp_path):
    for f, line in ((read, "# the read"), (read_text, "# the csv")):
        e = failing(f, str(tmp_path / "none"), line=line)
        assert type(e) is FileNotFoundError and "none" in str(e)


def test_unknown_column_and_wrong_types(tmp_path):
    path = parquet(tmp_path / "x.parquet")
    e = failing(read_nope, path, line="# the column")
    assert isinstance(e, KeyError) and "nope" in str(e)
    e = failing(read_add, path, line="# the types")
    assert isinstance(e, TypeError), repr(e)


@pytest.mark.parametrize("cut", [0, 10, -200, None])
def test_truncated_parquet(tmp_path, cut):
    path = parquet(tmp_path / "x.parquet")
    if cut is None:  # the footer itself
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            file.seek(size - 1000)
            file.write(bytes(700))
    else:
        os.truncate(path, cut if cut >= 0 else os.path.getsize(path) + cut)
    e = failing(read, path, line="# the read")
    assert isinstance(e, OSError | ValueError), repr(e)
    assert "x.parquet" in str(e)


def test_damaged_page_of_parquet(tmp_path):
    path = parquet(tmp_path / "x.parquet", 100_000)
    with open(path, "r+b") as f:  # the footer stays good: found at run time
        f.seek(100)
        f.write(b"\xff" * 2000)
    e = failing(read, path, line="# the read")
    assert isinstance(e, OSError | ValueError), repr(e)
    assert "x.parquet" in str(e) and "Traceback" not in str(e), str(e)


def test_ragged_csv(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "1,2\n" * 50 + "1,2,3\n" + "1,2\n" * 50)
    e = failing(read_text, str(path), line="# the csv")
    assert type(e).__name__ == "ParserError", repr(e)


def test_unreadable_file(tmp_path):
    path = tmp_path / "x.parquet"
    path.mkdir()
    e = failing(read, str(path), line="# the read")
    assert isinstance(e, OSError | ValueError), repr(e)


@shoal.wrap_python("int64")
def replaced(path):
    """Every rank that calls it puts another file in the place of path, or none."""
    if os.path.exists(path + ".new"):
        shutil.copy(path + ".new", f"{path}.{os.getpid()}")
        os.replace(f"{path}.{os.getpid()}", path)
    elif os.path.exists(path + ".gone"):
        Path(path).unlink(missing_ok=True)
    return 0


@shoal.jit
def read_replaced(path):
    k = replaced(path)
    df = pd.read_parquet(path)  # the read
    return df.a.sum() + k, len(df), df.s.max()


REPLACED = {
    "rows": lambda df: df.head(3),
    "order": lambda df: df[["s", "a"]],
    "narrow": lambda df: df.assign(a=df.a.astype("int16")),
    "column": lambda df: df[["s"]],
    "type": lambda df: df.assign(a=df.s),
    "float": lambda df: df.assign(a=df.a + 0.5),
    "missing": lambda df: df.assign(a=df.a.astype("Int64").mask(df.a % 3 == 0)),
    "gone": None,
}


@pytest.mark.parametrize("kind", REPLACED)
def test_a_file_that_changes_behind_the_plan(tmp_path, kind):
    path = parquet(tmp_path / "x.parquet")
    df = pd.read_parquet(path)
    assert read_replaced(path) == (df.a.sum(), len(df), "t")
    if REPLACED[kind] is None:
        Path(path + ".gone").touch()
    else:
        df = REPLACED[kind](df)
        df.to_parquet(path + ".new")
    if kind in ("rows", "order", "narrow"):
        assert read_replaced(path) == (df.a.sum(), len(df), "t")
        return
    e = failing(read_replaced, path, line="# the read")
    known = {"column": KeyError, "missing": ValueError, "gone": FileNotFoundError}
    assert type(e) is known.get(kind, TypeError), repr(e)
    assert path in str(e)


# -- Writing ---------------------------------------------------------------------------------


@shoal.jit
def write(df, path):
    df = df[df.a >= 0]
    df.to_parquet(path)  # the write


@shoal.jit
def write_then_fail(df, path):
    df = df[df.a >= 0]
    df.to_parquet(path)
    if df.a.sum() > 3:
        raise ValueError("late")  # behind the write


def some(n: int) -> pd.DataFrame:
    return pd.DataFrame({"a": np.random.default_rng(1).integers(0, 1 << 60, n)})


def test_unwritable_output(tmp_path):
    e = failing(write, some(100), str(tmp_path / "no" / "x"), line="# the write")
    assert isinstance(e, OSError), repr(e)
    (tmp_path / "file").write_text("")
    e = failing(write, some(100), str(tmp_path / "file" / "x"), line="# the write")
    assert isinstance(e, OSError), repr(e)
    assert sorted(os.listdir(tmp_path)) == ["file"]


def test_output_that_exists(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("mine")
    write(some(100), str(path))  # as pandas: it is replaced
    assert len(pd.read_parquet(path)) == 100
    write(some(50), str(path))
    assert len(pd.read_parquet(path)) == 50
    assert os.listdir(tmp_path) == ["x.parquet"]


@shoal.jit
def write_csv(df, path):
    df = df[df.a >= 0]
    df.to_csv(path, index=False)  # the write


WRITERS = pytest.mark.parametrize("f", [write, write_csv], ids=["parquet", "csv"])


@WRITERS
@pytest.mark.parametrize("where", ["folder", "here"])
def test_a_folder_of_the_user_s_is_not_replaced(tmp_path, monkeypatch, f, where):
    """As in pandas; an empty name is not the working directory."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine").write_text("kept")
    (folder / "part-00.parquet").write_text("kept too")
    monkeypatch.chdir(folder)
    e = failing(
        f, some(100), str(folder) if where == "folder" else "", line="# the write"
    )
    assert type(e) is (IsADirectoryError if where == "folder" else FileNotFoundError)
    assert sorted(os.listdir(folder)) == ["mine", "part-00.parquet"]
    assert os.listdir(tmp_path) == ["folder"]


def test_an_output_of_more_ranks_is_replaced(tmp_path, monkeypatch, ranks):
    path = tmp_path / "x.parquet"
    for n, rows in ((3, 100), (ranks, 70), (1, 50), (ranks, 40)):
        monkeypatch.setenv("SHOAL_NUM_WORKERS", str(n))
        write(some(rows), str(path))
        assert path.is_dir() == (n > 1)
        assert len(pd.read_parquet(path)) == rows
        assert os.listdir(tmp_path) == ["x.parquet"]


@WRITERS
def test_links_stay_and_long_names_are_written(tmp_path, f):
    link, there = tmp_path / "link", tmp_path / ("y" * 250)
    link.symlink_to(there)
    for _ in range(2):
        f(some(100), str(link))
        assert link.is_symlink() and there.exists() and not there.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link", there.name]


@WRITERS
def test_a_file_that_may_not_be_written_stays(tmp_path, monkeypatch, f):
    """Renaming would ask for the folder's permission alone; the mode is kept, too."""
    path = tmp_path / "x"
    path.write_text("mine")
    path.chmod(0o640)
    _files._check_target("csv", str(path), 1)
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(PermissionError, match=str(path)):
        _files._check_target("csv", str(path), 1)
    monkeypatch.undo()
    if f is write_csv:
        f(some(100), str(path))
        assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("name", ["locked/x.parquet", "n" * 300])
def test_files_out_of_reach(tmp_path, name):
    (tmp_path / "locked").mkdir(mode=0)
    if os.geteuid() == 0 and name.startswith("locked"):
        pytest.skip("nothing is locked for root")
    e = failing(read, str(tmp_path / name), line="# the read")
    kind = PermissionError if name.startswith("locked") else OSError
    assert type(e) is kind and name in str(e), repr(e)


def test_a_rank_that_dies_while_it_writes_leaves_no_part(pooled, tmp_path):
    works(3)
    note = Path(_pool.current().folder) / "part-of-x"
    (tmp_path / ".x.tmp").mkdir()
    (tmp_path / ".x.tmp" / "part-00.parquet").write_text("half")
    note.symlink_to(tmp_path / ".x.tmp")
    os.kill(_pool.current().pids[0], signal.SIGKILL)
    with contextlib.suppress(_pool.RankDiedError):
        write(some(100), str(tmp_path / "y"))
    write(some(100), str(tmp_path / "y"))
    assert os.listdir(tmp_path) == ["y"]
    assert not [e for e in os.scandir(_pool.current().folder) if e.is_symlink()]


@WRITERS
def test_devices_are_written_into(tmp_path, f, ranks):
    device = tmp_path / "null"
    if os.geteuid():
        pytest.skip("no right to make a device")
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    if f is write and ranks > 1:
        e = failing(f, some(100), str(device), line="# the write")
        assert type(e) is NotADirectoryError, "parts need a folder"
    else:
        f(some(100), str(device))
    assert device.is_char_device()


def test_no_name_has_a_null_byte(tmp_path):
    path = parquet(tmp_path / "x")
    for f, args, line in (
        (write, (some(100), f"{path}\0y"), "# the write"),
        (read, (f"{path}\0y",), "# the read"),
    ):
        e = failing(f, *args, line=line)
        assert type(e) is ValueError and "null byte" in str(e), repr(e)
    assert len(pd.read_parquet(path)) == 1000


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB."""
    where = tmp_path / "disk"
    where.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(where)]
    if os.geteuid() or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("no right to mount")
    yield where
    subprocess.run(["umount", str(where)], check=True)


@WRITERS
@pytest.mark.parametrize("rows", [400_000, 45_000])
def test_full_disk(small_disk, f, rows):
    """Found when parts are written, or (of text) when they are joined."""
    if rows < 400_000 and (f is write or os.environ["SHOAL_NUM_WORKERS"] == "1"):
        f(some(rows), str(small_disk / "x"))
        return
    e = failing(f, some(rows), str(small_disk / "x"), line="# the write")
    assert isinstance(e, OSError) and "No space" in str(e), repr(e)
    assert str(small_disk / "x") in str(e) and ".tmp" not in str(e), "names the target"
    assert os.listdir(small_disk) == [], "no part of the output stays"


# -- Memory ----------------------------------------------------------------------------------


@shoal.jit
def widens(n):
    a = np.zeros(n)  # the memory
    return a.sum()


def test_memory_limit(monkeypatch):
    monkeypatch.setenv("SHOAL_MEMORY", "200M")
    _pool.close()
    from shoal import _core

    _core.set_memory_limit(200 << 20)
    try:
        e = failing(widens, 400_000_000, line="# the memory")
        assert isinstance(e, MemoryError) and "SHOAL_MEMORY" in str(e), repr(e)
        several = os.environ["SHOAL_NUM_WORKERS"] != "1"
        assert not several or "ranks)" in e.__notes__[0], "says where"
    finally:
        _pool.close()
        _core.set_memory_limit(1 << 40)


# -- Ctrl-C ----------------------------------------------------------------------------------


def interrupted(f, *args, after: float) -> float:
    """Press Ctrl-C while f runs; how long it took to stop."""
    at = [0.0]

    def press():
        at[0] = time.monotonic()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(after, press)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            f(*args)
        took = time.monotonic() - at[0]
    finally:
        timer.cancel()
        timer.join()
    assert works(10) == 45
    return took


@shoal.jit
def sorts(df):
    for _ in range(1000):
        df = df.sort_values("a", ascending=False)
        df["a"] = -df.a
    return df.a.sum()


@shoal.jit
def merges(df):
    n = 0
    for _ in range(1000):
        n += len(df.merge(df, on="a"))
    return n


@shoal.jit
def reads(path):
    n = 0
    for _ in range(10000):
        n += len(pd.read_parquet(path).dropna())
    return n


@pytest.mark.parametrize("f", [sorts, merges], ids=["sort", "merge"])
def test_ctrl_c_in_a_kernel_and_a_shuffle(f):
    df = some(300_000)
    works(3)
    f.explain(df)
    assert interrupted(f, df, after=0.7) < 1.5


def test_ctrl_c_in_a_read(tmp_path):
    path = parquet(tmp_path / "x.parquet", 300_000)
    works(3)
    reads.explain(path)
    assert interrupted(reads, path, after=0.7) < 1.5


SOURCE = """
import os, signal, threading, time, pandas as pd, numpy as np, shoal

@shoal.jit
def big(df):
{body}
    return df.a.sum()

df = pd.DataFrame({{"a": np.arange(10), "b": np.arange(10.0)}})
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
start = time.monotonic()
try:
    big(df)
except KeyboardInterrupt:
    print("stopped", time.monotonic() - start, flush=True)

@shoal.jit
def small(df):
    return df[df.a > 3].b.sum()

print(small(df), flush=True)
"""


def test_ctrl_c_in_a_compile(tmp_path, ranks):
    body = "\n".join(
        f"    df['c{i}'] = np.where(df.a > {i}, df.b * {i} + df.a, df.b - {i})"
        for i in range(400)
    )
    file = tmp_path / "big.py"
    file.write_text(SOURCE.format(body=body))
    env = {**os.environ, "SHOAL_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, str(file)],
        capture_output=True,
        text=True,
        timeout=100,
        env=env,
    )
    assert "stopped" in done.stdout, done.stderr
    assert done.stdout.splitlines()[-1] == "39.0", done.stdout + done.stderr


# -- The driver's end ------------------------------------------------------------------------


@shoal.jit
def lazily(df):
    return df[df.a >= 0]


def test_a_lost_result_says_why_and_whose(pooled):
    r = lazily(some(100))
    pids = _pool.pids()
    os.kill(pids[-1], signal.SIGKILL)
    assert gone_within(pids, 3)
    with pytest.raises(
        shoal.LostResultError, match=r"(?s)lazily\(\) called at .*test_f"
    ) as e:
        len(r), r.a.sum()
    assert "SIGKILL" in str(e.value) or "signal 9" in str(e.value), str(e.value)
    assert works(10) == 45


def test_a_death_that_the_drop_of_a_result_meets(pooled):
    """The next call must know of it: it would wait for the rank for ever."""
    r, pool = lazily(some(100)), _pool.current()
    os.kill(pool.pids[-1], signal.SIGKILL)
    assert gone_within(pool.pids[-1:], 3)
    poll = select.poll()
    for s, _ in pool.supervisors.values():
        poll.register(s, select.POLLIN)
    assert poll.poll(3000), "the supervisor says so"
    del r
    assert pool.dead is not None
    assert lazily(some(100)).a.sum() == some(100).a.sum()
    assert _pool.current() is not pool


def test_driver_ends_with_results_pending(pooled, tmp_path):
    file = tmp_path / "p.py"
    file.write_text(
        "import numpy as np, pandas as pd, shoal\n"
        "from shoal import _pool\n"
        "@shoal.jit\ndef f(df):\n    return df[df.a > 1]\n"
        "r = f(pd.DataFrame({'a': np.arange(100)}))\n"
        "print(_pool._pool.id, *_pool.pids())\n"
    )
    done = subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    pool, *pids = done.stdout.split()
    assert gone_within(list(map(int, pids)), 2)
    assert not [n for n in os.listdir("/dev/shm") if pool in n]
