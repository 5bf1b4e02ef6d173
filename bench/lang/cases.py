"""The list of loops: inputs, the C version's call, sizes.

`make(rng, size)` gives the arguments; they differ from run to run. `c(lib, *args)` calls
the C function and gives what the Python function gives; buffers that C gets from its
caller are made in it, because the compiled functions make theirs too.
"""

import ctypes
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench.lang import kernels

I64 = ctypes.c_int64
F64 = ctypes.c_double


@dataclass(frozen=True)
class Loop:
    name: str
    make: Callable
    c: Callable
    sizes: tuple  # full, quick, CPython's
    helpers: tuple = ()  # functions that it calls

    @property
    def function(self) -> Callable:
        return getattr(kernels, self.name)


def at(a: np.ndarray) -> ctypes.c_void_p:
    """Where the elements of an array are."""
    return ctypes.c_void_p(a.ctypes.data)


def ints(*values) -> list:
    return [I64(v) for v in values]


# -- Numbers ---------------------------------------------------------------------------


def make_mandelbrot(rng, size):
    return size, size, -2.0 + rng.random() / 1000, 100


def c_mandelbrot(lib, width, height, x0, limit):
    out = np.empty(width * height, np.int64)
    lib.mandelbrot(*ints(width, height), F64(x0), I64(limit), at(out))
    return out


def make_nbody(rng, size):
    return size, 0.001, *rng.random((6, 5)), rng.random(5) + 0.1


def c_nbody(lib, steps, dt, *bodies):
    lib.nbody.restype = F64
    return lib.nbody(I64(steps), F64(dt), I64(len(bodies[0])), *map(at, bodies))


def make_black_scholes(rng, size):
    def between(low, high):
        return rng.uniform(low, high, size)

    return between(5, 30), between(1, 100), between(0.25, 10), 0.02, 0.3


def c_black_scholes(lib, price, strike, years, rate, sigma):
    call, put = np.empty(len(price)), np.empty(len(price))
    given = at(price), at(strike), at(years), F64(rate), F64(sigma)
    lib.black_scholes(I64(len(price)), *given, at(call), at(put))
    return call, put


def make_monte_carlo_pi(rng, size):
    return size, int(rng.integers(1 << 30))


def c_monte_carlo_pi(lib, n, seed):
    lib.monte_carlo_pi.restype = F64
    return lib.monte_carlo_pi(*ints(n, seed))


def make_collatz(rng, size):
    first = int(rng.integers(1, 1000))
    return first, first + size


def c_collatz(lib, first, last):
    out = np.empty(2, np.int64)
    lib.collatz(*ints(first, last), at(out))
    return tuple(out.tolist())


def make_sieve(rng, size):
    return (size + int(rng.integers(1000)),)


def c_sieve(lib, n):
    lib.sieve.restype = I64
    return lib.sieve(I64(n))


# -- Grids and matrices ----------------------------------------------------------------


def make_life(rng, size):
    board = (rng.random((size, size)) < 0.3).astype(np.int64)
    board[[0, -1], :] = board[:, [0, -1]] = 0
    return board, 10


def c_life(lib, board, steps):
    a, b = board.copy(), np.zeros_like(board)
    lib.life(*ints(*board.shape, steps), at(a), at(b))
    return b if steps % 2 else a


def make_stencil(rng, size):
    return rng.random((size, size)), 10


def c_stencil(lib, grid, steps):
    a, b = grid.copy(), grid.copy()
    lib.stencil(*ints(*grid.shape, steps), at(a), at(b))
    return b if steps % 2 else a


def make_stencil_1d(rng, size):
    return rng.random(size), 100


def c_stencil_1d(lib, grid, steps):
    now, after = grid.copy(), grid.copy()
    lib.stencil_1d(*ints(len(grid), steps), at(now), at(after))
    return now


def make_logistic(rng, size):
    points = rng.normal(size=(size, 10))
    return points, (rng.random(size) < 0.5).astype(float), 10, 0.1


def c_logistic(lib, points, labels, steps, rate):
    n, d = points.shape
    w, slope = np.empty(d), np.empty(d)
    given = *ints(n, d), at(points), at(labels)
    lib.logistic(*given, I64(steps), F64(rate), at(w), at(slope))
    return w


def make_kmeans(rng, size):
    return rng.random((size, 3)), 8, 5


def c_kmeans(lib, points, k, steps):
    n, d = points.shape
    centers, sums = np.empty((k, d)), np.empty((k, d))
    label, counts = np.empty(n, np.int64), np.empty(k, np.int64)
    made = at(centers), at(label), at(sums), at(counts)
    lib.kmeans(*ints(n, d), at(points), *ints(k, steps), *made)
    return centers, label


def make_matmul(rng, size):
    return rng.random((size, size)), rng.random((size, size))


