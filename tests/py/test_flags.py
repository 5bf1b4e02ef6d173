"""Distribution flags: what they pin, what they warn of, what they refuse."""

import warnings

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal import _pool

pytestmark = pytest.mark.ranks


@pytest.fixture(autouse=True, scope="module")
def ranks():
    patch = pytest.MonkeyPatch()
    _pool.close()
    patch.setenv("SHOAL_NUM_WORKERS", "3")
    yield 3
    _pool.close()
    patch.undo()


def last_line(explained: str, start: str) -> str:
    return [line for line in explained.splitlines() if start in line][-1]


def test_one_distributed_and_one_replicated_result():
    @shoal.jit(distributed=["a"], replicated=["b"])
    def f(n):
        a = np.arange(n)
        b = np.arange(n * 2)
        return a, b

    a, b = f(10)
    assert a.tolist() == list(range(10)) and b.tolist() == list(range(20))
    lines = [line for line in f.explain().splitlines() if "AXIS" in line]
    assert "1D_Block" in lines[0] and "REP" in lines[1]


@pytest.mark.parametrize("kind", [list, tuple, set])
def test_flags_as_containers(kind):
    @shoal.jit(distributed=kind(["df", "out"]))
    def f(df):
        out = df[df.a > 3]
        return out

    df = pd.DataFrame({"a": range(10)})
    pd.testing.assert_frame_equal(f(df), df[df.a > 3])


def test_a_returned_variable_on_the_axis_of_a_distributed_one_is_gathered():
    @shoal.jit(distributed=["df"], replicated=["out"])
    def f(df):
        out = df.assign(b=df.a * 2)
        return out

    df = pd.DataFrame({"a": range(10)})
    pd.testing.assert_frame_equal(f(df), df.assign(b=df.a * 2))
    assert "GATHER" in f.explain()
    assert repr(f.explain()) == str(f.explain()), "as a prompt shows it"


def test_a_flag_that_cannot_hold_names_the_line():
    @shoal.jit(distributed=["a"])
    def f(a):
        s = 0
        for i in range(len(a)):
            s += a[len(a) - 1 - i]
        return s

    with pytest.raises(shoal.DistributionError) as e:
        f(np.arange(5))
    text = str(e.value)
    assert text.startswith(
        "Variable 'a' has distributed flag in function 'f', but it's not possible to "
        "distribute it due to non-distributed dependent operations.\n"
        "Distributed diagnostics:\nline "
    )
    assert "a[len(a) - 1 - i]" in text


def test_a_flag_of_a_callee():
    @shoal.jit(distributed=["a"])
    def inner(a):
        return a.sum()

    @shoal.jit
    def outer(n):
        a = np.arange(n)
        for i in range(n):
            a[n - 1 - i] = i
        return inner(a)

    with pytest.raises(
        shoal.DistributionError,
        match="variable 'a' is marked as distributed by 'inner' but not possible to "
        "distribute in caller function 'outer'",
    ):
        outer(10)


def test_distributed_false_of_a_callee():
    @shoal.jit(distributed=False)
    def inner(n):
        a = np.arange(n)
        s = 0
        for i in shoal.prange(n):
            s += a[i]
        return a, s

    @shoal.jit
    def outer(n):
        a, s = inner(n)
        b = np.arange(n)
        return a.sum() + s + b.sum()

    assert outer(10) == 3 * 45
    axes = [line for line in outer.explain().splitlines() if "AXIS" in line]
    assert len(axes) == 2 or "REP" in axes[0]


def test_unknown_names_are_warned_of():
    @shoal.jit(distributed=["nothing"])
    def f(n):
        return np.arange(n).sum()

    with pytest.warns(
        shoal.ShoalWarning,
        match="Only function arguments and return values can be specified as distributed. "
        "Ignoring the flag for variables: {'nothing'}.",
    ) as caught:
        assert f(4) == 6
    assert caught[0].filename == __file__


def test_no_parallelism_is_warned_of():
    @shoal.jit
    def f(n):
        a = np.zeros(n)
        for i in range(1, n):
            a[i] = a[i - 1] + 2
        return a[2]

    with pytest.warns(
        shoal.ShoalWarning, match="No parallelism found for function 'f'"
    ):
        assert f(6) == 4


@pytest.mark.parametrize("flag", ["distributed", "distributed_block"])
def test_both_distributed_and_replicated(flag):
    with pytest.raises(
        shoal.DistributionError,
        match=r"Variables \{'a', 'b'\} marked as both 'distributed' and 'replicated'\.",
    ):
        shoal.jit(**{flag: ["b", "a"]}, replicated=["a", "b", "c"])


