"""Lists and dicts of rows between jit functions and Python: results, arguments of any
length, flags, moves. Run on several ranks by test_row_list_values.py: as SPMD, or with a
pool.
"""

import sys
import warnings

import numpy as np
import pandas as pd

import shoal

warnings.simplefilter("ignore")
SPMD = "spmd" in sys.argv
RANK, SIZE = shoal.get_rank(), shoal.get_size()


def frame(n: int) -> pd.DataFrame:
    text = pd.array([f"text {k % 3}" for k in range(n)], dtype="str")
    return pd.DataFrame({"A": np.arange(n), "f": np.arange(n) / 4, "s": text})


def frames(lengths) -> list:
    return [frame(n) for n in lengths]


def same(got, want):
    """Types, values, order; rows of chunks are those of all ranks."""
    if isinstance(want, list | tuple):
        assert type(got) is type(want) and len(got) == len(want), (got, want)
        for g, w in zip(got, want, strict=True):
            same(g, w)
    elif isinstance(want, dict):
        assert type(got) is dict and list(got) == list(want), (list(got), list(want))
        for k, w in want.items():
            same(got[k], w)
    elif isinstance(want, pd.DataFrame):
        pd.testing.assert_frame_equal(whole(got), want)
    elif isinstance(want, pd.Series):
        pd.testing.assert_series_equal(whole(got), want)
    elif isinstance(want, np.ndarray):
        got = whole(got)
        assert got.dtype == want.dtype and got.shape == want.shape, (got, want)
        np.testing.assert_array_equal(got, want)
    else:
        assert type(got) is type(want) and got == want, (got, want)


def whole(v):
    return (
        shoal.allgatherv(v) if getattr(v, "_shoal_dist", "") not in ("", "REP") else v
    )


def rows(v, start, stop):
    return v.iloc[start:stop] if hasattr(v, "iloc") else v[start:stop]


def block(v):
    """This rank's part of a value of which all ranks have all rows."""
    if isinstance(v, list | tuple):
        return type(v)(map(block, v))
    if isinstance(v, dict):
        return {k: block(x) for k, x in v.items()}
    n = len(v)
    return rows(v, shoal.get_start(n, SIZE, RANK), shoal.get_end(n, SIZE, RANK))


# -- Results -----------------------------------------------------------------------------------


def selected(df, n):
    return [df[df.A > i] for i in range(n)]


def by_key(df, n):
    out = {}
    for i in range(n):
        out[f"key {i}"] = df[df.A % n == i]
    return out, n


def columns(df, n):
    out = {}
    for i in range(n):
        out[i] = [df.A * i, df.A + i]
    return out


def indexed(df, n):
    out = []
    for i in range(n):
        out.append((i, df[df.A > i].set_index("s")))
    return out


def labels(df, n):
    out = []
    for i in range(n):
        out.append(df.iloc[i:])
    return out


def grouped(df, n):
    out = []
    for i in range(n):
        out.append(df[df.A > i].groupby("s").f.sum())
    return out


def arrays(df, n):
    out = []
    for i in range(n):
        out.append(np.arange(i) * 0.5)
    return out


def planes(df, n):
    out = []
    a = np.arange(24).reshape(8, 3)
    for i in range(n):
        out.append(a * i)
    return out, [x[:, 1] for x in out]


def nested(df, n):
    out = {}
    for i in range(n):
        out.setdefault(i % 2, []).append(df[df.A == i])
    return {"all": out, "n": (n, [x.A for x in out[0]])}


RESULTS = [selected, by_key, columns, indexed, labels, grouped, arrays, planes, nested]


def results():
    df = frame(7)
    for f in RESULTS:
        for flags in ({}, {"distributed": ["df"]}):
            jit = shoal.jit(**flags)(f)
            for n in (0, 1, 3) if f is not nested else (1, 3):
                part = block(df) if SPMD and flags else df
                same(jit(part, n), f(df, n))


# -- Arguments ---------------------------------------------------------------------------------


def joined(parts):
    return pd.concat(parts)


def renumbered(parts):
    return pd.concat(parts, ignore_index=True)


def totals(parts):
    s, n = 0, 0
    for x in parts:
        s += x.A.sum()
        n += len(x)
    return s, n, len(parts)


def one(parts):
    return parts[-1], parts[0].A


def kept(parts):
    return [x[x.A > 1] for x in parts if len(x) > 1]


def named(parts):
    return {str(i): x for i, x in enumerate(parts)}


def elements(parts):
    return parts[0].A.iloc[0], len(parts)


ARGUMENTS = [joined, renumbered, totals, one, kept, named, elements]
LENGTHS = [(3, 4), (1,), (5, 0, 2), tuple(range(1, 12)), (2,) * 20]


def forms(jit) -> int:
    return len(jit._state.order)


