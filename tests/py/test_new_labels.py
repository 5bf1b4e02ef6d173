"""Writes to labels that no row has make the rows longer, as in pandas: S.loc[label] = v,
S[label] = v, df.loc[label] = row."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import warnings
    import numpy as np, pandas as pd, shoal as bodo
    from pandas.testing import assert_frame_equal, assert_series_equal
    from comparing import outcome, whole

    warnings.simplefilter("ignore")

    def check(f, *args):
        want, got = outcome(f, *args), outcome(bodo.jit(f), *args)
        if isinstance(want, pd.DataFrame):
            assert_frame_equal(whole(got), want, obj=f.__name__)
        elif isinstance(want, pd.Series):
            assert_series_equal(whole(got), want, obj=f.__name__)
        else:
            assert got == want, (f.__name__, got, want)

    def one(S): S.loc["z"] = 1.0; return S
    def several(S): S["z"] = 1; S["b"] = 7.5; S.loc["y"] = 2; return S
    def missing(S): S.loc["z"] = np.nan; return S
    def words(T): T["q"] = "long text"; T["a"] = "x"; return T
    def at(S): S.at["w"] = 3; return float(S.sum()), len(S)
    def asked(S, k): S.loc[k] = 5; return S
    def counted(S):
        for w in ["a", "x", "b", "x", "y", "x"]:
            if w in S.index:
                S[w] = S[w] + 1
            else:
                S[w] = 1.0
        return S
    def next_ones(S):
        for k in range(3):
            S.loc[len(S)] = k
        return S

    S = pd.Series(np.arange(5) * 1.5, index=list("abcde"), name="s")
    for f in (one, several, missing, at, counted):
        check(f, S)
    check(one, S[:0])
    check(words, pd.Series(list("pqrst"), index=list("abcde")))
    for index in ("xyz", "xyw"):
        check(missing, pd.Series(range(3), index=list(index)))
    for k in (3, 8):
        check(asked, pd.Series(range(5), index=[5, 3, 9, 1, 7]), k)
    for n in (0, 1, 5):
        check(next_ones, pd.Series(np.arange(n) * 10, name="n"))

    def row(df): df.loc[len(df)] = [7, 2.5, "x"]; return df
    def rows(df):
        for k in range(3):
            df.loc[len(df)] = [k, k * 0.5, "w"]
        return df
    def by_name(df): df.loc[len(df)] = {"b": 1.0, "c": "z", "a": 7}; return df
    def two(df): df.loc[df.shape[0]] = (7, 2, "new"); df.loc[len(df), :] = [8, 3, "q"]; return df
    def gap(df): df.loc[len(df)] = [7, None, "x"]; return df
    def floats(df): df.loc[len(df)] = [7.0, 1.5, "x"]; return df
    def short(df): df.loc[len(df)] = [1, 2]; return df
    def used(df): df.loc[len(df)] = [7, 2.5, "x"]; return int(df.a.sum()), len(df), df.iloc[-1].b
    def from_nothing():
        df = pd.DataFrame({"i": np.arange(1), "x": np.zeros(1)})
        for k in range(20):
            df.loc[len(df)] = [k, k * k * 0.5]
        return df
    def labelled(df, k): df.loc[k] = [7, 2.5]; return df
    def numbered(df, k): df.loc[k] = [7, 2, "new"]; return df
    def everywhere(df): df.loc["z"] = 5; return df

    df = pd.DataFrame({"a": np.arange(5), "b": np.arange(5) * 0.5, "c": list("abcab")})
    for f in (row, rows, by_name, two, gap, floats, short, used):
        check(f, df)
    check(from_nothing)
    for k in ("a", "q"):
        check(labelled, df.set_index("c").iloc[:3], k)
    for k in (3, 11):
        check(numbered, df.set_index(np.array([4, 3, 2, 9, 7])), k)
    check(everywhere, df.set_index("c"))

    @bodo.jit
    def depends(S, v):
        S.loc["new"] = v
        return S

    try:
        depends(pd.Series(range(3), index=list("abc")), 2.5)
    except bodo.UnsupportedError as e:
        assert "a new row with float64 in a column of int64" in str(e), e
        print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
