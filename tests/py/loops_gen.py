"""Random parallel loops as source text: what ranks exchange for them must not be seen.

program(draw) gives a function f(A, B, I, M) of two float arrays, an int array and a matrix, all
with the same number of rows, that uses `prange`. draw(a, b) is a random integer of a .. b-1.
"""


class Loops:
    def __init__(self, draw):
        self.draw = draw
        self.lines = ["n = len(A)"]
        self.results = ["A", "B", "I", "M"]
        self.fresh = 0

    def one(self, items):
        return items[self.draw(0, len(items))]

    def new(self, start):
        self.fresh += 1
        return f"{start}{self.fresh}"

    def scalar(self):
        return self.one(["2", "0.5", "-1", "n", "1.25", "i"])

    def element(self, reads, reach):
        """Something of this row or one near it."""
        a = self.one(reads)
        if self.draw(0, 6) == 0:
            return self.any_place(a)
        c = self.draw(-reach, reach + 1)
        at = "i" if c == 0 else f"i {'+' if c > 0 else '-'} {abs(c)}"
        if a == "M":
            return self.one(
                [f"M[{at}, 0]", f"M[{at}, 1]", f"M[{at}].sum()", f"M[{at}, :].max()"]
            )
        return f"{a}[{at}]"

    def any_place(self, a):
        """Something of a row that may be on any rank, or of all rows."""
        k, c = self.draw(1, 5), self.draw(0, 4)
        at = self.one([f"(i * {k} + {c}) % n", "n - 1 - i", "-1", f"i // {k + 1}"])
        if a == "M":
            return self.one([f"M[{at}, 1]", f"M[{at}].sum()", "M[:, 0].min()"])
        return self.one(
            [f"{a}[{at}]", f"{a}[{at}]", f"{a}.max()", f"{a}[i // 2:].max()"]
        )

    def expression(self, reads, reach, depth=0):
        which = self.draw(0, 7)
        if depth > 2 or which < 3:
            return self.element(reads, reach) if which else self.scalar()
        a, b = (self.expression(reads, reach, depth + 1) for _ in range(2))
        if which == 3:
            return f"({a} if {b} > 0 else {self.scalar()})"
        if which == 4:
            return f"abs({a})"
        return f"({a} {self.one(['+', '-', '*'])} {b})"

    def range(self, reach):
        if reach and self.draw(0, 8) == 0:
            return "prange(n)"  # around the end, or beyond it
        lo, hi = reach, f"n - {reach}" if reach else "n"
        if self.draw(0, 4) == 0:
            return f"prange({lo}, {hi}, {self.draw(1, 4)})"
        if lo == 0 and self.draw(0, 2):
            return "prange(n)"
        return f"prange({lo}, {hi})"

    # --- loops -----------------------------------------------------------------------------

    def write_loop(self):
        reach = self.one([0, 0, 1, 2])
        names = ["A", "B", "I", "M"]
        to = self.one(["A", "B", "I", "M", "new"])
        reads = [r for r in names if r != to]
        if to == "new":
            to = self.new("C")
            self.lines.append(f"{to} = np.zeros(n)")
            self.results.append(to)
        own = [] if reach else [to]
        e = self.expression(reads, reach)
        target = f"{to}[i, {self.draw(0, 2)}]" if to == "M" else f"{to}[i]"
        if own and to != "M" and self.draw(0, 2):
            e = f"{e} + {to}[i]"
        if to == "I":
            e = f"int({e}) % 97"
        body = [f"{target} = {e}"]
        if self.draw(0, 3) == 0:
            body = [f"if {self.expression(reads, reach)} > 0:", f"    {body[0]}"]
        self.loop(reach, body)

    def reduce_loop(self):
        reach = self.one([0, 0, 1])
        reads = ["A", "B", "I", "M"]
        s = self.new("s")
        e = self.expression(reads, reach)
        kind = self.draw(0, 4)
        if kind == 0:
            self.lines.append(f"{s} = 0.0")
            body = [f"{s} += {e}"]
        elif kind == 1:
            self.lines.append(f"{s} = 1e300")
            body = [f"{s} = min({s}, {e})"]
        elif kind == 2:
            self.lines.append(f"{s} = 0")
            body = [f"if {e} > 0:", f"    {s} += 1"]
        else:
            body = self.reduced_array(s, e)
        self.results.append(s)
        self.loop(reach, body)

    def reduced_array(self, s, e):
        k = self.one(["3", "5", "n"])
        dtype = self.one(["float64", "float64", "int64", "int8", "float32"])
        at = f"{s}[{self.one(['I[i]', 'i * 3', 'i // 2', 'I[i] + i'])} % {k}]"
        exact = "int" in dtype
        e = f"int({e}) % 11" if exact else e
        how = self.draw(0, 6)
        self.lines.append(f"{s} = np.full({k}, {self.draw(0, 2)}, dtype=np.{dtype})")
        if how == 1:
            return [f"{at} -= {e}"]
        if how == 2 and dtype in ("float64", "int64"):
            return [f"{at} = {self.one(['max', 'min'])}({at}, {e})"]
        if how == 3 and dtype in ("float64", "int64"):
            return [f"v = {e}", f"if v > {at}:", f"    {at} = v"]
        if how == 4 and exact:
            return [f"{at} {self.one(['|=', '^=', '*='])} {e}"]
        if how == 5:
            return [f"{at} += {e}", f"{s}[0] += 1"]
        return [f"{at} += {e}"]

    def gather_loop(self):
        """Rows that another array names."""
        c = self.new("C")
        self.lines.append(f"{c} = np.zeros(n)")
        self.results.append(c)
        e = self.one(
            ["A[I[i] % n]", "M[I[i] % n, 1]", "B[n - 1 - i]", "A[(i * 7) % n]"]
        )
        self.loop(0, [f"{c}[i] = {e} + {self.expression(['A', 'B'], 0)}"])

    def whole(self):
        """What is done to whole arrays between the loops."""
        self.lines.append(
            self.one(
                [
                    "A = A + B",
                    "B = B[::-1].copy()",
                    "A = np.where(B > 0, A, -A)",
                    "I = np.sort(I)",
                    "B = np.cumsum(A)",
                    "A[1:] = B[:-1]",
                    "A[B > 0] = 0.5",
                    "M[:, 0] = A",
                    "M = M * 2",
                    "A = M[:, 1].copy()",
                    "B[-1] = A.sum()",
                    "A = A - A.mean()",
                ]
            )
        )

    def loop(self, reach, body):
        self.lines.append(f"for i in {self.range(reach)}:")
        self.lines.extend(f"    {line}" for line in body)


STEPS = (
    [Loops.write_loop] * 4 + [Loops.reduce_loop] * 3 + [Loops.gather_loop, Loops.whole]
)


def program(draw, size: int = 5) -> str:
    loops = Loops(draw)
    for _ in range(draw(1, size + 1)):
        loops.one(STEPS)(loops)
    lines = [*loops.lines, f"return {', '.join(loops.results)}"]
    return "def f(A, B, I, M):\n" + "".join(f"    {line}\n" for line in lines)
