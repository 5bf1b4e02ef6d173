"""Rows by their labels: slices of labels, read and written, and values of Series that are
paired by label where they are written. What pandas gives, on any number of ranks."""

import pytest
from programs import EVERYWHERE, check_program

HEAD = """
    import warnings
    import numpy as np, pandas as pd, shoal as bodo
    from pandas.testing import assert_frame_equal, assert_series_equal
    from comparing import outcome, whole

    warnings.simplefilter("ignore")

    def check(f, *args):
        want, got = outcome(f, *args), outcome(bodo.jit(f), *args)
        if isinstance(want, tuple) and isinstance(want[0], type):
            assert isinstance(got, tuple), (f.__name__, got, want)
            cut = want[1].find("Invalid value '[")  # pandas names all values
            assert got[0] is want[0] and (cut == 0 or got[1] == want[1]), (f.__name__, got, want)
        elif isinstance(want, pd.DataFrame):
            assert_frame_equal(whole(got), want, check_freq=False, obj=f.__name__)
        elif isinstance(want, pd.Series):
            assert_series_equal(whole(got), want, check_freq=False, obj=f.__name__)
        else:
            assert got == want, (f.__name__, got, want)

    n = 7
    letters = [list("abcdefg"), list("gfedcba"), list("acbdfeg"), list("aabbcca")]
"""

READ = """
    def both(S): return S.loc["b":"d"]
    def plain(S): return S["b":"d"]
    def left(S): return S.loc["b":]
    def right(S): return S.loc[:"d"]
    def crossed(S): return S.loc["d":"b"]
    def between(S): return S.loc["bb":"dd"]
    def back(S): return S.loc["e":"b":-1]
    def stepped(S): return S.loc["a":"g":2]
    def behind(S): return S.loc["zz":]
    def before(S): return S.loc[:"A"]
    def back_beyond(S): return S.loc["g":"A":-1]
    def summed(S): return S.loc["c":"e"].sum()
    def frame(S): return pd.DataFrame({"x": S, "y": S * 2}).loc["b":"d", ["y"]]

    for index in letters:
        S = pd.Series(np.arange(n) * 1.5, index=index, name="s")
        for f in (both, plain, left, right, crossed, between, back, stepped, behind, before,
                  back_beyond, summed, frame):
            check(f, S)
    check(both, S[:0])
    check(between, S[:1])

    def numbers(S): return S.loc[2:4]
    def negative(S): return S.loc[-3:2]
    def far(S): return S.loc[5:100]
    def by_two(S): return S.loc[3:9:2]
    def asked(S, a, b): return S.loc[a:b]
    def places(S): return S[2:4]
    def floats(S): return S.loc[1.5:4]
    def texts(S): return S.loc[1:2]

    for index in (pd.RangeIndex(n), pd.RangeIndex(3, 17, 2), [0.5, 1.0, 1.5, 2.0, 3.0, 7.0, 8.0],
                  [9, 8, 7, 6, 4, 2, 1]):
        S = pd.Series(np.arange(n) * 10, index=index)
        for f in (numbers, negative, far, by_two, places, floats):
            check(f, S)
        check(asked, S, 3, 8)
    check(texts, pd.Series(np.arange(n), index=letters[0]))

    def times(S, a): return S.loc[a : pd.Timestamp("2020-01-05")]

    check(times, pd.Series(range(n), index=pd.date_range("2020-01-01", periods=n)),
          pd.Timestamp("2020-01-03"))
    print("passed")
"""

