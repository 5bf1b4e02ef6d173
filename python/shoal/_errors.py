"""Exceptions, and how a plain failure record becomes one with the user's own traceback."""

import builtins
import os
import re
import sys
import warnings

from . import library


class ShoalError(Exception):
    """What Shoal refuses: the base of the errors that are its own."""


class UnsupportedError(ShoalError):
    """Python or pandas that Shoal does not compile; the message says what to write."""


class DistributionError(ShoalError):
    """A distribution flag that cannot hold."""


class DeclarationError(ShoalError, TypeError, ValueError):
    """A type that wrap_python() or register_type() cannot take, or that a result is not
    of."""


class UnsupportedRewriteError(ShoalError):
    """A prange loop whose reductions conflict."""


class LostResultError(RuntimeError):
    """A result that was still on the ranks when they ended."""


class RankDiedError(RuntimeError):
    """A worker that ended while it was needed."""


class InternalError(Exception):
    """A mistake of Shoal's own."""


class ShoalWarning(Warning):
    """Something Shoal does that the user may not expect."""


for _cls in (
    ShoalError,
    UnsupportedError,
    DistributionError,
    DeclarationError,
    UnsupportedRewriteError,
    LostResultError,
    RankDiedError,
    InternalError,
    ShoalWarning,
):
    _cls.__module__ = "shoal"  # as the user imports them


def warn(text: str) -> None:
    """A ShoalWarning at the user's line."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and is_own(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, ShoalWarning, stacklevel=level)


def exception_class(name: str) -> type:
    """The class that errors.def names."""
    own = globals().get(name)
    if isinstance(own, type) and issubclass(own, BaseException):
        return own
    if name in ("ParserError", "MergeError", "IndexingError"):
        import pandas.errors

        return getattr(pandas.errors, name)
    if name == "LinAlgError":
        from numpy.linalg import LinAlgError

        return LinAlgError
    if name == "AxisError":
        from numpy.exceptions import AxisError

        return AxisError
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) else RuntimeError


class Failure(Exception):
    """A failed call as plain fields, the form that crosses sockets.

    args: exception name, text, code, rank, site, unsup, (file, line, col, end_line, end_col),
    (number of a class of the user's or -1, arguments or None when the text is the only one,
    sites of the calls that it left, innermost first)
    """


def _frame_code(filename: str, func: str, loc: tuple, source: str):
    """A code object of one statement that stands at a place of the user's source."""
    import ast

    tree = ast.parse(source)
    _, line, col, end_line, end_col = loc
    for node in ast.walk(tree):
        if hasattr(node, "lineno"):
            node.lineno, node.col_offset = max(line, 1), max(col, 0)
            node.end_lineno = max(end_line, line, 1)
            node.end_col_offset = max(end_col, col + 1)
    code = compile(tree, filename, "exec")
    return code.replace(co_name=func, co_qualname=func)


