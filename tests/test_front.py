"""Python source in, IR out: every part of tests/front/*.py against tests/front/*.ir.

The parts of a file are divided by lines "# ----"; the last function of a part is evaluated
with parameters of the types in its annotations (tests/unit/front_host.h). Write the
expected texts anew with --bless and review the diff.
"""

import ast
import subprocess
from pathlib import Path

import pytest
from paths import BUILD, ROOT

HERE = ROOT / "tests/front"


def lower(source: str) -> str:
    tree = ast.dump(ast.parse(source), include_attributes=True)
    done = subprocess.run(
        [BUILD / "bin/shoal_front"],
        input=tree,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert not done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize("path", sorted(HERE.glob("*.py")), ids=lambda p: p.stem)
def test_golden(path: Path, request: pytest.FixtureRequest) -> None:
    parts = path.read_text().split("# ----\n")
    got = "".join(f"{part}\n{lower(part)}# ----\n" for part in parts)
    want = path.with_suffix(".ir")
    if request.config.getoption("--bless"):
        want.write_text(got)
    assert got == want.read_text()
