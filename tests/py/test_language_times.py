# ruff: noqa: B905, C416, PERF402
"""Single times at run time: dates, datetimes, time differences of Python, pandas, NumPy."""

import math
import random
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

import shoal

pytestmark = [
    pytest.mark.usefixtures("ranks"),
    pytest.mark.filterwarnings("ignore::shoal.ShoalWarning"),
]


def run(f, args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e).splitlines()[0]


def same(f, *args):
    got, want = run(shoal.jit(f), args), run(f, args)
    if isinstance(want, set):
        assert got == want
    assert repr(got) == repr(want), (f.__name__, args)


D = date(2020, 2, 29)
T = datetime(2020, 2, 29, 13, 14, 15, 16)
T2 = datetime(2019, 12, 31, 23, 59, 59)
TD = timedelta(days=1, hours=3, seconds=5, microseconds=7)
P = pd.Timestamp("2020-02-29 13:14:15.000016")
P2 = pd.Timestamp("2019-12-31 23:59:59.123456789")
PT = pd.Timedelta("1 days 03:00:05.000007")
N = np.datetime64("2020-02-29T13:14:15")
DATES = [date(2020, 1, 5), date(2019, 7, 3), date(2020, 1, 2), date(2018, 12, 31)]


def table():
    return pd.DataFrame(
        {
            "t": pd.date_range("2020-01-30", periods=7, freq="17h"),
            "u": pd.date_range("2020-02-01", periods=7, freq="3h"),
        }
    )


# -- Arguments, results, fields, text ----------------------------------------------------------


def ident(x):
    return x, [x], (x, 1), {x: x}


def fields(t):
    return (
        t.year,
        t.month,
        t.day,
        t.hour,
        t.minute,
        t.second,
        t.microsecond,
        t.weekday(),
        t.isoweekday(),
        t.toordinal(),
        t.date(),
        t.isocalendar()[1],
    )


def date_fields(t):
    return (
        t.year,
        t.month,
        t.day,
        t.weekday(),
        t.isoweekday(),
        t.toordinal(),
        tuple(t.isocalendar()),
    )


def stamp_fields(t):
    return (
        t.nanosecond,
        t.dayofweek,
        t.dayofyear,
        t.quarter,
        t.days_in_month,
        t.is_leap_year,
        t.is_month_end,
        t.value,
        t.unit,
        t.day_name(),
        t.month_name(),
        t.timestamp(),
    )


def delta_fields(d):
    return d.days, d.seconds, d.microseconds, d.total_seconds()


def texts(t):
    return str(t), f"{t}|{t!r}|{t!s}", repr(t), str([t]), str({t: 1}), str((t, t))


def formats(t):
    return (
        t.strftime("%Y-%m-%d %H:%M:%S %j %a %b %A %B %y %p %I %f %% %w %u %V %G %U %W"),
        f"{t:%d/%m/%Y}|{t:%F %T}",
        t.isoformat(),
    )


def shown(t):
    print(t, [t], (t, 1))
    return 1


@pytest.mark.parametrize("x", [D, T, T2, TD, P, P2, PT, N, timedelta(0), -TD, -PT])
def test_round_trip(x):
    same(ident, x)
    same(texts, x)


def test_fields(capfd):
    for t in (T, T2, P, P2):
        same(fields, t)
        same(formats, t)
    for t in (P, P2):
        same(stamp_fields, t)
    for d in (D, date(1, 1, 1), date(9999, 12, 31), date(2021, 1, 3)):
        same(date_fields, d)
        same(formats, d)
    for d in (TD, PT, -TD, -PT):
        same(delta_fields, d)
    for t in (D, T, P, TD, PT):
        same(shown, t)
    out = capfd.readouterr().out.splitlines()
    assert out[::2] == out[1::2]


def classes(t):
    return (
        isinstance(t, datetime),
        isinstance(t, date),
        isinstance(t, pd.Timestamp),
        isinstance(t, timedelta),
        isinstance(t, (int, str)),
    )


def test_classes():
    for x in (D, T, TD, P, PT):
        same(classes, x)


# -- Operators ---------------------------------------------------------------------------------