WRITE = """
    def scalar(S): S.loc["b":"d"] = 9.0; return S
    def array(S): S.loc["b":"d"] = np.array([1.0, 2.0, 3.0]); return S
    def short(S): S.loc["b":"d"] = np.array([1.0, 2.0]); return S
    def plain(S): S["b":"d"] = [7, 8, 9]; return S
    def text(S): S.loc["b":"d"] = "long text"; return S
    def three(S): S.loc["b":"d"] = ["x", "yy", "zzz"]; return S

    for index in letters[:3]:
        for f in (scalar, array, short, plain):
            check(f, pd.Series(np.arange(n) * 1.5, index=index, name="s"))
        for f in (text, three):
            check(f, pd.Series(list("pqrstuv"), index=index))

    def columns(df): df.loc[2:4, ["a", "b"]] = 0; return df
    def rows(df): df.loc[2:4] = df.loc[2:4].iloc[::-1]; return df
    def masked(df): df.loc[df.a > 2, ["a", "b"]] = df[["a", "b"]].iloc[::-1]; return df
    def filtered(df): df["z"] = df["b"][df.a > 3]; return df
    def ordered(df): df["z"] = df["a"].sort_values(ascending=False); return df
    def grouped(df): df["z"] = df.groupby("c")["b"].sum(); return df
    def by_key(df): df = df.set_index("c"); df["z"] = df.groupby("c")["b"].sum(); return df
    def words(df): df.loc[2:4, "c"] = pd.Series(["u", "v", "w"], index=[4, 3, 2]); return df
    def part(df, o): df.loc[df.a > 3, "b"] = o; return df
    def sliced(df, o): df.loc[2:4, "b"] = o; return df
    def ints(df, o): df.loc[2:4, "a"] = o; return df
    def added(df, o): df["n"] = o; return df
    def added_part(df, o): df.loc[df.a > 2, "n"] = o; return df
    def assigned(df, o): return df.assign(n=o)
    def replaced(df, o): df["b"] = o; return df
    def filled(df, o): df["b"] = df["b"].where(df.a < 3).fillna(o); return df
    def counted(df, o): df["n"] = o; return float(df["n"].sum()), int(df["n"].count())

    df = pd.DataFrame({"a": np.arange(n), "b": np.arange(n) * 0.5, "c": list("abcabca")})
    for f in (columns, rows, masked, filtered, ordered, grouped, by_key, words):
        check(f, df)
    four = [6, 5, 3, 4]
    for o in (pd.Series([1.0, 2.0, 3.0, 4.0], index=four), pd.Series([1, 2, 3, 4], index=four),
              pd.Series(np.arange(n) * 3, index=range(n)[::-1]),
              pd.Series([1, 2.5, 3, 9], index=[0.0, 1, 2, 3]),
              pd.Series([1, 2, 3, 4], index=[6, 5, 3, 6]),
              pd.Series(np.zeros(0), index=np.zeros(0, dtype="int64"))):
        for f in (part, sliced, ints, added, added_part, assigned, replaced, filled, counted):
            check(f, df, o)
    for o in (pd.Series(list("wxyz"), index=four), pd.Series([True, False, True, True], index=four),
              pd.Series([1, 2, 3], index=list("abc"))):
        check(added, df, o)
    check(added, df[:1], pd.Series([1, 2], index=[5, 0]))
    check(added, df.set_index("a"), pd.Series([1, 2], index=[5, 0]))
    check(added, df[:0], pd.Series(np.zeros(0), index=np.zeros(0, dtype="int64")))

    def at_mask(S, o): S.loc[S > 3] = o; return S
    def mask(S, o): S[S > 3] = o; return S
    def at_slice(S, o): S.loc["c":"f"] = o; return S
    def at_all(S, o): S.loc[:] = o; return S

    for S in (pd.Series(np.arange(n) * 1.5, index=letters[0]), pd.Series(range(n), index=letters[0])):
        for o in (pd.Series([1.0, 2.0, 3.0, 4.0], index=list("gfdx")),
                  pd.Series([1.5, 2.5, 3.0, 4.0], index=list("gfdx")),
                  pd.Series([1, 2, 3, 4, 5, 6], index=list("gfdxec")),
                  pd.Series([1, 2, 3, 4], index=list("cdef"))):
            for f in (at_mask, mask, at_slice, at_all):
                check(f, S, o)
        check(at_mask, S, pd.Series([1, 2, 3, 4], index=list("ggdd")))
    # The same rows under other labels.
    def own_rows(df): df = df.copy(); df["x"] = df.set_index("k")["v"]; return df
    def assigned_own(df): return df.assign(x=df.set_index("k")["v"])
    def labelled(df):
        df = df.copy()
        df["x"] = pd.Series(df.v.to_numpy(), index=df.k.to_numpy())
        return df
    def sorted_away(df): df = df.copy(); df["x"] = df.sort_values("k").v; return df
    def masked(df): s = df.set_index("k")["v"]; return df[s > 2]
    def chosen(df): s = df.set_index("k")["v"]; return df.v.where(s > 2, 0)

    other = pd.DataFrame({"k": [3, 1, 2, 0], "v": [1.0, 2.0, 3.0, 4.0]})
    for f in (own_rows, assigned_own, labelled, sorted_away, masked):
        check(f, other)
    for f in (chosen,):
        try:
            bodo.jit(f)(other)
        except bodo.UnsupportedError as e:
            assert "different indexes" in str(e), e
        else:
            raise AssertionError(f)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("part", [READ, WRITE], ids=["read", "write"])
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(part, ranks, mode, tmp_path):
    check_program(HEAD + part, ranks, mode, tmp_path)
