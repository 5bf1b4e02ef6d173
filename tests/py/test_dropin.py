"""Names that programs find with `import shoal as bodo`."""

import pytest

import shoal as bodo


def test_names_that_are_there():
    for name in (
        "jit prange typeof types wrap_python is_jit_execution get_rank get_size barrier "
        "get_start get_end get_nodes_first_ranks get_num_nodes parallel_print scatterv "
        "gatherv allgatherv rebalance random_shuffle BodoWarning spawn_mode"
    ).split():
        assert getattr(bodo, name) is not None, name
    assert bodo.utils.typing.BodoError is bodo.ShoalError
    assert bodo.utils.typing.BodoWarning is bodo.ShoalWarning is bodo.BodoWarning
    assert bodo.libs.distributed_api.get_start(10, 4, 1) == 3
    assert issubclass(bodo.DistributionError, bodo.BodoError)
    assert list(bodo.prange(3)) == [0, 1, 2]
    assert not bodo.is_jit_execution()


@pytest.mark.parametrize("name", ["jitclass", "set_verbose_level", "pandas"])
def test_names_that_are_known_and_not_supported(name):
    with pytest.raises(bodo.UnsupportedError, match=f"shoal.{name} is not supported"):
        getattr(bodo, name)


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bodo.nonsense
    assert not hasattr(bodo, "__wrapped__")
