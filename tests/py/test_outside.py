"""Arrays, frames and Series of the surrounding code in compiled functions: what they hold at
the call, what is written to them, flags that name them, in both modes."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from programs import check_program, run_text

import shoal
from shoal import _pool

pytestmark = pytest.mark.ranks

A = np.arange(10)
FRAME = pd.DataFrame({"a": range(10), "b": list("abcdefghij")})
SERIES = pd.Series([1.0, 2.0, 3.0], index=["x", "y", "z"])
LIST = [np.arange(3), np.ones(4)]
TABLE = {"w": np.arange(5.0), "name": "w"}


class Config:
    weights = np.arange(4.0)


@dataclasses.dataclass
class Setting:
    k: int
    w: np.ndarray


SETTING = Setting(2, np.arange(3))


@pytest.fixture(autouse=True, scope="module")
def ranks():
    patch = pytest.MonkeyPatch()
    _pool.close()
    patch.setenv("SHOAL_NUM_WORKERS", "3")
    yield 3
    _pool.close()
    patch.undo()


@pytest.fixture(autouse=True)
def values():
    """The names have their first values in every test."""
    global A, FRAME, LIST
    A, LIST = np.arange(10), [np.arange(3), np.ones(4)]
    FRAME = pd.DataFrame({"a": range(10), "b": list("abcdefghij")})
    Config.weights = np.arange(4.0)
    SETTING.k, SETTING.w = 2, np.arange(3)


@shoal.jit
def total():
    return A.sum()


def test_a_call_sees_what_the_name_holds():
    global A
    assert total() == 45
    A[3] = 100
    assert total() == 142
    A = np.arange(4)
    assert total() == 6
    n = len(total.signatures)
    A = np.arange(5)
    assert total() == 10 and len(total.signatures) == n
    A = np.arange(4) / 2
    assert total() == 3.0 and len(total.signatures) == n + 1


def test_a_name_that_is_no_longer_rows():
    global A
    assert total() == 45
    A = 7
    with pytest.raises(AttributeError, match="'int' object has no attribute 'sum'"):
        total()
    A = np.arange(3)
    assert total() == 3


def test_elements_that_are_written():
    @shoal.jit
    def f():
        for i in shoal.prange(len(A)):
            A[i] = A[i] + 100
        A[0] = -1
        return A[1:3]

    assert f().tolist() == [101, 102]
    assert A.tolist() == [-1, *range(101, 110)]


def test_whole_arrays_that_are_written_in_a_loop():
    @shoal.jit
    def f():
        for _ in range(3):
            A[:] = A + 1
        return A.sum()

    assert f() == 75 and A.tolist() == list(range(3, 13))


def test_a_call_that_fails_changes_nothing():
    @shoal.jit
    def f(n):
        A[:] = 0
        if n > 3:
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        f(4)
    assert A.tolist() == list(range(10))
    f(1)
    assert not A.any()


@pytest.mark.keeps
def test_frames_get_columns():
    @shoal.jit
    def f(n):
        FRAME["c"] = FRAME.a * n
        return FRAME[FRAME.c > 12]

    got = f(3)
    want = pd.DataFrame({"a": range(10), "b": list("abcdefghij")})
    want["c"] = want.a * 3
    pd.testing.assert_frame_equal(FRAME, want)
    pd.testing.assert_frame_equal(got, want[want.c > 12])


def test_parts_of_modules_objects_and_containers():
    @shoal.jit
    def f():
        w = TABLE["w"]
        return (
            SERIES.sum()
            + LIST[1].sum()
            + w.sum()
            + Config.weights.sum()
            + SETTING.w.sum()
        )

    assert f() == 6 + 4 + 10 + 6 + 3
    LIST[1] = np.full(3, 5.0)
    Config.weights = np.ones(2)
    SETTING.w = np.arange(5)
    assert f() == 6 + 15 + 10 + 2 + 10


def test_fields_that_are_assigned_are_seen():
    @shoal.jit
    def f(x):
        return x * SETTING.k

    assert f(3) == 6
    SETTING.k = 5
    assert f(3) == 15


def test_closures_and_functions_that_are_called():
    def scaled(w):
        @shoal.jit
        def inner(x):
            return x * w.sum()

        @shoal.jit
        def outer(x):
            return inner(x) + w[0] + A.max()

        return outer

    assert scaled(np.array([1, 2, 3]))(2) == 12 + 1 + 9
    assert scaled(np.array([0.5, 1.0]))(2) == 3.0 + 0.5 + 9


def test_defaults_of_parameters():
    def scale(x, w=np.array([1.0, 2.0])):  # noqa: B008
        return x * w.sum()

    @shoal.jit
    def f(x):
        return scale(x)

    assert f(2) == 6.0


def test_a_function_that_calls_itself():
    @shoal.jit(distributed=False)
    def down(n):
        if n <= 0:
            return 0
        return A[n] + down(n - 1)

    assert down(4) == 10


def test_methods_read_globals():
    class Scale:
        def __init__(self, k):
            self.k = k

        def of(self, x):
            return x * self.k + A.sum()

    @shoal.jit
    def f(x):
        return Scale(x).of(2)

    assert f(3) == 51


def test_one_object_under_two_names_and_as_an_argument():
    B = A

    @shoal.jit
    def f(x):
        x[0] = 50
        return A[0] + B[0]

    assert f(A) == 100
    assert f(np.arange(3)) == 50 + 50


def test_flags_name_them():
    @shoal.jit(distributed=["A"], replicated=["FRAME"])
    def f():
        return A * 2, FRAME.a * 2

    got, column = f()
    assert got.tolist() == [2 * i for i in range(10)] == column.tolist()
    text = str(f.explain())
    assert "rows 1D_Block" in text
    assert "rows REP: replicated of 'FRAME' in f()" in text


def test_flags_that_contradict_each_other():
    @shoal.jit(replicated=["A"])
    def total():
        return A.sum()

    @shoal.jit(distributed=["A"])
    def doubled():
        return A * 2

    @shoal.jit
    def both():
        return doubled(), total()

    @shoal.jit(distributed=["A"])
    def alike():
        return A + 1, doubled()

    with pytest.raises(shoal.DistributionError) as e:
        both()
    assert (
        "the flags distributed of 'A' in function 'doubled' and replicated of 'A' in "
        "function 'total' contradict each other" in str(e.value)
    )
    assert alike()[1].tolist() == [2 * i for i in range(10)]


@pytest.mark.parametrize("flag", ["distributed", "distributed_block"])
def test_a_flag_that_cannot_hold(flag):
    @shoal.jit(**{flag: ["A"]})
    def f():
        s = 0
        for i in range(len(A)):
            s += A[len(A) - 1 - i]
        return s

    with pytest.raises(
        shoal.DistributionError,
        match="Variable 'A' has distributed flag in function 'f', but it's not possible",
    ):
        f()


def test_what_is_not_supported_is_refused_at_its_line():
    global A
    A = np.array([1, "x", None], dtype=object)
    with pytest.raises(shoal.UnsupportedError, match="ints and other objects") as e:
        total()
    assert "return A.sum()" in str(e.value)


def test_check_knows_them():
    assert not shoal.check(total)

    @shoal.jit
    def f():
        return A.sum() + FRAME.nope.sum()

    (problem,) = shoal.check(f)
    assert "nope" in str(problem)


def test_another_process_finds_the_plan(tmp_path):
    source = """
    import sys
    import numpy as np, shoal
    A = np.arange(int(sys.argv[1]) if len(sys.argv) > 1 else 6)

    @shoal.jit
    def f(k):
        return A.sum() + k

    assert f(1) == 16
    front = f._state.all()[0].ms[1:3]
    A = A + 1
    assert f(1) == 22
    print("kept" if front == (0.0, 0.0) else "compiled")
    """
    env = {"SHOAL_CACHE_DIR": str(tmp_path / "cache"), "SHOAL_CACHE": "1"}
    said = [run_text(source, 1, "pool", tmp_path, **env) for _ in range(2)]
    assert [s.stdout for s in said] == ["compiled\n", "kept\n"], said[1].stderr


PROGRAM = """
import numpy as np, pandas as pd, shoal
rank, size = shoal.get_rank(), shoal.get_size()
whole = np.arange(10)
C = np.arange(rank * 3, rank * 3 + 3)
R = np.arange(4.0)
U = np.arange(rank + 1)
n = 3 * size

