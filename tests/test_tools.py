"""The project's own checks find what they are there to find."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT

import shoal

sys.path.insert(0, str(ROOT / "tools"))
import check_layers
import check_ops
import gen_docs
import optable


def tree(tmp_path: Path, **files: str) -> Path:
    """A source tree: folder__file_h="text" is src/folder/file.h."""
    for name, text in files.items():
        path = tmp_path / "src" / name.replace("__", "/").replace("_h", ".h")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("#pragma once\n" + text)
    return tmp_path


def test_layers_hold() -> None:
    assert check_layers.main(ROOT) == 0


@pytest.mark.parametrize(
    "layer, text, complaint",
    [
        ("base", '#include "array/a.h"', "base/ may not include array/"),
        ("pass", '#include "array/a.h"', "pass/ may not include array/"),
        ("kernel", "#include <mpi.h>", "only comm/ may include <mpi.h>"),
        ("rt", "#include <Python.h>", "only py/ may include <Python.h>"),
        ("front", "#include <llvm-c/Core.h>", "only codegen/ may include <llvm-c/>"),
        ("rt", '#include "ir/x.h"', "is not a file of src/"),
        ("other", "", "folder other/ has no row"),
    ],
)
def test_layers_broken(tmp_path, capsys, layer: str, text: str, complaint: str) -> None:
    root = tree(tmp_path, array__a_h="", **{f"{layer}__b_h": text})
    assert check_layers.main(root) == 1
    assert complaint in capsys.readouterr().out


def test_layers_allow(tmp_path) -> None:
    root = tree(
        tmp_path, array__a_h="", comm__b_h='#include "array/a.h"\n#include <mpi.h>'
    )
    assert check_layers.main(root) == 0


def test_op_table_has_one_row_a_name() -> None:
    assert check_ops.check_names(optable.ops()) == []


def test_op_rows_are_read_as_c_reads_them() -> None:
    add = next(op for op in optable.ops() if op.id == "ADD")
    assert "operator.add" in add.names
    assert add.lower == "LW_LOOP"


@pytest.mark.parametrize(
    "sig, shown",
    [
        ("(self)", "()"),
        ("(self, n: any = 5)", "(n=5)"),
        ("(self, *, axis: only(0,'index') = 0, drop: bool = False)", "(*, drop=False)"),
        ("(self, *, axis: only(0) = 0)", "()"),
        ("(self, axis: only(1) = 0)", "(axis=0 in {1})"),
        ("(path: any, *, sep: str = ',', **kw)", "(path, *, sep=',', **kw)"),
        ("(how: one_of('a','b') = 'a')", "(how='a' in {'a', 'b'})"),
    ],
)
def test_signature_for_readers(sig: str, shown: str) -> None:
    assert gen_docs.readable(sig) == shown


def test_setup_names_what_is_missing(tmp_path) -> None:
    """Without root nothing is installed: the command is printed."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "id").write_text("#!/bin/sh\necho 1000\n")
    (programs / "apt-get").write_text("#!/bin/sh\nexit 99\n")
    for program in programs.iterdir():
        program.chmod(0o755)
    done = subprocess.run(
        ["/bin/bash", ROOT / "tools/setup.sh", "/nowhere/python3"],
        env={**os.environ, "PATH": str(programs)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install" in done.stderr
    assert "cmake" in done.stderr


@pytest.mark.parametrize("first", ["llvmlite", "shoal"])
def test_llvm_is_ours_alone(first: str) -> None:
    """Another LLVM in the process, loaded before or after ours, changes nothing."""
    pytest.importorskip("llvmlite")
    theirs = """
import llvmlite.binding as llvm
for start in llvm.initialize_native_target, llvm.initialize_native_asmprinter:
    start()
module = llvm.parse_assembly("define i32 @f() { ret i32 7 }")
machine = llvm.Target.from_default_triple().create_target_machine()
engine = llvm.create_mcjit_compiler(module, machine)
engine.finalize_object()
import ctypes
assert ctypes.CFUNCTYPE(ctypes.c_int)(engine.get_function_address("f"))() == 7
"""
    ours = """
from pathlib import Path
import shoal, tempfile
@shoal.jit
def f(n):
    total = 0
    for i in range(n):
        total += i * i
    return total
assert f(10) == 285
"""
    parts = [theirs, ours] if first == "llvmlite" else [ours, theirs]
    script = "\n".join([*parts, theirs if first == "shoal" else "assert f(11) == 385"])
    program = Path(os.environ["SHOAL_CACHE_DIR"]) / f"{first}_first.py"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(script)
    done = subprocess.run([sys.executable, program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_second_build_is_taken_only_where_the_cpu_can(tmp_path, monkeypatch):
    assert not shoal._newer_cpu(str(tmp_path / "none")), "a build without it"
    can = shoal._newer_cpu(str(tmp_path))
    with open("/proc/cpuinfo") as f:
        flags = f.read(1 << 14)
    assert can == all(w in flags for w in (" avx2", " bmi2", " fma"))
    monkeypatch.setenv("SHOAL_CPU_LEVEL", "1")
    assert not shoal._newer_cpu(str(tmp_path))


def test_page_of_supported_api_has_what_is_typed_by_a_rule():
    page = (ROOT / "docs/api.md").read_text()
    there, _, refused = page.partition("## Known, but refused")
    for name in ("sqrt", "truediv", "isna", "print", "dayofweek"):
        assert f"| `{name}" in there and f"`{name}`" not in refused, name
