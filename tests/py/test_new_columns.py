"""A new column in each round of a loop whose rounds are known, also by an argument."""

import pytest
from programs import check_program

PROGRAM = """
    import copy
    import numpy as np, pandas as pd, shoal as bodo
    from pandas.testing import assert_frame_equal
    from comparing import whole

    def numbered(df):
        for t in range(3):
            df[f"c{t}"] = df["a"] * t
        return df

    def by_another_number(df):
        for t in range(3):
            k = t * 2
            df[f"c{k}"] = df["a"] * t
            df["d" + str(k)] = df[f"c{k}"] + 1
        return df

    def from_the_last(df):
        last = "a"
        for t in range(3):
            df[f"c{t}"] = df[last].shift(1)
            last = f"c{t}"
        return df.dropna()

    def steps(df, n):
        x = df["a"].values.copy()
        for t in range(n):
            x = x * 0.5 + 1
            df[f"step{t}"] = x
        return df

    def some(df, n):
        for t in range(1, n, 2):
            k = t + n
            df[f"c{k}"] = df["a"] * k
        return df

    def check(f, g, *args):
        assert_frame_equal(whole(g(*copy.deepcopy(args))), f(*copy.deepcopy(args)))

    df = pd.DataFrame({"a": np.arange(8.0)})
    for f in (numbered, by_another_number, from_the_last):
        check(f, bodo.jit(f), df)
    for f in (steps, some):
        g = bodo.jit(f)
        for n in (3, 0, 5, 3):
            check(f, g, df, n)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(
    ("ranks", "mode"), [(1, "pool"), (2, "pool"), (3, "pool"), (3, "spmd")]
)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
