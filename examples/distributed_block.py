import numpy as np

import shoal as bodo


@bodo.jit(spawn=False, distributed_block=["A"])
def f(A):
    return A.sum()


data = bodo.scatterv(np.arange(100) if bodo.get_rank() == 0 else None)
print(f(data))
