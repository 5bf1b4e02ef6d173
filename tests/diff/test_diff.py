"""Every call of cases.py on random data: pandas' values, dtypes, index, order or exception,
on 1, 2 and 3 ranks."""

import pytest
from cases import CASES
from data import inputs
from hypothesis import HealthCheck, given, settings
from like import compiled, kind_of, outcome, same

ALL = [(name, i, f) for name, fs in CASES.items() for i, f in enumerate(fs)]


@pytest.mark.parametrize("case", ALL, ids=[f"{n}-{i}" for n, i, _ in ALL])
def test_like_pandas(ranks, case):
    _, _, f = case
    two = f.__code__.co_argcount == 2
    run = compiled(f, ranks)

    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs())
    def check(pair):
        args = pair if two else pair[:1]
        if hasattr(f, "when") and not f.when(pair[0]):
            return
        want, left, error = outcome(f, args)
        got, mine, failure = outcome(run, args)
        if error is None and failure is not None:
            raise failure
        if error is not None:
            assert failure is not None, f"{got!r} instead of {error!r}"
            assert kind_of(failure) == kind_of(error), (
                f"{failure!r} instead of {error!r}"
            )
            return
        same(got, want)
        for changed, kept in zip(mine, left, strict=True):
            same(changed, kept)  # what f did to its arguments

    check()
