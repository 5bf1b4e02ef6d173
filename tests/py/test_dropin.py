"""Names that programs find with `import shoal as bodo`."""

import importlib
import logging

import numpy as np
import pandas as pd
import pytest
from programs import MODES, check_program

import shoal as bodo

NAMES = """
jit prange jitclass typeof types wrap_python is_jit_execution get_rank get_size barrier get_start
get_end get_nodes_first_ranks get_num_nodes get_gpu_ranks parallel_print scatterv gatherv allgatherv
rebalance random_shuffle BodoWarning utils.typing.BodoError utils.typing.BodoWarning
set_verbose_level set_bodo_verbose_logger spawn_process_on_nodes stop_process_on_nodes spawn_mode
numba_compat pandas libs.distributed_api.Reduce_Type libs.distributed_api.dist_reduce
libs.distributed_api.get_start libs.distributed_api.get_end
""".split()

TYPES = """
int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 boolean string unicode_type none
bytes_type DataFrameType SeriesType RangeIndexType NumericIndexType StringIndexType BinaryIndexType
DatetimeIndexType TimedeltaIndexType PeriodIndexType IntervalIndexType CategoricalIndexType
MultiIndexType string_array_type dict_str_arr_type binary_array_type boolean_array_type
IntegerArrayType FloatingArrayType DecimalArrayType Decimal128Type datetime_date_type
datetime_date_array_type datetime64ns timedelta64ns pd_timestamp_tz_naive_type PandasTimestampType
pd_timedelta_type datetime_timedelta_array_type DatetimeArrayType TimeType TimeArrayType
CategoricalArrayType PDCategoricalDtype ArrayItemArrayType StructArrayType StructType TupleArrayType
MapArrayType IntervalArrayType null_array_type CSRMatrixType MatrixType List Tuple DictType
register_type
""".split()

REFUSED = "jitclass get_gpu_ranks spawn_process_on_nodes stop_process_on_nodes".split()


@pytest.mark.parametrize("name", [*NAMES, *(f"types.{name}" for name in TYPES)])
def test_every_name_is_there(name):
    path, _, last = name.rpartition(".")
    value = bodo
    for part in name.split("."):
        value = getattr(value, part)
    assert value is not None
    if path:  # from shoal.utils.typing import BodoError
        module = importlib.import_module(f"shoal.{path}")
        assert getattr(module, last) is value or path == "types"


def test_names_of_the_same_thing():
    assert bodo.utils.typing.BodoError is bodo.ShoalError is bodo.BodoError
    assert bodo.utils.typing.BodoWarning is bodo.ShoalWarning is bodo.BodoWarning
    assert bodo.libs.distributed_api.get_start is bodo.get_start
    assert bodo.get_start(10, 4, 1) == 3 and bodo.get_end(10, 4, 1) == 6
    assert issubclass(bodo.DistributionError, bodo.BodoError)
    assert list(bodo.prange(3)) == [0, 1, 2]
    assert not bodo.is_jit_execution()
    assert bodo.spawn_mode is True


@pytest.mark.parametrize("name", REFUSED)
def test_names_that_are_not_supported_say_so_when_they_are_called(name):
    with pytest.raises(bodo.UnsupportedError, match=f"shoal.{name} is not supported"):
        getattr(bodo, name)()

    @bodo.jit
    def f():
        return getattr(bodo, name)()

    with pytest.raises(bodo.UnsupportedError, match=f"shoal.{name} is not supported"):
        f()


@pytest.mark.parametrize("module", ["pandas", "numba_compat"])
def test_modules_that_are_not_supported_say_so(module):
    with pytest.raises(
        bodo.UnsupportedError, match=f"shoal.{module}.read_csv is not supported"
    ):
        _ = importlib.import_module(f"shoal.{module}").read_csv


@pytest.mark.parametrize("use", ["call", "subscript", "wrap", "text", "frame", "jit"])
def test_types_that_are_not_supported_say_so(use):
    absent = bodo.types.Decimal128Type

    @bodo.jit
    def compiled():
        return bodo.types.Decimal128Type(3, 4)

    uses = {
        "call": lambda: absent(3, 4),
        "subscript": lambda: absent[:],
        "wrap": lambda: bodo.wrap_python(absent),
        "text": lambda: bodo.wrap_python("types.Decimal128Type"),
        "frame": lambda: bodo.types.DataFrameType((absent,), columns=("A",)),
        "jit": compiled,
    }
    with pytest.raises(
        bodo.UnsupportedError, match="the type Decimal128Type is not supported"
    ):
        uses[use]()


def test_names_in_compiled_code():
    @bodo.jit
    def block(n):
        return bodo.libs.distributed_api.get_start(n, 4, 1)

    @bodo.jit
    def level():
        bodo.set_verbose_level(1)

    @bodo.jit
    def reduced():
        return bodo.libs.distributed_api.dist_reduce(3, 0)

    assert block(10) == 3
    for f, name in ((level, "set_verbose_level"), (reduced, "dist_reduce")):
        with pytest.raises(
            bodo.UnsupportedError, match=rf"{name}\(\) is not supported in compiled"
        ):
            f()


def test_other_names_are_not_there():
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = bodo.nonsense
    assert not hasattr(bodo, "__wrapped__")
    assert not hasattr(bodo.types, "nonsense")


