"""What a function changes in its arguments is seen by the caller: in the driver, through the
pool and in SPMD, for frames, Series, arrays and containers; only if the call succeeds."""

import numpy as np
import pandas as pd
import pytest
from programs import run_text

import shoal
from shoal import _lazy

pytestmark = [pytest.mark.ranks, pytest.mark.usefixtures("ranks")]
SHARED = [1, 2]


def frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": [3, 1, 2, 5, 4, 1, 0, 7],
            "b": [1.5, np.nan, 2.5, 0.0, -1.0, 9.0, np.nan, 3.0],
            "s": ["u", None, "v", "w", "u", "x", "y", "z"],
        }
    )


# -- Frames: every way of changing one ---------------------------------------------------------


def new_column(df):
    df["c"] = df.a + 1
    df["k"] = 7
    df["t"] = "text"


def replaced_column(df):
    df["a"] = df.b * 2
    df["s"] = df.s.fillna("none")


def removed_columns(df):
    del df["a"]
    return df.pop("b").sum()


def other_names(df):
    df.columns = ["x", "y", "z"]


def other_rows(df):
    df.dropna(inplace=True)


def other_order(df):
    df.sort_values(["a", "b"], inplace=True)


def other_index(df):
    df.set_index("a", inplace=True)


def numbered_anew(df):
    df.sort_values("a", ascending=False, inplace=True, kind="stable")
    df.reset_index(drop=True, inplace=True)


def some_values(df):
    df.loc[df.a > 2, "b"] = -1.0
    df.insert(0, "q", df.a * 2)


def in_a_branch(df):
    if df.a.sum() > 3:
        df["a"] = df.a * 2
    else:
        df["a"] = df.a * 3


def in_a_loop(df):
    for _ in range(3):
        df["a"] = df.a + 1


def inner(df):
    df["w"] = df.a * 10


def in_a_callee(df):
    inner(df)
    same = df
    same["v"] = df.w + 1


def nothing(df):
    copy = df.copy()
    copy["a"] = 0
    part = df[df.a > 1]
    part["z"] = 1
    return copy.a.sum() + part.z.sum()


def no_columns(df):
    df.drop(columns=["a", "b", "s"], inplace=True)


FRAME_CHANGES = [
    new_column,
    replaced_column,
    removed_columns,
    other_names,
    other_rows,
    other_order,
    other_index,
    numbered_anew,
    some_values,
    in_a_branch,
    in_a_loop,
    in_a_callee,
    nothing,
    no_columns,
]
compiled = {f: shoal.jit(f) for f in FRAME_CHANGES}


def some(df):
    return df[df.a > 0]


