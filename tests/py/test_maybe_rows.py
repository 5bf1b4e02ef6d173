"""Frames, Series and arrays that may be None, and those that one rank alone has."""

import numpy as np
import pandas as pd
import programs
import pytest

import shoal

pytestmark = pytest.mark.usefixtures("ranks")


def frame(n):
    df = None
    if n > 3:
        df = pd.DataFrame({"A": np.arange(n), "s": "x"})
    return df


def beside(n):
    df = None
    if n > 3:
        df = pd.DataFrame({"A": np.arange(n)})
    return df, n, df is None


def series(n):
    s = None
    if n > 3:
        s = pd.Series(np.arange(n) * 0.5, name="s")
    return s


def array(n):
    a = None
    if n > 3:
        a = np.ones((n, 2))
    if a is not None:
        a = a + 1
    return a


def attribute(n):
    df = frame(n)
    return float(df.A.sum())


def subscript(n):
    s = series(n)
    return s[s.notna()]


def element(n):
    a = array(n)
    return float(a[1, 0])


def length(n):
    return len(frame(n))


def column_set(n):
    df = frame(n)
    df["B"] = df.A * 2
    return df


def added(n):
    return array(n) + 1


def negative(n):
    return -array(n)


def asked(n):
    df = frame(n)
    if df is None:
        return -1.0
    return float(df.A.sum())


def truth(n):
    df = frame(n)
    if df:
        return 1
    return 2


def grown(n):
    df = None
    for i in range(n):
        x = pd.DataFrame({"A": np.arange(i)})
        df = x if df is None else pd.concat([df, x], ignore_index=True)
    return df


def made_once(n):
    a = None
    for i in range(n):
        if a is None:
            a = np.zeros(n)
        a[i] = i
    return a


def iterated(n):
    df, s = frame(n), 0
    for c in df.columns:
        s += len(c)
    return s


def in_lists(n):
    parts = []
    for i in range(n):
        parts.append(pd.DataFrame({"A": np.arange(i)}) if i > 3 else None)  # noqa: PERF401
    return parts


def from_lists(n):
    parts = []
    for i in range(n):
        parts.append(np.arange(i) if i > 3 else None)  # noqa: PERF401
    s = 0
    for p in parts:
        if p is not None:
            s += int(p.sum())
    return s


CALLS = [
    *(frame, beside, series, array, attribute, subscript, element, length, column_set),
    *(added, negative, asked, truth, grown, made_once, iterated, in_lists, from_lists),
]


def outcome(f, n):
    try:
        return f(n)
    except Exception as e:
        return type(e), str(e)


def same(got, want):
    assert type(want) in (type(got), *type(got).__mro__)
    if isinstance(want, tuple | list):
        assert len(got) == len(want)
        for a, b in zip(got, want, strict=True):
            same(a, b)
    elif isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    else:
        np.testing.assert_array_equal(got, want)


@pytest.mark.parametrize("n", [2, 7])
@pytest.mark.parametrize("f", CALLS, ids=lambda f: f.__name__)
def test_is_python(f, n):
    same(outcome(shoal.jit(f), n), outcome(f, n))


def merged(n):
    return pd.DataFrame({"A": np.arange(3)}).merge(frame(n), on="A")


def compared(n):
    return frame(n) == 3


def class_asked(n):
    return isinstance(frame(n), pd.DataFrame)


def as_text(n):
    return str(frame(n))


@pytest.mark.parametrize("f", [merged, compared, class_asked, as_text])
def test_refused(f):
    with pytest.raises((shoal.UnsupportedError, TypeError), match="or None"):
        shoal.jit(f)(7)


# -- One rank alone has the rows -------------------------------------------------------

