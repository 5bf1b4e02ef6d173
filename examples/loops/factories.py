"""Functions that make compiled functions: a closure over the steps of an integrator."""

import numpy as np

from shoal import njit


def make_integrator(f, steps):
    @njit
    def integrate(a, b):
        h = (b - a) / steps
        total = 0.5 * (f(a) + f(b))
        for i in range(1, steps):
            total += f(a + i * h)
        return total * h

    return integrate


@njit
def square(x):
    return x * x


@njit
def bump(x):
    if x < 0.5:
        return 2.0 * x
    return 2.0 - 2.0 * x


@njit
def newton(x0, tol=1e-10, maxiter=50):
    x = x0
    for it in range(maxiter):
        fx = x**3 - 2.0
        if abs(fx) < tol:
            return x, it, True
        x = x - fx / (3.0 * x**2)
    return x, maxiter, False


def main():
    for f in (square, bump):
        for steps in (10, 1000):
            print(round(make_integrator(f, steps)(0.0, 1.0), 8))
    root, steps, ok = newton(1.0)
    print(round(root, 9), steps, ok)
    print(newton(1.0, maxiter=2)[2], np.cbrt(2.0).round(9))


if __name__ == "__main__":
    main()