some_jit = shoal.jit(some)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("change", FRAME_CHANGES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("rows", [8, 1, 0])
def test_frame(change, rows):
    want, got = frame().head(rows), frame().head(rows)
    got.attrs["kept"] = 1
    untouched = got.copy()
    column = got["a"]
    assert compiled[change](got) == change(want) or rows == 0
    pd.testing.assert_frame_equal(got, want)
    assert type(got) is pd.DataFrame and got.attrs == {"kept": 1}
    pd.testing.assert_series_equal(column, untouched["a"])
    got.iloc[:, :1] = got.iloc[::-1, :1].to_numpy()  # and it can be changed further
    pd.testing.assert_series_equal(column, untouched["a"])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("change", FRAME_CHANGES, ids=lambda f: f.__name__)
def test_lazy_frame(change, ranks):
    want, got = some(frame()), some_jit(frame())
    change(want)
    compiled[change](got)
    if ranks > 1 and change is not no_columns:
        assert type(got) is _lazy.LazyFrame, "no rows come to the driver"
    assert len(got) == len(want) and list(got.columns) == list(want.columns)
    if "a" in want:
        assert compiled_sum(got) == want.a.sum(), "it goes into another call as is"
    pd.testing.assert_frame_equal(got, want)


@shoal.jit
def compiled_sum(df):
    return df.a.sum()


# -- Containers --------------------------------------------------------------------------------


def of_list(x, df):
    x.append(4)
    x[0] = "first"
    x.append(df)
    x.append([1, (2, 3)])
    x.extend([0.5, None])
    return x


def of_list_shorter(x, df):
    x.pop()
    x.insert(1, x[0])
    del x[0]


def of_dict(x, df):
    x["k"] = 3
    x["n"] = 2 if df.a.sum() > 3 else 1
    x[(1, "t")] = "text"
    x["inner"].append(9)
    x["series"] = df.a + 1
    del x[5]
    return x["inner"]


def of_set(x, df):
    x.add(5)
    x.add(1)


@pytest.mark.parametrize(
    "f, make",
    [
        (of_list, lambda: [1, 2, 3]),
        (of_list_shorter, lambda: [1, "t", 2.5]),
        (of_dict, lambda: {"inner": [1], 5: "u", None: 2.5, True: 1}),
        (of_set, lambda: {1, 2}),
    ],
    ids=lambda f: getattr(f, "__name__", ""),
)
def test_container(f, make):
    df = frame()
    want, got = make(), make()
    held = got["inner"] if type(got) is dict else None
    w, g = f(want, df), shoal.jit(f)(got, df)
    assert (w is want) == (g is got)
    assert held is None or g is held, "the caller's own list"
    if type(got) is dict:
        pd.testing.assert_series_equal(got.pop("series"), want.pop("series"))
        assert list(got) == list(want)
    if f is of_list:
        assert got[4] is df and got.pop(4) is not None and want.pop(4) is not None
    assert got == want


@shoal.jit
def twice(x, y):
    x["new"] = 1
    return y.new.sum()


@shoal.jit
def into_both(items, x):
    items[1].append(x)
    x["new"] = items[0].a * 2


def test_one_object_passed_twice_is_one():
    df = frame()
    assert twice(df, df) == len(df) == df.new.sum()
    df = frame()
    items = [df, []]
    into_both(items, df)
    assert items[1] == [items[0]] and items[0] is df
    assert df.new.tolist() == (df.a * 2).tolist()


@shoal.jit
def grows(x, acc=[]):  # noqa: B006
    acc.append(x)
    return len(acc)


def test_a_default_is_one_object():
    grows.py_func.__defaults__[0].clear()
    assert [grows(1), grows(1), grows(5)] == [1, 2, 3]
    assert grows.py_func.__defaults__ == ([1, 1, 5],)


# -- Series and arrays -------------------------------------------------------------------------


def series_in_place(s):
    t = s
    s += 1
    s *= 2
    return t.sum()


def series_items(s):
    t = s
    t.iloc[0] = 70
    s[s > 3] = s * 2
    s[1:3] += 1
    s.name = "changed"
    return t.sum()


def series_dtype(s):
    s.iloc[-1] = np.nan
    return len(s)


def array_in_place(a):
    b = a
    a += 1
    a[0] = 50
    b *= 2
    return a.sum() + b[0]


def in_place_item(x):
    x[0] += 1


@pytest.mark.parametrize("n", [8, 2, 1])
def test_in_place_operators(n):
    for make, f in (
        (lambda: pd.Series(np.arange(n), name="n"), series_in_place),
        (lambda: pd.Series(np.arange(n), name="n"), series_items),
        (lambda: pd.Series(np.arange(n), index=np.arange(n) * 2), series_dtype),
        (lambda: np.arange(n), array_in_place),
        (lambda: np.arange(n) / 2, array_in_place),
    ):
        want, got = make(), make()
        assert shoal.jit(f)(got) == f(want)
        assert type(got) is type(want)
        if isinstance(want, pd.Series):
            pd.testing.assert_series_equal(got, want)
        assert got.dtype == want.dtype and str(got.tolist()) == str(want.tolist())
    want, got = [pd.Series([1, 2])], [pd.Series([1, 2])]
    inside = got[0]
    in_place_item(want)
    shoal.jit(in_place_item)(got)
    assert got[0] is inside and inside.tolist() == want[0].tolist()


@shoal.jit
def halves(a):
    a /= 2


def test_in_place_keeps_the_dtype():
    with pytest.raises(TypeError, match="same_kind"):
        halves(np.arange(4))
    a = np.arange(4.0)
    a.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        halves(a)


# -- Failures ----------------------------------------------------------------------------------


@shoal.jit
def fails(df, x, a):
    df["c"] = 1
    x.append(1)
    a[0] = 9
    if df.a.sum() > 0:
        raise ValueError("no")


def test_a_call_that_fails_changes_nothing():
    df, x, a = frame(), [], np.zeros(3, int)
    with pytest.raises(ValueError, match="no"):
        fails(df, x, a)
    pd.testing.assert_frame_equal(df, frame())
    assert x == [] and a.tolist() == [0, 0, 0]


@shoal.jit
def two_schemas(df):
    if df.a.sum() > 3:
        df["x"] = 1


@shoal.jit
def changes_global():
    SHARED.append(3)


def test_what_cannot_be_followed_is_refused():
    with pytest.raises(
        shoal.UnsupportedError, match="changed differently on the paths"
    ):
        two_schemas(frame())
    with pytest.raises(shoal.UnsupportedError, match="surrounding program"):
        changes_global()


PROGRAM = """
import numpy as np, pandas as pd, shoal
rank, size = shoal.get_rank(), shoal.get_size()

def make():
    return pd.DataFrame({"a": np.arange(20) % 7, "s": [f"t{i % 3}" for i in range(20)]})

def change(df):
    df["b"] = df.a * 2
    df["s"] = df.s + "x"
    df.sort_values("a", inplace=True, kind="stable")
    df.reset_index(drop=True, inplace=True)

def renamed(df):
    df.columns = ["x", "y"]

def lists(x, d, df):
    x.append(df.a.sum())
    d["k"] = x

def arrays(a, s):
    a += 1
    a[0] = 7
    s *= 3

jit = {f: shoal.jit(f) for f in (change, renamed, lists, arrays)}
for f in (change, renamed):
    want, got = make(), make()
    f(want); jit[f](got)  # replicated: every rank sees all of it
    pd.testing.assert_frame_equal(got, want)
    start, stop = shoal.get_start(20, size, rank), shoal.get_end(20, size, rank)
    want, part = make(), shoal.scatterv(make() if rank == 0 else None)
    f(want); jit[f](part)  # a chunk stays one
    assert size == 1 or part._shoal_dist and len(part) <= -(-20 // size)
    whole = shoal.gatherv(part, True)
    pd.testing.assert_frame_equal(whole, want)
x, d = [1], {}
jit[lists](x, d, make())
assert x == [1, make().a.sum()] and d["k"] is x
a, s = np.arange(10), pd.Series(np.arange(10))
jit[arrays](a, s)
b, t = np.arange(10), pd.Series(np.arange(10))
arrays(b, t)
assert a.tolist() == b.tolist() and s.tolist() == t.tolist()
print(f"passed {rank}\\n", end="", flush=True)
"""


def test_spmd(ranks, tmp_path):
    done = run_text(PROGRAM, ranks, "spmd", tmp_path)
    assert done.stdout.count("passed") == ranks, done.stderr
