"""Check the op table: every row is named once, documented, lowered and tested.

    python tools/check_ops.py

What is wrong is printed, one line each. A row whose builder is not in front/build.def, or is
`not_yet`, is known to be refused: it needs no documentation and no test.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from optable import ROOT, Op, builders, ops, rows, supported

OPERATORS = dict(
    pair.split(":")
    for pair in (
        "add:+ sub:- mul:* truediv:/ floordiv:// mod:% pow:** and_:& or_:| xor:^ invert:~ "
        "neg:- abs:abs( eq:== ne:!= lt:< le:<= gt:> ge:>= lshift:<< rshift:>>"
    ).split()
)


def text_of(folder: Path, *patterns: str) -> str:
    files = [f for pattern in patterns for f in sorted(folder.rglob(pattern))]
    return "\n".join(f.read_text() for f in files)


def is_tested(name: str, tests: str) -> bool:
    """Whether a Python name is used in the text of the tests."""
    owner, _, short = name.rpartition(".")
    if owner == "operator":
        return OPERATORS[short] in tests
    return re.search(rf"\b{short}\b", tests) is not None


def check_names(table: list[Op]) -> list[str]:
    counts = Counter(name for op in table for name in op.names)
    return [f"{name} is in {n} rows" for name, n in counts.items() if n > 1]


def check_lowering(op: Op, calls: set[str], codegen: str) -> list[str]:
    if op.lower == "LW_CALL" and op.id.lower() not in calls:
        return [f"{op.id}: no CALL({op.id.lower()}) in rt/calls.def"]
    if op.lower == "LW_LOOP" and codegen and not re.search(rf"\bOP_{op.id}\b", codegen):
        return [f"{op.id}: no emitter in codegen/ names OP_{op.id}"]
    return []


def check_user_side(op: Op, tests: str) -> list[str]:
    problems = [] if op.doc else [f"{op.id}: no line for the page of supported API"]
    if tests and not any(is_tested(name, tests) for name in op.names):
        problems.append(f"{op.id}: none of {', '.join(op.names)} is in a test")
    return problems


def main() -> int:
    table, there = ops(), builders()
    calls = {row[0] for row in rows(ROOT / "src/rt/calls.def", "CALL", 1)}
    codegen = text_of(ROOT / "src/codegen", "*.c", "*.h", "*.def")
    tests = text_of(ROOT / "tests", "*.py")
    problems = check_names(table)
    for op in table:
        problems += check_lowering(op, calls, codegen)
        if supported(op, there):
            problems += check_user_side(op, tests)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