def add(t, d):
    return t + d, t - d, d + t


def sub(a, b):
    return a - b, (a - b).days, a < b, a == b, a != b, a >= b, min(a, b), max(a, b)


def delta_arith(d, e, n):
    return (
        d * n,
        n * d,
        d / n,
        d / e,
        d // e,
        d % e,
        divmod(d, e),
        -d,
        +d,
        abs(-d),
        bool(d),
    )


def floors(d, n):
    return d // n


def np_arith(a, b):
    return a - b, a + (a - b), a < b, a == b, a > np.datetime64("2019-01-01")


def test_operators():
    for t in (T, P, P2):
        same(add, t, TD)
    same(add, P, PT)
    same(add, P, np.timedelta64(3, "s"))
    same(add, D, TD)
    for a, b in ((T, T2), (P, P2), (D, date(2019, 1, 1)), (P, P)):
        same(sub, a, b)
    for n in (3, -7, 0.5, 1 / 3, 2.5, 1e-3):
        same(delta_arith, TD, timedelta(hours=5), n)
        same(delta_arith, PT, pd.Timedelta(hours=5), n)
    for n in (3, -7):
        same(floors, TD, n)
        same(floors, PT, n)
    same(np_arith, N, np.datetime64("2020-01-01T00:00:00"))


def test_random_deltas():
    r = random.Random(5)
    mul = shoal.jit(lambda d, n: (d * n, d / n))
    fields_ = shoal.jit(delta_fields)
    for _ in range(100):
        d = timedelta(microseconds=r.randint(-(10**12), 10**12))
        n = r.choice([r.randint(1, 1000), r.uniform(-50, 50), r.random() / 1000])
        assert mul(d, n) == (d * n, d / n), (d, n)
        assert fields_(d) == delta_fields(d)
        assert fields_(pd.Timedelta(d)) == delta_fields(pd.Timedelta(d))


def mixed(a, b):
    return a == b, a != b


def test_mixed_classes():
    same(mixed, D, T)
    same(mixed, D, P)
    same(mixed, D, 3)
    same(mixed, T, P)
    same(mixed, TD, PT)


def less(a, b):
    return a < b


def plus(a, b):
    return a + b


@pytest.mark.parametrize(
    "f, a, b",
    [(less, D, T), (less, TD, 3), (plus, D, 1), (plus, TD, 1), (plus, T, T)],
)
def test_refused_by_python(f, a, b):
    with pytest.raises(TypeError):
        f(a, b)
    with pytest.raises(TypeError):
        shoal.jit(f)(a, b)


# -- Constructors ------------------------------------------------------------------------------


def make(y, m, d, h):
    return date(y, m, d), datetime(y, m, d, h, 5), datetime(y, m, d, second=h)


def make_delta(n):
    return (
        timedelta(days=n),
        timedelta(n, 5),
        timedelta(hours=n, minutes=3),
        timedelta(seconds=n * 0.5),
        timedelta(weeks=n, milliseconds=n, microseconds=n),
    )


def make_stamp(y, m, d):
    return pd.Timestamp(y, m, d), pd.Timestamp(year=y, month=m, day=d, hour=3)


def make_pd(n):
    return (
        pd.Timedelta(n, "D"),
        pd.Timedelta(days=n),
        pd.Timedelta(n, unit="s"),
        pd.Timestamp(n, unit="s"),
        pd.to_datetime(n, unit="s"),
        pd.Timestamp(n),
    )


def convert(t, d, p):
    return (
        pd.Timestamp(t),
        pd.Timestamp(d),
        pd.Timedelta(d - D),
        p.to_pydatetime(),
        p.to_numpy(),
        p.as_unit("s"),
        (p - p).to_pytimedelta(),
    )


def parse(s, t):
    return date.fromisoformat(s), datetime.fromisoformat(t), pd.Timestamp(t)


def replace(t):
    return t.replace(day=3), t.replace(year=2019, month=3)


def rounded(t):
    return (
        t.floor("D"),
        t.normalize(),
        t.floor("h"),
        t.ceil("D"),
        t.round("h"),
        t.floor("15min"),
    )


def ordinal(n):
    return date.fromordinal(n)


