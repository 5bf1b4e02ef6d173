"""Loops of users: Shoal beside C, Numba and CPython, measured now.

    python -m bench.lang [--quick] [--only LOOP ...] [--rounds 9] [--json FILE]

Run times are medians of interleaved rounds: each round makes new inputs and gives copies of
them to every engine in turn, so that the machine's moods meet all alike; the results are
compared. A ratio is the median of the rounds' ratios, printed with half the distance
between their quartiles. C is the faster of gcc and clang. Compile times are of new
processes with an empty cache, which have compiled another function before; "cached" is the
first call of a new process that finds the object on disk, less a warm call, and "second"
the same where another function has been called before. All times are
the process's own (all its threads), so that what else runs on the machine is not counted.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from bench.lang import calls, engines
from bench.lang.cases import LOOPS, agree, checked

AIMS = {"c": 1.1, "numba": 1.0, "compile": 0.1, "compile_ms": 30, "cached_ms": 5}
CALL_AIM = 1e-6  # seconds of a warm call with two scalars
MEMORY = 8 << 30  # no loop may take the machine down


@dataclass
class Figures:
    seconds: dict = field(default_factory=dict)  # medians, by engine
    ratio: dict = field(default_factory=dict)  # Shoal to "c", "numba": (median, spread)
    best_c: str = ""
    python: float | None = None  # CPython's time to Shoal's, at CPython's size
    compile: dict = field(default_factory=dict)  # seconds, by engine
    cached: float | None = None
    second: float | None = None  # cached, after another function
    failures: list = field(default_factory=list)


def copies(args: tuple) -> tuple:
    return tuple(a.copy() if isinstance(a, np.ndarray) else a for a in args)


def timed(function, args: tuple) -> tuple:
    begin = process_time()
    result = function(*args)
    return process_time() - begin, result


def with_spread(ratios: list) -> tuple:
    low, high = np.percentile(ratios, [25, 75])
    return float(median(ratios)), float(high - low) / 2


class Bench:
    def __init__(self, quick: bool, rounds: int, libraries: dict) -> None:
        self.quick, self.rounds, self.libraries = quick, rounds, libraries

    def functions(self, loop, figures: Figures) -> dict:
        """What runs, by engine: each is called once before it is measured."""
        found = {
            compiler: lambda *args, lib=lib: loop.c(lib, *args)
            for compiler, lib in self.libraries.items()
        }
        for engine in "numba", "shoal":
            try:
                found[engine] = getattr(engines, f"{engine}_function")(loop)
            except ImportError as error:
                figures.failures.append(f"{engine}: {error}")
        args = loop.make(np.random.default_rng(99), int(loop.sizes[1]))
        want = checked(loop.name, loop.function(*copies(args)))
        for engine in list(found):
            try:
                got = checked(loop.name, found[engine](*copies(args)))
                if not agree(want, got):
                    raise AssertionError("a different result")
            except Exception as error:
                first = (str(error).strip().splitlines() or [""])[0]
                figures.failures.append(f"{engine}: {type(error).__name__}: {first}")
                del found[engine]
        return found

    def rounds_of(self, loop, found: dict, figures: Figures) -> None:
        size = int(loop.sizes[1 if self.quick else 0])
        times: dict = {engine: [] for engine in found}
        order = list(found)
        for number in range(self.rounds):
            args = loop.make(np.random.default_rng(number), size)
            results = {}
            for engine in order[number % len(order) :] + order[: number % len(order)]:
                seconds, results[engine] = timed(found[engine], copies(args))
                times[engine].append(seconds)
            values = [checked(loop.name, r) for r in results.values()]
            if not all(agree(values[0], v) for v in values[1:]):
                figures.failures.append(f"round {number}: results differ")
        figures.seconds = {engine: median(t) for engine, t in times.items()}
        self.compare(times, figures)

    def compare(self, times: dict, figures: Figures) -> None:
        ours = times.get("shoal")
        c = [engine for engine in engines.COMPILERS if engine in times]
        figures.best_c = min(c, key=figures.seconds.get, default="")
        for name, engine in ("c", figures.best_c), ("numba", "numba"):
            if ours and engine in times:
                figures.ratio[name] = with_spread(
                    [a / b for a, b in zip(ours, times[engine], strict=True)]
                )

    def run_python(self, loop, found: dict, figures: Figures) -> None:
        if "shoal" not in found:
            return
        args = loop.make(np.random.default_rng(5), int(loop.sizes[2]))
        ours = min(timed(found["shoal"], copies(args))[0] for _ in range(3))
        figures.python = timed(loop.function, copies(args))[0] / ours

    def first_call(self, loop, engine: str, cache: str, *flags: str) -> float:
        """Seconds of a first call beyond a warm one, in a new process. Without OpenBLAS's
        threads: made when NumPy is imported, they spin for some 12 ms, by chance into the
        first call, and no loop here uses them."""
        command = [sys.executable, "-m", "bench.lang.first", loop.name, engine, *flags]
        done = subprocess.run(
            command,
            env={
                **os.environ,
                "SHOAL_CACHE_DIR": cache,
                "OPENBLAS_NUM_THREADS": "1",
            },
            capture_output=True,
            text=True,
            timeout=600,
        )
        if done.returncode != 0:
            raise RuntimeError((done.stderr.strip().splitlines() or ["failed"])[-1])
        out = json.loads(done.stdout.strip().splitlines()[-1])
        return out["first"] - out["warm"]

    def compile_times(self, loop, found: dict, figures: Figures) -> None:
        repeats = 3
        try:
            if "numba" in found:
                figures.compile["numba"] = median(
                    self.first_call(loop, "numba", "", "--warm-up")
                    for _ in range(repeats)
                )
            if "shoal" in found:
                cold, cached, second = [], [], []
                for _ in range(repeats):
                    with tempfile.TemporaryDirectory(prefix="shoal-cache-") as cache:
                        cold.append(self.first_call(loop, "shoal", cache, "--warm-up"))
                        cached.append(self.first_call(loop, "shoal", cache))
                        second.append(
                            self.first_call(loop, "shoal", cache, "--warm-up")
                        )
                figures.compile["shoal"] = median(cold)
                figures.cached, figures.second = median(cached), median(second)
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            figures.failures.append(f"first call: {error}")

    def run(self, loop) -> Figures:
        figures = Figures()
        found = self.functions(loop, figures)
        self.rounds_of(loop, found, figures)
        self.run_python(loop, found, figures)
        if not self.quick:
            self.compile_times(loop, found, figures)
        return figures


# -- The table -------------------------------------------------------------------------


def milliseconds(value: float | None) -> str:
    return "-" if value is None else f"{value * 1e3:.1f}"


def marked(value: float | None, aim: float, text: str) -> str:
    """Bold where the aim is not met."""
    if value is None:
        return "-"
    return text if value <= aim else f"[bold]{text}[/bold]"


def ratio_cell(ratio: tuple | None, aim: float) -> str:
    if ratio is None:
        return "-"
    value, spread = ratio
    return marked(value - spread, aim, f"{value:.2f} ±{spread:.2f}")


def cells(f: Figures) -> list:
    ours, theirs = f.compile.get("shoal"), f.compile.get("numba")
    times = ours / theirs if ours and theirs else None
    ms = ours and ours * 1e3
    cached, second = (t and t * 1e3 for t in (f.cached, f.second))
    return [
        *[milliseconds(f.seconds.get(e)) for e in ("gcc", "clang", "numba", "shoal")],
        ratio_cell(f.ratio.get("c"), AIMS["c"]),
        ratio_cell(f.ratio.get("numba"), AIMS["numba"]),
        f"{1 / f.python:.4f}" if f.python else "-",
        marked(ms, AIMS["compile_ms"], f"{ms:.0f}" if ms else "-"),
        milliseconds(theirs),
        marked(times, AIMS["compile"], f"{times:.3f}" if times else "-"),
        marked(cached, AIMS["cached_ms"], f"{cached:.1f}" if cached else "-"),
        marked(second, AIMS["cached_ms"], f"{second:.1f}" if second else "-"),
    ]


def show(all_figures: dict[str, Figures], quick: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title="Loops on one core: ms a call; Shoal to its peers; compile times in ms"
    )
    table.add_column("loop", no_wrap=True)
    for heading in (
        *("gcc", "clang", "Numba", "Shoal", "/C", "/Numba", "/CPython"),
        *("compile", "Numba's", "/Numba", "cached", "second"),
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, figures in all_figures.items():
        table.add_row(name, *cells(figures))
    console = Console(width=None if Console().is_terminal else 150)
    if quick:
        console.print("quick: small sizes, the ratios say little")
    console.print(table)
    console.print(
        f"Aims: /C <= {AIMS['c']}, /Numba <= {AIMS['numba']} (less the spread), compile "
        f"<= {AIMS['compile_ms']} ms and <= {AIMS['compile']} of Numba's, cached <= "
        f"{AIMS['cached_ms']} ms; bold where one is not met."
    )
    for name, figures in all_figures.items():
        for failure in figures.failures:
            console.print(
                f"{name} with {failure}", style="red", markup=False, highlight=False
            )


def show_calls(figures: dict) -> None:
    """Arguments are borrowed and results given as they are if their size does not matter."""
    text = ", ".join(f"{what} {s * 1e6:.2f}" for what, s in figures.items())
    met = "met" if figures["two scalars"] <= CALL_AIM else "not met"
    print(f"Warm calls, us: {text} (aim for two scalars: {CALL_AIM * 1e6:.0f}, {met})")


def main() -> int:
    names = [loop.name for loop in LOOPS]
    parser = argparse.ArgumentParser(prog="python -m bench.lang")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wanted = parser.parse_args()
    all_figures = {}
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    with tempfile.TemporaryDirectory(prefix="shoal-lang-") as folder:
        bench = Bench(wanted.quick, wanted.rounds, engines.c_libraries(Path(folder)))
        for loop in LOOPS:
            if loop.name in wanted.only:
                print(f"measuring {loop.name} ...", file=sys.stderr, flush=True)
                all_figures[loop.name] = bench.run(loop)
    show(all_figures, wanted.quick)
    warm = calls.measure()
    show_calls(warm)
    if wanted.json:
        lines = [
            json.dumps({"group": "lang", "case": name, **asdict(figures)})
            for name, figures in all_figures.items()
        ]
        lines.append(json.dumps({"group": "lang", "case": "calls", **warm}))
        wanted.json.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
