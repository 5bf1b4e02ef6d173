# ruff: noqa: B905, C416, PERF402
"""Loops over the values of a Series or Index and over the rows of a frame."""

import warnings

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = [
    pytest.mark.usefixtures("ranks"),
    pytest.mark.filterwarnings("ignore::shoal.ShoalWarning"),
]

N = 23


def table():
    text = ["x", "yy", "ü", "", "abc", None, "q", "sitting"]
    return pd.DataFrame(
        {
            "a": np.arange(N) * 3 % 17,
            "b": np.arange(N) * 0.5,
            "c": (np.arange(N) % 3 == 0),
            "s": [text[i % len(text)] for i in range(N)],
            "w": [text[i % 3] + str(i) for i in range(N)],
            "i": np.arange(N).astype("int8"),
            "f": (np.arange(N) / 3).astype("float32"),
            "t": pd.date_range("2020-01-30", periods=N, freq="17h"),
            "d": pd.to_timedelta(np.arange(N) * 3700, unit="s"),
        }
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    p = str(tmp_path_factory.mktemp("rows") / "t.parquet")
    table().to_parquet(p)
    return p


def run(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e), str(e).splitlines()[0]


def same(f, *args):
    got, want = run(shoal.jit(f), *args), run(f, *args)
    assert repr(got) == repr(want)  # NaN is itself here, and types show


def total(s):
    t = 0
    for x in s:
        t += x
    return t


def joined(s):
    t = ""
    for x in s:
        t += x + "|"
    return t


def lists(s):
    return [x for x in s], list(s), s.tolist(), [x for x in reversed(s.tolist())]


def days(s):
    t = []
    for x in s:
        t.append(x.day)
    return t


def labels(s):
    t = []
    for i, x in s.items():
        t.append((i, x))
    return t


def numbered(s):
    return [(i, x) for i, x in enumerate(s, 3)]


def pairs(a, b):
    t = 0
    for x, y in zip(a, b):
        t += x * y
    return t, dict(zip(a, b))


def early(s, limit):
    n = 0
    for x in s:
        if x > limit:
            break
        n += 1
    else:
        n = -1
    return n


def builtins(s):
    return sorted(s), min(s), max(s), sum(s), set(s), any(s), all(s)


def unpacked(s):
    first, *rest = s
    return first, len(rest), len(dict(s))


def member(s, k):
    return k in s, k in s.index, k not in s


def codes(s):
    n = 0
    for x in s:
        for c in x:
            n += ord(c)
    return n


def missing(s):
    n = 0
    for x in s:
        if pd.isna(x):
            n += 1
    return n


def fails(s):
    n = 0
    for x in s:
        n += len(x)
    return n


COLUMNS = ["a", "b", "i", "f"]


@pytest.mark.parametrize("col", COLUMNS)
@pytest.mark.parametrize("f", [total, lists, labels, numbered, builtins, unpacked])
def test_numbers(f, col):
    same(f, table()[col])


@pytest.mark.parametrize("f", [lists, builtins])
def test_bools(f):
    same(f, table().c)


def test_text():
    df = table()
    same(joined, df.w)
    same(lists, df.w)
    same(lists, df.s)
    same(labels, df.w)
    same(codes, df.w)
    same(missing, df.s)
    same(fails, df.s)
    same(pairs, df.w.str.len(), df.a)


def test_times():
    df = table()
    same(days, df.t)
    same(total, df.b)


def test_other_uses():
    df = table()
    same(pairs, df.a, df.b)
    same(early, df.a, 12)
    same(early, df.a, 99)
    same(member, df.a, 4)
    same(member, df.set_index("a").b, 99)
    same(builtins, df.a[df.a < 0])


def index_loop(df):
    t = []
    for k in df.set_index("w").index:
        t.append(k)
    for k in df.index:
        t.append(str(k))
    for k in df.set_index(["a", "w"]).index:
        t.append(k[1] + str(k[0]))
    return t


def tuples(df):
    t, u = 0.0, []
    for r in df.itertuples():
        t += r.a * r.b + r.Index
        u.append(r.w)
    for r in df[["a", "b"]].itertuples(index=False, name="R"):
        t += r[0] + r.b
    for k, a, b in df[["a", "b"]].itertuples(name=None):
        t += k * a - b
    return t, u


def odd_names(df):
    t = 0
    for r in df.rename(columns={"a": "a b", "b": "class"}).itertuples():
        t += r._1 + r._2
    return t


def rows(df):
    t = []
    for k, r in df[["a", "b"]].iterrows():
        t.append((k, float(r["a"]), float(r.b)))
    for k, r in df.set_index("w")[["a", "s"]].iterrows():
        t.append((len(k), float(r.a), 0.5))
    n = 0
    for _, r in df[["a", "i"]].iterrows():
        n += r.a * r.i
    return t, n


def column_frames(df):
    t = {}
    for name, s in df[["a", "b"]].items():
        for x in s:
            t[name] = t.get(name, 0.0) + x
    return t


def test_rows():
    df = table()
    for f in (index_loop, tuples, odd_names, rows, column_frames):
        same(f, df)


def distance(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def nearest(path, word):
    df = pd.read_parquet(path)
    df = df[df.a > 2]
    best, found = 1000, ""
    for w in df.w:
        d = distance(w, word)
        if d < best:
            best, found = d, w
    return best, found


def filtered(path):
    df = pd.read_parquet(path)
    df = df[df.a > 2]
    out = []
    for i, (w, t) in enumerate(zip(df.w, df.t)):
        out.append((i, w, t.hour))
    n = 0
    for r in df.itertuples():
        n += r.a * r.Index
    return out, n, df.b.sum()


def grouped(path):
    df = pd.read_parquet(path)
    g = df.groupby("a").b.sum()
    return [(k, x) for k, x in g.items()]


def test_distributed(path):
    """All ranks go through all rows: they are gathered, in pandas' order."""
    same(nearest, path, "kitten12")
    same(filtered, path)
    same(grouped, path)


def nested(path, k):
    s = pd.read_parquet(path).w
    t = 0
    for _ in range(k):
        for x in s:
            for y in s.head(3):
                t += x == y
    return t


def test_nested(path):
    same(nested, path, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = shoal.jit(nested)
        assert f(path, 0) == 0
