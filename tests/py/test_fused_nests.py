"""Chains of element-wise operations on arrays of two dimensions, which become one loop
(src/pass/ndfuse.c): NumPy's values, dtypes and exceptions, on 1, 2 and 3 ranks."""

import numpy as np
import pytest

import shoal


def chain(M, N):
    return (M * 2 + N) ** 0.5 - M.mean(axis=0)


def twice(M, N):
    x = M - N
    y = x * x
    return y + x, np.sqrt(y)


def repeated(M, N):
    return np.exp(M + N) * (M - 1) / (2 + N * N)


def reduced(M, N):
    d = (M - N.mean(axis=1, keepdims=True)) ** 2
    return d.sum(), d.sum(axis=0), (d * 2).max(axis=1)


def stored(M, N):
    x = M * 1.0
    x[...] = x * 2 - N
    x[1:] = x[:-1] * 2 + 1
    x += np.abs(N) * 0.5
    return x


def written_between(M, N):
    x = M + 0.0
    y = x * 2
    x[0] = 9.0
    return y + x, N


def chosen(M, N):
    return np.where(M > N, M * 2, -N) + np.maximum(M, N)[:, ::-1]


CHAINS = [chain, twice, repeated, reduced, stored, written_between, chosen]


def same(got, want, atol=1e-13):
    if isinstance(want, tuple):
        return all(same(g, w, atol) for g, w in zip(got, want, strict=True))
    g, w = np.asarray(got), np.asarray(want)
    alike = g.dtype == w.dtype and g.shape == w.shape
    rtol = 1e-5 if w.dtype == np.float32 else 1e-12
    return alike and np.allclose(g, w, rtol, atol, equal_nan=True)


def data(shape, dtype="f8", transposed=False):
    rng = np.random.default_rng(sum(shape))
    a = (rng.random(shape[::-1]).T if transposed else rng.random(shape)) * 4
    return a.astype(dtype) if dtype != "f8" else a


@pytest.mark.parametrize("f", CHAINS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values(f, ranks):
    g = shoal.jit(f)
    for dtype in ("f8", "f4"):
        for rows in (7, 1, 0, 30):
            if f in (stored, written_between, reduced) and rows < 1:
                continue
            M, N = data((rows, 5), dtype), data((rows, 5))
            atol = 1e-13 if dtype == "f8" else 2e-6  # sums of float32 are longer here
            assert same(g(M, N), f(M, N), atol), (dtype, rows)
    M, N = data((6, 4), transposed=True), data((6, 4))[:, ::-1]
    assert same(g(M, N), f(M, N))


@pytest.mark.parametrize("f", [repeated, chosen, twice], ids=lambda f: f.__name__)
def test_rows_that_turn_out_to_be_one(f, ranks):
    """An operand of one row or column is repeated, also where that is known at run time only."""
    g = shoal.jit(f)
    for a, b in [
        ((6, 4), (1, 4)),
        ((1, 4), (6, 4)),
        ((6, 1), (6, 4)),
        ((6, 1), (1, 4)),
    ]:
        M, N = data(a), data(b)
        assert same(g(M, N), f(M, N)), (a, b)


@pytest.mark.parametrize("f", [chain, repeated], ids=lambda f: f.__name__)
def test_shapes_that_do_not_fit(f, ranks):
    with pytest.raises(ValueError, match="operands could not be broadcast together"):
        shoal.jit(f)(data((6, 4)), data((6, 3)))
    with pytest.raises(ValueError, match="operands could not be broadcast together"):
        shoal.jit(f)(data((6, 4)), data((5, 4)))


def test_first_error_wins():
    """A mismatch behind an operand that fails earlier is not reached, as in NumPy."""

    @shoal.jit
    def f(M, N, i):
        return M * 2 + M[i] + N

    with pytest.raises(IndexError):
        f(data((6, 4)), data((5, 3)), 9)


def row_again(M, N):
    return (M * 0.5) * (M * 0.5)[0], ((M + 1) * (M + 1)[:1]).sum()


def known_row():
    x = (np.arange(6).reshape(2, 3) * 0.5) * (np.arange(6).reshape(2, 3) * 0.5)[0]
    return x.sum()


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_a_row_of_a_chain_is_read_for_every_row(rows, ranks):
    M, N = data((rows, 4)), data((2, 4))
    assert same(shoal.jit(row_again)(M, N), row_again(M, N))
    assert shoal.jit(known_row)() == known_row() == 4.75
