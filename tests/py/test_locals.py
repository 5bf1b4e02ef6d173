"""jit(locals=): declared types of variables and arguments, and of files whose name only the
run tells."""

import numpy as np
import pandas as pd
import pytest
from programs import run_text

import shoal
from shoal import types as T

pytestmark = pytest.mark.ranks
COLUMNS = {"A": T.int64[:], "B": T.string_array_type}
FRAME = pd.DataFrame({"A": np.arange(7), "B": [f"t{i % 3}" for i in range(7)]})


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Files by number: as declared, with other types, columns, index, missing values."""
    monkeypatch.chdir(tmp_path)
    frames = [
        FRAME,
        FRAME.assign(A=FRAME.A * 1.5),
        FRAME.set_index("B"),
        FRAME.assign(C=1),
        FRAME[["A"]],
        FRAME.assign(A=pd.array([1, None, *range(5)], dtype="Int64")),
    ]
    for i, df in enumerate(frames):
        df.to_parquet(f"f{i}.parquet")
        df.to_csv(f"f{i}.csv", index=False)


@shoal.jit(locals={"df": COLUMNS})
def parquet(k):
    df = pd.read_parquet("f" + str(k) + ".parquet")
    return df[df.A > 2]


@shoal.jit(locals={"df": COLUMNS})
def csv(k):
    df = pd.read_csv("f" + str(k) + ".csv")
    return df.groupby("B").A.sum()


def test_a_file_with_a_computed_name(ranks, files):
    pd.testing.assert_frame_equal(pd.DataFrame(parquet(0)), FRAME[FRAME.A > 2])
    pd.testing.assert_series_equal(pd.Series(csv(0)), FRAME.groupby("B").A.sum())


@pytest.mark.parametrize(
    ("read", "k", "error"),
    [
        (parquet, 1, "'A' of 'df' is declared int64 by locals=, but is float64 in f1"),
        (parquet, 2, "the index of f2.parquet is not the one that locals= declares"),
        (
            parquet,
            3,
            "f3.parquet has columns that locals= does not declare for 'df': 'C'",
        ),
        (parquet, 4, "f4.parquet has no column 'B', which locals= declares for 'df'"),
        (
            parquet,
            5,
            "is declared int64 by locals=, but is nullable int64 in f5.parquet",
        ),
        (csv, 1, "'A' of 'df' is declared int64 by locals=, but is float64 in f1.csv"),
        (csv, 5, "'A' of 'df' is declared int64 by locals=, but is float64 in f5.csv"),
    ],
)
def test_a_file_of_other_types(ranks, files, read, k, error):
    with pytest.raises(TypeError) as e:
        read(k)
    assert error in str(e.value)
    assert len(parquet(0)) == 4  # and the ranks go on


def test_a_missing_file(ranks, files):
    with pytest.raises(FileNotFoundError):
        parquet(9)


def test_a_known_file_is_compared_when_compiling(ranks, files):
    @shoal.jit(locals={"df": {"A": T.float64[:], "B": T.string_array_type}})
    def known(path):
        df = pd.read_parquet(path)
        return len(df)

    assert known("f1.parquet") == 7
    with pytest.raises(
        TypeError, match=r"'A' of 'df' is declared float64.*but is int64"
    ):
        known("f0.parquet")


def test_a_sample_declares_a_frame_with_its_index(ranks, files):
    @shoal.jit(locals={"df": shoal.typeof(FRAME.set_index("B"))})
    def indexed(k):
        df = pd.read_parquet("f" + str(k) + ".parquet")
        return df.A * 2

    want = FRAME.set_index("B").A * 2
    pd.testing.assert_series_equal(pd.Series(indexed(2)), want)


def test_undeclared_the_way_out_is_named(ranks, files):
    @shoal.jit(locals={"other": COLUMNS})
    def other(k):
        df = pd.read_parquet("f" + str(k) + ".parquet")
        return len(df)

    with pytest.raises(shoal.UnsupportedError, match="or declare the columns"):
        other(0)


def passed(declared):
    """A function that assigns its argument to the declared variable x."""

    def f(v):
        x = v
        y = x
        return x, y

    return shoal.jit(locals={"x": declared})(f)


@pytest.mark.parametrize(
    ("declared", "value", "want"),
    [
        (T.float64, 3, 3.0),
        (T.float64, True, 1.0),
        (T.float64, 2.5, 2.5),
        (T.int64, True, 1),
        (T.complex128, 2, 2 + 0j),
        (T.string, "text", "text"),
        (T.float32, np.int16(3), np.float32(3)),
        (T.int32, np.int8(3), np.int32(3)),
        (T.datetime_date_type, pd.Timestamp("2020-01-02").date(), None),
    ],
)
def test_numbers_become_what_is_declared(declared, value, want):
    got, want = passed(declared)(value)[0], value if want is None else want
    assert (type(got), got) == (type(want), want)


@pytest.mark.parametrize(
    ("declared", "value", "error"),
    [
        (T.float64, "text", "'x' is declared float64 by locals=, but is str"),
        (T.int64, 2.5, "'x' is declared int64 by locals=, but is float64"),
        (T.int32, np.int64(2), "'x' is declared int32 by locals=, but is int64"),
        (T.string, 2, "'x' is declared str by locals=, but is int"),
        (T.float64, np.ones(2), "'x' is declared float64 by locals=, but is 1-d array"),
        (
            T.float64[:],
            np.arange(2),
            "float64, 1d) by locals=, but is 1-d array of int64",
        ),
        (T.float64[:], np.ones((2, 2)), "but is 2-d array of float64"),
        (
            T.float64[:],
            2.5,
            "is declared array(float64, 1d) by locals=, but is float",
        ),
        (T.SeriesType(T.int64), pd.Series([0.5]), "locals=, but is Series of float64"),
    ],
)
def test_other_types_are_errors(declared, value, error):
    with pytest.raises(TypeError) as e:
        passed(declared)(value)
    assert error in str(e.value)


def test_variables_of_loops_and_arguments():
    @shoal.jit(locals={"x": T.float64, "n": T.float64})
    def added(n):
        x = 0
        for i in range(3):
            x = x + i
        return x, n

    assert repr(added(4)) == "(3.0, 4.0)"
    with pytest.raises(
        TypeError, match="'n' is declared float64 by locals=, but is str"
    ):
        added("4")


def test_rows(ranks):
    @shoal.jit(locals={"a": T.float64[:], "s": T.SeriesType(T.float64), "df": COLUMNS})
    def rows(df):
        s = df.A * 0.5
        a = s.to_numpy() + 1
        return a.sum()

    assert rows(FRAME) == 17.5
    with pytest.raises(TypeError, match="'df' has no column 'B'"):
        rows(FRAME[["A"]])


def test_of_an_inlined_function(ranks):
    @shoal.jit(locals={"x": T.float64})
    def inner(v):
        x = v
        return [x, x][0]

    @shoal.jit
    def outer(n):
        x = n
        return x, inner(n)

    assert repr(outer(3)) == "(3, 3.0)"


def test_under_a_launcher(tmp_path):
    FRAME.to_parquet(tmp_path / "f0.parquet")
    FRAME[["A"]].to_parquet(tmp_path / "f1.parquet")
    source = """
    import pandas as pd

    import shoal
    from shoal import types as T

    @shoal.jit(locals={"df": {"A": T.int64[:], "B": T.string_array_type}})
    def f(k):
        df = pd.read_parquet("f" + str(k) + ".parquet")
        return df.A.sum()

    print(f(0))
    try:
        f(1)
    except TypeError as e:
        print("no column" in str(e))
    """
    done = run_text(source, 3, "spmd", tmp_path)
    assert sorted(done.stdout.split()) == ["21"] * 3 + ["True"] * 3, done.stderr
