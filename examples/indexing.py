import numpy as np

import shoal as bodo


@bodo.jit
def indexing(n, m, a):
    A = np.arange(n)
    B = A[A > 3]
    C = A[::2]
    b = A[m]
    A[A > 3] = a
    A[::2] = a
    A[m] = a
    return A, B, C, b


A, B, C, b = indexing(11, -2, 7)
