"""The syntax tree of a function that is already running code.

Every function or lambda that starts at the function's first line is compiled again, and
the one whose code object equals the function's is taken: so nested functions, several
lambdas on one line and decorated functions are told apart, and a file that was edited
since it was imported is noticed instead of misread.
"""

import ast
import linecache
import types

from ._errors import UnsupportedError

_MODULE = type(ast)
_parsed: dict[int, tuple] = {}  # id(lines) -> (lines, tree): lines are kept alive


def snapshot(func: types.FunctionType) -> list[str]:
    """The lines of func's file now; taken when the function is decorated."""
    filename = func.__code__.co_filename
    lines = linecache.getlines(filename, func.__globals__)
    if not lines and not filename.startswith("<"):
        linecache.checkcache(filename)
        lines = linecache.getlines(filename, func.__globals__)
    return lines


_received: dict[str, list[str]] = {}  # files whose functions came by value


def receive(func: types.FunctionType, filename: str, lines: list[str]) -> None:
    """func came from another process, where it stood in this file."""
    if func.__code__.co_filename != filename:
        func.__code__ = func.__code__.replace(co_filename=filename)
    _received[filename] = lines
    entry = (sum(map(len, lines)), None, lines, filename)
    linecache.cache.setdefault(filename, entry)


def _place(func: types.FunctionType) -> None:
    """Names the file of a function that came with one that receive() has seen."""
    for filename, lines in _received.items():
        if _search(func, lines) is not None:
            func.__code__ = func.__code__.replace(co_filename=filename)
            return


def names(code: types.CodeType) -> set[str]:
    """All names of globals and attributes in a code object and those inside it."""
    found = set(code.co_names)
    for inside in code.co_consts:
        if isinstance(inside, types.CodeType):
            found |= names(inside)
    return found


def _same(a, b, places: bool) -> bool:
    """Whether two code objects do the same (and, with places, stand at the same place)."""
    if not isinstance(a, types.CodeType) or not isinstance(b, types.CodeType):
        return type(a) is type(b) and (a == b or (a != a and b != b))
    fields = (
        "co_name co_code co_names co_varnames co_freevars co_cellvars co_argcount "
        "co_posonlyargcount co_kwonlyargcount co_exceptiontable"
    )
    if any(getattr(a, f) != getattr(b, f) for f in fields.split()):
        return False
    if len(a.co_consts) != len(b.co_consts):
        return False
    if not all(
        _same(x, y, places) for x, y in zip(a.co_consts, b.co_consts, strict=True)
    ):
        return False
    return not places or list(a.co_positions()) == list(b.co_positions())


def _rewritten(code: types.CodeType) -> bool:
    """Whether pytest has put its own code in place of the asserts."""
    inside = (c for c in code.co_consts if isinstance(c, types.CodeType))
    return "@pytest_ar" in code.co_names or any(map(_rewritten, inside))


def _alike(a: types.CodeType, b: types.CodeType) -> bool:
    """What can be told of a function b whose asserts are rewritten."""
    fields = "co_name co_firstlineno co_freevars co_argcount co_kwonlyargcount"
    return set(a.co_names) <= set(b.co_names) and all(
        getattr(a, f) == getattr(b, f) for f in fields.split()
    )


def _tree(lines: list[str], filename: str) -> ast.Module:
    held = _parsed.get(id(lines))
    if held is None:
        if len(_parsed) > 64:
            _parsed.clear()
        held = _parsed[id(lines)] = (lines, ast.parse("".join(lines), filename))
    return held[1]


def _candidates(tree: ast.Module, code: types.CodeType):
    """Nodes that may be the function's, those at its first line first."""
    here, elsewhere = [], []
    lambdas = code.co_name == "<lambda>"
    for node in ast.walk(tree):
        if lambdas and isinstance(node, ast.Lambda):
            first = node.lineno
        elif not lambdas and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if node.name != code.co_name:
                continue
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
        else:
            continue
        (here if first == code.co_firstlineno else elsewhere).append(node)
    return here, elsewhere


def _imports(tree: ast.Module) -> list[ast.stmt]:
    """The imports of module level: Python compiles `np.f()` otherwise when np is one."""
    found: list[ast.stmt] = []
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            if getattr(node, "module", None) != "__future__":
                found.append(node)
        elif not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            todo.extend(
                n for n in ast.iter_child_nodes(node) if isinstance(n, ast.stmt)
            )
            todo.extend(getattr(node, "handlers", []))
    return found


