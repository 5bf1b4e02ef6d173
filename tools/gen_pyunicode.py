"""Make src/object/pyunicode.h: what CPython's str methods know of each character.

    python tools/gen_pyunicode.py > src/object/pyunicode.h

Everything is asked of str itself, so the tables are those of the Python that runs this.
"""

import sys
import unicodedata

FLAGS = [
    "ALPHA",
    "DECIMAL",
    "DIGIT",
    "NUMERIC",
    "SPACE",
    "LOWER",
    "UPPER",
    "TITLE",
    "PRINT",
    "CASED",
    "IGNORE",
]


def flags(c: str) -> int:
    title = unicodedata.category(c) == "Lt"
    cased = (c + "a").title()[-1] == "a"
    sigma = "\u03c3"
    ignore = ("A\u03a3" + c + "A").lower()[1] == sigma and ("A\u03a3" + c).lower()[
        1
    ] != sigma
    tests = [
        c.isalpha(),
        c.isdecimal(),
        c.isdigit(),
        c.isnumeric(),
        c.isspace(),
        c.islower(),
        c.isupper(),
        title,
        c.isprintable(),
        cased,
        ignore,
    ]
    return sum(1 << i for i, t in enumerate(tests) if t)


def chars():
    for i in range(0x110000):
        if not 0xD800 <= i < 0xE000:
            yield i, chr(i)


def flag_runs():
    runs = []
    for i, c in chars():
        f = flags(c)
        if runs and runs[-1][1] == f and runs[-1][2] == i - 1:
            runs[-1][2] = i
        elif f:
            runs.append([i, f, i])
    return runs


def case_maps(convert):
    simple, special = [], []
    for i, c in chars():
        d = convert(c)
        if d == c:
            continue
        if len(d) > 1:
            special.append((i, [ord(x) for x in d] + [0] * (3 - len(d))))
            continue
        delta = ord(d) - i
        last = simple[-1] if simple else None
        if last and last[3] == delta and i - last[1] <= 2:
            step = i - last[1]
            if last[0] == last[1] or last[2] == step:
                last[1], last[2] = i, step
                continue
        simple.append([i, i, 1, delta])
    return simple, special


def main() -> None:
    out = sys.stdout.write
    out(
        "/* SPDX-License-Identifier: Apache-2.0\n * Characters as CPython's str knows them"
    )
    out(f" (Unicode {unicodedata.unidata_version}).\n")
    out(
        ' * Made by tools/gen_pyunicode.py. Do not edit.\n */\n#pragma once\n#include "base/base.h"\n\n'
    )
    out("/* clang-format off */\n")
    out("enum {\n")
    for i, name in enumerate(FLAGS):
        out(f"    CH_{name} = {1 << i},\n")
    out(
        "};\n\ntypedef struct FlagRun {\n    uint32_t first, last;\n    uint16_t flags;\n} FlagRun;\n"
    )
    out(
        "typedef struct MapRun {\n    uint32_t first, last;\n    int32_t step, delta;\n} MapRun;\n"
    )
    out("typedef struct MapMany {\n    uint32_t from, to[3];\n} MapMany;\n\n")
    out("static const FlagRun flag_run[] = {\n")
    out("".join(f"{{{a},{b},{f}}},\n" for a, f, b in flag_runs()))
    out("};\n")
    for name, convert in [
        ("upper", str.upper),
        ("lower", str.lower),
        ("title", str.title),
        ("fold", str.casefold),
    ]:
        simple, special = case_maps(convert)
        out(f"static const MapRun {name}_map[] = {{\n")
        out("".join(f"{{{a},{b},{s},{d}}},\n" for a, b, s, d in simple))
        out(f"}};\nstatic const MapMany {name}_many[] = {{\n")
        out("".join(f"{{{i},{{{t[0]},{t[1]},{t[2]}}}}},\n" for i, t in special))
        out("};\n")
    out("/* clang-format on */\n")


if __name__ == "__main__":
    main()
