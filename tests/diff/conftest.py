"""The number of ranks as a fixture: tests run on one, then on two, then on three."""

import os

import pytest


@pytest.fixture(scope="session", params=(1, 2, 3), ids=lambda n: f"ranks{n}")
def ranks(request):
    """1: in this process; more: the pool."""
    old = os.environ.get("SHOAL_NUM_WORKERS")
    os.environ["SHOAL_NUM_WORKERS"] = str(request.param)
    yield request.param
    if old is None:
        del os.environ["SHOAL_NUM_WORKERS"]
    else:
        os.environ["SHOAL_NUM_WORKERS"] = old
