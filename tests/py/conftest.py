"""Fixtures of the tests of compiled functions."""

import pytest


@pytest.fixture(scope="module", params=["1", "2", "3"], ids=lambda n: f"ranks{n}")
def on_ranks(request):
    """All tests of a module on one rank, then on two, then on three: another number of
    ranks is another pool, which each test would have to wait for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOAL_NUM_WORKERS", request.param)
        yield