@shoal.jit(distributed=["C"], replicated=["R"])
def both(k):
    return C.sum() + k + R.sum()

@shoal.jit
def plain():
    return whole.sum(), whole * 2

@shoal.jit
def made():
    return pd.DataFrame({"a": np.arange(12)})

D = made()

@shoal.jit
def marked():
    D["b"] = D.a * 2
    return D.b.sum()

@shoal.jit(distributed=["C"])
def written():
    for i in shoal.prange(len(C)):
        C[i] += 1

@shoal.jit
def not_said():
    return C.sum()

@shoal.jit
def lengths():
    return U.sum()

assert both(1) == n * (n - 1) // 2 + 1 + 6
s, d = plain()
assert s == 45 and shoal.allgatherv(d).tolist() == [2 * i for i in range(10)]
assert marked() == 132 and (D.b == D.a * 2).all()
assert len(D) == shoal.get_end(12, size, rank) - shoal.get_start(12, size, rank)
written()
assert C.tolist() == [rank * 3 + 1 + i for i in range(3)]
for f, text in ((not_said, "the global value 'C' has "), (lengths, "the global value 'U' has ")):
    if size == 1:
        continue
    try:
        f()
    except ValueError as e:
        assert text in str(e) and "shoal.jit(distributed=['" in str(e), e
    else:
        raise AssertionError(f)
C = C.astype(float)
assert both(1) == n * (n - 1) // 2 + n + 1 + 6
shoal.barrier()
print("passed\\n", end="", flush=True)
"""


@pytest.mark.parametrize("n", [1, 2, 3])
def test_spmd(n, tmp_path):
    check_program(PROGRAM, n, "spmd", tmp_path)
