"""Lists and dicts of frames, Series and arrays whose contents only the run time knows."""

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = pytest.mark.usefixtures("ranks")
DF = pd.DataFrame({"A": np.arange(9), "s": pd.array(list("abcabcabc"), dtype="str")})


def frames(n):
    lst = []
    for i in range(n):
        lst.append(pd.DataFrame({"A": np.arange(i)}))
    return pd.concat(lst)


def renumbered(n):
    lst = []
    for i in range(n):
        lst.append(pd.DataFrame({"A": np.arange(i), "B": np.arange(i) * 1.5}))
    return pd.concat(lst, ignore_index=True)


def arrays(n):
    lst = []
    for i in range(n):
        lst.append(np.arange(i))
    return np.concatenate(lst)


def comprehension(n):
    lst = [np.arange(i + 1) for i in range(n)]
    s = 0
    for x in lst:
        s += x.sum()
    return s


def one_of(n, k):
    lst = []
    for i in range(n):
        lst.append(np.arange(i))
    return lst[k].sum()


def element_of_one(n, k):
    lst = []
    for i in range(n):
        lst.append(np.arange(i + 2))
    return lst[k][1] + len(lst[k])


def dict_of_frames(n, k):
    d = {}
    for i in range(n):
        d[i] = pd.DataFrame({"A": np.arange(i + 3)})
    return d[k]


def filtered(df, n):
    lst = []
    for i in range(n):
        lst.append(df[df.A > i])
    return pd.concat(lst)


def some(df, n):
    lst = []
    for i in range(n):
        x = df[df.A > i]
        if len(x) > 2:
            lst.append(x)
    return pd.concat(lst)


def iterated(df, n):
    lst = [df[df.A > i] for i in range(n)]
    s = 0.0
    for x in lst:
        s += x.A.sum() + len(x)
    return s


def values_of_dict(df, n):
    d = {}
    for i in range(n):
        d[i % 3] = df[df.A % 3 == i % 3]
    return pd.concat(d.values())


def series(df, n, k):
    lst = []
    for i in range(n):
        lst.append(df.A * i)
    return lst[k]


def two_dimensions(A, n):
    lst = []
    for i in range(n):
        lst.append(A + i)
    return lst[n - 1]


def in_tuples(df, n):
    lst = []
    for i in range(n):
        lst.append((i, df[df.A > i]))
    s = 0
    for i, x in lst:
        s += i * len(x)
    return s


def grouped(df, n):
    lst = []
    for i in range(n):
        lst.append(df[df.A > i].groupby("s", as_index=False).A.sum())
    return pd.concat(lst, ignore_index=True)


def last_out(df, n):
    todo = [df]
    for i in range(n):
        x = todo.pop()
        todo.append(x[x.A > i])
        todo.append(x)
    todo[0] = todo[1]
    return pd.concat(todo)


def named_index(df, n):
    parts = []
    for i in range(n):
        parts.append(df.set_index("s")[["A"]] * i)
    return pd.concat(parts)


def kept_index(df, n):
    parts = []
    for i in range(n):
        if i % 2 == 0:
            parts.append(df[df.A > i])
        else:
            parts.append(df.reset_index(drop=True))
    return pd.concat(parts)


def dict_with_keys(df, n):
    d = {}
    for i in range(n):
        d[i * 2] = df[df.A > i]
    return pd.concat(d)


def dict_with_named_keys(df, n):
    d = {}
    for i in range(n):
        d["k" + str(i)] = df.set_index("s").A
    return pd.concat(d, names=["key", "row"])


def dict_without_keys(df, n):
    d = {}
    for i in range(n):
        d[i] = df[df.A > i]
    return pd.concat(d, ignore_index=True)


def list_with_keys(df, n, m):
    parts = []
    keys = []
    for i in range(n):
        parts.append(df[df.A > i])
    for i in range(m):
        keys.append(i * 0.5)
    return pd.concat(parts, keys=keys)


CALLS = [
    (dict_with_keys, DF, 4),
    (dict_with_keys, DF, 0),
    (dict_with_named_keys, DF, 3),
    (dict_without_keys, DF, 3),
    (list_with_keys, DF, 4, 4),
    (list_with_keys, DF, 4, 3),
    (frames, 4),
    (frames, 0),
    (renumbered, 5),
    (arrays, 4),
    (arrays, 0),
    (comprehension, 4),
    (one_of, 4, 2),
    (one_of, 4, 7),
    (element_of_one, 4, 2),
    (dict_of_frames, 4, 2),
    (filtered, DF, 4),
    (some, DF, 9),
    (iterated, DF, 5),
    (values_of_dict, DF, 5),
    (series, DF, 4, 2),
    (series, DF, 4, -1),
    (two_dimensions, np.arange(12).reshape(6, 2), 3),
    (in_tuples, DF, 4),
    (grouped, DF, 3),
    (last_out, DF, 3),
    (named_index, DF, 3),
    (kept_index, DF, 4),
]


def outcome(f, args):
    try:
        return f(*args)
    except Exception as e:
        return type(e), str(e).split("\n")[0]


@pytest.mark.parametrize("call", CALLS, ids=lambda c: c[0].__name__)
def test_is_pandas(call):
    f, *args = call
    got, want = outcome(shoal.jit(f), args), outcome(f, args)
    if isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(got, want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(got, want)
    else:
        np.testing.assert_array_equal(got, want)
        assert type(got) is type(want)


def changed(df, n):
    parts = []
    for i in range(n):
        x = df[df.A > i]
        parts.append(x)
        x["A"] = 0
    return pd.concat(parts)


def other_columns(df, n):
    parts = []
    for i in range(n):
        parts.append(df if i else df[["A"]])
        parts.append(df[["A"]])
    return parts[0]


def maybe(df, n):
    parts = []
    for i in range(n):
        parts.append(df if i > 1 else None)
    return len(parts)


def changed_series(df, n):
    parts = [df.A * i for i in range(n)]
    s = parts[0]
    s.iloc[0] = 77
    return parts[0].sum()


def put_in(df, n):
    s = df.A * 2
    parts = []
    for i in range(n):
        parts.append(s)
    s.iloc[0] = 77
    return parts[0].sum()


def other_keys(df, n):
    return pd.concat({"p": df, n: df})


def other_names(df, n):
    return pd.concat({1: df.set_index("s").A, 2: df.set_index("A").s})


@pytest.mark.parametrize(
    "f",
    [changed, other_columns, maybe, changed_series, put_in, other_keys, other_names],
)
def test_what_is_refused(f):
    with pytest.raises(shoal.UnsupportedError):
        shoal.jit(f)(DF, 3)
