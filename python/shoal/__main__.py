"""python -m shoal doctor: what Shoal finds on this machine, and what to do about what is
wrong. python -m shoal times FILE: what a program wrote to SHOAL_TIMES, as a table."""

import importlib.metadata
import os
import shutil
import sys
import time


class Report:
    """Lines of "ok" and "!!"; an advice stands below what is wrong."""

    def __init__(self):
        self.wrong = 0

    def ok(self, what: str, value) -> None:
        print(f"ok  {what:<14} {value}")

    def bad(self, what: str, value, advice: str) -> None:
        self.wrong += 1
        print(f"!!  {what:<14} {value}\n    -> {advice}")


def _packages(r: Report) -> None:
    r.ok("python", f"{sys.version.split()[0]} ({sys.executable})")
    for name, least in (
        ("pandas", 3),
        ("numpy", 2),
        ("pyarrow", 20),
        ("cloudpickle", 3),
    ):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            r.bad(name, "not installed", f"pip install '{name}>={least}'")
            continue
        if int(version.split(".")[0]) < least:
            r.bad(name, version, f"pip install '{name}>={least}'")
        else:
            r.ok(name, version)


def _compiler(r: Report) -> None:
    try:
        from . import _core
        from ._native import LLVM
    except ImportError as e:
        r.bad("shoal", e, "build or install the package again: pip install .")
        return
    r.ok("shoal", f"{_core.version} ({os.path.dirname(_core.__file__)})")
    try:
        version, cpu = _core.codegen_info(LLVM)
    except (ImportError, OSError) as e:
        r.bad("llvm", e, "LLVM 19 is missing: apt-get install libllvm19")
        return
    r.ok("llvm", f"{version} for {cpu.split(',')[0]}")


def _cores(r: Report) -> None:
    from . import _pool

    try:
        n = _pool.workers()
    except ValueError as e:
        r.bad("workers", e, "unset SHOAL_NUM_WORKERS or give it a number above 0")
        return
    cores, cpus = _pool.physical_cores(), len(os.sched_getaffinity(0))
    r.ok("cores", f"{cores} physical, {cpus} logical that this process may use")
    text = f"{n} ranks"
    if n > cores:
        r.bad(
            "workers", text, "more ranks than cores run slower: lower SHOAL_NUM_WORKERS"
        )
    else:
        r.ok("workers", text)


def _gb(n: float) -> str:
    return f"{n / 2**30:.1f} GB"


def _limits(r: Report) -> None:
    import resource

    from . import _pool
    from .worker import memory_limit

    n = _pool.workers()
    try:
        limit = memory_limit(n)
    except ValueError:
        r.bad("memory", f"SHOAL_MEMORY={os.environ['SHOAL_MEMORY']!r}",
              "give bytes of a rank: 2G, 500M; or unset it")  # fmt: skip
    else:
        text = f"{_gb(limit)} a rank (SHOAL_MEMORY sets it)"
        if limit < 2**29:
            r.bad("memory", text, "calls will fail with MemoryError soon: raise SHOAL_MEMORY "
                  "or the container's limit, or lower SHOAL_NUM_WORKERS")  # fmt: skip
        else:
            r.ok("memory", text)
    for folder in ("/dev/shm", os.environ.get("TMPDIR", "/tmp")):
        try:
            room = shutil.disk_usage(folder)
        except OSError as e:
            r.bad(folder, e, "arguments and results go through it; it must be writable")
            continue
        if room.free < 2**30:
            r.bad(folder, f"{_gb(room.free)} free", "large arguments and results need room; "
                  "in a container: --shm-size=8g")  # fmt: skip
        else:
            r.ok(folder, f"{_gb(room.free)} free")
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < 16 * n + 64:
        r.bad("open files", files, f"ulimit -n {16 * n + 1024}")
    else:
        r.ok("open files", files)
    cache = os.environ.get("SHOAL_CACHE_DIR")
    if cache and not os.access(cache if os.path.exists(cache) else os.path.dirname(cache) or ".",
                               os.W_OK):  # fmt: skip
        r.bad("cache", cache, "compiled code cannot be kept: make the folder writable")
    else:
        r.ok("cache", cache or "in the user's cache folder")


def _ranks(r: Report) -> None:
    from . import _mpi, _pool, _spmd
    from ._wire import encode

    try:
        command = _mpi.mpiexec()
    except RuntimeError as e:
        r.bad("mpi", e, "pip install mpich")
        return
    r.ok("mpi", " ".join(command))
    if _spmd.launched():
        r.ok(
            "launcher", "this process is a rank itself: compiled functions run in place"
        )
        return
    start = time.perf_counter()
    try:
        pool = _pool.current()
        pool.command([encode(("ping",))] * pool.n, "a first message")
        took = time.perf_counter() - start
        start = time.perf_counter()
        for _ in range(20):
            pool.command([encode(("ping",))] * pool.n, "a message")
        each = (time.perf_counter() - start) / 20
    except Exception as e:
        r.bad("pool", e, "run the launcher by hand to see more: "
              f"{' '.join(command)} -n 2 hostname")  # fmt: skip
        return
    finally:
        _pool.close()
    r.ok(
        "pool", f"{pool.n} workers in {took:.2f} s, a message takes {each * 1e6:.0f} us"
    )


def doctor() -> int:
    """Print what is found; the number of things that are wrong."""
    r = Report()
    for step in (_packages, _compiler, _cores, _limits, _ranks):
        try:
            step(r)
        except Exception as e:
            r.bad(
                step.__name__.strip("_"),
                f"{type(e).__name__}: {e}",
                "this check failed",
            )
    print(f"{r.wrong} thing(s) to look at" if r.wrong else "all is well")
    return r.wrong


def main() -> int:
    if len(sys.argv) == 3 and sys.argv[1] == "times":
        from . import _times

        print(_times.show(sys.argv[2]))
        return 0
    if sys.argv[1:] != ["doctor"]:
        print("usage: python -m shoal doctor | times FILE", file=sys.stderr)
        return 2
    return 1 if doctor() else 0


if __name__ == "__main__":
    sys.exit(main())
