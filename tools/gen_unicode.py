# SPDX-License-Identifier: Apache-2.0
"""Writes src/kernel/unicode.h: the case mappings, cased characters and white space that
pandas' str methods use, which are those of pyarrow.compute. Run it after an update of
pyarrow: python tools/gen_unicode.py"""

import pathlib

import pyarrow as pa
import pyarrow.compute as pc

CODES = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CHARS = pa.array([chr(c) for c in CODES])


def mapping(function):
    """(first, last, step, delta) of runs of characters that move by the same delta."""
    moved = [
        (c, ord(t) - c)
        for c, t in zip(CODES, function(CHARS).to_pylist(), strict=True)
        if ord(t) != c
    ]
    runs = []
    for c, delta in moved:
        last = runs[-1] if runs else None
        if last and last[3] == delta:
            step = c - last[1]
            if step <= 2 and (last[0] == last[1] or step == last[2]):
                runs[-1] = (last[0], c, step, delta)
                continue
        runs.append((c, c, 1, delta))
    return runs


def ranges(codes):
    out = []
    for c in codes:
        if out and out[-1][1] == c - 1:
            out[-1] = (out[-1][0], c)
        else:
            out.append((c, c))
    return out


def table(kind, name, rows, comment):
    body = ",\n".join("    {" + ", ".join(row) + "}" for row in rows)
    return f"/* {comment} */\nstatic const {kind} {name}[] = {{\n{body},\n}};\n"


def texts(rows):
    return [(f"0x{r[0]:x}", f"0x{r[1]:x}", *map(str, r[2:])) for r in rows]


def main():
    after = pc.utf8_title(pa.array([chr(c) + "a" for c in CODES])).to_pylist()
    cased = ranges([c for c, t in zip(CODES, after, strict=True) if t[-1] == "a"])
    trimmed = pc.utf8_trim_whitespace(CHARS).to_pylist()
    space = ranges([c for c, t in zip(CODES, trimmed, strict=True) if t == ""])
    parts = [
        "/* SPDX-License-Identifier: Apache-2.0\n"
        f" * Made by tools/gen_unicode.py from pyarrow {pa.__version__}. Do not edit.\n"
        " */\n#pragma once\n#include <stdint.h>\n",
        "/* Characters first, first + step .. last move by delta. */\n"
        "typedef struct CaseRun {\n    uint32_t first, last;\n    int32_t step, delta;\n"
        "} CaseRun;\n\ntypedef struct CharRange {\n    uint32_t first, last;\n"
        "} CharRange;\n",
        "/* clang-format off */",
        table("CaseRun", "upper_run", texts(mapping(pc.utf8_upper)), "to upper case"),
        table("CaseRun", "lower_run", texts(mapping(pc.utf8_lower)), "to lower case"),
        table("CharRange", "cased_range", texts(cased), "letters that have a case"),
        table("CharRange", "space_range", texts(space), "white space"),
    ]
    root = pathlib.Path(__file__).resolve().parent.parent
    (root / "src/kernel/unicode.h").write_text("\n".join(parts))


if __name__ == "__main__":
    main()
