"""Programs as people write them for Numba, with another import only: what they print is
what they print without the decorators."""

import contextlib
import io
import sys
import types
from pathlib import Path

import pytest

import shoal

FOLDER = Path(__file__).parents[2] / "examples" / "loops"


def plain(*args, **options):
    return args[0] if args and callable(args[0]) else lambda f: f


def printed(path: Path, module) -> str:
    """What main() prints with `module` as what the program imports as shoal."""
    saved = sys.modules["shoal"]
    space = {"__name__": path.stem, "__file__": str(path)}
    out = io.StringIO()
    try:
        sys.modules["shoal"] = module
        exec(compile(path.read_text(), str(path), "exec"), space)
    finally:
        sys.modules["shoal"] = saved
    with contextlib.redirect_stdout(out):
        space["main"]()
    return out.getvalue()


def test_there_are_ten():
    assert len(list(FOLDER.glob("*.py"))) >= 10


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda p: p.stem)
def test_program(path, ranks):
    without = types.SimpleNamespace(jit=plain, njit=plain, prange=range)
    assert printed(path, shoal) == printed(path, without)


@pytest.mark.parametrize(
    "options, says",
    [
        ({"forceobj": True}, "forceobj"),
        ({"error_model": "c"}, "error_model"),
        ({"target": "cuda"}, "target"),
    ],
)
def test_options_that_mean_something_else(options, says):
    with pytest.raises(TypeError, match=says):
        shoal.jit(**options)(len)


def test_options_that_are_harmless():
    @shoal.njit(
        cache=True,
        fastmath={"nnan"},
        nogil=True,
        error_model="python",
        boundscheck=True,
    )
    def f(x):
        return x + 1

    assert f(1) == 2
