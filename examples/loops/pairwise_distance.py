"""Distances between all pairs of points."""

import math

import numpy as np

from shoal import jit, prange


@jit(nopython=True)
def euclidean(a, b):
    d = 0.0
    for k in range(a.shape[0]):
        t = a[k] - b[k]
        d += t * t
    return math.sqrt(d)


@jit(nopython=True, parallel=True)
def pairwise(X):
    M = X.shape[0]
    D = np.empty((M, M), dtype=np.float64)
    for i in prange(M):
        for j in range(M):
            D[i, j] = euclidean(X[i], X[j])
    return D


@jit(nopython=True)
def nearest(D):
    n = D.shape[0]
    out = np.zeros(n, dtype=np.int64)
    for i in range(n):
        best = np.inf
        for j in range(n):
            if i != j and D[i, j] < best:
                best = D[i, j]
                out[i] = j
    return out


def main():
    X = (np.arange(60).reshape(20, 3) * 7 % 11).astype(np.float64)
    D = pairwise(X)
    print(D.shape, round(float(D.sum()), 6))
    print(nearest(D))


if __name__ == "__main__":
    main()
