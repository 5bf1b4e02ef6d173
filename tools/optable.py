"""Reads the project's .def tables for the tools: rows as the C compiler sees them.

The preprocessor does the reading, so local macros, joined strings and comments mean what
they mean in C.
"""

import ast
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "@row@"


def rows(table: Path, macro: str, nfield: int) -> list[list[str]]:
    """Fields of every row MACRO(field, ...) of a table; strings without their quotes."""
    names = [f"a{i}" for i in range(nfield)]
    fields = " @,@ ".join(names)
    source = (
        f"#define {macro}({', '.join(names)}, ...) {MARK} {fields} @end@\n"
        f'#include "{table}"\n'
    )
    with tempfile.NamedTemporaryFile("w", suffix=".c") as file:
        file.write(source)
        file.flush()
        done = subprocess.run(
            ["cc", "-E", "-P", "-I", str(ROOT / "src"), file.name],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.findall(f"{MARK}(.*?)@end@", done.stdout, re.DOTALL)
    return [[unquote(field) for field in row.split("@,@")] for row in found]


def unquote(text: str) -> str:
    text = text.strip()
    return ast.literal_eval(f"({text})") if text.startswith('"') else text


@dataclass(frozen=True)
class Op:
    """One row of ir/ops.def."""

    id: str
    names: tuple[str, ...]
    sig: str
    build: str
    dist: str
    order: str
    effect: str
    lower: str
    doc: str


def ops(root: Path = ROOT) -> list[Op]:
    table = []
    for fields in rows(root / "src/ir/ops.def", "OP", 9):
        names = tuple(name for name in fields[1].split("|") if name)
        table.append(Op(fields[0], names, *fields[2:]))
    return table


def builders(root: Path = ROOT) -> set[str]:
    """Builders that exist; a row that names another one is known but not supported."""
    table = root / "src/front/build.def"
    elsewhere = {"print"}  # front/builtin.c
    return {row[0] for row in rows(table, "BUILD", 1)} - {"not_yet"} | elsewhere


def supported(op: Op, there: set[str]) -> bool:
    """Whether programs can use it: it has a builder, or is element-wise, which infer.c types."""
    element = op.lower == "LW_LOOP" and op.build != "not_yet"
    return bool(op.names) and (op.build in there or element)
