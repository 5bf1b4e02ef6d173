"""Operators, comparisons and masks of Series and frames with different indexes: pandas
aligns them by label, or says that it can't (front/labels.c)."""

import pytest
from programs import EVERYWHERE, check_program

PROGRAM = """
    import warnings
    import numpy as np, pandas as pd, shoal as bodo
    from comparing import outcome, same

    warnings.simplefilter("ignore")

    def made(values, index, name=None):
        return pd.Series(values, index=index, name=name)

    def frame(**columns):
        return pd.DataFrame(columns)

    def multi(values, *labels):
        index = pd.MultiIndex.from_tuples(labels, names=["i", "j"])
        return pd.Series(values, index=index)

    a = made([1, 2, 3], [2, 0, 1], "v")
    b = made([10, 20], [1, 5], "v")
    mask = made([True, False, True], [0, 1, 2])
    rows = frame(k=[1, 2, 1, 3], j=[3, 3, 4, 1], x=[1, 2, 3, 4])
    times = pd.to_datetime(["2024-01-01", "2024-01-05", "2024-01-03"])
    long = made(np.arange(40) * 0.5, np.arange(40) * 7 % 41)
    other = made(np.arange(50), np.arange(50) * 3 % 53)

    def masked(d, m):
        d = d.copy()
        d[m] = 0
        return d

    CASES = [
        (lambda a, b: a + b, a, b),
        (lambda a, b: a + b, made([1, 2], [2, 0]), made([1, 2], [0, 2])),
        (lambda a, b: a + b, made([1, 2, 3], [2, 2, 0]), made([1, 2, 3], [2, 0, 2])),
        (lambda a, b: a * b, pd.Series([1, 2]), pd.Series([1.5, 2, 3])),
        (lambda a, b: a - b, made([1, 2], [3, 1]), made([1, 2], [3, 1], "z")),
        (lambda a, b: a + b[b > 100], a, b),
        (lambda a, b: a + b, a[:0], b[:0]),
        (lambda a, b: a[a > 1] + b, a, b),
        (lambda a, b: (a > 1) | (b > 1), a, b),
        (lambda a, b: (a > 1) & (b > 1), a, b),
        (lambda a, b: (a > 1) ^ (b > 1), b, a),
        (lambda a, b: a < b, a, b),
        (lambda a, b: a == b, made([1, 2], [3, 1]), made([1, 3], [3, 1], "z")),
        (lambda a, b: a.lt(b), a, b),
        (lambda a, b: a.ne(b), a, b),
        (lambda a, b: a.add(b).fillna(0).sum(), a, b),
        (lambda a, b: np.maximum(a, b), a, b),
        (lambda a, b: a + b, a.rename_axis("i"), b.rename_axis("j")),
        (lambda a, b: a + b, a, made([10, 20], [0.5, 2.0])),
        (lambda a, b: a + b, made(["a", "b"], [0, 2]), made(["c", "d"], [2, 1])),
        (lambda a, b: a + b, made([1, 4], list("xy")), made([7, 9.5], list("yz"))),
        (lambda a, b: a + b, made([1.0, 2], [np.nan, 2]), made([1.0, 2], [2, np.nan])),
        (lambda a, b: a - b, made(times[:2], [1, 2]), made(times[1:], [2, 3])),
        (lambda a, b: a + b, made([1, 2, 3], times), made([4, 5], times[1:])),
        (lambda a, b: a + b, multi([1, 2], (1, "a"), (0, "b")), multi([1, 5], (2, "a"), (0, "b"))),
        (lambda a, b: a * 2 - b, long, other),
        (lambda d: d.groupby("k").x.sum() + d.groupby("j").x.sum(), rows),
        (lambda d: d[d.x > 1].groupby("k").x.sum() / d.groupby("k").x.sum(), rows),
        (lambda d, e: d + e, frame(x=a, q=a), frame(y=b, x=b)),
        (lambda d, e: d + e, frame(q=a, x=a), frame(x=a, q=a)),
        (lambda d, e: d - e, frame(q=a, x=a), frame(q=b, x=b)),
        (lambda d, e: d < e, frame(x=a), frame(x=b)),
        (lambda d, e: d < e, frame(x=a), frame(x=a * 2)),
        (lambda s, m: s[m], a, mask),
        (lambda s, m: s[m > 1], a, b),
        (lambda s, m: s[m], pd.Series([1, 2, 3]), pd.Series([True, False])),
        (lambda s, m: s[m], pd.Series([1, 2]), pd.Series([True, False, True])),
        (lambda d, m: d[m], frame(x=a), mask),
        (lambda d, m: d.loc[m, "x"], frame(x=a), mask),
        (masked, frame(x=a), mask),
        (masked, a, mask),
        (lambda s, o: s[o > 10], long, long.sort_index()),
    ]
    for k, (f, *args) in enumerate(CASES):
        got, want = outcome(bodo.jit(f), *args), outcome(f, *args)
        if isinstance(want, pd.Series) and isinstance(want.index, pd.DatetimeIndex):
            want.index.freq = None
        assert same(got, want), (k, got, want)
    print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize(("ranks", "mode"), EVERYWHERE)
def test_program(ranks, mode, tmp_path):
    check_program(PROGRAM, ranks, mode, tmp_path)


def test_bools_are_refused():
    import pandas as pd

    import shoal

    x, y = pd.Series([True], index=[1]), pd.Series([True], index=[2])
    with pytest.raises(shoal.UnsupportedError, match="bools with different indexes"):
        shoal.jit(lambda a, b: a + b)(x, y)
