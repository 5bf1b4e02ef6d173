"""Seeds and saved crashes of every fuzz target, and some thousand variants of them."""

import subprocess

import pytest
from paths import BUILD, ROOT

FOLDER = ROOT / "tests/fuzz"
TARGETS = [f.stem for f in sorted(FOLDER.glob("*.c")) if f.stem != "replay"]


@pytest.mark.parametrize("name", TARGETS)
def test_replay(name: str) -> None:
    inputs = sorted(
        [*(FOLDER / "seed" / name).glob("*"), *(FOLDER / "crash" / name).glob("*")]
    )
    if name == "ir_parse":
        inputs += sorted((ROOT / "tests/ir").rglob("*.ir"))
    done = subprocess.run(
        [BUILD / "fuzz" / f"replay_{name}", "300", *inputs],
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