def c_matmul(lib, a, b):
    c = np.empty((a.shape[0], b.shape[1]))
    lib.matmul(*ints(*a.shape, b.shape[1]), at(a), at(b), at(c))
    return c


def make_matmul_flat(rng, size):
    return rng.random(size * size), rng.random(size * size), size, size, size


def c_matmul_flat(lib, a, b, n, m, p):
    c = np.empty(n * p)
    lib.matmul(*ints(n, m, p), at(a), at(b), at(c))
    return c


# -- Text ------------------------------------------------------------------------------


def some_words(rng, n: int, different: int) -> list:
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    known = ["".join(rng.choice(letters, k)) for k in rng.integers(3, 14, different)]
    return [known[i] for i in rng.integers(0, different, n)]


def make_levenshtein(rng, size):
    import pandas as pd

    return pd.Series(some_words(rng, size, size)), "benchmarking"


def c_levenshtein(lib, words, pattern):
    """The words as Arrow has them: one text and offsets."""
    import pyarrow as pa

    column = pa.array(words)
    if pa.types.is_large_string(column.type):
        offsets = np.frombuffer(column.buffers()[1], np.int64)
    else:
        offsets = np.frombuffer(column.buffers()[1], np.int32).astype(np.int64)
    text = ctypes.c_void_p(column.buffers()[2].address)
    lib.levenshtein.restype = I64
    given = I64(len(words)), text, at(offsets)
    return lib.levenshtein(*given, pattern.encode(), I64(len(pattern)))


def make_word_count(rng, size):
    return (" ".join(some_words(rng, size, size // 20)),)


def c_word_count(lib, text):
    size, most = ctypes.c_ssize_t(), I64()
    bytes_of = ctypes.pythonapi.PyUnicode_AsUTF8AndSize  # as they lie in the string
    bytes_of.argtypes = ctypes.py_object, ctypes.POINTER(ctypes.c_ssize_t)
    bytes_of.restype = ctypes.c_void_p
    data = ctypes.c_void_p(bytes_of(text, ctypes.byref(size)))
    lib.word_count.restype = I64
    n = lib.word_count(data, I64(size.value), ctypes.byref(most))
    return n, most.value


# -- Sorting ---------------------------------------------------------------------------


def make_sort(rng, size):
    return (rng.random(size),)


def sorter(name: str) -> Callable:
    def c_sort(lib, values):
        a = values.copy()
        getattr(lib, name)(I64(len(a)), at(a))
        return a

    return c_sort


# -- The list --------------------------------------------------------------------------

LOOPS = [
    Loop("mandelbrot", make_mandelbrot, c_mandelbrot, (400, 60, 60)),
    Loop("nbody", make_nbody, c_nbody, (200_000, 2000, 500)),
    Loop(
        "black_scholes",
        make_black_scholes,
        c_black_scholes,
        (1_000_000, 10_000, 10_000),
        ("cdf",),
    ),
    Loop(
        "monte_carlo_pi", make_monte_carlo_pi, c_monte_carlo_pi, (10_000_000, 1000, 1e5)
    ),
    Loop("life", make_life, c_life, (1000, 60, 60)),
    Loop("stencil", make_stencil, c_stencil, (1000, 60, 60)),
    Loop("stencil_1d", make_stencil_1d, c_stencil_1d, (200_000, 3000, 1000)),
    Loop("logistic", make_logistic, c_logistic, (100_000, 500, 500)),
    Loop("kmeans", make_kmeans, c_kmeans, (100_000, 500, 500)),
    Loop("matmul", make_matmul, c_matmul, (400, 30, 30)),
    Loop("matmul_flat", make_matmul_flat, c_matmul_flat, (400, 30, 30)),
    Loop(
        "levenshtein",
        make_levenshtein,
        c_levenshtein,
        (50_000, 200, 200),
        ("distance",),
    ),
    Loop("word_count", make_word_count, c_word_count, (500_000, 2000, 20_000)),
    Loop("sieve", make_sieve, c_sieve, (5_000_000, 10_000, 100_000)),
    Loop("collatz", make_collatz, c_collatz, (300_000, 1000, 1000)),
    Loop("insertion_sort", make_sort, sorter("insertion_sort"), (10_000, 200, 500)),
    Loop("heap_sort", make_sort, sorter("heap_sort"), (300_000, 1000, 5000)),
    Loop(
        "quick_sort",
        make_sort,
        sorter("quick_sort"),
        (500_000, 1000, 5000),
        ("partition_sort",),
    ),
]


def checked(name: str, result) -> object:
    """A result in the form in which all engines' are compared."""
    if name == "word_count" and not isinstance(result, tuple):
        return len(result), max(result.values())
    return result


def agree(a, b) -> bool:
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(agree, a, b))
    return np.allclose(a, b, rtol=1e-9, atol=1e-12)
