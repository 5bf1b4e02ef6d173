"""Write the pages that come from tables.

    python tools/gen_docs.py [--check]

    docs/api.md      supported API, from ir/ops.def
    docs/unsupported.md from front/unsup.def
    docs/errors.md   the part between the marks, from base/errors.def

With --check nothing is written; it fails if a page is not what the tables say.
"""

import re
import sys
from pathlib import Path

from optable import ROOT, Op, builders, ops, rows, supported

SECTIONS = {
    "operator": "Operators",
    "builtins": "Built-in functions",
    "math": "Module math",
    "np": "NumPy",
    "ndarray": "NumPy arrays",
    "pd": "pandas",
    "DataFrame": "DataFrame",
    "Series": "Series",
    "Series.dt": "Series.dt",
    "Series.str": "Series.str",
    "Series.cat": "Series.cat",
    "Index": "Index",
    "GroupBy": "Groups of a frame",
    "SeriesGroupBy": "Groups of a Series",
    "shoal": "Shoal's own",
}


def parameters(sig: str) -> list[str]:
    """The parameters of a signature, split at the commas outside of (...) and of quotes."""
    parts, depth, quoted, start = [], 0, False, 1
    for at, char in enumerate(sig):
        quoted ^= char == "'"
        if quoted:
            continue
        depth += (char == "(") - (char == ")")
        if (char == "," and depth == 1) or (char == ")" and depth == 0):
            parts.append(sig[start:at].strip())
            start = at + 1
    return [part for part in parts if part]


def readable(sig: str) -> str:
    """A signature as a reader knows it: what only takes its default is left out."""
    shown = []
    for part in parameters(sig):
        match = re.fullmatch(r"(\w+):\s*(.*?)\s*(?:=\s*(\S+))?", part)
        if not match:  # *, / and those that collect
            shown += [] if part == "self" else [part]
            continue
        name, kind, default = match.groups()
        choices = re.fullmatch(r"(only|one_of)\((.*)\)", kind)
        values = re.split(r",\s*", choices[2]) if choices else []
        if choices and choices[1] == "only" and default in values:
            continue
        text = name if default is None else f"{name}={default}"
        shown.append(text + (f" in {{{', '.join(values)}}}" if values else ""))
    while shown and shown[-1] == "*":
        shown.pop()
    return f"({', '.join(shown)})"


def by_owner(table: list[Op]) -> dict[str, dict[str, Op]]:
    """Section -> short name -> row."""
    sections: dict[str, dict[str, Op]] = {}
    for op in table:
        for name in op.names:
            owner, _, short = name.rpartition(".")
            sections.setdefault(owner, {})[short] = op
    return sections


def time_fields() -> list[str]:
    """Attributes of .dt: no rows of the op table, but of dt_part.def."""
    parts = [name for _, name in rows(ROOT / "src/base/dt_part.def", "DTPART", 2)]
    return [
        *parts,
        "date",
        "days",
        "seconds",
        "microseconds",
        "nanoseconds",
        "day_of_week",
        "day_of_year",
        "daysinmonth",
        "weekday",
    ]


def api_page() -> str:
    there = builders()
    table = ops()
    known = by_owner([op for op in table if supported(op, there)])
    refused = by_owner([op for op in table if op.names and not supported(op, there)])
    lines = [
        "# Supported API",
        "",
        "<!-- made by tools/gen_docs.py from src/ir/ops.def -->",
        "",
        "What a compiled function may use of pandas, NumPy and Python. A parameter that is",
        "not shown takes its default only; anything else is refused when the function is",
        "compiled, with the line and the reason.",
        "",
    ]
    for owner, title in SECTIONS.items():
        if owner in known:
            lines += [f"## {title}", "", "| name | what |", "| --- | --- |"]
            described = {
                f"{short}{readable(op.sig) if op.sig else ''}": op.doc
                for short, op in known[owner].items()
            }
            if owner == "Series.dt":
                described |= dict.fromkeys(time_fields(), "field of a time")
            if owner == "Series.cat":
                described |= {
                    "codes": "numbers of the categories, -1 where missing",
                    "categories": "the categories as an Index",
                    "ordered": "whether they have an order",
                }
            for code, doc in sorted(described.items()):
                lines.append("| `{}` | {} |".format(code.replace("|", "\\|"), doc))
            lines.append("")
    if refused:
        lines += ["## Known, but refused for now", ""]
        for owner, title in SECTIONS.items():
            if owner in refused:
                names = ", ".join(f"`{short}`" for short in sorted(refused[owner]))
                lines += [f"{title}: {names}.", ""]
    return "\n".join(lines).rstrip() + "\n"


def errors_tables() -> str:
    lines = ["| code | Python | meaning |", "| --- | --- | --- |"]
    for code, exception, _, meaning in rows(ROOT / "src/base/errors.def", "ERR", 4):
        lines.append(f"| `{code}` | `{exception}` | {meaning} |")
    return "\n".join(lines) + "\n"


def unsupported_page() -> str:
    """docs/unsupported.md: what is refused, and what to write instead."""
    lines = [
        "# What is refused",
        "",
        "Made by `make docs` from `src/front/unsup.def`. An `UnsupportedError` says one of these,",
        "with the place in your source and the calls that lead there; `shoal.check(f, *types)`",
        "lists all of a function at once. Each row is tested in `tests/py/test_unsup.py`.",
        "",
    ]
    for id_, text, way in rows(ROOT / "src/front/unsup.def", "UNSUP", 3):
        lines += [
            f'<a id="{id_.lower()}"></a>',
            "",
            f"**{id_}**: {text}. Instead: {way}.",
            "",
        ]
    return "\n".join(lines).rstrip() + "\n"


def with_tables(page: Path) -> str:
    """The page with what stands between its marks made anew."""
    old = page.read_text()
    start, end = "<!-- errors.def -->\n", "<!-- end -->"
    if start not in old:
        return old
    head, _, rest = old.partition(start)
    return head + start + "\n" + errors_tables() + "\n" + end + rest.partition(end)[2]


def main(check: bool) -> int:
    pages = {
        ROOT / "docs/api.md": api_page(),
        ROOT / "docs/unsupported.md": unsupported_page(),
    }
    errors = ROOT / "docs/errors.md"
    if errors.exists():
        pages[errors] = with_tables(errors)
    stale = [
        page
        for page, text in pages.items()
        if not page.exists() or page.read_text() != text
    ]
    for page in stale:
        if check:
            print(f"{page.relative_to(ROOT)} is not what the tables say: make docs")
        else:
            page.write_text(pages[page])
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
