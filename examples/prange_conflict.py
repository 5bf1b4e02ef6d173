import shoal as bodo
from shoal import prange
import numpy as np

@bodo.jit
def prange_test(n):
    A = np.random.ranf(n)
    s = 0
    for i in prange(len(A)):
        if A[i] % 2 == 0:
            s *= 2
        else:
            s += A[i]
    return s

res = prange_test(10)
print(res)