def arguments():
    for f in ARGUMENTS:
        jit, chunked = shoal.jit(f), shoal.jit(distributed=["parts"])(f)
        for lengths in LENGTHS:
            parts = frames(lengths)
            same(jit(parts), f(parts))
            if SPMD and f is not elements:
                same(chunked(block(parts)), f(parts))
        assert forms(jit) <= 2, (f, forms(jit))
    made = shoal.jit(selected)
    for n in (1, 3, 10):
        parts = made(frame(9), n)
        for f in ARGUMENTS:
            same(shoal.jit(f)(parts), f(selected(frame(9), n)))


def mixed():
    """Elements that are on the workers, chunks, or anything of the caller's."""
    made = shoal.jit(selected)(frame(9), 3)
    want = selected(frame(9), 3)
    for n in (1, 10):
        parts, all_ = [*made, frame(4)] * n, [*want, frame(4)] * n
        same(shoal.jit(joined)(parts), pd.concat(all_))
        same(shoal.jit(totals)(parts), totals(all_))
    tail = [frame(9)[3:6], frame(5)[::2], frame(4).iloc[::-1]] * 4
    same(shoal.jit(joined)(tail), pd.concat(tail))


def table(tables, key):
    return tables[key].A.sum(), len(tables), key in tables


def pairs(items):
    s = 0
    for i, x in items:
        s += i * x.sum()
    return s


def rows_of_all(all_):
    return np.concatenate(all_)


def others():
    jit = shoal.jit(table)
    for keys in ("ab", "xyz", "abcdefghijkl"):
        tables = {k: frame(i + 2) for i, k in enumerate(keys)}
        assert jit(tables, keys[1]) == table(tables, keys[1])
    jit, again = shoal.jit(pairs), shoal.jit(rows_of_all)
    for n in (2, 3, 12):
        items = [(i, np.arange(i + 1) * 0.5) for i in range(n)]
        assert jit(items) == pairs(items)
        same(again([a for _, a in items]), np.concatenate([a for _, a in items]))
    views = [np.arange(24).reshape(6, 4)[::k, 1:3] for k in (1, -2, 3)] * 4
    same(shoal.jit(lambda v: [x * 2 for x in v])(views), [x * 2 for x in views])


# -- What a function changes -------------------------------------------------------------------


def grows(parts, df):
    parts.append(df)
    parts[0] = df
    return len(parts)


def writes(parts):
    for a in parts:
        a[0] = 7
    return parts[0][0]


def adds(parts):
    parts[0]["new"] = parts[0].A * 2


def changes():
    for n in (2, 3, 12):
        parts = frames(range(1, n + 1))
        want = list(parts)
        assert shoal.jit(grows)(parts, frame(3)) == grows(want, frame(3))
        same(parts, want)
    jit = shoal.jit(writes)
    for n in (2, 3):  # each as often as there are elements: they are written
        all_ = [np.arange(k + 2) for k in range(n)]
        assert jit(all_) == 7 and all(a[0] == 7 for a in all_)
    jit = shoal.jit(adds)
    for n in (1, 2):
        parts = frames(range(3, 3 + n))
        jit(parts)
        assert parts[0].new.tolist() == [0, 2, 4]


# -- Flags -------------------------------------------------------------------------------------


@shoal.jit(distributed=["out"])
def spread(df, n):
    out = []
    for i in range(n):
        out.append(df[df.A > i])
    return out


@shoal.jit(replicated=["out"])
def copied(df, n):
    out = []
    for i in range(n):
        out.append(df[df.A > i])
    return out


@shoal.jit(returns_maybe_distributed=False)
def not_spread(df, n):
    out = []
    for i in range(n):
        out.append(df[df.A > i])
    return out


@shoal.jit(replicated=["parts"])
def all_rows(parts):
    return [x[x.A >= 0] for x in parts]


def flags():
    df = frame(8)
    for n in (1, 3, 10):
        want = selected(df, n)
        same(spread(df, n), want)
        for f in (copied, not_spread):
            got = f(df, n)
            assert all(getattr(x, "_shoal_dist", "") in ("", "REP") for x in got)
            same(got, want)
        same(all_rows(spread(df, n)), want)
    if SPMD and SIZE > 1:
        assert all(x._shoal_dist == "1D_Var" for x in spread(df, 3))


# -- Lazy results ------------------------------------------------------------------------------


def lazy():
    parts = shoal.jit(selected)(frame(9), 11)
    kinds = {type(x).__name__ for x in parts}
    assert kinds == {"LazyFrame"}, kinds
    assert [len(x) for x in parts] == [max(8 - i, 0) for i in range(11)]
    assert shoal.jit(totals)(parts) == totals(selected(frame(9), 11))
    again = shoal.jit(kept)(parts)
    assert {type(x).__name__ for x in (*parts, *again)} == {"LazyFrame"}
    same(again, kept(selected(frame(9), 11)))


results()
arguments()
mixed()
others()
changes()
flags()
if not SPMD and shoal._pool.workers() > 1:
    lazy()
print("listed")
