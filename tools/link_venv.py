"""Make this environment import the package from a build tree.

python tools/link_venv.py FOLDER   writes a .pth file that names FOLDER
"""

import sys
import sysconfig
from pathlib import Path


def main(folder: str) -> None:
    site = Path(sysconfig.get_path("purelib"))
    (site / "shoal-build.pth").write_text(str(Path(folder).resolve()) + "\n")


main(sys.argv[1])
