"""IR text in, passes, IR text out. Each .ir file: `; run: ARGUMENTS` for shoal_opt, the input,
a line `====`, the expected output. `pytest tests/ir --bless` writes the output that came."""

import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).parent


@pytest.mark.parametrize("path", sorted(HERE.glob("*/*.ir")), ids=lambda p: p.stem)
def test_pass(path, request, shoal_opt):
    text = path.read_text()
    source, _, expected = text.partition("====\n")
    first = source.splitlines()[0]
    assert first.startswith("; run: "), "the first line says `; run: ...`"
    done = subprocess.run(
        [shoal_opt, *first[len("; run: ") :].split()],
        input=source,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    got = done.stdout + done.stderr
    if request.config.getoption("--bless"):
        path.write_text(source + "====\n" + got)
        return
    assert got == expected
