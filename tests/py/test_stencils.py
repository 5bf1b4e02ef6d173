"""Steps of a simulation as users write them: two buffers that are swapped, slices beside
each other, rolled and shifted rows, edges that are set in each step. On any number of ranks
what plain Python gives, and what a step sends does not grow with the rows."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = '''
    import numpy as np, pandas as pd, shoal
    from shoal import prange
    from comparing import outcome, same

    def swapped(n, k):
        A = np.arange(n) ** 2 % 17 * 1.0
        B = np.zeros(n)
        for _ in range(k):
            for i in prange(1, n - 1):
                B[i] = (A[i - 1] + A[i + 1]) / 2
            A, B = B, A
        return A, B

    def swapped_slices(n, k):
        A = np.arange(n) ** 2 % 17 * 1.0
        B = A.copy()
        for _ in range(k):
            B[1:-1] = (A[:-2] + A[2:]) / 2
            A, B = B, A
        return A

    def in_place(n, k):
        A = np.arange(n) ** 2 % 17 * 1.0
        for _ in range(k):
            A[1:-1] = (A[:-2] + A[2:]) / 2
        return A

    def plate(n, k):
        A = np.zeros((n, 8))
        A[0] = 1
        A[-1, :] = 3
        A[:, 0] = 2
        A[1, 2:5] = 7
        for _ in range(k):
            A[1:-1, 1:-1] = 0.25 * (A[:-2, 1:-1] + A[2:, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:])
            A[0, :] = 1.5
        return A

    def plate_loops(n, k):
        A = np.zeros((n, 8))
        B = np.zeros((n, 8))
        C = np.ones((n, 8))
        for i in prange(n):
            for j in range(8):
                A[i, j] = (i * 8 + j) ** 2 % 17
        for _ in range(k):
            for i in prange(1, n - 1):
                for j in range(1, 7):
                    B[i, j] = (A[i - 1, j] + A[i + 1, j] + C[i - 1, j] + A[i, j + 1]) / 4
            A, B = B, A
        return A

    def rolled(n, k):
        A = np.arange(n) ** 2 % 17 * 1.0
        for _ in range(k):
            A = (np.roll(A, 1) + np.roll(A, -1)) / 2
        return A

    def rolled_rows(n, k):
        A = np.zeros((n, 8), dtype=np.float32)
        A[:, 2] = np.arange(n)
        for _ in range(k):
            A = (np.roll(A, 1, axis=0) + np.roll(A, -2, 0)) / 2
        return A

    def shifted(n, k):
        S = pd.Series(np.arange(n) ** 2 % 17 * 1.0)
        for _ in range(k):
            S = (S.shift(1) + S.shift(-1)) / 2
        return S

    def differences(n, k):
        S = pd.Series(np.arange(n) ** 2 % 17 * 1.0)
        for _ in range(k):
            S = S.diff() + S.diff(-1)
        return S

    def edges(n, k):
        A = np.arange(n) * 1.0
        B = np.zeros(n)
        for _ in range(k):
            for i in prange(1, n - 1):
                B[i] = (A[i - 1] + A[i + 1]) / 2
            B[0] = B[1] + 1
            B[n - 1] = A[len(A) - 2]
            A, B = B, A
        return A

    def edges_of_slices(n, k):
        A = np.arange(n) * 1.0
        for _ in range(k):
            A[1:-1] = (A[:-2] + A[2:]) / 2
            A[0] = A[1]
            A[-1] = 0
        return A

    def heat(n, k):
        u = np.zeros(n)
        u[0] = 1.0
        u[-1] = 1.0
        t = 0
        while t < k:
            un = u.copy()
            for i in prange(1, n - 1):
                u[i] = un[i] + 0.25 * (un[i + 1] - 2 * un[i] + un[i - 1])
            t += 1
        return u

    def waves(n, k):
        u0 = np.arange(n) % 5 * 1.0
        u1 = u0.copy()
        for _ in range(k):
            u2 = np.zeros(n)
            u2[1:-1] = 2 * u1[1:-1] - u0[1:-1] + 0.1 * (u1[2:] - 2 * u1[1:-1] + u1[:-2])
            u0, u1 = u1, u2
        return u1

    def until(n, k):
        A = np.arange(n) ** 2 % 17 * 1.0
        B = A.copy()
        r = 0.0
        for _ in range(k):
            r = 0.0
            for i in prange(1, n - 1):
                B[i] = (A[i - 1] + A[i + 1]) / 2
                r += abs(B[i] - A[i])
            A, B = B, A
            if r < 1e-3:
                break
        return A, r

    SENT = (swapped, swapped_slices, in_place, plate, plate_loops, rolled, rolled_rows, shifted,
            differences, edges, edges_of_slices, heat, waves, until)

    # Every rank has all of what one path of the variable makes so.
    def paths(n, k):
        g = (np.arange(n * 8) ** 2 % 17 < 6).reshape(n, 8).astype(np.int64)
        for _ in range(k):
            new = np.zeros((n, 8), dtype=np.int64)
            new[1:-1, 1:-1] = g[1:-1, 1:-1] + g[:-2, 2:]
            g = new
        return g

    def rolled_far(n, k):
        A = np.arange(n) % 5
        M = np.zeros((n, 3), dtype=np.int32)
        M[:, 0] = A
        b = A > 2
        out = 0
        for s in (-50, -3, 0, 2, 41):
            out = out + np.roll(A, s) + np.roll(M, s, axis=0)[:, 0] + np.roll(b, s)
        return out, np.roll(M, 4), np.roll(M, (1, 1), axis=(0, 1)), np.roll(A, k)

    def no_row(n, k):
        A = np.zeros((n, 8))
        A[4] = 1
        return A

    jit = {f: shoal.jit(f) for f in (*SENT, paths, rolled_far, no_row)}
    for f, g in jit.items():
        for n in (3, 5, 10, 40):
            for k in (0, 1, 3):
                got, want = outcome(g, n, k), outcome(f, n, k)
                assert same(got, want), (f.__name__, n, k, got, want)

    def sent(g, *args):
        """The most messages and bytes of a rank in a call."""
        from shoal import _pool
        from shoal._wire import encode

        def traffic():
            pool = _pool.current()
            return np.array(pool.command([encode(("traffic",))] * pool.n, "counting"))

        g(*args)
        before = traffic()
        g(*args)
        return (traffic() - before).max(axis=0)

    if MODE == "pool" and N_RANKS > 1:
        for f in SENT:
            g = jit[f]
            few, many = (sent(g, n, 11) - sent(g, n, 1) for n in (4000, 40000))
            assert many[0] <= few[0] and many[1] <= few[1] + 64, (f.__name__, few, many)
            assert few[0] <= 40 and few[1] <= 4000, (f.__name__, few)
            assert few[2] > 0, (f.__name__, "replicated")
    print("passed")
'''


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    text = PROGRAM.replace("N_RANKS", str(ranks)).replace("MODE", repr(mode))
    check_program(text, ranks, mode, tmp_path)
