"""Prices of options."""

import math

import numpy as np

from shoal import jit, prange


@jit(nopython=True, inline="always")
def cnd(d):
    A1, A2, A3, A4, A5 = 0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429
    RSQRT2PI = 0.39894228040143267793994605993438
    K = 1.0 / (1.0 + 0.2316419 * math.fabs(d))
    ret = RSQRT2PI * math.exp(-0.5 * d * d) * (K * (A1 + K * (A2 + K * (A3 + K * (A4 + K * A5)))))
    if d > 0:
        ret = 1.0 - ret
    return ret


@jit(nopython=True, parallel=True, fastmath=True, cache=True)
def black_scholes(call, put, S, X, T, R, V):
    for i in prange(len(S)):
        sqrtT = math.sqrt(T[i])
        d1 = (math.log(S[i] / X[i]) + (R + 0.5 * V * V) * T[i]) / (V * sqrtT)
        d2 = d1 - V * sqrtT
        expRT = math.exp(-1.0 * R * T[i])
        call[i] = S[i] * cnd(d1) - X[i] * expRT * cnd(d2)
        put[i] = X[i] * expRT * (1.0 - cnd(d2)) - S[i] * (1.0 - cnd(d1))


def main():
    n = 1000
    S = np.linspace(5.0, 30.0, n)
    X = np.linspace(1.0, 100.0, n)
    T = np.linspace(0.25, 10.0, n)
    call, put = np.zeros(n), np.zeros(n)
    black_scholes(call, put, S, X, T, 0.02, 0.3)
    print(round(float(call.sum()), 6), round(float(put.sum()), 6))
    # What a call is worth more than a put is the stock without the discounted price.
    print(bool(np.allclose(call - put, S - X * np.exp(-0.02 * T))))


if __name__ == "__main__":
    main()
