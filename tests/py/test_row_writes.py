"""Loops that write rows of Series and columns one by one: what plain Python gives, and
parallel ones are divided as loops over arrays are (pass/inplace.c)."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from shoal import prange
    from comparing import outcome, same

    def by_label(s, df):
        for i in prange(len(s)):
            s[i] = i * 2
        return s

    def by_place(s, df):
        for i in prange(len(s)):
            s.iloc[i] = s.iloc[i] * 3 + 1
        return s, s.sum()

    def in_arms(s, df):
        for i in prange(len(s)):
            if s[i] % 2 == 0:
                s.iat[i] += 10
            elif s[i] > 5:
                s.at[i] = s[i] * s[i]
            else:
                continue
        return s

    def columns(s, df):
        for i in prange(len(df)):
            df.loc[i, "x"] = df["y"].iloc[i] * 2.0
            df.at[i, "z"] = df["z"].iloc[i] + 1
            df.iat[i, 1] = df["x"].iloc[i]
        return df

    def rows(s, df):
        for i in prange(len(df)):
            df.iloc[i, [0, 1]] = 1.5
            r = df.iloc[i]
            df.loc[i, "y"] = r["x"] + i
        return df

    def with_text(s, df):
        n = np.zeros(len(df))
        for i in prange(len(df)):
            r = df.iloc[i]
            n[i] = len(r["t"]) + r["y"]
            df.iloc[i, 2] = len(df["t"].iloc[i])
        return df, n

    def stepped(s, df):
        for t in range(3):
            for i in prange(len(s)):
                s.iloc[i] = s.iloc[i] * 2 + t
            df["x"] = df["x"] + s.to_numpy()
        return s, df

    def inner(s, df):
        for i in prange(len(s)):
            for k in range(i % 4):
                s[i] += k
            k = 0
            while k < 3:
                s[i] -= k
                k += 1
        return s

    def old_and_new(s, df):
        old = s.copy()
        for i in prange(len(s)):
            s[i] = old[i] * 2
            s[i] += old[i]
        old.iloc[:1] = 7
        return s, old

    def copied(s, df):
        for i in prange(len(s)):
            was = s.copy()
            s.iloc[i] = was.iloc[i] + 1
        return s

    def summed(s, df):
        total, low = 0.0, 1e9
        for i in prange(len(df)):
            total += df["x"].iloc[i] * df["y"].iloc[i]
            low = min(low, df["y"].iloc[i])
            s.iloc[i] = 1
        return s, total, low

    def times(s, df):
        for i in prange(len(df)):
            if df["y"].iloc[i] > 2:
                df.loc[i, "d"] = df["d"].iloc[i] + pd.Timedelta(days=1)
            df.loc[i, "b"] = not df["b"].iloc[i]
        return df

    def serial(s, df):
        for i in range(1, len(s)):
            s.iloc[i] = s.iloc[i - 1] + i
        return s

    def swept(s, df):
        for i in prange(1, len(df)):
            df.iloc[i, 0] = df["x"].iloc[i - 1] + 1
        return df

    def beyond(s, df):
        for i in prange(len(s)):
            s.iloc[i] = df["y"].iloc[i + 2]
        return s

    def wrong_label(s, df):
        for i in prange(len(s)):
            s.iloc[i] = s[i + 1]
        return s

    divided = (by_label, by_place, in_arms, columns, rows, stepped, inner, old_and_new,
               summed, times)
    for f in (*divided, with_text, copied, serial, swept, beyond, wrong_label):
        g = bodo.jit(f)
        for n in (0, 1, 2, 7, 30):
            s = pd.Series(np.arange(n) % 9)
            df = pd.DataFrame({"x": np.arange(n) * 0.5, "y": np.arange(n) * 2.0, "z": np.arange(n),
                               "t": pd.Series([f"t{i}" for i in range(n)], dtype="str"),
                               "d": pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(n), "D"),
                               "b": np.arange(n) % 2 == 0})
            s, df = s, df.drop(columns=[] if f in (with_text, times) else ["t", "d", "b"])
            got, want = outcome(g, s, df), outcome(f, s, df)
            assert same(got, want), (f.__name__, n, got, want)
        text = str(g.explain())
        assert f not in divided or N_RANKS == 1 or "iterations 1D_Block" in text, text
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)
