"""ffill, bfill and replace: what pandas gives, on any number of ranks."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import outcome, same

    n = 12
    nan = np.nan
    f = [1.0, nan, nan, 2.5, nan, 4, nan, nan, nan, 8, nan, nan]
    t = [None, "a", None, "b", None, None, "c", "d", None, "a", None, "b"]
    df = pd.DataFrame({"i": np.arange(n) % 4, "f": f, "t": pd.Series(t, dtype="str"),
                       "d": pd.to_datetime(["2024-01-01", None, "2024-01-03"] * 4)})
    df["b"] = df.i > 1
    long = pd.DataFrame({"f": np.where(np.arange(200) % 37 == 5, np.arange(200.0), nan)})

    FILLS = [
        lambda d: d.f.ffill(),
        lambda d: d.f.bfill(),
        lambda d: d.t.ffill(),
        lambda d: d.t.bfill(),
        lambda d: d.d.bfill(),
        lambda d: d.ffill(),
        lambda d: d.bfill(),
        lambda d: d.f.ffill(limit=2),
        lambda d: d.f.bfill(limit=1),
        lambda d: d.f.ffill(limit=0),
        lambda d: d[d.f > 100].f.ffill(),
        lambda d: d[d.f > 100].f.bfill(),
        lambda d: d[d.i > 1].ffill(),
        lambda d: d.set_index("t").f.bfill(),
        lambda d: d.i.shift(2).bfill(),
        lambda d: d.f.sort_values().ffill(),
    ]
    REPLACES = [
        lambda d: d.i.replace(1, 9),
        lambda d: d.i.replace([0, 1], [1, 0]),
        lambda d: d.i.replace([1, 2], 0),
        lambda d: d.i.replace({0: 5, 3: 6}),
        lambda d: d.i.replace("a", "b"),
        lambda d: d.i.replace([1, 2], [1]),
        lambda d: d.i.replace(1, np.nan),
        lambda d: d.i.replace(77, np.nan),
        lambda d: d.f.replace(2.5, 7),
        lambda d: d.f.replace(np.nan, 0.0),
        lambda d: d.f.replace([1.0, 4.0], np.nan),
        lambda d: d.t.replace("a", "z"),
        lambda d: d.t.replace({"a": "b", "b": "a"}),
        lambda d: d.t.replace("a", None),
        lambda d: d.t.replace(1, 2),
        lambda d: d.b.replace(True, False),
        lambda d: d.replace({"i": {0: 10}, "t": {"b": "bb"}}),
        lambda d: d[["i", "f"]].replace(1, 100),
    ]
    for k, g in enumerate(FILLS + REPLACES):
        got, want = outcome(bodo.jit(g), df), outcome(g, df)
        assert same(got, want), (k, got, want)
    for g in FILLS[:2]:
        assert same(bodo.jit(g)(long), g(long))
    for g in (lambda d: d.i.replace(1, 2.5), lambda d: d.t.replace("a", 1),
              lambda d: d.b.replace(1, 0), lambda d: d.i.replace(1, None)):
        try:
            bodo.jit(g)(df)
        except bodo.UnsupportedError as e:
            assert "replace()" in str(e), e
        else:
            raise AssertionError
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)
