"""np.random in compiled functions: distributions, and the same numbers on any number of ranks."""

import numpy as np
import pytest

import shoal

N = 20_000


def on_each_number_of_ranks(monkeypatch, func, *args):
    """The results on 1, 2 and 3 ranks, which must be equal."""
    out = []
    for n in "123":
        monkeypatch.setenv("SHOAL_NUM_WORKERS", n)
        out.append([np.asarray(part) for part in shoal.jit(func)(*args)])
    for other in out[1:]:
        for a, b in zip(out[0], other, strict=True):
            np.testing.assert_array_equal(a, b, strict=True)
    return out[0]


def distance(a, b):
    """Largest distance of two empirical distribution functions (Kolmogorov, Smirnov)."""
    at = np.concatenate([a, b])
    fa = np.searchsorted(np.sort(a), at, "right") / len(a)
    fb = np.searchsorted(np.sort(b), at, "right") / len(b)
    return np.abs(fa - fb).max()


# -- NumPy's very numbers ------------------------------------------------------------------


def numpys_own(seed, n):
    rng = np.random.default_rng(seed)
    a = rng.random(n)
    x = rng.random()
    b = rng.uniform(-2.0, 5.0, size=n + 1)
    c = rng.random(size=(3,))
    return a, x, b, c, rng.random()


