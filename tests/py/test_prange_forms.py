"""Reductions of a prange in the forms that they are written in, by dtype; arrays, parts
of tuples, nested loops, private variables, ranges, exceptions of the lowest iteration:
each as the same loop over range in Python, on 1, 2 and 3 ranks."""

import linecache

import numpy as np
import pytest
from comparing import outcome, same

import shoal

N = 23
WHOLE = np.arange(N) * 37 % 17 - 5
DATA = {
    "n": N,
    "a": np.round(np.sin(np.arange(N)) * 5, 3),
    "i": WHOLE,
    "u": (np.arange(N) * 37 % 17).astype("u1"),
    "h": WHOLE.astype("i1"),
    "f": np.sin(np.arange(N)).astype("f4"),
    "q": WHOLE > 0,
    "z": np.sin(np.arange(N)) + 1j * np.arange(N) / 9,
    "M": np.round(np.cos(np.arange(N * 4.0)), 2).reshape(N, 4),
    "d": (np.arange(N) * 86400 * 7 % 1000).astype("M8[s]"),
    "t": (WHOLE * 7).astype("m8[s]"),
}


def programs() -> list:
    """(before the loop, body, result, range)."""
    out = []
    for x in "aiuhfqz":
        first = "0.0" if x in "afz" else "0"
        sums = ("s += {}", "s = s + {}", "s = {} + s")
        out.extend((f"s = {first}", body.format(f"{x}[k]")) for body in sums)
        if x != "q":
            out.append(("s = 1", f"s *= {x}[k]"))
    for x in "aif":
        for name, sign, first in (("min", "<", "99"), ("max", ">", "-99")):
            first += ".0" if x in "af" else ""
            bodies = (
                f"s = {name}(s, {x}[k])",
                f"s = {name}({x}[k], s)",
                f"if {x}[k] {sign} s: s = {x}[k]",
                f"s = {x}[k] if {x}[k] {sign} s else s",
                f"s = np.{name}imum(s, {x}[k])",
            )
            out += [(f"s = {first}", body) for body in bodies]
    for sign, first in (("&", "-1"), ("|", "0"), ("^", "0")):
        out.append((f"s = {first}", f"s {sign}= i[k]"))
        out.append((f"s = {first}", f"s = s {sign} (k)"))
    out += [tuple(line.split(" ; ")) for line in MORE]
    return [(*p, *("s", "n")[len(p) - 2 :]) for p in out]


MORE = """
s = 0.0 ; s -= a[k]
s = np.zeros(4) ; s += M[k]
s = np.zeros(4) ; s = s + M[k]
s = np.full(4, 9.0) ; s = np.minimum(s, M[k])
s = np.ones(4) ; s *= M[k]
s = np.zeros(4) ; s[k % 4] += a[k]
s = np.zeros(20, np.int64) ; s[i[k] + 5] += 1
s = np.full(5, 99) ; s[k % 5] = min(s[k % 5], i[k])
s = np.zeros((3, 4)) ; s[k % 3] += M[k]
s = np.zeros(4, np.int8) ; s[k % 4] += 100
s = np.zeros(4, np.complex128) ; s[k % 4] += z[k]
s = np.zeros((4, 4)) ; s += np.outer(M[k], M[k])
s = (0.0, 0) ; s = (s[0] + a[k], s[1] + 1)
s = (0, 99) ; s = (s[0] + i[k], min(s[1], i[k]))
s, p = 0, 1.0 ; s, p = s + i[k], p * (1 + a[k] / 10) ; s, p
s = 0.0 ; for j in prange(4): s += M[k, j]
s = 0.0 ; y = a[k] if a[k] > 1 else -a[k]; s += y
s = 0 ; s += k if k % 3 else 0 ; s ; 3, n, 4
s = 0 ; s += k ; s ; n, 2, -3
s = 7.5 ; s = min(s, a[k]) ; s ; 5, 5
s = [] ; s.append(k * 2)
s = t[0] - t[0] ; s += t[k]
s = d[0] ; s = max(s, d[k])
s = 0 ; s += (M[k] > 0).sum()
s = 0 ; s += 10 // (i[k] - 2)
s = 0.0 ; s += M[k, 4]
s = np.zeros(n) ; s[k + 1] = k
s = np.zeros(n) ; s[k] = 1 // (i[k] - 3) + M[k, 4 if k > 15 else 0]
s = 0 ; s += int('1' if k < 8 else 'q' + str(k))
""".strip().splitlines()


def function(program: tuple, loop):
    before, body, result, over = program
    text = (
        f"def f({', '.join(DATA)}):\n    {before}\n    for k in prange({over}):\n"
        f"        {body}\n    return {result}\n"
    )
    file = f"<prange {before} {body} {over}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    space = {"np": np, "prange": loop}
    exec(compile(text, file, "exec"), space)
    return space["f"]


@pytest.mark.parametrize("program", programs(), ids=lambda p: f"{p[1]} {p[3]}")
def test_like_python(ranks, program):
    plain = function(program, range)
    want = outcome(plain, *DATA.values())
    got = outcome(shoal.jit(function(program, shoal.prange)), *DATA.values())
    if isinstance(want, np.float32):  # a sum of many is more exact here
        assert abs(float(got) - float(want)) < 1e-4
    else:
        assert same(got, want), (got, want)