@pytest.mark.parametrize(
    ("flags", "error"),
    [
        ({"distribute": ["a"]}, "jit() has no option 'distribute'"),
        ({"distributed": "a"}, "distributed= takes a list of names, not 'a'"),
        ({"distributed": [1]}, "distributed= takes names of variables, not [1]"),
        ({"distributed_block": True}, "distributed_block= takes a list of names"),
        ({"all_args_distributed_block": 1}, "takes True or False, not 1"),
        ({"spawn": "no"}, "spawn= takes True or False, not 'no'"),
        ({"propagate_env": "HOME"}, "propagate_env= takes a list of names"),
        ({"locals": ["a"]}, "locals= takes a dict, not ['a']"),
        ({"locals": {"a": int}}, "locals= of 'a' takes a type, not <class 'int'>"),
        ({"locals": {1: "int64"}}, "locals= takes names of variables, not 1"),
        ({"pivots": {"a": ["x"]}}, "pivots= is not supported: pivot tables"),
        ({"h5_types": {"a": int}}, "h5_types= is not supported: HDF5 files"),
    ],
)
def test_options_of_a_wrong_type(flags, error):
    with pytest.raises(TypeError) as e:
        shoal.jit(**flags)
    assert error in str(e.value)


def test_a_returned_variable_that_cannot_be_distributed():
    @shoal.jit(distributed=["b"])
    def f(n):
        b = np.zeros(n)
        for i in range(1, n):
            b[i] = b[i - 1] + 1
        return b

    with pytest.raises(shoal.DistributionError) as e:
        f(5)
    assert str(e.value).startswith(
        "distributed return of array b not valid since it is replicated.\n"
        "Distributed Diagnostics: line "
    )


def test_a_flag_means_a_variable_through_assignments():
    @shoal.jit(distributed=["a"], replicated=["c"])
    def f(n):
        a = np.arange(n)
        c = np.arange(n * 2)
        b = a
        d = c
        return b, d

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        f(4)
    axes = [line for line in f.explain().splitlines() if "AXIS" in line]
    assert "1D_Block" in axes[0] and "REP: replicated of 'c' in f()" in axes[1]


def test_every_replicated_line_says_why():
    @shoal.jit(returns_maybe_distributed=False)
    def inner(a):
        return a * 2

    @shoal.jit
    def f(a, n):
        b = np.arange(n)
        s = 0
        for i in range(n):
            s += b[n - 1 - i]
        return inner(a), s

    f(np.arange(4), 4)
    lines = f.explain().splitlines()
    rep = [line for line in lines if "rows REP" in line]
    assert rep and all("rows REP: " in line for line in rep)
    assert any("returns_maybe_distributed=False of inner()" in line for line in rep)
    assert any("elements are read or written at any place (line" in x for x in rep)


def test_names_of_several_flags_are_one_warning():
    @shoal.jit(distributed=["x"], distributed_block=["y"])
    def f(n):
        return n

    with pytest.warns(shoal.ShoalWarning, match="for variables: {'x', 'y'}") as caught:
        f(4)
    assert len(caught) == 1


def test_moves_that_do_nothing_are_warned_of():
    @shoal.jit(replicated=["a"])
    def f(a):
        b = shoal.gatherv(a)
        return shoal.rebalance(b)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert f(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    texts = {str(w.message) for w in caught}
    assert "Input to gatherv is not distributed array" in texts
    assert "Invoking rebalance on a replicated array has no effect" in texts


def test_output_of_scatterv_must_be_distributed():
    @shoal.jit(replicated=["a"])
    def f(a):
        b = shoal.scatterv(a)
        for i in range(1, len(b)):
            b[i] = b[i - 1]
        return b

    with pytest.raises(
        shoal.DistributionError,
        match="Output of scatterv should be a distributed array",
    ):
        f(np.arange(5))


@pytest.mark.parametrize(
    "flag",
    [
        {"all_args_distributed_block": True},
        {"all_args_distributed_varlength": True},
        {"all_returns_distributed": True},
        {"args_maybe_distributed": False},
        {"returns_maybe_distributed": False},
        {"distributed": True},
        {"replicated": True},
        {"distributed": False},
        {"distributed_block": ["a"]},
    ],
    ids=lambda d: "-".join(f"{k}={v}" for k, v in d.items()),
)
def test_every_flag_gives_the_same_answer(flag):
    @shoal.jit(**flag)
    def f(a):
        b = a[a > 3]
        return b, b.sum()

    b, s = f(np.arange(10))
    assert b.tolist() == [4, 5, 6, 7, 8, 9] and s == 39


@pytest.mark.parametrize(("n", "m"), [(3, 5), (6, 2)])
def test_arrays_of_different_lengths_have_numpys_words(n, m):
    @shoal.jit
    def f(a, b):
        return a + b

    a, b = np.arange(n), np.arange(m)
    with pytest.raises(ValueError) as want:
        a + b
    with pytest.raises(ValueError) as e:
        f(a, b)
    assert str(e.value) == str(want.value)
