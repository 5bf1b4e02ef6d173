"""Reads and writes at positions, slices of any step, masks and index arrays are those of
NumPy and pandas on every distribution, errors included: random positions, compared with
the plain function."""

import copy
from pathlib import Path

import indexing
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import check_program

import shoal

pytestmark = pytest.mark.usefixtures("ranks")
FORMS = sorted(k for k, f in vars(indexing).items() if "_" in k and callable(f))
EXAMPLES = 4
JIT: dict = {}


def argument(kind: str, n: int):
    base = np.arange(n)
    if kind == "arr":
        return base
    if kind == "ser":
        return pd.Series(base, name="x")
    if kind == "nd":
        return np.stack([base, base + 1, base + 2], axis=1)
    text = pd.array([f"t{i}" for i in base], dtype="str")
    return pd.DataFrame({"A": base, "B": base * 1.5, "T": text})


@st.composite
def calls(draw) -> tuple:
    """(rows, lo, a, b, step, index array): lo leaves some, one or no rows."""
    n = draw(st.sampled_from([0, 1, 2, 3, 5, 8, 11]))
    lo = draw(st.sampled_from([0, 0, n // 2, n - 1, n + 1]))
    left = n if lo <= 0 else max(n - lo, 0)
    near = st.integers(-left - 1, left + 1)
    inside = st.integers(-left, max(left - 1, 0))
    index = draw(st.lists(inside, max_size=6 if left else 0))
    if draw(st.integers(0, 6)) == 0:
        index.append(left + 2)
    a, b, step = draw(near), draw(near), draw(st.sampled_from([1, 2, 3, -1, -2]))
    return n, lo, a, b, step, np.array(index, dtype=np.int64)


def outcome(f, args):
    try:
        return f(*copy.deepcopy(args))
    except Exception as e:
        return type(e), str(e).split("\n")[0]


def assert_same(got, want):
    if isinstance(want, tuple):
        assert len(got) == len(want)
        for g, w in zip(got, want, strict=True):
            assert_same(g, w)
    elif isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    elif isinstance(want, np.ndarray):
        assert got.dtype == want.dtype
        np.testing.assert_array_equal(got, want)
    else:
        assert type(got) is type(want) and got == want


@pytest.mark.parametrize("form", FORMS)
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(call=calls())
def test_is_numpys(form, call):
    f = getattr(indexing, form)
    n, *rest = call
    args = (argument(form.split("_")[0], n), *rest)
    JIT.setdefault(form, shoal.jit(f))
    assert_same(outcome(JIT[form], args), outcome(f, args))


# All forms in one program: on more ranks than most of the inputs have rows, and in SPMD, where
# the chunks are those that the program has scattered.
PROGRAM = """
    import sys, warnings
    sys.path[:0] = {folders!r}
    import indexing
    import numpy as np
    import shoal
    from test_indexing import FORMS, argument, assert_same, outcome

    spmd = {mode!r} == "spmd"
    warnings.simplefilter("ignore")
    CALLS = [
        (11, 0, 2, -1, 3, [0, -1, 5]), (11, 5, 1, 4, -1, [5, 0]), (3, 2, 0, 1, 1, [0]),
        (8, 9, 0, 0, 2, []), (8, 3, -5, 9, 2, [2, 2, -4]), (2, 0, 2, 0, 1, [3]),
    ]


    def tried(f, args):
        # Without a copy, which would be no chunk any more.
        try:
            return f(*args)
        except Exception as e:
            return type(e), str(e).split("\\n")[0]


    def whole(x):
        if isinstance(x, tuple) and not isinstance(x[0], type):
            return tuple(whole(v) for v in x)
        return shoal.allgatherv(x) if getattr(x, "_shoal_dist", None) else x


    for form in FORMS:
        f = getattr(indexing, form)
        jit = shoal.jit(f)
        for n, *rest, idx in CALLS:
            rest.append(np.array(idx, dtype=np.int64))
            x = argument(form.split("_")[0], n)
            want = outcome(f, (x, *rest))
            if spmd:
                x = shoal.scatterv(x if shoal.get_rank() == 0 else None, warn_if_dist=False)
            got = whole(tried(jit, (x, *rest)))
            try:
                assert_same(got, want)
            except BaseException as e:
                raise AssertionError(f"{{form}} {{n, *rest}}: {{got}} and {{want}}") from e
    print("passed\\n", end="", flush=True)
"""


@pytest.mark.parametrize("mode", ["pool", "spmd"])
def test_all_on_four_ranks_and_in_spmd(ranks, mode, tmp_path):
    if ranks != 2:
        pytest.skip("once is enough: it runs on four ranks")
    here = Path(indexing.__file__).parent
    source = PROGRAM.format(folders=[str(here), str(here.parent)], mode=mode)
    check_program(source, 4, mode, tmp_path)


def row_of(D, i):
    return D.iloc[i]


def test_row_of_a_frame_as_a_result():
    """Where its name is known: a Series over the columns."""
    f = shoal.jit(row_of)
    D = pd.DataFrame({"A": np.arange(7), "B": np.arange(7) * 1.5})
    for i in (0, 4, 6):
        pd.testing.assert_series_equal(f(D, i), D.iloc[i])
        pd.testing.assert_series_equal(f(D[["A"]], i), D[["A"]].iloc[i])
    with pytest.raises(IndexError, match="single positional indexer is out-of-bounds"):
        f(D, 7)
    for frame, i in ((D, -1), (D.assign(T="x"), 1), (D.set_index("B"), 1)):
        with pytest.raises(shoal.UnsupportedError, match="a row of a DataFrame"):
            f(frame, i)


def row_with(D, k):
    for _, r in D.iterrows():
        if r["A"] == k:
            return r
    return D.iloc[0]


def item_of_row_with(D, k):
    found = D.iloc[0]
    for _, r in D.iterrows():
        if r["A"] == k:
            found = r
    return found["B"]


def test_row_that_a_loop_returns():
    """It has no known name, so it is refused: it was a dict."""
    D = pd.DataFrame({"A": np.arange(7), "B": np.arange(7) * 2})
    with pytest.raises(
        shoal.UnsupportedError, match="a row of a DataFrame is no result"
    ):
        shoal.jit(row_with)(D, 3)
    assert shoal.jit(item_of_row_with)(D, 3) == 6
