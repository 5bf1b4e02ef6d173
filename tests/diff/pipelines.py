"""Random chains of frame operations as source text: what each does alone, tests/diff/cases.py
compares; here the order of rows, the distribution and the dtypes have to survive one after
the other.

program(draw) gives a function `f(a, b)` of two frames of data.py (or of the first one's Parquet
file and the second). draw(a, b) is a random integer of a .. b-1. Columns have kinds: "int",
"float", "text", "time", "span" (timedelta), "bool", "byte" (uint8), "Int" and "Bool" (nullable), "cat" (category of
text), "date" (objects, none missing), and "about" for
floats whose last bits depend on the order of additions, which are neither compared nor keys.
"""

import numpy as np
import pandas as pd

KINDS = {
    "k": "int",
    "j": "int",
    "i": "int",
    "f": "float",
    "s": "text",
    "t": "time",
    "b": "bool",
    "u": "int",
    "y": "Int",
    "z": "span",
    "h": "byte",
    "o": "Bool",
    "c": "cat",
    "d": "date",
}
RIGHT = {
    "k": "int",
    "j": "int",
    "w": "int",
    "f": "float",
    "s": "text",
    "t": "time",
    "v": "int",
}


def with_more_types(a, seed: int):
    """A frame of data.py with columns of further types."""
    n = len(a)
    rng = np.random.default_rng(seed)
    some = rng.random(n) < 0.3
    span = rng.integers(-5, 5, n).astype("m8[h]").astype("m8[us]")
    a["y"] = pd.array(rng.integers(-4, 4, n), "Int64")
    a.loc[some, "y"] = pd.NA
    a["z"] = np.where(some, np.timedelta64("NaT"), span)
    a["h"] = rng.integers(0, 9, n).astype("uint8")
    a["o"] = pd.array(rng.random(n) < 0.5, "boolean")
    a.loc[some[::-1], "o"] = pd.NA
    if n == 0:
        return a  # no objects are no dates, and files of no rows have no categories
    words = ["b", "a", "unused", "ä", ""]
    a["c"] = pd.Categorical(np.where(some, None, a.s), categories=words)
    days = rng.integers(0, 300, n).astype("m8[D]") + np.datetime64("2019-12-25")
    a["d"] = pd.Series(days.astype(object), dtype=object, index=a.index)
    return a


WORDS = ["'a'", "'ab'", "'B'", "''", "'ä'", "'none such'"]


