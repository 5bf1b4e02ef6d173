"""Where the native parts of the package are: files that are loaded when first needed."""

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
LLVM = os.path.join(_HERE, "shoal_llvm.so")  # the code generator and the linker
SUPERVISOR = os.path.join(_HERE, "_supervise")


def plugin(name: str) -> str:
    """Path of a plugin that uses MPI, one for each ABI."""
    return os.path.join(_HERE, name)
