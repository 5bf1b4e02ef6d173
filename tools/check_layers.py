"""Prove the layers from the #include lines.

    python tools/check_layers.py [root]

Every file of src/ may include its own folder, the folders listed for it in ABOVE, and the
single files of EXTRA. A foreign header (Python, MPI, LLVM) is confined to the one folder
that owns it. Includes are written from src/ ("array/buf.h"), so the folder is in the text.
"""

import re
import sys
from pathlib import Path

COMPILER = {"base", "ir", "front", "pass"}
RUNTIME = {"base", "array", "kernel", "object", "comm", "io", "rt"}
ABOVE = {
    "base": set(),
    "ir": {"base"},
    "front": {"base", "ir"},
    "pass": {"base", "ir"},
    "codegen": COMPILER,
    "compile": COMPILER | {"codegen"},
    "array": {"base"},
    "kernel": {"base", "array"},
    "object": {"base", "array", "kernel"},
    "comm": {"base", "array", "kernel"},
    "io": {"base", "array", "kernel", "comm"},
    "rt": {"base", "array", "kernel", "object", "comm", "io"},
    "py": COMPILER | RUNTIME | {"codegen", "compile"},
}
# Tables of plain rows: they declare nothing, so seeing one is not a dependency on code.
EXTRA = {
    "ir": {"kernel/agg.def", "rt/calls.def"},
    "front": {"kernel/agg.def", "rt/calls.def"},
    "pass": {"kernel/agg.def", "rt/calls.def"},
    "codegen": {
        "kernel/agg.def",
        "rt/calls.def",
        "rt/calls_id.h",
        "rt/math_fn.def",
        "array/array_layout.h",
        "object/object_layout.h",
    },
}
GENERATED = {"shoal_abi.h"}  # made by the build (cmake/Abi.cmake)
FOREIGN = {
    "Python.h": "py",
    "structmember.h": "py",
    "mpi.h": "comm",
    "llvm-c/": "codegen",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.MULTILINE)


def layer_of(path: Path) -> str:
    """The folder below src/, or "compile" for compile.[ch] which stand beside them."""
    return path.parts[0] if len(path.parts) > 1 else path.stem


def check_include(layer: str, bracket: str, name: str, src: Path) -> str | None:
    """What is wrong with one include, or None."""
    for prefix, owner in FOREIGN.items():
        if name == prefix or (prefix.endswith("/") and name.startswith(prefix)):
            return None if layer == owner else f"only {owner}/ may include <{prefix}>"
    if bracket == "<" or name in GENERATED:
        return None
    target = Path(name)
    if not (src / target).exists():
        return f'"{name}" is not a file of src/ (write it from src/: "folder/file.h")'
    wanted = layer_of(target)
    if wanted == layer or wanted in ABOVE.get(layer, set()):
        return None
    if name in EXTRA.get(layer, set()):
        return None
    return f"{layer}/ may not include {wanted}/"


def main(root: Path) -> int:
    src = root / "src"
    files = sorted(f for f in src.rglob("*") if f.suffix in {".c", ".h", ".def"})
    wrong = 0
    for file in files:
        path = file.relative_to(src)
        layer = layer_of(path)
        text = file.read_text()
        if layer not in ABOVE:
            print(f"src/{path}: folder {layer}/ has no row in tools/check_layers.py")
            wrong += 1
            continue
        for match in INCLUDE.finditer(text):
            problem = check_include(layer, match[1], match[2], src)
            if problem:
                line = text.count("\n", 0, match.start(2)) + 1
                print(f"src/{path}:{line}: {problem}")
                wrong += 1
        # A header that is meant to be included many times is a template: it says so.
        once = "#pragma once" in text or "template" in text.lower()
        if file.suffix == ".h" and not once:
            print(f"src/{path}:1: no #pragma once")
            wrong += 1
    return wrong


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    sys.exit(1 if main(root.resolve()) else 0)
