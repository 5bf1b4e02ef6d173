"""Where the native parts of the package are: files that are loaded when first needed."""

import os

_HERE = os.path.dirname(os.path.abspath(__file__))
LLVM = os.path.join(_HERE, "shoal_llvm.so")  # the code generator and the linker
MPI_PLUGIN = os.path.join(_HERE, "shoal_comm_mpi.so")
SUPERVISOR = os.path.join(_HERE, "_supervise")
