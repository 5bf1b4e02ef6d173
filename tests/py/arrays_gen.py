"""Random programs of whole arrays as source text: which rank has which rows must not be seen.

program(draw) gives a function f(A, B, I, F, S, K, M) of arrays with the same number of rows:
float64 A and B, int64 I, float32 F, int32 S, bool K and a float64 matrix M of three columns.
draw(a, b) is a random integer of a .. b-1.
"""

FLOATS = ["float64", "float32"]
INTS = ["int64", "int32"]


class Array:
    """A variable: what is known of it while the program is written."""

    def __init__(self, name, kind, rows, columns=0):
        self.name, self.kind, self.rows, self.columns = name, kind, rows, columns


class Arrays:
    def __init__(self, draw):
        self.draw = draw
        self.lines = ["n = len(A)"]
        self.fresh = 0
        self.indent = ""
        self.arrays = [
            Array(name, kind, "n")
            for name, kind in [
                ("A", "f"), ("B", "f"), ("I", "i"), ("F", "f"), ("S", "i"), ("K", "b"),
            ]
        ]  # fmt: skip
        self.arrays.append(Array("M", "f", "n", 3))
        self.scalars = []

    def one(self, items):
        return items[self.draw(0, len(items))]

    def new(self, start="x"):
        self.fresh += 1
        return f"{start}{self.fresh}"

    def say(self, line):
        self.lines.append(self.indent + line)

    def pick(self, kinds="fi", rows=None, columns=None):
        """A variable of these kinds; of the first parameters if there is no other."""
        fits = [
            a
            for a in self.arrays
            if a.kind in kinds
            and (rows is None or a.rows == rows)
            and (columns is None or bool(a.columns) == columns)
        ]
        return self.one(fits) if fits else None

    def vector(self, kinds="fi", rows=None):
        return self.pick(kinds, rows, columns=False)

    def put(self, expression, kind, rows, columns=0):
        """A new name, or now and then an old one of the same form."""
        name = self.new()
        old = [a for a in self.arrays if (a.kind, a.rows, a.columns) == (kind, rows, columns)]  # fmt: skip
        if old and not self.indent and self.draw(0, 3) == 0:
            name = self.one(old).name
        self.say(f"{name} = {expression}")
        if not any(a.name == name for a in self.arrays):
            self.arrays.append(Array(name, kind, rows, columns))

    def group(self):
        return self.new("rows")

    def number(self):
        return self.one(["2", "0.5", "-1", "3", "1.25", "n", *self.scalars[-2:]])

    def bounds(self):
        a = self.one(["", "1", "2", "-3", "n // 2", "n // 3"])
        b = self.one(["", "-1", "5", "n - 1", "n // 2"])
        step = self.one(["", "", "", ":2", ":-1", ":3"])
        return ("" if step == ":-1" else a) + ":" + ("" if step == ":-1" else b) + step

    def mask(self, rows):
        """The text of a condition on these rows, or None."""
        k = self.vector("b", rows)
        if k and self.draw(0, 2):
            return self.one([k.name, f"~{k.name}"])
        v = self.vector("fi", rows)
        if not v:
            return None
        text = f"{v.name} {self.one(['>', '<', '>=', '!=', '=='])} {self.one(['0', '1', '-0.5', '2'])}"
        if k and self.draw(0, 3) == 0:
            return f"({text}) {self.one(['&', '|', '^'])} {k.name}"
        return text

    # --- what a statement may do -----------------------------------------------------------

    def elementwise(self):
        v = self.pick()
        w = self.pick(rows=v.rows, columns=bool(v.columns))
        if w.columns != v.columns:
            w = v
        kind = "f" if "f" in (v.kind, w.kind) else "i"
        a, b = v.name, self.one([w.name, w.name, self.number()])
        if b not in (w.name,):
            kind = "f"
        text, kind = self.one(
            [
                (f"{a} {self.one(['+', '-', '*'])} {b}", kind),
                (f"np.maximum({a}, {b})", kind),
                (f"np.minimum({b}, {a})", kind),
                (f"np.abs({a})", v.kind),
                (f"np.sqrt(np.abs({a}))", "f"),
                (f"{a} / {b}", "f"),
                (f"-{a}", v.kind),
                (f"np.clip({a}, -3, 3)", v.kind),
                (f"{a} % 3", v.kind),
                (f"{a} // 2", v.kind),
                (f"{a}.astype(np.{self.one(FLOATS)})", "f"),
                (f"np.round({a}, 1)", v.kind),
                (f"np.exp(-np.abs({a}))", "f"),
                (f"np.hypot({a}, 1.0)", "f"),
                (f"np.sign({a})", v.kind),
                (f"{a} * {a} + 1", v.kind),
            ]
        )
        self.put(text, kind, v.rows, v.columns)

    def compare(self):
        v = self.vector()
        self.put(self.mask(v.rows), "b", v.rows)

    def choose(self):
        v = self.vector()
        w = self.vector(rows=v.rows)
        m = self.mask(v.rows)
        self.put(
            f"np.where({m}, {v.name}, {self.one([w.name, '0', '-1.5'])})", "f", v.rows
        )

    def select(self):
        """Other rows, in other numbers."""
        v = self.pick("fib")
        m = self.mask(v.rows)
        a = v.name
        texts = [f"{a}[{self.bounds()}]", f"{a}[{self.bounds()}].copy()", f"np.roll({a}, {self.draw(-4, 5)}{', axis=0' if v.columns else ''})"]  # fmt: skip
        texts += [f"{a}[::-1]", f"np.concatenate(({a}, {a}))"]
        if m:
            texts += [f"{a}[{m}]"] * 2
            if not v.columns:
                texts += [f"np.flatnonzero({m})" if v.kind == "i" else f"{a}[{m}]"]
        i = self.vector("i")
        if i:
            texts.append(f"{a}[{i.name} % max(len({a}), 1)]")
        if not v.columns:
            texts += [
                f"np.sort({a})",
                f"np.repeat({a}, 2)",
                f"np.tile({a}, 2)",
                f"np.append({a}, {a}[:2])",
                f"np.unique({a})",
            ]
            if v.kind != "b":
                texts += [f"np.diff({a})", f"{a}[1:] - {a}[:-1]", f"{a}[:3]", f"np.cumsum({a})"]  # fmt: skip
        text = self.one(texts)
        rows = self.group()
        if text.startswith(("np.sort", "np.roll", "np.cumsum")):
            rows = v.rows
        self.put(text, v.kind, rows, v.columns)

    def order(self):
        v = self.vector()
        self.put(f'np.argsort({v.name}, kind="stable")', "i", v.rows)

    def search(self):
        v, w = self.vector(), self.vector()
        self.put(f"np.searchsorted(np.sort({v.name}), {w.name})", "i", w.rows)

    def count(self):
        v = self.vector("i")
        self.put(
            self.one(
                [
                    f"np.bincount(np.abs({v.name}) % 7)",
                    f"np.bincount(np.abs({v.name}) % 7, minlength=9)",
                    f"np.unique({v.name} % 5, return_counts=True)[1]",
                    f"np.histogram({v.name}, bins=4, range=(-5, 60))[0]",
                ]
            ),
            "i",
            self.group(),
        )

    def matrix(self):
        m = self.pick("f", columns=True)
        v = self.vector("f", m.rows)
        a, c = m.name, m.columns
        if v and self.draw(0, 3) == 0:
            self.put(
                self.one(
                    [f"{a} * {v.name}[:, None]", f"{a} - {v.name}.reshape(-1, 1)"]
                ),
                "f",
                m.rows,
                c,
            )
            return
        text, rows, columns = self.one(
            [
                (f"{a}[:, {self.draw(-c, c)}]", m.rows, 0),
                (f"{a}.sum(axis=1)", m.rows, 0),
                (f"{a}.sum(axis=0)", None, 0),
                (f"{a}.mean(axis=0)", None, 0),
                (f"{a} - {a}.mean(axis=1, keepdims=True)", m.rows, c),
                (f"{a} - {a}.sum(axis=0)", m.rows, c),
                (f"{a}.T @ {a}", None, c),
                (f"{a} @ np.ones({c})", m.rows, 0),
                (f"{a} @ np.ones(({c}, 2))", m.rows, 2),
                (f"{a}.ravel()", None, 0),
                (f"{a}.reshape(-1)", None, 0),
                (f"{a}.T.copy()[0]", m.rows, 0),
                (f"{a}[1:] - {a}[:-1]", None, c),
                (f"{a} * {a}[:1]", m.rows, c),
                (f"{a}[:, ::-1]", m.rows, c),
                (f"{a}[:, :2]", m.rows, min(2, c)),
                (f"np.sort({a}, axis=1)", m.rows, c),
                (f"np.sort({a}, axis=0)", m.rows, c),
                (f"np.cumsum({a}, axis=0)", m.rows, c),
                (f"np.cumsum({a}, axis=1)", m.rows, c),
                (f"np.vstack(({a}, {a}[:1]))", None, c),
                (f"np.hstack(({a}, {a}))", m.rows, 2 * c),
                (f"np.column_stack(({a}[:, 0], {a}[:, 1]))", m.rows, 2),
                (f"np.stack(({a}[:, 0], {a}[:, 1]), axis=1)", m.rows, 2),
                (f"np.where({a} > 0, {a}, 0.0)", m.rows, c),
            ]
        )
        self.put(text, "f", rows or self.group(), columns)

    def product(self):
        """Operands on the rows of the result, rows turned and turned back."""
        m = self.pick("f", columns=True)
        v = self.vector("f", m.rows)
        a, c = m.name, m.columns
        texts = [
            (f"{a}.T.T", m.rows, c),
            (f"({a}.T.T + 1).T[0]", m.rows, 0),
            (f"np.cov({a}, rowvar=False)", None, c),
        ]
        if v:
            x = v.name
            texts += [
                (f"({a} @ {a}.T) @ {x}", m.rows, 0),
                (f"np.outer({x}, {x}) @ {x}", m.rows, 0),
                (f"np.outer({x}, {x}) @ {a}", m.rows, c),
                (f"{a}.T @ {x}", None, 0),
            ]
        text, rows, columns = self.one(texts)
        if v and self.draw(0, 2) == 0:
            x, y = v.name, self.new()
            self.say(f"{y} = np.outer({x}, {x})")
            self.say(f"for k in range({self.draw(1, 4)}):")
            self.say(f"    {x} = {y} @ {x}")
            self.say(f"    {x} = {x} / (1 + np.abs({x}).sum())")
            return
        self.put(text, "f", rows or self.group(), columns)

    def picked(self):
        """One element of each row."""
        m, i = self.pick("f", columns=True), self.vector("i")
        a, j = m.name, f"np.abs({i.name}) % {m.columns}"
        own = f"{a}[np.arange(len({a})), {j}]"
        if i.rows != m.rows or self.draw(0, 3) == 0:
            self.put(f"{a}[np.abs({i.name}) % max(len({a}), 1), {j}]", "f", i.rows)
        elif self.draw(0, 2):
            v = self.vector("f", m.rows)
            self.say(f"{own} = {self.one(['1', v.name if v else '-2'])}")
        else:
            self.put(own, "f", m.rows)

    def write(self):
        v = self.vector()
        m, w = self.mask(v.rows), self.vector(v.kind, v.rows)
        a = v.name
        value = self.one(["1", "-2", "0"])
        lines = [
            f"{a}[{self.bounds()}] = {value}",
            f"{a}[{m}] = {value}",
            f"{a} = {a}.copy()",
            f"{a}[{self.one(['0', '-1', 'n // 2', '2', '-3'])}] = {value}",
            f"{a}[::2] = {w.name}[::2]",
            f"{a}[{m}] = {w.name}[{m}]",
            f"{a} += {value}",
            f"{a} *= 2",
            f"{a}[1:] = {w.name}[:-1]",
            f"{a}[::-1] = {w.name}",
        ]
        t = self.pick("f", columns=True)
        if self.draw(0, 2):
            b = t.name
            m2 = self.mask(t.rows)
            x = self.vector("f", t.rows)
            lines = [
                f"{b}[:, 0] = {value}",
                f"{b}[{self.bounds()}] = {value}",
                f"{b}[{self.bounds()}, 1] = {value}",
                f"{b} *= 0.5",
                f"{b}[1:] = {b}[:-1]",
                f"{b}[1:] += {b}[:-1]",
                f"{b}[:-1, 0] -= {b}[1:, 1]",
                f"{b}[1:-1, 1:] = ({b}[2:, 1:] + {b}[:-2, 1:]) / 2",
                f"{b}[::2] = {b}[1:2]",
                f"{b}[-1] = {value}",
                f"{b}[0, 1] = {value}",
                f"{b}[{self.one(['n // 2', '1', '-1'])}, 1] = {value}",
            ]
            if x:
                lines.append(f"{b}[:, 1] = {x.name}")
            if m2:
                lines += [f"{b}[{m2}] = {value}", f"{b}[{m2}, 0] = {value}"]
        self.say(self.one(lines))

    def view(self):
        v = self.vector()
        x = self.new("w")
        self.say(f"{x} = {v.name}[{self.one(['2:', ':-1', '::2', 'n // 2:', '::-1'])}]")
        self.say(f"{x}[{self.one([':2', '1:', '::3', ':'])}] = {self.one(['7', '-3'])}")
        self.arrays.append(Array(x, v.kind, self.group()))

    def reduce(self):
        v = self.pick("fib")
        a = v.name
        calls = ["sum()", "max()", "min()", "mean()", "any()", "all()", "std()"]
        texts = [f"{a}.{self.one(calls)}", f"len({a})", f"{a}.size", f"{a}.shape[0]"]
        at = self.one(["0", "-1", "n // 2"])
        if v.columns:
            texts += [f"{a}[{at}, -1]", f"{a}[{at}].sum()", f"{a}[{at}, 1:].max()"]
        else:
            texts += [f"{a}[{at}]"]
            w = self.vector("f", v.rows)
            if w and v.kind != "b":
                texts += [f"np.dot({a}, {w.name})", f"({a} * {w.name}).sum()"]
            if v.kind != "b":
                texts += [
                    f"np.median({a})",
                    f"np.percentile({a}, {self.one(['25', '90'])})",
                    f"{a}.argmax()",
                    f"np.argmin({a})",
                    f"np.var({a})",
                    f"np.count_nonzero({a})",
                ]
        s = self.new("s")
        self.say(f"{s} = {self.one(texts)}")
        if not self.indent:
            self.scalars.append(s)

    def repeated(self):
        v = self.vector("f")
        a = v.name
        self.say(f"for k in range({self.draw(1, 4)}):")
        self.say(
            "    "
            + self.one(
                [
                    f"{a} = {a} * 0.5 + np.roll({a}, 1)",
                    f"{a}[1:-1] = ({a}[2:] + {a}[:-2]) / 2",
                    f"{a} = np.where({a} > k, {a} - k, {a})",
                    f"{a} = {a} + {a}.mean()" if self.draw(0, 2) else f"{a} += k",
                ]
            )
        )

    def branch(self):
        v = self.vector("f")
        a = v.name
        s = self.scalars[-1] if self.scalars else "n"
        self.say(f"if {s} > {self.draw(-2, 9)}:")
        self.say(
            "    "
            + self.one(
                [f"{a} = {a}[::-1]", f"{a} = np.sort({a})", f"{a}[:2] = 0", f"{a} *= 2"]
            )
        )
        if self.draw(0, 2):
            self.say("else:")
            self.say(f"    {a} = {self.one([f'{a} + 1', f'np.cumsum({a})'])}")

    def program(self, count):
        kinds = [
            self.elementwise, self.elementwise, self.compare, self.choose, self.select, self.select,
            self.order, self.search, self.count, self.matrix, self.matrix, self.product, self.picked,
            self.write,
            self.write, self.view, self.reduce, self.reduce, self.repeated, self.branch,
        ]  # fmt: skip
        for _ in range(count):
            self.one(kinds)()
        names = [a.name for a in self.arrays] + self.scalars
        body = "".join(f"    {line}\n" for line in self.lines)
        return f"def f(A, B, I, F, S, K, M):\n{body}    return {', '.join(names)}\n"


def program(draw, count=8):
    return Arrays(draw).program(count)
