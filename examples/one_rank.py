import shoal as bodo


@bodo.wrap_python(bodo.types.none)
def rm_dir():
    # Remove directory
    import os, shutil
    if os.path.exists("data/data.pq"):
        shutil.rmtree("data/data.pq")


@bodo.jit
def f():
    if bodo.get_rank() == 0:
        rm_dir()

    # To synchronize all ranks before proceeding
    bodo.barrier()

    return bodo.get_size()


f()
