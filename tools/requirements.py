"""Print the project's dependencies, one a line, for `pip install`.

    python tools/requirements.py [--only] [extra ...]

pyproject.toml is the only place that lists them; this reads the run-time ones, what a build
needs, and those of the named extras, so that an environment can be made without a build.
--only leaves out all but the extras.
"""

import sys
import tomllib
from pathlib import Path


def main(extras: list[str]) -> None:
    text = (Path(__file__).parent.parent / "pyproject.toml").read_text()
    toml = tomllib.loads(text)
    project = toml["project"]
    wanted = project["dependencies"] + toml["build-system"]["requires"]
    if extras[:1] == ["--only"]:
        wanted, extras = [], extras[1:]
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    print("\n".join(dict.fromkeys(wanted)))


main(sys.argv[1:])
