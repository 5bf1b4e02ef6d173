"""A moving average over a window, and how far each value is from it."""

import numpy as np

from shoal import njit


@njit
def moving_average(x, window):
    out = np.empty_like(x)
    total = 0.0
    for i in range(len(x)):
        total += x[i]
        if i >= window:
            total -= x[i - window]
        out[i] = total / min(i + 1, window)
    return out


@njit
def largest_deviation(x, window):
    avg = moving_average(x, window)
    best, at = 0.0, -1
    for i in range(x.shape[0]):
        d = abs(x[i] - avg[i])
        if d > best:
            best = d
            at = i
    return at, best


def main():
    x = np.sin(np.arange(200) * 0.1) + (np.arange(200) == 120) * 3.0
    print(moving_average(x, 5)[:4])
    at, best = largest_deviation(x, 5)
    print(at, round(best, 6))


if __name__ == "__main__":
    main()