def test_constructors():
    same(make, 2020, 2, 28, 7)
    same(make_delta, 3)
    same(make_delta, -2)
    same(make_stamp, 2020, 2, 28)
    same(make_pd, 1234567)
    same(convert, T, D, P)
    same(parse, "2020-02-03", "2020-02-03T04:05:06.000007")
    same(parse, "2020-02-30", "2020-02-03T04:05:06")
    same(parse, "no", "no")
    for t in (D, T, P, P2):
        same(replace, t)
    for t in (P, P2):
        same(rounded, t)
    same(ordinal, 737484)


def bad_date(y, m, d):
    return date(y, m, d)


def bad_hour(h):
    return datetime(2020, 1, 1, h)


def beyond(t, n):
    return t + timedelta(days=n)


def by_zero(a, b):
    return a // b


def remainder(a, b):
    return a % b


def not_a_number(d, x):
    return d * x


def test_errors():
    same(bad_date, 2020, 13, 1)
    same(bad_date, 2021, 2, 29)
    same(bad_date, 0, 2, 29)
    same(bad_hour, 25)
    same(beyond, T, 4000000)
    same(beyond, D, 4000000)
    same(beyond, D, -4000000)
    same(replace, datetime(2020, 1, 31).replace(month=1))
    same(by_zero, TD, timedelta(0))
    same(by_zero, TD, 0)
    same(by_zero, PT, 0)
    same(remainder, TD, timedelta(0))
    same(not_a_number, TD, math.nan)
    same(not_a_number, PT, math.nan)


# -- In programs -------------------------------------------------------------------------------


def workdays(a, b):
    n = 0
    while a < b:
        if a.weekday() < 5:
            n += 1
        a += timedelta(days=1)
    return n


def span(a, n):
    return [a + timedelta(days=i) for i in range(n)]


def counted(ts):
    d = {}
    for t in ts:
        d[t] = d.get(t, 0) + 1
    return d, d.get(ts[0], -1), ts[0] in d


def listed(ts):
    out = []
    for t in ts:
        out.append(t)
    return (
        out,
        sorted(out),
        max(out),
        min(out),
        len(set(out)),
        sorted(out, reverse=True),
    )


def keyed(ds):
    return (
        sorted(ds, key=lambda d: d.day),
        min(ds, key=lambda d: d.weekday()),
        [d for d in ds if d.month == 1],
        date(2020, 1, 5) in ds,
        ds.index(date(2020, 1, 5)),
    )


def grouped(ds):
    g = {}
    for d in ds:
        g.setdefault((d.year, d.month), []).append(d.day)
    return g


def latest(ds):
    best = None
    for d in ds:
        if best is None or d > best:
            best = d
    return best


def recursive(d, n):
    return d if n == 0 else recursive(d + timedelta(days=n), n - 1)


def walrus(d, n):
    xs = []
    while (d := d + timedelta(days=7)) and n > 0:
        xs.append(d)
        n -= 1
    return xs


def default(a, t=date(2020, 1, 2)):
    return a == t, t


G, GD, GP, GS = T2, timedelta(days=2), pd.Timestamp("2021-03-04"), (date(2020, 1, 1), T)


def globals_(t):
    return t - G, G, GD, t + GD, GP, GS, t < GP


def handled(m):
    try:
        d = date(2020, m, 1)
    except ValueError as e:
        return str(e)
    return d.isoformat()


def test_programs():
    same(workdays, D, date(2020, 4, 1))
    same(workdays, P2, P)
    for t in (D, T, P):
        same(span, t, 4)
        same(recursive, t, 4)
    same(counted, [D, D, date(2020, 1, 1)])
    same(counted, [T, T2, T])
    same(counted, [P, P2, P])
    same(counted, DATES * 5)
    for ts in (DATES, DATES * 5, [P, P2], [TD, timedelta(0)], [T, T2] * 9, [PT, PT]):
        same(listed, ts)
    same(keyed, DATES)
    same(grouped, DATES)
    same(latest, DATES)
    same(latest, [P2, P])
    same(walrus, D, 3)
    same(default, date(2020, 1, 2))
    same(globals_, T)
    same(handled, 3)
    same(handled, 13)


