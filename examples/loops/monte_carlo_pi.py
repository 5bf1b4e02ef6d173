"""Pi by throwing darts, as a reduction of a parallel loop."""

import numpy as np

from shoal import njit, prange


@njit(parallel=True, fastmath=True)
def monte_carlo_pi(n):
    hits = 0
    for i in prange(n):
        x = np.random.random()
        y = np.random.random()
        if x * x + y * y <= 1.0:
            hits += 1
    return 4.0 * hits / n


def main():
    pi = monte_carlo_pi(200_000)
    print("close" if abs(pi - np.pi) < 0.05 else pi)


if __name__ == "__main__":
    main()
