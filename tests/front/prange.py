import shoal
def f(A: "array(float64)", n: int):
    s = 0.0
    m = A[0]
    for i in shoal.prange(n):
        s += A[i]
        m = min(m, A[i])
    return s, m
# ----
import shoal
def f(n: int):
    s = 0
    for i in shoal.prange(n):
        if i % 2 == 0:
            s += i
        else:
            s *= i
    return s
# ----
import numpy as np
def f(n: int):
    A = np.zeros(n)
    for i in range(n):
        A[i] = i * 0.5
    return A
# ----
def f(df: "frame(A: int64)", n: int):
    for i in range(n):
        df = df[df.A > i]
    return df
