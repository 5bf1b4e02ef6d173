"""What a first call loads and reads: as little as it can, and once."""

import importlib.metadata
import os
import subprocess
import sys

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import shoal
from shoal import _files, _mpi, _schema


def modules_after(code: str) -> set[str]:
    """What a fresh interpreter has loaded after some code."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_the_package_loads_nothing():
    loaded = modules_after("import shoal")
    assert not loaded & {"pandas", "numpy", "pyarrow", "shoal._core", "shoal.decorator"}


def test_every_name_of_the_package_is_there():
    for name in [*shoal.__all__, "pool", "types", "close"]:
        assert getattr(shoal, name) is not None
        assert name in dir(shoal) or name in ("pool", "types")
    with pytest.raises(AttributeError, match="nothing"):
        _ = shoal.nothing


def test_a_worker_loads_little():
    """Before its first call: no pandas and nothing of the compiler's face, and none of the
    modules of Python's own that take longer than the start of MPI."""
    loaded = modules_after(
        "from shoal import worker, _core, _mpi, _wire, _native; _mpi.load_plugin()"
    )
    heavy = "numpy pandas pyarrow ast inspect importlib.metadata email zipfile ctypes"
    heavy += " traceback tempfile subprocess runpy typing ssl"
    assert not loaded & {*heavy.split()}
    own = {m for m in loaded if m.startswith("shoal.")}
    assert own == {
        f"shoal.{m}" for m in ("worker", "_core", "_mpi", "_wire", "_native", "_times")
    }


def test_reading_and_writing_load_no_compute(tmp_path):
    """pyarrow.compute describes all its functions when it is loaded."""
    pq.write_table(pa.table({"s": ["x", "y", "x"], "i": [1, None, 3]}), tmp_path / "pq")
    (tmp_path / "csv").write_text("s,i,d\nx,1,2020-01-01\ny,,2020-01-02\n")
    code = f"""
from shoal import _files
folder = {str(tmp_path)!r}
reader, rows = _files.read_open("parquet", folder + "/pq", ("s", "i"), "", None, 0, 1, -1)
assert len(reader.read_all()) == rows == 3
reader, rows = _files.read_open(
    "csv", folder + "/csv", ("s", "i", "d"), "", None, 0, 1, -1, ("str", "float64", "str")
)
table = reader.read_all()
assert len(table) == rows == 2
capsule = table.to_reader().__arrow_c_stream__()
_files.write_part("parquet", folder + "/out", "", capsule, 0, 1)
"""
    assert not modules_after(code) & {"pyarrow.compute", "pandas"}


def test_names_load_no_part_of_numpy():
    code = "import pandas; from shoal import _names; _names.canonical(len)"
    assert not modules_after(code) & {"numpy.f2py", "numpy.testing"}


@pytest.mark.parametrize("name", ["mpiexec.hydra", "libmpi_abi.so.1", "no such file"])
def test_files_of_the_package_mpich(name):
    """Found as importlib.metadata finds them."""
    listed = importlib.metadata.distribution("mpich").files
    expected = [os.path.realpath(f.locate()) for f in listed if f.name == name]
    assert _mpi.package_file(name) == (expected[0] if expected else None)


# -- Text files ----------------------------------------------------------------------------


class Reads:
    """Calls of pyarrow.csv.read_csv."""

    def __init__(self, monkeypatch):
        import pyarrow.csv

        self.original, self.options = pyarrow.csv.read_csv, []
        monkeypatch.setattr(pyarrow.csv, "read_csv", self)

    def __call__(self, file, read, parse, convert):
        self.options.append(convert)
        return self.original(file, read, parse, convert)


def wet_days(path):
    w = pd.read_csv(path)
    return w[w.rain > 1].day.count()


def test_a_text_file_is_looked_at_once(tmp_path, monkeypatch):
    """Once for its types, whatever they are; then each call reads the columns it needs, in
    the types that were found."""
    file = str(tmp_path / "w.csv")
    with open(file, "w") as f:
        f.write("day,at,rain,n\n2020-01-01,10:30,1.5,1\n2020-01-02,11:00,2,\n")
    reads = Reads(monkeypatch)
    f = shoal.jit(distributed=False)(wet_days)
    assert f(file) == wet_days(file) == 2
    assert len(reads.options) == 2
    assert reads.options[0].include_columns == []
    assert sorted(reads.options[1].include_columns) == ["day", "rain"]
    types = {n: str(t) for n, t in reads.options[1].column_types.items()}
    assert {n: types[n] for n in ("day", "rain")} == {
        "day": "large_string",
        "rain": "double",
    }
    assert f(file) == 2
    assert len(reads.options) == 3


@pytest.mark.parametrize("first", ["2020-01-01", "", "x", "10:30", "5"])
def test_dates_stay_text(tmp_path, first):
    """Also where the first row does not tell that Arrow would make dates of them."""
    file = tmp_path / "d.csv"
    file.write_text(f"k,d\n1,{first}\n2,2020-01-02\n3,2020-01-03\n")
    got = _schema.csv_table(str(file), {}).to_pandas()
    pd.testing.assert_frame_equal(got.astype({"d": "str"}), pd.read_csv(file))


def test_rows_are_counted_by_one_column(tmp_path, monkeypatch):
    file = tmp_path / "n.csv"
    file.write_text("a,b\n1,x\n2,y\n")
    reads = Reads(monkeypatch)
    _, rows = _files.read_open("csv", str(file), (), "{}", None, 0, 1, -1)
    assert rows == 2
    assert reads.options[0].include_columns == ["a"]


# -- The time line -------------------------------------------------------------------------

PROGRAM = """
import shoal
from shoal import prange

@shoal.jit
def tiny(n):
    total = 0
    for i in prange(n):
        total += i
    return total

assert tiny(4) == 6
"""


@pytest.mark.ranks
def test_time_line(tmp_path):
    """Driver and ranks in one file; the pool is launched before the compile begins."""
    program, times = tmp_path / "p.py", tmp_path / "times"
    program.write_text(PROGRAM)
    env = {**os.environ, "SHOAL_TIMES": str(times), "SHOAL_NUM_WORKERS": "2"}
    subprocess.run([sys.executable, program], env=env, check=True, timeout=60)
    command = [sys.executable, "-m", "shoal", "times", str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    reached = [line[48:].split(None, 1) for line in lines[1:]]
    whats = [what for who, what in reached if who == "driver"]
    assert whats[0] == "first call"
    assert whats.index("pool launched") < whats.index("compile")
    assert {who for who, _ in reached} == {"driver", "rank-0", "rank-1"}
    for rank in ("rank-0", "rank-1"):
        assert [rank, "object linked"] in reached


CACHED = """
import sys
import numpy as np, shoal

@shoal.jit(distributed=False)
def scaled(a, k):
    out = np.zeros(len(a))
    for i in range(len(a)):
        out[i] = a[i] * k
    return out

assert scaled(np.arange(3.0), 2.0).tolist() == [0.0, 2.0, 4.0]
late = [m for m in ("pandas", "pyarrow", "socket", "json") if m in sys.modules]
llvm = any("shoal_llvm" in line for line in open("/proc/self/maps"))
print(late, llvm)

import pandas as pd

@shoal.jit(distributed=False)
def total(s):
    return pd.Series(s).sum()

assert total(np.arange(4.0)) == 6.0
"""


def test_a_cached_loop_loads_neither_pandas_nor_llvm(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(CACHED)
    env = {**os.environ, "SHOAL_CACHE_DIR": str(tmp_path / "cache")}
    for llvm in True, False:
        done = subprocess.run(
            [sys.executable, program],
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["[]", str(llvm)]
