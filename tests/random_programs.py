"""Any number of the random programs that the tests run some of, on any number of ranks:

    PYTHONPATH=build/release/python python tests/random_programs.py loops --count 500 --ranks 3

KIND is frames (tests/diff/test_pipelines.py), loops or arrays (tests/py). Prints what
differs, with its seed. Programs of the language have tests/py/fuzz_language.py.
"""

import linecache
import sys
from pathlib import Path

KINDS = {
    "frames": ("diff", "test_pipelines"),
    "loops": ("py", "test_parallel_loops"),
    "arrays": ("py", "test_whole_arrays"),
}


def load(source: str, name: str, **space):
    """The function f of the source, which is found by its file name as any other."""
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    exec(compile(source, name, "exec"), space)
    return space["f"]


def main() -> int:
    import argparse
    import importlib
    import os

    p = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    p.add_argument("kind", choices=KINDS)
    p.add_argument("--seed", type=int, default=0, help="of the first program")
    p.add_argument("--count", type=int, default=100)
    p.add_argument("--ranks", type=int, default=2)
    p.add_argument("--scale", type=int, default=1, help="times as many rows")
    opt = p.parse_args()
    os.environ["SHOAL_NUM_WORKERS"] = str(opt.ranks)
    folder, module = KINDS[opt.kind]
    sys.path.insert(0, str(Path(__file__).parent / folder))
    check = importlib.import_module(module).check
    bad = 0
    for seed in range(opt.seed, opt.seed + opt.count):
        try:
            check(seed, opt.ranks, opt.scale)
        except Exception as e:
            bad += 1
            print(f"-- {type(e).__name__}: {e}\n   seed {seed}", flush=True)
    print(f"{opt.count} programs on {opt.ranks} ranks, {bad} differ")
    return bad != 0


if __name__ == "__main__":
    raise SystemExit(main())
