"""Runs a program of program_gen by CPython and compiled, and compares all that can be seen:
value and types, exception, printed text, and what became of the arguments."""

import contextlib
import copy
import gc
import io
import linecache
import math
import re
import time
import warnings
from dataclasses import dataclass

import numpy as np
import shoal._core as core

import shoal
from shoal._errors import UnsupportedError

SAME, REFUSED, DIFFERENT = "same", "refused", "different"
_serial = iter(range(1 << 62))


@dataclass
class Verdict:
    kind: str
    text: str = ""


def load(source: str, name: str = "f"):
    """The function of the source, which is found by its file name as any other."""
    filename = f"<program {next(_serial)}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    space = {"np": np, "math": math, "__name__": "program"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SyntaxWarning)
        exec(compile(source, filename, "exec"), space)
    return space[name]


def arguments(call: str):
    return eval(call, {"np": np})


def seen(func, args):
    """What a call does: ("value", v) or ("raised", type, text), the prints, the arguments."""
    args = copy.deepcopy(args)
    out = io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(out),
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            got = ("value", func(*args))
    except UnsupportedError as e:
        return ("refused", str(e)), "", ()
    except Exception as e:
        got = ("raised", type(e), str(e).split("\n  File ")[0])
    return got, out.getvalue(), tuple(args)


def alike(got, want) -> bool:
    if isinstance(want, tuple | list):
        return (
            type(got) is type(want)
            and len(got) == len(want)
            and all(alike(g, w) for g, w in zip(got, want, strict=True))
        )
    if isinstance(want, dict):
        return type(got) is type(want) and alike(list(got.items()), list(want.items()))
    if isinstance(want, np.ndarray):
        if not isinstance(got, np.ndarray) or got.dtype != want.dtype:
            return False
        return got.shape == want.shape and all(
            alike(g, w)
            for g, w in zip(got.ravel().tolist(), want.ravel().tolist(), strict=True)
        )
    if isinstance(want, float):  # Python's and NumPy's 64-bit floats
        if not isinstance(got, float):
            return False
        return (
            got == want
            or (got != got and want != want)
            or math.isclose(got, want, rel_tol=1e-9)
        )
    if hasattr(want, "__dict__"):
        return type(got) is type(want) and alike(vars(got), vars(want))
    return type(got) is type(want) and got == want


def compare(program, **flags) -> Verdict:
    """flags: of shoal.jit."""
    before = core.live()
    verdict = _compare(program, flags)
    left = left_behind(before)
    if left and verdict.kind == SAME:
        return Verdict(DIFFERENT, left)
    return verdict


def left_behind(before) -> str:
    """What this process has that it had not, and what calls had beside their results."""
    if core.live()[1] > before[1]:
        gc.collect()
    names = "buffers", "heaps", "objects left by calls", "arrays left by calls"
    more = [b - a for a, b in zip(before[1:], core.live()[1:], strict=True)]
    return ", ".join(
        f"{n} {name}" for n, name in zip(more, names, strict=True) if n > 0
    )


CAUGHT = """
def caught(n):
    for i in range(n):
        try:
            {name}(*{call})
        except Exception:
            pass
    return n
"""


def _caught(program, call: str, flags) -> None:
    """The failing call once more in a function that goes on: what it made is released."""
    source = program.source + CAUGHT.format(name=program.name, call=call)
    seen(shoal.jit(load(source, "caught"), **flags), (2,))


def _compare(program, flags) -> Verdict:
    try:
        plain = load(program.source, program.name)
    except Exception:  # a part of a program that is made smaller
        return Verdict(SAME)
    jit = shoal.jit(plain, **flags)
    raises = None
    for call in program.calls:
        args = arguments(call)
        want, printed, after = seen(plain, args)
        got, out, changed = seen(jit, args)
        if got[0] == "refused":
            return Verdict(REFUSED, got[1])
        if got[0] != want[0] or (
            got[1:] != want[1:] if want[0] == "raised" else not alike(got[1], want[1])
        ):
            return Verdict(DIFFERENT, f"{call}: {got} instead of {want}")
        if out != printed:
            return Verdict(DIFFERENT, f"{call}: printed {out!r} instead of {printed!r}")
        if want[0] == "value" and not alike(list(changed), list(after)):
            return Verdict(DIFFERENT, f"{call}: arguments {changed} instead of {after}")
        if want[0] == "raised":
            raises = raises or call
    if raises:
        _caught(program, raises, flags)
    return Verdict(SAME)


def smaller(program, still, seconds=10):
    """The program without lines that `still` (program -> bool) does not need."""
    end_at = time.monotonic() + seconds
    from program_gen import Program

    def lines_of(p):
        return p.source.splitlines()

    def attempt(lines, calls):
        p = Program("\n".join(lines) + "\n", calls, program.name)
        try:
            compile(p.source, "x", "exec")
        except SyntaxError:
            return None
        return p if still(p) else None

    for call in program.calls:
        p = attempt(lines_of(program), [call])
        if p:
            program = p
            break
    news = True
    while news:
        news = False
        lines = lines_of(program)
        i = 1
        while i < len(lines):
            depth = len(lines[i]) - len(lines[i].lstrip())
            end = i + 1
            while (
                end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > depth
            ):
                end += 1
            if re.match(r" +w\d+ -= 1$", lines[i]):  # else the loop has no end
                i += 1
                continue
            options = [lines[:i] + lines[end:]]
            if end > i + 1:  # a block: without its head
                options.append(
                    lines[:i] + [x[4:] for x in lines[i + 1 : end]] + lines[end:]
                )
            options.append([*lines[:i], " " * depth + "pass", *lines[i + 1 :]])
            if time.monotonic() > end_at:
                return program
            for o in options:
                if len(o) == len(lines) and lines[i].strip() == "pass":
                    continue
                p = attempt(o, program.calls)
                if p:
                    program, lines, news = p, o, True
                    break
            else:
                i += 1
    return program
