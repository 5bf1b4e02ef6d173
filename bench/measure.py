"""Measures one group of cases with one engine, in this process.

    python -m bench.measure GROUP ENGINE [--quick] [--calls N] [--watched]

Prints one JSON line: seconds of the imports, and for each case of the first call and of the
calls after it. Watched, it first prints "ready" and waits for a line, so that the parent can
look at the memory of the idle process or pool; then it makes one call of each case.
"""

import argparse
import json
import sys
import tempfile
import traceback
from pathlib import Path
from time import perf_counter


def collect(result: object) -> object:
    """Bring a result that is still on the ranks here; others are here already."""
    return getattr(result, "_mgr", result)


def timed(case, function, out: Path, tables: list) -> float:
    from bench.cases import clear

    clear(out)
    start = perf_counter()
    result = case.call(function, str(out), tables)
    if not case.loads:  # results of kernels stay where they are
        collect(result)
    return perf_counter() - start


def import_engine(engine: str) -> None:
    __import__("pandas")
    __import__(engine)


def warm_up(engine: str) -> None:
    """Start whatever the engine starts once, so that it is there when idle."""
    if engine == "shoal":
        import shoal
        from bench.startup import tiny

        shoal.jit(tiny)(4)


def run_case(case, engine: str, calls: int) -> dict:
    from bench.cases import loader

    with tempfile.TemporaryDirectory(prefix="shoal-bench-") as folder:
        out = Path(folder) / "out.parquet"
        try:
            tables = [loader(engine)(path) for path in case.loads]
            function = case.function(engine)
            seconds = [timed(case, function, out, tables) for _ in range(calls)]
        except Exception as error:
            traceback.print_exc()
            return {"case": case.name, "error": f"{type(error).__name__}: {error}"}
    return {"case": case.name, "first": seconds[0], "warm": seconds[1:]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("group")
    parser.add_argument("engine")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--watched", action="store_true")
    wanted = parser.parse_args()

    start = perf_counter()
    import_engine(wanted.engine)
    imports = perf_counter() - start
    from bench.cases import GROUPS

    cases = GROUPS[wanted.group](wanted.quick)
    if wanted.watched:
        warm_up(wanted.engine)
        print("ready", flush=True)
        sys.stdin.readline()
    results = [
        run_case(case, wanted.engine, 1 if wanted.watched else wanted.calls)
        for case in cases
        if wanted.engine == "shoal" or wanted.engine in case.functions
    ]
    print(json.dumps({"import": imports, "cases": results}), flush=True)


if __name__ == "__main__":
    main()
