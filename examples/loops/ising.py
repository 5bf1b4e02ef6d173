"""The Ising model: sweeps over a lattice with a fixed stream of random numbers."""

import math

import numpy as np

from shoal import njit


@njit
def energy(lattice):
    rows, cols = lattice.shape
    e = 0
    for i in range(rows):
        for j in range(cols):
            s = lattice[i, j]
            e -= s * (lattice[(i + 1) % rows, j] + lattice[i, (j + 1) % cols])
    return e


@njit
def sweep(lattice, beta, state):
    rows, cols = lattice.shape
    for i in range(rows):
        for j in range(cols):
            near = (
                lattice[(i - 1) % rows, j]
                + lattice[(i + 1) % rows, j]
                + lattice[i, (j - 1) % cols]
                + lattice[i, (j + 1) % cols]
            )
            cost = 2 * lattice[i, j] * near
            state = (1103515245 * state + 12345) % 2147483648
            if cost < 0 or math.exp(-beta * cost) > state / 2147483648.0:
                lattice[i, j] = -lattice[i, j]
    return state


def main():
    lattice = np.where(np.arange(400).reshape(20, 20) * 7919 % 13 < 6, -1, 1)
    state = 42
    for step in range(5):
        state = sweep(lattice, 0.6, state)
        print(step, energy(lattice), int(lattice.sum()))


if __name__ == "__main__":
    main()
