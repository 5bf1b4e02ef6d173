"""The order that random_shuffle gives for a seed, in plain Python: that of compiled functions
(front/build_random.c, kernel/random_philox.c), which sort the rows by a random word each, on
any number of ranks. Kept equal by tests/py/test_shuffle_order.py."""

import numpy as np

_OWN_KEY = 1 << 62  # front/random.c: the blocks that keys are made of
_MASK = np.uint64(0xFFFFFFFF)


def _philox(key: int, row: np.ndarray, block: int) -> tuple[np.ndarray, np.ndarray]:
    """Both words of Philox 4x32-10 for the counters (row, block)."""
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    half = np.uint64(32)
    a, b = row & _MASK, row >> half
    c = np.full_like(row, block & 0xFFFFFFFF)
    d = np.full_like(row, block >> 32)
    for _ in range(10):
        p, q = np.uint64(0xD2511F53) * a, np.uint64(0xCD9E8D57) * c
        a, c = (q >> half) ^ b ^ np.uint64(k0), (p >> half) ^ d ^ np.uint64(k1)
        b, d = q & _MASK, p & _MASK
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return a | b << half, c | d << half


def permutation(seed: int | None, n: int) -> np.ndarray:
    """Numbers of n rows as compiled code puts them; seed None: any order."""
    if seed is None:
        return np.random.default_rng().permutation(n)
    state = np.random.SeedSequence(int(seed) % 2**64).generate_state(5, np.uint64)
    one = np.zeros(1, np.uint64)
    key = int(_philox(int(state[4]), one, _OWN_KEY)[0][0])
    words = np.empty((n + 1) // 2 * 2, np.uint64)
    words[::2], words[1::2] = _philox(key, np.arange((n + 1) // 2, dtype=np.uint64), 0)
    return np.argsort(words[:n].view(np.int64), kind="stable")
