"""Where the project and the build under test are (SHOAL_BUILD, default build/release)."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("SHOAL_BUILD", ROOT / "build/release")).resolve()