def test_what_was_compiled_is_logged(tmp_path, caplog):
    file = tmp_path / "some.parquet"
    pd.DataFrame({"A": np.arange(9), "B": np.arange(9), "C": 0}).to_parquet(file)

    def make():
        @bodo.jit
        def sum_of_some(path):
            df = pd.read_parquet(path)
            return df[df.A > 3].B.sum()

        return sum_of_some

    logger = logging.getLogger("of the test")
    logger.setLevel(logging.INFO)
    bodo.set_bodo_verbose_logger(logger)
    try:
        make()(str(file))
        assert not caplog.records
        bodo.set_verbose_level(1)
        make()(str(file))
        (record,) = caplog.records
        assert "df = pd.read_parquet(path)" in record.message
        assert "columns: A, B" in record.message and "row groups by" in record.message
        assert "REDUCE" not in record.message
        bodo.set_verbose_level(2)
        make()(str(file))
        assert "REDUCE" in caplog.records[1].message
    finally:
        bodo.set_verbose_level(0)
        bodo.set_bodo_verbose_logger(logging.getLogger("shoal"))
    for bad in (-1, 1.5, "1", None):
        with pytest.raises(TypeError, match="integer of at least 0"):
            bodo.set_verbose_level(bad)
    with pytest.raises(TypeError, match=r"takes a logging\.Logger"):
        bodo.set_bodo_verbose_logger("shoal")


REDUCTIONS = """
import numpy as np

import shoal as bodo
from shoal.libs.distributed_api import Reduce_Type, dist_reduce

rank, size = bodo.get_rank(), bodo.get_size()
assert dist_reduce(rank + 1, Reduce_Type.Sum) == size * (size + 1) // 2
assert dist_reduce(rank + 0.5, np.int32(Reduce_Type.Min.value)) == 0.5
assert dist_reduce(rank, Reduce_Type.Max.value) == size - 1
assert dist_reduce(2, Reduce_Type.Prod) == 2**size
assert dist_reduce(1 << rank, Reduce_Type.Or) == (1 << size) - 1
found = dist_reduce(np.array([rank, -rank]), Reduce_Type.Max)
assert found.tolist() == [size - 1, 0]
print("passed")
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_reductions_over_ranks(ranks, mode, tmp_path):
    check_program(REDUCTIONS, ranks, mode, tmp_path)


MOVED = """
import numpy as np
import pandas as pd

import shoal

rank, size = shoal.get_rank(), shoal.get_size()
a, df = np.arange(6), pd.DataFrame({"a": np.arange(6), "s": list("abcdef")})
for bad, error, text in (
    (lambda: shoal.gatherv(a, allgather=True, comm=1), shoal.UnsupportedError,
     "gatherv(): allgather flag not supported in intercomm case"),
    (lambda: shoal.gatherv(a, comm=1), shoal.UnsupportedError,
     "gatherv(): comm parameter only supports default value None"),
    (lambda: shoal.scatterv(a, comm=1), shoal.UnsupportedError,
     "scatterv(): comm parameter only supports default value None"),
    (lambda: shoal.scatterv(a, root=size), ValueError,
     f"scatterv(): rank {size} is not one of {size} rank"),
    (lambda: shoal.gatherv(a, root=-1), ValueError, "gatherv(): rank -1 is not one of"),
    (lambda: shoal.allgatherv(a, root=9), ValueError, "allgatherv(): rank 9 is not one"),
    (lambda: shoal.scatterv(a, [7] + [0] * (size - 1)), ValueError, "that make up 6, not [7"),
):
    try:
        bad()
    except error as e:
        assert text in str(e), e
    else:
        raise AssertionError(text)

# The rows that send_counts names for each rank, from any rank, and back to any.
counts = [0] * (size - 1) + [6] if size < 3 else [1, 0, 5] + [0] * (size - 3)
start = sum(counts[:rank])
for root in range(size):
    mine = lambda v: v if rank == root else None
    part = shoal.scatterv(mine(a), counts, root=root)
    assert part.tolist() == list(range(start, start + counts[rank]))
    rows = shoal.scatterv(mine(df), send_counts=counts, root=root)
    pd.testing.assert_frame_equal(rows, df.iloc[start : start + counts[rank]])
    back = shoal.gatherv(rows, root=root)
    if rank == root:
        pd.testing.assert_frame_equal(back, df)
    assert len(back) == (6 if rank == root else 0)
    both = shoal.scatterv(mine((a, {"k": df})), counts, root=root)
    assert len(both[0]) == len(both[1]["k"]) == counts[rank]
print("passed")
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_moves_in_python_are_checked_on_any_number_of_ranks(ranks, mode, tmp_path):
    check_program(MOVED, ranks, mode, tmp_path)


@pytest.mark.parametrize("name", ["root", "send_counts", "comm"])
def test_roots_and_counts_in_compiled_code_are_refused_by_name(name):
    @bodo.jit
    def root(a):
        return bodo.gatherv(a, root=1)

    @bodo.jit
    def send_counts(a):
        return bodo.scatterv(a, send_counts=[5])

    @bodo.jit
    def comm(a):
        return bodo.gatherv(a, allgather=True, comm=1)

    f = {"root": root, "send_counts": send_counts, "comm": comm}[name]
    with pytest.raises(
        bodo.UnsupportedError, match=f"{name} parameter only supports default"
    ):
        f(np.arange(5))
