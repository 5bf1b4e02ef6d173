"""A loop as each engine runs it: a function of the loop's arguments."""

import ctypes
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.lang import kernels

SOURCE = Path(__file__).with_name("kernels.c")
# Results are those of Python's floats: no contraction and no fast-math. Functions of math.h
# set errno, as those of Python raise.
FLAGS = (
    *("-O3", "-march=native", "-ffp-contract=off"),
    *("-fPIC", "-shared", "-std=gnu11"),
)
COMPILERS = ("gcc", "clang")
UTHASH = Path("/usr/include/uthash.h")


def c_libraries(folder: Path) -> dict[str, ctypes.CDLL]:
    """kernels.c, compiled by every C compiler that there is."""
    libraries = {}
    hashes = ("-DHAVE_UTHASH",) if UTHASH.exists() else ()
    for compiler in COMPILERS:
        if not shutil.which(compiler):
            continue
        out = folder / f"kernels_{compiler}.so"
        command = [compiler, *FLAGS, *hashes, str(SOURCE), "-o", str(out), "-lm"]
        subprocess.run(command, check=True)
        libraries[compiler] = ctypes.CDLL(str(out))
    return libraries


def numba_function(loop) -> Callable:
    """The loop and its helpers, in a copy of their module, as Numba compiles them."""
    import numba

    spec = importlib.util.spec_from_file_location(
        f"bench.lang.numba_{loop.name}", kernels.__file__
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    for name in loop.helpers:
        setattr(module, name, numba.njit(getattr(module, name)))
    compiled = numba.njit(getattr(module, loop.name))
    if loop.name == "levenshtein":
        return lambda words, pattern: compiled(numba.typed.List(words), pattern)
    return compiled


def shoal_function(loop) -> Callable:
    """One rank: what is compared is the code of a rank."""
    import shoal

    return shoal.jit(distributed=False)(loop.function)
