import shoal as bodo


@bodo.jit
def f():
    if bodo.get_rank() in bodo.get_nodes_first_ranks():
        # Remove directory on all nodes
        import os, shutil
        if os.path.exists("data/data.pq"):
            shutil.rmtree("data/data.pq")

    # To synchronize all ranks before proceeding
    bodo.barrier()


f()
