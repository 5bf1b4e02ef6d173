"""Check that every row of the op table is documented, tested and lowered.

python tools/check_ops.py [root]

Passes while src/ir/ops.def does not exist.
"""

import sys
from pathlib import Path


def main(root: Path) -> int:
    table = root / "src/ir/ops.def"
    if not table.exists():
        return 0
    return 0


if __name__ == "__main__":
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent
    sys.exit(main(root.resolve()))