def _compiled(
    node: ast.AST,
    code: types.CodeType,
    filename: str,
    flags: int,
    imports: list[ast.stmt],
):
    """The code of that node, compiled with the same free variables and imports."""
    body: list[ast.stmt] = []
    if code.co_freevars:
        names = [ast.Name(n, ast.Store()) for n in code.co_freevars]
        body.append(ast.Assign(names, ast.Constant(None)))
    name = getattr(node, "name", None)
    if name is not None and name not in code.co_freevars:
        body.append(ast.Global([name]))  # a function that calls itself finds it there
    none = ast.arguments([], [], None, [], [], None, [])
    outer = ast.FunctionDef("_outer", none, body, [], None)
    if hasattr(outer, "type_params"):
        outer.type_params = []
    # The node has its places: they are filled in before it is put in, not by a walk over it.
    module = ast.fix_missing_locations(ast.Module([*imports, outer], []))
    body.append(
        node if isinstance(node, ast.stmt) else ast.copy_location(ast.Expr(node), node)
    )
    try:
        top = compile(module, filename, "exec", flags, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None
    # The node's own code comes last: decorators and defaults are compiled before it, what
    # is inside it is not among these.
    (inside,) = [c for c in top.co_consts if getattr(c, "co_name", "") == "_outer"]
    own = [c for c in inside.co_consts if getattr(c, "co_name", "") == code.co_name]
    return own[-1] if own else None


def _matches(nodes: list, func, places: bool, imports: list[ast.stmt]):
    import __future__

    code = func.__code__
    flags = code.co_flags & __future__.annotations.compiler_flag
    for node in nodes:
        c = _compiled(node, code, code.co_filename, flags, imports)
        if c is None:
            continue
        if _same(c, code, places) or (_rewritten(code) and _alike(c, code)):
            return node
    return None


def _last_line(code: types.CodeType) -> int:
    """The last line that has code of the function or of what is inside it."""
    ends = [end for _, end, _, _ in code.co_positions() if end is not None]
    ends += [_last_line(c) for c in code.co_consts if isinstance(c, types.CodeType)]
    return max(ends, default=code.co_firstlineno)


def _is_outside(line: str, indent: int) -> bool:
    text = line.lstrip()
    deep = len(line) - len(text) > indent
    return bool(text) and not deep and text[0] not in "#)]}"


def _own_tree(code: types.CodeType, lines: list[str]) -> ast.AST | None:
    """The tree of the function's lines alone, where they are a whole statement."""
    first, last = code.co_firstlineno, _last_line(code)
    if code.co_name == "<lambda>" or not 0 < first <= last <= len(lines):
        return None
    start = lines[first - 1]
    indent = len(start) - len(start.lstrip())
    while last < len(lines) and not _is_outside(lines[last], indent):
        last += 1
    if indent and first == 1:
        return None
    # Empty lines before it cost less than numbering the nodes anew.
    head = "\n" * (first - 2) + "if 1:\n" if indent else "\n" * (first - 1)
    try:
        tree = ast.parse(head + "".join(lines[first - 1 : last]))
    except SyntaxError:
        return None
    body = getattr(tree.body[0], "body", tree.body) if indent else tree.body
    node = body[0] if len(body) == 1 else None
    is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    if not is_function or node.name != code.co_name:
        return None
    return node


def _module_imports(func: types.FunctionType) -> list[ast.stmt]:
    """Imports of the modules that the function's code names."""
    space = func.__globals__
    found = [n for n in names(func.__code__) if isinstance(space.get(n), _MODULE)]
    return [ast.Import([ast.alias(n)]) for n in found]


def _find_alone(func: types.FunctionType, lines: list[str]) -> ast.AST | None:
    """The function's node, read from its own lines: a file can be long. What could not be
    told apart by places is left to the whole tree."""
    node = _own_tree(func.__code__, lines)
    return node and _matches([node], func, True, _module_imports(func))


def _search(func: types.FunctionType, lines: list[str]):
    """The node among these lines that is func's, or None."""
    node = _find_alone(func, lines)
    if node is not None:
        return node
    try:
        tree = _tree(lines, func.__code__.co_filename)
    except SyntaxError:
        return None
    here, elsewhere = _candidates(tree, func.__code__)
    imports = _imports(tree)
    return (
        _matches(here, func, True, imports)
        or _matches(here, func, False, imports)
        or _matches(elsewhere, func, False, imports)
    )


def find(func: types.FunctionType, lines: list[str] | None = None) -> tuple:
    """(node, text of the function, filename, number of the text's first line)."""
    code = func.__code__
    filename = code.co_filename
    if lines is None:
        if func.__code__.co_filename not in _received:
            _place(func)
        lines = snapshot(func)
    if not lines:
        raise UnsupportedError(_no_source(func))
    node = _search(func, lines)
    if node is None:  # linecache may hold what the file was at an earlier import
        linecache.checkcache(filename)
        lines = linecache.getlines(filename, func.__globals__)
        node = _search(func, lines)
    if node is None:
        raise UnsupportedError(
            f"the source of {func.__qualname__}() in {filename} is not what was imported: "
            "the file has changed since, or the function was made by other code; "
            "import it again"
        )
    first = node.lineno
    text = "".join(lines[first - 1 : node.end_lineno]).rstrip("\n")
    return node, text, filename, first


def _no_source(func) -> str:
    filename = func.__code__.co_filename
    if filename.startswith("<frozen "):
        return (
            f"{func.__module__}.{func.__qualname__}() of Python's library is not compiled; "
            "instead: call it in a function of its own that is marked with wrap_python"
        )
    text = f"there is no source for {func.__qualname__}() ({filename})"
    if filename in ("<stdin>", "<string>") or filename.startswith("<python-input"):
        return (
            f"{text}: Python keeps none for functions typed at its prompt (before 3.13), "
            "given to `python -c` or made by exec(); write the function into a file, or "
            "use IPython or a notebook"
        )
    return f"{text}; write the function into a file that can be read"
