"""The right syntax tree for a function: nested, several lambdas on a line, moved, missing."""

import ast
import importlib.util
import linecache
import os
import subprocess
import sys

import pytest

import shoal
from shoal import UnsupportedError, _core, _source


def found(func) -> str:
    return ast.unparse(_source.find(func)[0])


def test_function_and_its_text():
    def plain(x):
        return x + 1

    node, text, filename, first = _source.find(plain)
    assert isinstance(node, ast.FunctionDef)
    assert text.strip().startswith("def plain(x):")
    assert filename == __file__
    assert first == plain.__code__.co_firstlineno


def test_lambdas_on_one_line():
    a, b = lambda x: x + 1, lambda x: x + 2
    assert [found(a), found(b)] == ["lambda x: x + 1", "lambda x: x + 2"]


def test_equal_lambdas_on_one_line_with_closures():
    k = 3
    fs = [lambda x: x * k, lambda x: x * k, lambda y: y * k]
    assert [found(f) for f in fs] == ["lambda x: x * k"] * 2 + ["lambda y: y * k"]


def test_nested_functions_of_one_name():
    def outer(flag):
        if flag:

            def inner():
                return 1

        else:

            def inner():
                return 2

        return inner

    assert "return 1" in found(outer(True))
    assert "return 2" in found(outer(False))


def test_decorated_function_and_defaults():
    def keep(f):
        return f

    @keep
    @keep
    def f(a, b=(1, 2), *c, d=4, **e):
        return a

    assert "def f(a, b=(1, 2), *c, d=4, **e)" in found(f)


def test_lambda_in_default_and_comprehension():
    def f(x, g=lambda v: v + 1):
        return [g(i) for i in range(x)]

    assert found(f.__defaults__[0]) == "lambda v: v + 1"
    assert "for i in range(x)" in found(f)


def test_lambda_inside_a_lambda_on_the_line():
    outer = lambda: lambda p: p + 1  # noqa: E731
    assert found(outer()) == "lambda p: p + 1"
    assert found(outer) == "lambda: lambda p: p + 1"


def load(path, name="module_under_test"):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lines_moved_since_import(tmp_path):
    file = tmp_path / "moved.py"
    file.write_text("def f(x):\n    return x + 1\n")
    f = load(file).f
    file.write_text("# a new line\n\ndef f(x):\n    return x + 1\n")
    linecache.checkcache()
    assert found(f) == "def f(x):\n    return x + 1"


def test_edited_since_import(tmp_path):
    file = tmp_path / "edited.py"
    file.write_text("def f(x):\n    return x + 1\n")
    f = load(file).f
    file.write_text("def f(x):\n    return x + 2\n")
    linecache.clearcache()
    with pytest.raises(UnsupportedError, match="changed since"):
        _source.find(f)


def test_snapshot_survives_an_edit(tmp_path):
    file = tmp_path / "kept.py"
    file.write_text("def f(x):\n    return x + 1\n")
    f = load(file).f
    lines = _source.snapshot(f)
    file.write_text("def f(x):\n    return x + 2\n")
    linecache.checkcache()
    assert "x + 1" in ast.unparse(_source.find(f, lines)[0])


def test_imported_again_after_an_edit(tmp_path):
    path = tmp_path / "again.py"
    path.write_text("def f(x):\n    return x + 1\n")
    assert found(load(path).f).endswith("return x + 1")
    path.write_text("import math\n\ndef f(x):\n    return x + 22\n")
    again = load(path)
    lines = _source.snapshot(again.f)
    node, text, _, first = _source.find(again.f, lines)
    assert (ast.unparse(node.body[0]), first) == ("return x + 22", 3)
    assert text.endswith("x + 22")


def test_notebook_cell():
    name = "<ipython-input-7-abcdef>"
    text = "def cell(x):\n    return x * 7\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict = {}
    exec(compile(text, name, "exec"), space)
    assert "x * 7" in found(space["cell"])


def test_exec_says_what_to_do():
    space: dict = {}
    exec("def f(x):\n    return x", space)
    with pytest.raises(UnsupportedError, match="write the function into a file"):
        _source.find(space["f"])


def test_every_construct_is_imported():
    tree = ast.parse(
        "def f(a, /, b, *c, d=1, **e):\n"
        "    x = [i for i in a if i > 1]\n"
        "    try:\n        y = {**e, 'k': f'{b!r:>{d}}'}\n"
        "    except (ValueError, KeyError) as err:\n        raise RuntimeError from err\n"
        "    with open(b) as g, h: pass\n"
        "    match a:\n        case [1, *rest] if rest: return -1 ** 2j\n"
        "    return x[1:2, ...] if not (1 < b <= 3) else (yield)\n"
    )
    assert _core.ast_count(tree.body[0]) > 60


def test_a_function_is_read_from_its_own_lines(monkeypatch):
    def shut(x):
        return max(
            x,
            1,
        )  # the last line has no code of its own

    whole = []
    monkeypatch.setattr(_source, "_tree", lambda *a: whole.append(a))
    node, text, _, first = _source.find(shut)
    assert not whole
    assert node.lineno == first == shut.__code__.co_firstlineno
    assert text.rstrip().endswith(")  # the last line has no code of its own")
    assert ast.unparse(node).endswith("return max(x, 1)")


TYPED = """import shoal
@shoal.jit
def f(n):
    return n * 2 + 1

print(f(20))
g = shoal.jit(lambda n: n - 1); print(g(20))
"""


def test_functions_typed_at_the_prompt():
    """Python 3.13 and later keep what is typed; before, the error says what to do."""
    done = subprocess.run(
        [sys.executable, "-q", "-i"],
        input=TYPED,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHON_BASIC_REPL": "1"},
    )
    if sys.version_info >= (3, 13):
        assert done.stdout.split() == ["41", "19"], done.stderr
    else:
        assert not done.stdout
        assert "Python keeps none for functions typed at its prompt" in done.stderr


@pytest.mark.parametrize("name", ["<python-input-3>", "<stdin>-3"])
def test_what_newer_prompts_keep(name):
    text = "def typed(x):\n    return x * 9\n"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space: dict = {}
    exec(compile(text, name, "exec"), space)
    assert "x * 9" in found(space["typed"])


def test_asserts_that_pytest_has_rewritten():
    def guarded(x, texts):
        assert x > 0 or texts, "neither"
        return x

    assert "@pytest_ar" in guarded.__code__.co_names
    assert shoal.jit(guarded)(2, ["a"]) == 2
    with pytest.raises(AssertionError, match="neither"):
        shoal.jit(guarded)(0, [])
