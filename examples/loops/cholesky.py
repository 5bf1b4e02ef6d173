"""Cholesky's factor by loops, and the solution of a system with it."""

import numpy as np

from shoal import njit


@njit
def cholesky(A):
    n = A.shape[0]
    L = np.zeros_like(A)
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                if s <= 0.0:
                    raise ValueError("matrix is not positive definite")
                L[i, j] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    return L


@njit
def solve(A, b):
    L = cholesky(A)
    n = b.size
    y = np.zeros(n)
    for i in range(n):
        y[i] = (b[i] - np.dot(L[i, :i], y[:i])) / L[i, i]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (y[i] - np.dot(L[i + 1 :, i], x[i + 1 :])) / L[i, i]
    return x


def main():
    n = 6
    B = np.arange(n * n).reshape(n, n) * 5.0 % 7.0
    A = B @ B.T + n * np.eye(n)
    b = np.arange(n) + 1.0
    x = solve(A, b)
    print(np.round(x, 6))
    print(bool(np.allclose(A @ x, b)))
    try:
        cholesky(-A)
    except ValueError as e:
        print("refused:", e)


if __name__ == "__main__":
    main()
