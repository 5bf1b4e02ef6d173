"""Reductions into arrays by parallel loops, at any place and by any operator: what plain
Python gives, while the loop is divided. What only looks like one is not."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import copy
    import numpy as np, shoal as bodo
    from shoal import prange
    from comparing import same

    def counts(k, x):
        c = np.zeros(7, dtype=np.int32)
        for i in prange(len(k)):
            c[k[i]] += 1
        return c

    def sums(k, x):
        s = np.full(7, 0.5)
        n = 0
        for i in prange(len(k)):
            s[k[i]] = x[i] * 2 + s[k[i]]
            s[(k[i] + 1) % 7] -= x[i]
            n += 1
        return s, n

    def products(k, x):
        p = np.ones(7)
        for i in prange(len(k)):
            p[k[i]] *= x[i] + 0.5
        return p

    def bits(k, x):
        a = np.zeros(7, dtype=np.uint8)
        b = np.full(7, 255, dtype=np.int64)
        c = np.zeros(7, dtype=np.bool_)
        d = np.zeros(7, dtype=np.int64)
        for i in prange(len(k)):
            a[k[i]] |= 1 << (i % 8)
            b[k[i]] &= i
            c[k[i]] |= x[i] > 0.9
            d[k[i]] ^= i
        return a, b, c, d

    def extremes(k, x):
        hi = np.full(7, -np.inf)
        lo = np.full(7, np.inf)
        top = np.zeros(7, dtype=np.int64)
        for i in prange(len(k)):
            hi[k[i]] = max(hi[k[i]], x[i])
            lo[k[i]] = np.minimum(lo[k[i]], x[i])
            if i > top[k[i]]:
                top[k[i]] = i
        return hi, lo, top

    def nan_stays(k, x):
        hi = np.full(7, -np.inf)
        best = np.full(7, -np.inf)
        for i in prange(len(k)):
            v = np.nan if i == 3 else x[i]
            hi[k[i]] = np.maximum(hi[k[i]], v)
            best[k[i]] = max(best[k[i]], v)
        return hi, best

    def rows(k, x):
        m = np.zeros((7, 3))
        t = np.zeros(3, dtype=np.complex128)
        for i in prange(len(k)):
            m[k[i]] += np.array([1.0, x[i], 2.0])
            m[k[i], 1] += 1
            t += np.arange(3) * (x[i] + 1j)
        return m, t

    def cells(k, x):
        m = np.zeros((7, 4), dtype=np.int16)
        for i in prange(len(k)):
            for j in range(4):
                if (i + j) % 3:
                    m[k[i], (k[i] + j) % 4] += j
        return m

    def own_length(k, x):
        n = len(k)
        d = np.zeros(n)
        y = np.zeros(n)
        for i in prange(n):
            d[k[i] % n] += x[i] + x[n - 1 - i]
            y[i] = x[i] * 2
        return d, y

    def ranked(k, x):
        n = 7
        deg = np.zeros(n)
        for i in prange(len(k)):
            deg[k[i]] += 1
        r = np.ones(n) / n
        for t in range(3):
            new = np.zeros(n)
            for i in prange(len(k)):
                new[(k[i] * 3 + 1) % n] += r[k[i]] / deg[k[i]]
            r = 0.1 + 0.9 * new
        return r

    def to_argument(k, x):
        for i in prange(len(k)):
            x[k[i] % len(x)] += 1.0
        return x.sum()

    def filtered(k, x):
        y = x[x > 0.5]
        for i in prange(len(k)):
            if len(y) > 0:
                y[k[i] % len(y)] += 1.0
        return y

    def negative(k, x):
        c = np.zeros(7)
        for i in prange(len(k)):
            c[-1 - k[i]] += x[i]
        return c

    def beyond(k, x):
        c = np.zeros(5)
        for i in prange(len(k)):
            c[k[i]] += x[i]
        return c

    # No reductions, or none that ranks can make each by itself.

    def reads_sum(k, x):
        c = np.zeros(7)
        s = 0.0
        for i in prange(len(k)):
            c[k[i]] += x[i]
            s += c[k[i]]
        return c, s

    def two_operators(k, x):
        c = np.ones(7)
        for i in prange(len(k)):
            c[k[i]] += x[i]
            c[k[i]] *= 2
        return c

    def doubled(k, x):
        c = np.ones(7)
        for i in prange(len(k)):
            c[k[i]] = c[k[i]] + c[k[i]]
        return c

    def other_place(k, x):
        c = np.ones(7)
        for i in prange(len(k)):
            c[k[i]] = c[(k[i] + 1) % 7] + 1
        return c

    def where_it_was(k, x):
        top = np.zeros(7)
        at = np.full(7, -1)
        for i in prange(len(k)):
            if x[i] > top[k[i]]:
                top[k[i]] = x[i]
                at[k[i]] = i
        return top, at

    def rounded(k, x):
        low = np.zeros(7, dtype=np.float32)
        for i in prange(len(k)):
            if x[i] - 0.5 < low[k[i]]:
                low[k[i]] = x[i] - 0.5
        return low

    def order_matters(k, x):
        c = np.ones(7)
        for i in prange(len(k)):
            c[k[i]] = x[i] - c[k[i]]
        return c

    REDUCED = (counts, sums, products, bits, extremes, nan_stays, rows, cells, own_length, ranked,
               to_argument, filtered, negative)
    OTHER = (beyond, reads_sum, two_operators, doubled, other_place, where_it_was, rounded,
             order_matters)

    def outcome(f, *args):
        args = copy.deepcopy(args)
        try:
            return f(*args), args
        except IndexError as e:
            return type(e), str(e).splitlines()[0]

    rng = np.random.default_rng(4)
    for f in REDUCED + OTHER:
        g = bodo.jit(f)
        for n in (0, 1, 2, 5, 40, 1000):
            k, x = rng.integers(0, 7, n), rng.random(n)
            if n == 0 and f in (to_argument, own_length):
                continue
            with np.errstate(all="ignore"):
                want = outcome(f, k, x)
            got = outcome(g, k, x)
            assert same(got, want), (f.__name__, n, got, want)
        text = str(g.explain())
        divided = "what the ranks added up" in text and "iterations" in text
        assert N_RANKS == 1 or f is beyond or divided == (f in REDUCED), (f.__name__, text)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)
