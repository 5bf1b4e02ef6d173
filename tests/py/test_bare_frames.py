"""pd.DataFrame() with nothing that gets its columns in a loop or a branch: rows are put to it
as pandas does. Where nothing was put to it it has the columns that there would be."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import outcome, same

    def part(i):
        return pd.DataFrame({"x": np.arange(i), "y": i * 0.5, "t": "t" + str(i)})

    def plain(n):
        df = pd.DataFrame()
        for i in range(n):
            df = pd.concat([df, part(i)])
        return df

    def numbered(n):
        df = pd.DataFrame()
        for i in range(n):
            df = pd.concat([df, part(i)], ignore_index=True)
        return df

    def waited(n):
        df = pd.DataFrame()
        i = 0
        while i < n:
            df = pd.concat([df, part(i)], ignore_index=True)
            i += 1
        return df

    def labelled(n):
        df = pd.DataFrame()
        for i in range(n):
            df = pd.concat([df, part(i).set_index("t")])
        return df

    def times(n):
        df = pd.DataFrame()
        for i in range(n):
            t = pd.DataFrame({"d": pd.Timestamp("2024-01-01"), "b": np.arange(i) > 1})
            df = pd.concat([df, t], ignore_index=True)
        return df

    def sometimes(n):
        df = pd.DataFrame()
        for i in range(n):
            if i % 2:
                df = pd.concat([df, part(i)])
        return len(df), df.x.sum(), df

    def branch(n):
        df = pd.DataFrame()
        if n > 2:
            df = part(n)
        return df

    for f in (plain, numbered, waited, labelled, times, sometimes, branch):
        g = bodo.jit(f)
        for n in (5, 3, 0):
            got, want = outcome(g, n), n and outcome(f, n)
            if n:
                assert same(got, want), (f.__name__, n, got, want)
                continue
            df = got[-1] if isinstance(got, tuple) else got
            full = outcome(f, 4)
            full = full[-1] if isinstance(full, tuple) else full
            assert len(df) == 0 and list(df.columns) == list(full.columns)
            assert list(df.dtypes) == list(full.dtypes)
        text = str(g.explain())
        assert N_RANKS == 1 or "CONCAT     rows 1D" in text or f is branch, text
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM.replace("N_RANKS", str(ranks)), ranks, mode, tmp_path)