def raise_at(exc: BaseException, places: list) -> None:
    """Raise exc with a traceback of the given places, (filename, func, loc), outermost
    first. The decorator's call lets only them and itself be seen: shoal_tb keeps them."""
    exc.shoal_tb = None
    if not places:
        raise exc

    def step(i: int) -> None:
        filename, func, loc = places[i]
        last = i == len(places) - 1
        code = _frame_code(filename, func, loc, "raise _exc" if last else "_next()")
        exec(code, {"_exc": exc, "_next": lambda: step(i + 1)})

    try:
        step(0)
    except BaseException as got:
        if got is not exc:
            raise
        frames, tb = [], got.__traceback__
        wanted = [place[0] for place in places]
        while tb is not None:
            if (
                tb.tb_frame.f_code.co_filename in wanted
                and "_exc" in tb.tb_frame.f_globals
            ):
                frames.append(tb)
            tb = tb.tb_next
    import types

    chain = exc.__dict__.pop("shoal_inner", None)  # inside of a Python function
    while chain is not None and is_own(chain.tb_frame.f_code.co_filename):
        chain = chain.tb_next
    for tb in reversed(frames):
        chain = types.TracebackType(chain, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
    exc.shoal_tb = chain
    raise exc.with_traceback(chain)


def is_own(filename: str) -> bool:
    """Whether a file is part of this package."""
    return os.path.dirname(filename) == os.path.dirname(__file__)


def source_line(filename: str, line: int, text: str | None, first_line: int) -> str:
    """One line of the user's source: of the function's own text, else of the file."""
    if text is not None:
        lines = text.split("\n")
        if 0 <= line - first_line < len(lines):
            return lines[line - first_line]
    import linecache

    return linecache.getline(filename, line).rstrip("\n")


def caret_text(filename: str, loc: tuple, text: str | None, first_line: int) -> str:
    """The place as `File "x.py", line 3`, the line, and carets below it."""
    _, line, col, end_line, end_col = loc
    if not line:
        return ""
    out = f'  File "{filename}", line {line}'
    raw = source_line(filename, line, text, first_line)
    if not raw.strip():
        return out
    as_bytes = raw.encode()
    start = len(as_bytes[:col].decode(errors="replace"))
    stop = (
        len(raw)
        if end_line != line
        else len(as_bytes[:end_col].decode(errors="replace"))
    )
    indent = len(raw) - len(raw.lstrip())
    marks = " " * max(start - indent, 0) + "^" * max(stop - start, 1)
    return f"{out}\n    {raw.strip()}\n    {marks}"


def _named(name: str, text: str) -> tuple[type, str]:
    """(class, text) of a record; classes that errors.def does not know stand in the
    text."""
    if name == "Exception" and ": " in text:
        kind, rest = text.split(": ", 1)
        found = exception_class(kind)
        if found is not RuntimeError or kind == "RuntimeError":
            return found, rest
    return exception_class(name), text


def _made(cls: type, text: str) -> BaseException:
    """cls(text); a KeyError keeps the key itself, whose repr is the text."""
    if cls is KeyError:
        import ast

        try:
            return cls(ast.literal_eval(text))
        except (SyntaxError, ValueError):
            pass
    if cls in (UnicodeDecodeError, UnicodeEncodeError):
        return _unicode_error(cls, text)
    return cls(text)


_CODEC = re.compile(
    r"'([^']*)' codec can't (?:de|en)code (?:bytes|characters|byte 0x(..)|character '(.*)')"
    r" in position (\d+)(?:-(\d+))?: (.*)"
)


def _unicode_error(cls: type, text: str) -> BaseException:
    """By its text alone, of an object too long to travel: what stands in the place of
    failure is known, what is around it is not."""
    found = _CODEC.fullmatch(text)
    if found is None:
        raise TypeError(text)
    codec, byte, char, start, last, reason = found.groups()
    start, end = int(start), int(last or start) + 1
    if cls is UnicodeDecodeError:
        shown = bytes([int(byte, 16)]) if byte else bytes(end - start)
        return cls(codec, bytes(start) + shown, start, end, reason)
    shown = char.encode().decode("unicode_escape") if char else "?" * (end - start)
    return cls(codec, "?" * start + shown, start, end, reason)


def compile_error(args: tuple, files: list, inlines: tuple = ()) -> BaseException:
    """The exception of a failed compile; files are (name, func, first line, text)."""
    name, text, _code, _rank, _site, _unsup, loc = args[:7]
    loc, at = _call_of_library(loc, args[4], files, inlines)
    cls, text = _named(name, text)
    where = ""
    if loc[1] and 0 <= loc[0] < len(files):
        filename, _func, first, source = files[loc[0]]
        where = caret_text(filename, loc, source, first)
    # What the data says (a missing file or column) reads as pandas words it; the place is
    # in the traceback. What the source says shows the source.
    shown = cls.__module__.startswith("shoal") or cls in (
        TypeError,
        NameError,
        AttributeError,
        SyntaxError,
    )
    places = call_places(loc, at, files, inlines)
    for filename, func, at in reversed(places[:-1][-CALLS:]):
        where += f'\n  called from {func}(), File "{filename}", line {at[1]}'
    exc = cls(f"{text}\n{where}") if where and shown else _made(cls, text)
    exc.shoal_places = places if where else []
    return exc


CALLS = 6  # that a compile error shows


def _call_of_library(loc: tuple, at: int, files, inlines) -> tuple:
    """The place itself, or that of the call of the package's library it is in."""
    while (
        0 <= at < len(inlines)
        and 0 <= loc[0] < len(files)
        and library.has(files[loc[0]][0])
    ):
        loc, _, at = inlines[at]
    return loc, at


def call_places(loc: tuple, at: int, files, inlines) -> list:
    """A place and the calls it was inlined by, outermost first."""
    places: list = []
    loc, at = _call_of_library(loc, at, files, inlines)
    while True:
        filename, name = "?", "?"
        if 0 <= loc[0] < len(files):
            filename, name = files[loc[0]][0], files[loc[0]][1]
        inside = 0 <= at < len(inlines)
        if loc[1]:
            places.append((filename, inlines[at][1] if inside else name, loc))
        if not inside:
            break
        loc, _, at = inlines[at]
    places.reverse()
    return places


def site_places(site: int, sites: tuple, files: tuple, inlines: tuple) -> list:
    """A place of the program: the calls that were inlined, outermost first."""
    if not 0 <= site < len(sites):
        return []
    return call_places(*sites[site], files, inlines)


def run_places(
    site: int, sites: tuple, files: tuple, inlines: tuple, chain: tuple = ()
) -> list:
    """Where a run-time error happened, outermost call first."""
    places: list = []
    for s in reversed((site, *chain)):
        places += site_places(s, sites, files, inlines)
    return places


def user_exception(cls: type, args: tuple) -> BaseException:
    """cls(*args) as a raise statement makes it."""
    try:
        if cls is UnicodeDecodeError and len(args) == 5 and isinstance(args[1], str):
            args = (args[0], args[1].encode("latin-1"), *args[2:])  # object/codec.c
        return cls(*args)
    except Exception as e:  # the class wants other arguments: that is what is raised
        return e


class _NoProgram:
    sites = files = inlines = classes = ()


def collective(call, *args):
    """What call(*args) gives, a collective of this process outside of compiled code; its
    failure is the exception that the ranks agreed on."""
    from . import _core, _spmd

    try:
        return call(*args)
    except _core.Failure as e:
        failed = run_error(e.args, _NoProgram, _spmd.get_size())
    del failed.shoal_places
    raise failed


def run_error(
    args: tuple, program, ranks: int, raised: BaseException | None = None
) -> BaseException:
    """The exception of a failed run, with the rank in its text where there are several.
    raised: the one that a Python function called by the code has raised, if it is that."""
    name, text, _code, rank, site, _unsup, _loc = args[:7]
    number, given, chain = args[7] if len(args) > 7 else (-1, None, ())
    cls, text = (
        (exception_class(name), text) if given is not None else _named(name, text)
    )
    if number >= 0 and number < len(program.classes):
        cls = program.classes[number]
    places = run_places(site, program.sites, program.files, program.inlines, chain)
    if raised is not None:
        raised.shoal_places = places
        raised.shoal_inner = raised.__traceback__ and raised.__traceback__.tb_next
        if ranks > 1 and rank >= 0:
            raised.add_note(f"(rank {rank} of {ranks})")
        return raised
    if cls is KeyboardInterrupt and not given:
        return KeyboardInterrupt()
    if given is not None:
        exc = user_exception(cls, given)
    else:
        try:
            exc = _made(cls, text)
        except TypeError:  # a class that wants more than a text
            exc = RuntimeError(f"{cls.__name__}: {text}")
    if ranks > 1 and rank >= 0:
        exc.add_note(f"(rank {rank} of {ranks})")
    elif ranks > 1 and cls is MemoryError:
        exc.add_note(f"(all {ranks} ranks)")
    exc.shoal_places = places
    return exc
