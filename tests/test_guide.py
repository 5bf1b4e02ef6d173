"""The guide to parallel programs: its blocks are programs that print what it says."""

import re
import subprocess
import sys

import pytest
from paths import ROOT
from programs import run

TEXT = (ROOT / "docs" / "parallel.md").read_text()
BLOCKS = re.findall(r"^```(py|text)\n(.*?)^```$", TEXT, re.S | re.M)
LAUNCHER = "# mpiexec"


def program(launched: bool) -> tuple[str, str]:
    """The blocks for a pool, or those for a launcher, and all that they print."""
    source = printed = ""
    here = False
    for kind, text in BLOCKS:
        if kind == "py":
            here = text.startswith(LAUNCHER) == launched
        if here and kind == "py":
            source += text + "\n"
        elif here:
            printed += text
    return source, printed


@pytest.mark.ranks
@pytest.mark.parametrize("ranks", [1, 2, 3])
@pytest.mark.parametrize("mode", ["pool", "spmd"])
def test_blocks_print_what_the_guide_says(mode, ranks, tmp_path):
    source, printed = program(launched=mode == "spmd")
    file = tmp_path / "program.py"
    file.write_text(source)
    done = run(file, ranks, mode)
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed


def test_pictures_are_what_the_ranks_have():
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "gen_pictures.py", "--check"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pictures_are_shown():
    shown = set(re.findall(r"\(pictures/(\w+\.svg)\)", TEXT))
    assert shown == {f.name for f in (ROOT / "docs" / "pictures").glob("*.svg")}