ON_FIRST = """
    import numpy as np
    import pandas as pd

    import shoal
    from shoal import _spmd

    PATH = "rows.csv"
    SPMD = _spmd.launched()
    whole = shoal.allgatherv if SPMD else (lambda v: v)


    def frame(n):
        return pd.DataFrame({
            "A": np.arange(n), "f": np.arange(n) / 4,
            "s": pd.array([f"t{i % 3}" for i in range(n)], dtype="str"),
            "t": pd.date_range("2020-01-01", periods=n),
        })


    if shoal.get_rank() == 0:
        frame(7).to_csv(PATH, index=False)
    shoal.barrier()


    @shoal.wrap_python(shoal.typeof(frame(1)))
    def make(n):
        return frame(n)


    def none(n):
        df = None
        if shoal.get_rank() == 0:
            df = pd.DataFrame({"A": np.arange(n), "s": "x"})
        return shoal.scatterv(df)


    def empty(n):
        df = pd.DataFrame({"A": np.empty(0, np.int64)})
        if shoal.get_rank() == 0:
            df = pd.DataFrame({"A": np.arange(n)})
        return shoal.scatterv(df)


    def array(n):
        if shoal.get_rank() == 0:
            a = np.arange(n) * 0.5
        else:
            a = np.empty(0)
        return shoal.scatterv(a)


    def series(n):
        s = None
        if shoal.get_rank() == 0:
            s = pd.Series(np.arange(n), name="s")
        return shoal.scatterv(s)


    def file(n):
        df = None
        if shoal.get_rank() == 0:
            df = pd.read_csv(PATH, parse_dates=["t"])
            df = df[df.A < n]
        df = shoal.scatterv(df)
        return df[df.A > 0]


    def python(n):
        df = None
        if shoal.get_rank() == 0:
            df = make(n)
        return shoal.scatterv(df)


    def other_contents(n):
        a = np.zeros(n)
        if shoal.get_rank() == 0:
            for i in range(n):
                a[i] = i
        return shoal.scatterv(a)


    def in_tuple(n):
        a, s = None, None
        if shoal.get_rank() == 0:
            a, s = np.arange(n), pd.Series(np.arange(n + 3))
        return shoal.scatterv((a, s))


    def used(n):
        df = None
        if shoal.get_rank() == 0:
            df = pd.DataFrame({"A": np.arange(n)})
        df = shoal.scatterv(df)
        return df.A.sum() + len(df)


    def same(got, want):
        if isinstance(want, tuple):
            for a, b in zip(got, want, strict=True):
                same(a, b)
        elif isinstance(want, pd.DataFrame):
            pd.testing.assert_frame_equal(whole(got), want)
        elif isinstance(want, pd.Series):
            pd.testing.assert_series_equal(whole(got), want)
        elif isinstance(want, np.ndarray):
            np.testing.assert_array_equal(whole(got), want)
        else:
            assert got == want


    for f in (none, empty, array, series, file, python, other_contents, in_tuple, used):
        j = shoal.jit(f)
        for n in (7, 2, 0):
            if f is other_contents and n == 0:
                continue
            get_rank, scatterv = shoal.get_rank, shoal.scatterv
            got = j(n)
            shoal.get_rank, shoal.scatterv = (lambda: 0), (lambda v: v)
            want = f(n)
            shoal.get_rank, shoal.scatterv = get_rank, scatterv
            same(got, want)


    @shoal.jit
    def nobody(n):
        df = None
        if shoal.get_rank() == n:
            df = pd.DataFrame({"A": np.arange(n)})
        return shoal.scatterv(df)


    try:
        nobody(10)
    except shoal.UnsupportedError as e:
        assert "scatterv() not available for NoneType" in str(e), e
    else:
        raise AssertionError("not raised")

    # The same in Python.
    df = frame(7) if shoal.get_rank() == 0 else None
    pd.testing.assert_frame_equal(whole(shoal.scatterv(df)), frame(7))
    print("passed")
"""


@pytest.mark.parametrize(("n", "mode"), programs.EVERYWHERE)
def test_rows_of_the_first_rank(n, mode, tmp_path):
    programs.check_program(ON_FIRST, n, mode, tmp_path)