class Chain:
    """A program being written: its lines, and the columns of the frame `x` at its end."""

    def __init__(self, draw, from_file: bool, columns):
        self.draw = draw
        self.lines = ["x = pd.read_parquet(a)" if from_file else "x = a.copy()"]
        self.cols = {c: k for c, k in KINDS.items() if c in columns}
        self.fresh = 0

    def one(self, items):
        items = list(items)
        return items[self.draw(0, len(items))]

    def some(self, items, low=1, high=3):
        items = list(items)
        n = min(len(items), self.draw(low, high + 1))
        return [items.pop(self.draw(0, len(items))) for _ in range(n)]

    def of(self, *kinds):
        return [c for c, k in self.cols.items() if k in kinds]

    def keys(self):
        return self.of(
            *("int", "float", "text", "time", "bool", "Int", "span", "Bool", "byte"),
            *("cat", "date"),
        )

    def name(self):
        self.fresh += 1
        return f"n{self.fresh}"

    def add(self, line):
        self.lines.append(line)

    # --- expressions -----------------------------------------------------------------------

    def condition(self, depth=0):
        c = self.one(self.keys())
        kind = self.cols[c]
        which = self.draw(0, 8)
        if depth < 2 and which == 0:
            both = self.one("&|")
            return f"({self.condition(depth + 1)} {both} {self.condition(depth + 1)})"
        if which == 1:
            return f"(~{self.condition(depth + 1)})"
        if which == 2:
            return f"x.{c}.{self.one(['isna', 'notna'])}()"
        op = self.one(["==", "!=", "<", "<=", ">", ">="])
        if kind in ("bool", "Bool"):
            return f"x.{c}"
        if kind == "span":
            return f"(x.{c} {op} pd.Timedelta(hours={self.draw(-5, 5)}))"
        if kind == "date":
            return f"(x.{c} {op} datetime.date(2020, {self.draw(1, 10)}, 11))"
        if kind == "cat":
            return f"(x.{c} {self.one(['==', '!='])} {self.one(WORDS)})"
        if kind == "text":
            if which == 3:
                return f"x.{c}.isin([{', '.join(self.some(WORDS))}])"
            return f"(x.{c} {op} {self.one(WORDS)})"
        if kind == "time":
            return f"(x.{c} {op} pd.Timestamp('2020-0{self.draw(1, 10)}-11'))"
        if which == 3:
            return f"x.{c}.between({self.draw(-20, 0)}, {self.draw(0, 30)})"
        others = [d for d in self.of("int", "float") if d != c]
        if which == 4 and others:
            return f"(x.{c} {op} x.{self.one(others)})"
        return f"(x.{c} {op} {self.draw(-10, 10)})"

    def value(self):
        """An expression of one value a row and its kind."""
        numbers = self.of("int", "float")
        which = self.draw(0, 12)
        if which == 9 and self.of("date"):
            c = self.one(self.of("date"))
            days = f"datetime.timedelta(days={self.draw(-40, 40)})"
            since = f"x.{c} - datetime.date(2020, 1, {self.draw(1, 28)})"
            return self.one(
                [
                    (f"x.{c} {self.one('+-')} {days}", "date"),
                    (f"pd.to_timedelta({since})", "span"),
                    (f"({since}).map(lambda v: v.days)", "int"),
                    (f"pd.to_datetime(x.{c})", "time"),
                ]
            )
        if which == 10 and self.of("cat"):
            c = self.one(self.of("cat"))
            return self.one(
                [
                    (f"x.{c}.astype('str')", "text"),
                    (f"x.{c}.cat.codes", "byte"),
                    (f"x.{c}.str.len()", "float"),
                    (f"x.{c}.cat.remove_unused_categories()", "cat"),
                ]
            )
        if which == 11 and self.of("text"):
            return f"x.{self.one(self.of('text'))}.astype('category')", "cat"
        if which == 11 and numbers:
            c = self.one(numbers)
            return f"x.{c}.clip({self.draw(-9, 0)}, {self.draw(0, 9)})", self.cols[c]
        if which == 0:
            return f"np.where({self.condition()}, 1, -1)", "int"
        if which == 1:
            return self.condition(), "bool"
        if which == 2 and self.of("text"):
            c = self.one(self.of("text"))
            call, kind = self.one(
                [("upper()", "text"), ("len()", "float"), ("strip()", "text")]
            )
            return f"x.{c}.str.{call}", kind
        if which == 3 and self.of("time"):
            c = self.one(self.of("time"))
            return f"x.{c}.dt.{self.one(['year', 'month', 'hour', 'weekday'])}", "float"
        if which == 4 and self.of("Int", "span") and self.draw(0, 2):
            c = self.one(self.of("Int", "span"))
            return f"x.{c} + x.{c}", self.cols[c]
        if which == 4 and self.of("text"):
            return f"x.{self.one(self.of('text'))} + '!'", "text"
        if not numbers:
            return f"{self.draw(-5, 5)}", "int"
        c = self.one(numbers)
        kind = self.cols[c]
        if which == 5:
            d = self.one(numbers)
            op = self.one("+-*")
            both = "float" if "float" in (kind, self.cols[d]) else "int"
            return f"x.{c} {op} x.{d}", both
        if which == 6:
            return f"x.{c}.{self.one(['shift(1)', 'shift(-2)', 'diff()'])}", "float"
        if which == 7:
            return f"x.{c}.{self.one(['cumsum', 'cummax', 'cummin'])}()", kind
        if which == 8 and c in (
            "k",
            "i",
            "u",
            "v",
            "w",
        ):  # not int32, whose dtype no rows keep
            return f"x.{c}.map(lambda v: v * 2 if v > 0 else v - 1)", kind
        return f"x.{c} + {self.draw(-5, 5)}", kind

    # --- statements ------------------------------------------------------------------------

    def filter(self):
        self.add(f"x = x[{self.condition()}]")

    def assign(self):
        e, kind = self.value()
        c = self.name() if self.draw(0, 3) else self.one(self.cols)
        c = self.name() if c == "j" else c  # int32 as the right frame's, for merges
        self.add(f"x[{c!r}] = {e}")
        self.cols[c] = kind

    def write_where(self):
        numbers = self.of("int", "float")
        if numbers:
            c = self.one(numbers)
            self.add(f"x.loc[{self.condition()}, {c!r}] = {self.draw(-9, 9)}")

    def columns(self):
        if len(self.cols) > 3:
            which = self.draw(0, 3)
            if which == 0:
                gone = self.some(self.cols, 1, 2)
                self.add(f"x = x.drop(columns={gone!r})")
                self.cols = {c: k for c, k in self.cols.items() if c not in gone}
            elif which == 1:
                c, n = self.one(self.cols), self.name()
                self.add(f"x = x.rename(columns={{{c!r}: {n!r}}})")
                self.cols = {n if d == c else d: k for d, k in self.cols.items()}
            else:
                kept = self.some(self.cols, 3, 6)
                if set(kept) & set(self.keys()):
                    self.add(f"x = x[{kept!r}]")
                    self.cols = {c: self.cols[c] for c in kept}

    def sort(self):
        by = self.some(self.keys())
        up = [bool(self.draw(0, 2)) for _ in by]
        last = self.one(["first", "last"])
        self.add(
            f"x = x.sort_values({by!r}, ascending={up!r}, na_position={last!r}, "
            "kind='stable')"
        )

    def duplicates(self):
        keep = self.one(["'first'", "'last'", "False"])
        self.add(
            f"x = x.drop_duplicates(subset={self.some(self.keys())!r}, keep={keep})"
        )

    def merge(self):
        on = [c for c in self.keys() if RIGHT.get(c) == self.cols[c] and c != "f"]
        if on:
            on = self.some(on, 1, 2)
            how = self.one(["inner", "left", "right", "outer"])
            end = f"_{self.name()}"
            right = list(on) + self.some([c for c in RIGHT if c not in on], 1, 3)
            self.add(
                f"x = x.merge(b[{right!r}], on={on!r}, how={how!r}, "
                f"suffixes=('', {end!r}))"
            )
            for c in right:
                if c not in on:
                    c, kind = c + end if c in self.cols else c, RIGHT[c]
                    self.cols[c] = kind
            for c, kind in self.cols.items():  # missing rows make floats of integers
                if kind in ("bool", "date") and how in ("right", "outer"):
                    self.cols[c] = "object"  # or NaN among dates
            self.cols = {c: k for c, k in self.cols.items() if k != "object"}
            self.add(f"x = x[{list(self.cols)!r}]")

    def group(self):
        by = self.some(self.keys(), 1, 3)
        spec = []
        cols = {c: self.cols[c] for c in by}
        for c in self.some([c for c in self.cols if c not in by], 1, 3):
            kind = self.cols[c]
            if kind in ("float", "about"):
                f = self.one(["min", "max", "count", "first", "last", "sum", "mean"])
            elif kind == "byte":  # sums need not fit
                f = self.one(["mean", "min", "max", "count", "nunique", "first"])
            elif kind in ("int", "Int"):
                f = self.one(["sum", "mean", "min", "max", "count", "nunique", "var"])
            elif kind in ("bool", "Bool"):
                f = self.one(["sum", "count", "first", "max"])
            else:
                f = self.one(
                    ["min", "max", "count", "first", "last", "nunique", "size"]
                )
            n = self.name()
            spec.append(f"{n}=({c!r}, {f!r})")
            if f in ("mean", "var") or kind == "about":
                kind = "about"
            elif f in ("count", "nunique", "size") or (
                f == "sum" and kind in ("bool", "Bool")
            ):
                kind = (
                    "Int"
                    if kind in ("Int", "Bool") and f in ("count", "sum")
                    else "int"
                )
            cols[n] = kind
        if not spec:
            return
        options = f"sort={bool(self.draw(0, 3))}, dropna={bool(self.draw(0, 2))}"
        if self.draw(0, 2):
            options += ", as_index=False"
            end = ""
        else:
            end = ".reset_index()"
        self.add(f"x = x.groupby({by!r}, {options}).agg({', '.join(spec)}){end}")
        self.cols = cols

    def transform(self):
        numbers = self.of("int", "float")
        if numbers and len(self.keys()) > 1:
            c = self.one(numbers)
            by = [d for d in self.some(self.keys(), 1, 2) if d != c]
            if by:
                f = self.one(["sum", "max", "min", "count", "mean"])
                n = self.name()
                self.add(f"x[{n!r}] = x.groupby({by!r})[{c!r}].transform({f!r})")
                self.cols[n] = (
                    "about"
                    if f == "mean"
                    else "float"  # a missing key gives a missing row
                )

    def rows(self):
        self.add(
            "x = "
            + self.one(
                [
                    *(
                        f"x.set_index({c!r}).reset_index()"
                        for c in self.of("text", "time")
                    ),
                    *(
                        f"x.set_index({c!r}).sort_index(kind='stable').reset_index()"
                        for c in self.of("text", "time", "date")
                    ),
                    *(
                        f"x.nlargest({self.draw(0, 9)}, {c!r})"
                        for c in self.of("int")[:2]
                    ),
                    f"x.head({self.draw(0, 20)})",
                    f"x.tail({self.draw(0, 20)})",
                    f"x.iloc[{self.draw(0, 5)}:{self.draw(5, 40)}:{self.draw(1, 4)}]",
                    "x.iloc[::-1]",
                    "x.reset_index(drop=True)",
                    "x.sort_index()",
                    "x.dropna()",
                    "pd.concat([x, x.head(3)])",
                    "pd.concat([x, x], ignore_index=True)",
                ]
            )
        )

    def fill(self):
        numbers = self.of("float", "Int")
        if numbers:
            c = self.one(numbers)
            self.add(f"x[{c!r}] = x[{c!r}].fillna({self.draw(-3, 3)})")

    def end(self):
        which = self.draw(0, 8)
        keys, numbers = self.keys(), self.of("int", "float")
        if which == 0 and numbers:
            c = self.one(numbers)
            self.add(f"return x, x[{c!r}].sum(), len(x), x[{c!r}].max()")
        elif which == 1 and keys:
            self.add(f"return x[{self.one(keys)!r}]")
        elif which == 2 and keys and numbers:
            self.add(
                f"return x.groupby({self.one(keys)!r})[{self.one(numbers)!r}].count()"
            )
        elif which == 3 and keys:
            # int32 labels that happen to be a range would be pandas' RangeIndex of int64
            keys = [c for c in keys if self.cols[c] in ("text", "time")]
            self.add(f"return x.set_index({self.one(keys)!r})" if keys else "return x")
        elif which == 4 and keys:
            self.add(f"return x[{self.one(keys)!r}].value_counts()")
        elif which == 5 and keys and numbers:
            by, c = self.some(keys, 2, 2), self.one(numbers)
            self.add(f"return x.groupby({by!r})[{c!r}].agg(['min', 'max', 'count'])")
        else:
            self.add("return x")


STEPS = (
    [Chain.filter] * 3
    + [Chain.assign] * 4
    + [Chain.rows] * 2
    + [Chain.sort, Chain.duplicates, Chain.merge, Chain.merge, Chain.group]
    + [Chain.transform, Chain.write_where, Chain.columns, Chain.fill]
)


def program(draw, size: int = 6, from_file: bool = False, columns=KINDS) -> str:
    """The source of a function f(a, b) of about `size` statements; a has these columns."""
    chain = Chain(draw, from_file, columns)
    for _ in range(draw(1, size + 1)):
        if not chain.keys():
            break
        chain.one(STEPS)(chain)
    chain.end()
    return "def f(a, b):\n" + "".join(f"    {line}\n" for line in chain.lines)
