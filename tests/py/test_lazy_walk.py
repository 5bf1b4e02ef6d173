"""Results that stay on the workers, looked at in every way: each gives what plain pandas
gives, the first time and again, and the object is still an argument of compiled functions."""

import copy
import io
import os
import pickle
import signal
import threading

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = pytest.mark.ranks
N = 20
FRAME = pd.DataFrame({"a": np.arange(N), "b": np.arange(N) * 0.5})
SERIES = FRAME.a[FRAME.a % 2 == 0]


@shoal.jit
def frame(n):
    return pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5})


@shoal.jit
def series(n):
    df = pd.DataFrame({"a": np.arange(n)})
    return df[df.a % 2 == 0].a


@shoal.jit
def total(df):
    return df.a.sum()


@shoal.jit
def first_two(v):
    return v.head(2)


@pytest.fixture(scope="module", autouse=True)
def two_ranks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOAL_NUM_WORKERS", "2")
        yield


def is_lazy(x) -> bool:
    return "_shoal" in x.__dict__


def same(got, want):
    if isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    elif isinstance(want, pd.Index):
        pd.testing.assert_index_equal(got, want, exact="equiv")
    elif isinstance(want, np.ndarray):
        np.testing.assert_array_equal(got, want)
    else:
        assert got == want


LOOKS = {
    "len": len,
    "shape": lambda x: x.shape,
    "size": lambda x: x.size,
    "empty": lambda x: x.empty,
    "index": lambda x: x.index,
    "head": lambda x: x.head(3),
    "head but the last": lambda x: x.head(-8),
    "tail": lambda x: x.tail(3),
    "repr": repr,
    "format": lambda x: f"{x}",
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
    "pickle 2": lambda x: pickle.loads(pickle.dumps(x, 2)),
    "copy.copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "copy": lambda x: x.copy(),
    "shallow copy": lambda x: x.copy(deep=False),
    "iteration": list,
    "keys": lambda x: list(x.keys()),
    "in": lambda x: "a" in x,
    "operators": lambda x: 1 + x * x,
    "ufunc": np.sqrt,
    "np.asarray": np.asarray,
    "values": lambda x: x.values,
    "iloc": lambda x: x.iloc[3:5],
    "loc": lambda x: x.loc[2:6],
    "describe": lambda x: x.describe(),
    "concat": lambda x: pd.concat([x, x]),
    "constructor": lambda x: (pd.DataFrame if x.ndim == 2 else pd.Series)(x),
    "to_dict": lambda x: x.to_dict(),
    "to_csv": lambda x: x.to_csv(),
    "points of a plot": lambda x: list(
        zip(x.index, x.to_numpy().ravel(), strict=False)
    ),
    "attribute that is none": lambda x: hasattr(x, "nothing"),
    "sum": lambda x: x.sum(),
}


@pytest.mark.parametrize("name", LOOKS)
def test_looks(name):
    look = LOOKS[name]
    for make, want in ((frame, FRAME), (series, SERIES)):
        x = make(N)
        assert is_lazy(x)
        same(look(x), look(want))
        same(look(x), look(want))
        same(first_two(x).copy(), want.head(2))


def test_names_that_are_given():
    x = frame(N)
    assert x.index is x.index
    assert x.columns is x.columns
    x.index.name, x.columns.name = "row", "names"
    assert is_lazy(x)
    want = FRAME.rename_axis("row").rename_axis(columns="names")
    same(x.head(), want.head())
    same(first_two(x).copy(), want.head(2))
    assert is_lazy(x)
    index = x.index
    same(x.copy(), want)
    assert x.index is index
    x = frame(N)
    x.index.name = "row"
    x.columns = ["p", "q"]
    assert is_lazy(x)
    same(x.copy(), FRAME.rename_axis("row").set_axis(["p", "q"], axis=1))
    x = frame(N)
    x.index.name = ("no name", "of compiled code")
    assert x.copy().index.name == ("no name", "of compiled code")


def test_a_series_that_is_named():
    s = series(N)
    s.name = "q"
    assert first_two(s).name == s.copy().name == "q"


def test_a_name_stays_when_a_column_is_added():
    @shoal.jit
    def add(df):
        df["z"] = df.a + 1

    x = frame(N)
    x.index.name = "row"
    add(x)
    assert is_lazy(x)
    same(x.copy(), FRAME.assign(z=FRAME.a + 1).rename_axis("row"))


def test_changes():
    x = frame(N)
    x.loc[0, "a"] = 100
    assert total(x) == FRAME.a.sum() + 100
    x = frame(N)
    del x["b"]
    x["c"] = 1
    assert list(x) == ["a", "c"]
    x = frame(N)
    x.attrs["unit"] = "km"
    assert x.copy().attrs == {"unit": "km"}
    text = io.StringIO()
    frame(N).info(buf=text)
    assert "RangeIndex: 20 entries" in text.getvalue()


def test_threads():
    x, got = frame(100_000), []
    threads = [
        threading.Thread(target=lambda: got.append(float(x.b.sum()))) for _ in range(8)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join(60)
    assert got == [float(np.arange(100_000).sum()) * 0.5] * 8


@shoal.wrap_python(shoal.types.int64)
def end(k):
    if shoal.get_rank() == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return k


@shoal.jit
def dies(n):
    a = np.arange(n)
    return end(3) + a.sum()


@pytest.mark.keeps
@pytest.mark.parametrize("how", ["closed", "died"])
def test_a_pool_that_is_gone(how):
    x = frame(N)
    assert len(x.head()) == 5
    if how == "closed":
        shoal.close()
    else:
        with pytest.raises(shoal.RankDiedError, match="rank 1"):
            dies(10)
    assert x.shape == (N, 2)
    assert len(x.head(2)) == 2
    for look in (repr, total, pickle.dumps, lambda x: x + 1):
        with pytest.raises(
            shoal.LostResultError, match=r"frame\(\) called at .*lost: "
        ):
            look(x)
    assert total(frame(N)) == FRAME.a.sum()


@shoal.wrap_python(shoal.types.int64)
def place(k):
    return shoal.get_rank() * 10 + shoal.get_size()


def test_python_code_on_a_worker_knows_its_rank():
    @shoal.jit
    def places(n):
        a = np.zeros(n)
        for i in shoal.prange(n):
            a[i] = place(i)
        return a

    assert places(4).tolist() == [2, 2, 12, 12]