# -- Columns and arrays ------------------------------------------------------------------------


def mapped(df):
    s = df.t
    return (
        s.map(lambda t: t.year * 100 + t.month),
        s.map(lambda t: t + pd.Timedelta(days=1)),
        s.map(lambda t: t - timedelta(hours=1)),
        s.map(lambda t: t.date()),
        s.map(lambda t: t.strftime("%d/%m")),
        s.map(lambda t: date(t.year, t.month, 1)),
        s.map(lambda t: timedelta(days=t.day)),
        s.map(lambda t: pd.Timestamp(t.year, 1, t.day)),
        s.map(lambda t: t.floor("D")),
        s.map(lambda t: t.replace(day=1)),
        s.map(lambda t: t.to_pydatetime()),
        df.apply(lambda r: (r.t - r.u).days if r.t > r.u else 0, axis=1),
        df.apply(lambda r: r.t + (r.t - r.u), axis=1),
    )


def with_columns(df, d):
    return (
        df[df.t > d],
        df.t - d,
        df.t + timedelta(days=1),
        df[df.t > datetime(2020, 1, 31)],
        df.t.max() - d,
    )


def added(df):
    df = df.copy()
    df["w"] = datetime(2020, 1, 1)
    df["v"] = timedelta(1)
    return df


def test_columns():
    df = table()
    for f, args in (
        (mapped, (df,)),
        (with_columns, (df, T)),
        (with_columns, (df, P)),
        (added, (df,)),
    ):
        got, want = shoal.jit(f)(*args), f(*args)
        for g, w in zip(got, want) if type(want) is tuple else ((got, want),):
            if isinstance(w, pd.DataFrame):
                pd.testing.assert_frame_equal(g, w)
            elif isinstance(w, pd.Series):
                pd.testing.assert_series_equal(g, w)
            else:
                assert repr(g) == repr(w)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_units(unit):
    s = table().t.dt.as_unit(unit)

    def f(s):
        return (
            s.map(lambda t: t.floor("h")),
            s.map(lambda t: t + pd.Timedelta(days=1).as_unit("s")),
            s.map(lambda t: t + timedelta(days=1)),
        )

    for g, w in zip(shoal.jit(f)(s), f(s)):
        pd.testing.assert_series_equal(g, w)
    same(lambda s: [t.unit for t in s], s)


def nat_loop(s):
    out = []
    for t in s:
        if t is pd.NaT:
            out.append("nat")
        else:
            out.append(str(t))
    return out, [t for t in s], str(s.iloc[2]), s.iloc[2] == s.iloc[2]


def nat_year(s):
    n = 0
    for t in s:
        n += t.year
    return n


def nat_fields(s):
    return s.map(lambda t: t.year), s.map(lambda t: t + pd.Timedelta(days=1))


def nat_made(c):
    x = pd.NaT
    if c > 0:
        x = pd.Timestamp(2020, 1, c)
    return x, pd.isna(x)


def test_nat():
    s = pd.Series(
        [pd.Timestamp("2020-01-30"), pd.Timestamp("2021-02-03 04:05:06"), pd.NaT]
    )
    same(nat_loop, s)
    same(nat_year, s)
    same(nat_year, s.dropna())
    same(nat_made, 0)
    same(nat_made, 3)
    for g, w in zip(shoal.jit(nat_fields)(s), nat_fields(s)):
        pd.testing.assert_series_equal(g, w)


def elements(a):
    m = a[0]
    for i in range(len(a)):
        if a[i] > m:
            m = a[i]
    return m, a[1] - a[0], a[0] < a[1], a[2], a[0] + np.timedelta64(1, "s"), [len(a)]


def after(a):
    n = 0
    for i in shoal.prange(len(a)):
        n += a[i] > np.datetime64("2020-02-02")
    return int(n)


def test_arrays():
    a = table().t.values
    same(elements, a)
    assert shoal.jit(after)(a) == int((a > np.datetime64("2020-02-02")).sum())


def test_time_zones_are_refused():
    with pytest.raises(shoal.UnsupportedError, match="time zone"):
        shoal.jit(ident)(T.astimezone())
