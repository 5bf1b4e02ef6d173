"""Dynamic programming: the distance of two words, and the knapsack."""

import numpy as np

from shoal import njit


@njit
def edit_distance(s, t):
    m, n = len(s), len(t)
    d = np.zeros((m + 1, n + 1), dtype=np.int64)
    d[:, 0] = np.arange(m + 1)
    d[0, :] = np.arange(n + 1)
    for i in range(1, m + 1):
        for j in range(1, n + 1):
            cost = 0 if s[i - 1] == t[j - 1] else 1
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + cost)
    return d[m, n]


@njit
def knapsack(values, weights, capacity):
    best = np.zeros(capacity + 1, dtype=np.int64)
    for i in range(len(values)):
        for c in range(capacity, weights[i] - 1, -1):
            best[c] = max(best[c], best[c - weights[i]] + values[i])
    return best[capacity]


def main():
    print(edit_distance("kitten", "sitting"), edit_distance("", "abc"))
    print(edit_distance("naïve café", "naive cafe"))
    print(knapsack(np.array([60, 100, 120]), np.array([10, 20, 30]), 50))


if __name__ == "__main__":
    main()