@pytest.mark.parametrize("seed", [0, 1, 42, 2**40 + 5])
@pytest.mark.parametrize("n", [0, 1, 2, 7, 1000])
def test_default_rng_is_numpys(ranks, seed, n):
    for ours, theirs in zip(
        shoal.jit(numpys_own)(seed, n), numpys_own(seed, n), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def numpys_in_loop(seed, n):
    rng = np.random.default_rng(seed)
    total = 0.0
    for i in range(n):
        if i % 3 == 0:
            total += rng.random()
        else:
            total -= rng.uniform(0.5, 1.5)
    return total, rng.random()


def test_default_rng_in_loop_is_numpys():
    assert shoal.jit(numpys_in_loop)(9, 1001) == numpys_in_loop(9, 1001)


# -- Distributions -------------------------------------------------------------------------


def legacy_unit(n):
    np.random.seed(7)
    return (
        np.random.rand(n),
        np.random.random(n),
        np.random.ranf(n),
        np.random.sample(n),
        np.random.random_sample(n),
        np.random.uniform(0.0, 1.0, n),
    )


def legacy_normal(n):
    np.random.seed(8)
    return (
        np.random.randn(n),
        np.random.standard_normal(n),
        np.random.normal(0.0, 1.0, n),
        np.log(np.random.lognormal(0.0, 1.0, n)),
    )


def test_unit_and_normal(monkeypatch):
    for func in (legacy_unit, legacy_normal):
        theirs = func(N)
        for ours in on_each_number_of_ranks(monkeypatch, func, N):
            assert ours.dtype == np.float64
            assert distance(ours, theirs[0]) < 0.02


def shapes(n):
    np.random.seed(11)
    return (
        np.random.uniform(-1, 3, n),
        np.random.normal(2.0, 0.5, n),
        np.random.exponential(2.0, n),
        np.random.standard_exponential(n),
        np.random.laplace(1.0, 2.0, n),
        np.random.logistic(1.0, 2.0, n),
        np.random.gumbel(1.0, 2.0, n),
        np.random.rayleigh(2.0, n),
        np.random.power(3.0, n),
        np.random.weibull(1.5, n),
        np.random.pareto(3.0, n),
        np.random.triangular(-1.0, 0.5, 2.0, n),
        np.random.standard_cauchy(n),
        np.random.gamma(0.4, 2.0, n),
        np.random.standard_gamma(3.0, n),
        np.random.beta(0.5, 2.0, n),
        np.random.chisquare(3.0, n),
        np.random.f(5.0, 7.0, n),
        np.random.standard_t(4.0, n),
        np.random.lognormal(0.0, 0.5, n),
    )


def generator_shapes(n):
    rng = np.random.default_rng(12)
    return (
        rng.normal(2.0, 0.5, n),
        rng.standard_normal(n),
        rng.exponential(2.0, n),
        rng.standard_exponential(n),
        rng.laplace(1.0, 2.0, n),
        rng.logistic(1.0, 2.0, n),
        rng.gumbel(1.0, 2.0, n),
        rng.rayleigh(2.0, n),
        rng.power(3.0, n),
        rng.weibull(1.5, n),
        rng.pareto(3.0, n),
        rng.triangular(-1.0, 0.5, 2.0, n),
        rng.gamma(0.4, 2.0, n),
        rng.standard_gamma(3.0, n),
        rng.beta(0.5, 2.0, n),
        rng.chisquare(3.0, n),
        rng.f(5.0, 7.0, n),
        rng.standard_t(4.0, n),
        rng.lognormal(0.0, 0.5, n),
    )


def whole_numbers(n):
    np.random.seed(13)
    rng = np.random.default_rng(13)
    return (
        np.random.randint(-3, 9, n),
        np.random.randint(5, size=n),
        np.random.poisson(3.5, n),
        np.random.poisson(80.0, n),
        np.random.binomial(12, 0.3, n),
        np.random.binomial(500, 0.8, n),
        np.random.geometric(0.2, n),
        rng.integers(-3, 9, n),
        rng.integers(0, 5, n, endpoint=True),
        rng.poisson(3.5, n),
        rng.binomial(12, 0.3, n),
        rng.geometric(0.2, n),
    )


@pytest.mark.parametrize("func", [shapes, generator_shapes, whole_numbers])
def test_distributions(monkeypatch, func):
    theirs = func(N)
    for k, ours in enumerate(on_each_number_of_ranks(monkeypatch, func, N)):
        assert ours.dtype == theirs[k].dtype, k
        assert distance(ours, theirs[k]) < 0.02, k


def scalars(n):
    np.random.seed(5)
    a, b = np.zeros(n), np.zeros(n)
    c, d = np.zeros(n), np.zeros(n)
    e, g = np.zeros(n, np.int64), np.zeros(n, np.int64)
    rng = np.random.default_rng(6)
    for i in range(n):
        a[i] = np.random.rand()
        b[i] = np.random.normal(1.0, 2.0)
        c[i] = rng.gamma(2.5)
        d[i] = np.random.exponential(3.0)
        e[i] = np.random.randint(-5, 5)
        g[i] = rng.poisson(20.0)
    return a, b, c, d, e, g


def test_single_draws():
    theirs = scalars(N)
    for k, ours in enumerate(shoal.jit(scalars)(N)):
        assert ours.dtype == theirs[k].dtype
        assert distance(ours, theirs[k]) < 0.02, k


def parameters_as_arrays(n):
    np.random.seed(5)
    loc = np.arange(n) * 100.0
    return np.random.normal(loc, 1.0) - loc, np.random.uniform(loc, loc + 1) - loc


def test_arrays_as_parameters(monkeypatch):
    theirs = parameters_as_arrays(N)
    ours = on_each_number_of_ranks(monkeypatch, parameters_as_arrays, N)
    for a, b in zip(ours, theirs, strict=True):
        assert distance(a, b) < 0.02


# -- Loops, ranks, seeds -------------------------------------------------------------------


def in_prange(n, seed):
    np.random.seed(seed)
    rng = np.random.default_rng(seed)
    inside, total = 0, 0
    for i in shoal.prange(n):
        x, y = np.random.rand(), np.random.rand()
        if x * x + y * y < 1:
            inside += 1
        if rng.integers(0, 10) < 3:
            total += int(1000 * np.random.rand())
    return inside, total, np.random.rand(), np.random.rand(3)


def test_prange_is_keyed_by_iteration(monkeypatch):
    inside, total, _, _ = on_each_number_of_ranks(monkeypatch, in_prange, 40_000, 3)
    assert abs(4 * inside / 40_000 - np.pi) < 0.04
    assert abs(total / 40_000 - 0.3 * 499.5) < 5
    other = shoal.jit(in_prange)(40_000, 4)
    assert other[0] != inside and other[1] != total


def two_pranges(n):
    np.random.seed(1)
    a = b = 0.0
    for i in shoal.prange(n):
        a += np.random.rand()
    for i in shoal.prange(n):
        b += np.random.rand()
    return a, b


def test_two_loops_draw_differently():
    a, b = shoal.jit(two_pranges)(100)
    assert a != b


def in_udf(n):
    np.random.seed(2)
    import_free = np.random.rand(n)
    return import_free


def test_seed_again(ranks):
    f = shoal.jit(in_udf)
    np.testing.assert_array_equal(f(10), f(10))


def unseeded(n):
    rng = np.random.default_rng()
    other = np.random.default_rng()
    return np.random.rand(n), rng.random(n), other.random(n), np.random.rand()


def test_unseeded(ranks):
    f = shoal.jit(unseeded)
    parts = [*f(50), *f(50)]
    arrays = [p for p in parts if np.ndim(p)]
    together = np.concatenate(arrays)
    assert len(np.unique(together)) == len(together)


def branches(n, flag):
    rng = np.random.default_rng(3)
    if flag:
        x = rng.random()
    else:
        x = 0.0
    np.random.seed(4)
    for i in range(3):
        if n > i:
            x += np.random.rand()
    return x, np.random.rand(), rng.random()


def test_state_joins_where_paths_meet(monkeypatch):
    for flag in (True, False):
        r = np.random.default_rng(3)
        if flag:
            r.random()
        assert shoal.jit(branches)(2, flag)[2] == r.random()
    # One draw more on one path: what follows differs.
    assert shoal.jit(branches)(2, True)[1] != shoal.jit(branches)(1, True)[1]


def helper(rng, k):
    return rng.random() * k


def passed_on(seed):
    rng = np.random.default_rng(seed)
    return helper(rng, 2.0) + helper(rng, 3.0)


def test_generator_as_argument():
    assert shoal.jit(passed_on)(5) == passed_on(5)


def permuted(n):
    np.random.seed(3)
    rng = np.random.default_rng(3)
    a = np.arange(n) * 2
    return np.random.permutation(n), np.random.permutation(a), rng.permutation(a)


def test_permutation(monkeypatch):
    for n in (0, 1, 2, 500):
        p, q, r = on_each_number_of_ranks(monkeypatch, permuted, n)
        np.testing.assert_array_equal(np.sort(p), np.arange(n))
        np.testing.assert_array_equal(np.sort(q), np.arange(n) * 2)
        np.testing.assert_array_equal(np.sort(r), np.arange(n) * 2)
    assert not np.array_equal(p * 2, q)


def chosen(n):
    np.random.seed(4)
    rng = np.random.default_rng(4)
    a = np.arange(5) * 10.0
    return (
        np.random.choice(7, n),
        np.random.choice(a, n),
        rng.choice(a, n),
        np.random.choice(5, n, p=[0.1, 0.2, 0.3, 0.4, 0.0]),
        np.random.choice(a, 3, replace=False),
        rng.choice(100, 100, replace=False),
    )


def test_choice(monkeypatch):
    ours, theirs = on_each_number_of_ranks(monkeypatch, chosen, N), chosen(N)
    for k in range(4):
        assert ours[k].dtype == theirs[k].dtype
        assert distance(ours[k], theirs[k]) < 0.02, k
    assert len(np.unique(ours[4])) == 3
    np.testing.assert_array_equal(np.sort(ours[5]), np.arange(100))


def one_choice(n):
    np.random.seed(4)
    total = 0.0
    for i in range(n):
        total += np.random.choice(3) + np.random.choice(np.array([1.0, 2.0]))
    return total / n


def test_single_choice():
    assert abs(shoal.jit(one_choice)(4000) - 2.5) < 0.1


def shuffled(n):
    np.random.seed(9)
    rng = np.random.default_rng(9)
    a, b = np.arange(n), np.arange(n) * 0.5
    np.random.shuffle(a)
    rng.shuffle(b)
    return a, b


def test_shuffle(monkeypatch):
    for n in (0, 1, 300):
        a, b = on_each_number_of_ranks(monkeypatch, shuffled, n)
        np.testing.assert_array_equal(np.sort(a), np.arange(n))
        np.testing.assert_array_equal(np.sort(b), np.arange(n) * 0.5)
    assert not np.array_equal(a, np.arange(n))


def dtypes(n):
    np.random.seed(1)
    rng = np.random.default_rng(1)
    return (
        np.random.randint(0, 100, n, dtype=np.int32),
        rng.integers(0, 2, n, dtype=np.uint8),
        np.random.randint(0, 100, dtype=np.int16),
    )


def test_dtypes_of_integers(ranks):
    for ours, theirs in zip(shoal.jit(dtypes)(20), dtypes(20), strict=True):
        assert np.asarray(ours).dtype == np.asarray(theirs).dtype


# -- Errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "func",
    [
        lambda x: np.random.normal(0.0, x),
        lambda x: np.random.randint(x),
        lambda x: np.random.randint(3, x),
        lambda x: np.random.seed(x),
        lambda x: np.random.default_rng(x).random(),
        lambda x: np.random.exponential(x),
        lambda x: np.random.poisson(x),
        lambda x: np.random.binomial(x, 0.5),
        lambda x: np.random.binomial(5, x),
        lambda x: np.random.geometric(x),
        lambda x: np.random.gamma(x),
        lambda x: np.random.beta(x, 1.0),
        lambda x: np.random.chisquare(x),
        lambda x: np.random.triangular(0, x, 1),
        lambda x: np.random.rand(x),
        lambda x: np.random.weibull(x),
        lambda x: np.random.power(x),
        lambda x: np.random.default_rng(1).integers(3, x),
        lambda x: np.random.default_rng(1).integers(x),
    ],
)
def test_errors_are_numpys(func):
    with pytest.raises(ValueError) as theirs:
        func(-1)
    with pytest.raises(ValueError) as ours:
        shoal.jit(func)(-1)
    assert str(ours.value).splitlines()[0] == str(theirs.value)


def test_floats_of_32_bits_are_refused():
    @shoal.jit
    def f():
        return np.random.default_rng(1).random(3, dtype=np.float32)

    with pytest.raises(shoal.UnsupportedError, match="float32"):
        f()
