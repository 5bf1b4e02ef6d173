"""A histogram by hand, and one that counts words in a dict."""

import numpy as np

from shoal import jit


@jit(nopython=True, cache=True)
def histogram(values, bins, lo, hi):
    counts = np.zeros(bins, dtype=np.int64)
    width = (hi - lo) / bins
    for v in values:
        if v < lo or v >= hi:
            continue
        counts[int((v - lo) / width)] += 1
    return counts


@jit(nopython=True)
def count_values(values):
    counter = {}
    for v in values:
        if v in counter:
            counter[v] += 1
        else:
            counter[v] = 1
    return counter


@jit(nopython=True)
def most_common(values):
    counter = count_values(values)
    best, times = -1, 0
    for key, n in counter.items():
        if n > times:
            best, times = key, n
    return best, times


def main():
    x = (np.arange(1000) * 37 % 101) / 10.0
    print(histogram(x, 10, 0.0, 10.0))
    k = np.arange(50) ** 2 % 7
    key, times = most_common(k)
    print(int(key), times)
    print(sorted((int(key), n) for key, n in count_values(k).items()))


if __name__ == "__main__":
    main()
