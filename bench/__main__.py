"""`make bench`: one table of Shoal beside pandas, Polars and DuckDB, measured now.

    python -m bench [--quick] [--only GROUP ...] [--engines ENGINE ...] [--json FILE]

Each group of cases runs in a process of its own for each engine; Shoal several times: with an
empty cache ("cold": compile and pool start included) and again ("second": another process,
same cache), three times each, of which the median is shown, and once more under watch for its
memory. A warm time is the best of the calls after the first. Nothing in the tables is a constant: a figure that could not be measured is a dash,
and what went wrong is printed below.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.cases import ENGINES, GROUPS
from bench.memory import Watch

FRESH = 3  # processes with an empty cache, and as many with a filled one
CALLS = {"startup": 1001, "flights": 4, "tpch": 4, "taxi": 3, "kernels": 4}
PANDAS_CALLS = {"taxi": 1, "flights": 2, "tpch": 2, "kernels": 2}
TIMEOUT = 1800


@dataclass
class Figures:
    """What is known of one case: seconds by engine, and Shoal's memory."""

    warm: dict[str, float] = field(default_factory=dict)
    cold: float | None = None  # first call of a process with an empty cache
    second: float | None = None  # first call of a process with a filled cache
    typical: float | None = None  # median warm call of Shoal
    calls: float | None = None  # all warm calls of the process together
    peak: int | None = None  # bytes above the idle pool
    needs: int | None = None  # bytes the work cannot do without
    rows: int = 0


class Runner:
    """Runs the measuring processes and gathers figures and failures."""

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.figures: dict[str, dict[str, Figures]] = {}
        self.failures: list[str] = []
        self.started: dict[
            str, list[float]
        ] = {}  # what bench.startup measured, by name
        self.fresh: dict[str, float] = {}  # the medians

    def run(self, group: str, engines: list[str]) -> None:
        for engine in engines:
            if engine == "shoal":
                self._run_shoal(group)
            elif group != "startup":
                self._run_peer(group, engine)

    def _run_peer(self, group: str, engine: str) -> None:
        calls = PANDAS_CALLS if engine == "pandas" else CALLS
        for case in self._process(group, engine, calls[group]):
            best = min(case["warm"] or [case["first"]])
            self._of(group, case["case"]).warm[engine] = best

    def _run_shoal(self, group: str) -> None:
        page_in(GROUPS[group](self.quick))
        cold: dict[str, list[float]] = {}
        second: dict[str, list[float]] = {}
        for i in range(1 if self.quick else FRESH):
            with tempfile.TemporaryDirectory(prefix="shoal-cache-") as cache:
                for case in self._process(group, "shoal", 1, cache):
                    cold.setdefault(case["case"], []).append(case["first"])
                for case in self._process(group, "shoal", CALLS[group], cache):
                    second.setdefault(case["case"], []).append(case["first"])
                    self._add_warm(self._of(group, case["case"]), case["warm"])
                if group in ("flights", "taxi") and i == 0:
                    self._watch_shoal(group, cache)
                if group == "startup":
                    self._run_startup(cache)
        for name, times in cold.items():
            self._of(group, name).cold = median(times)
        for name, times in second.items():
            self._of(group, name).second = median(times)
        self.fresh = {name: median(v) for name, v in self.started.items()}

    def _add_warm(self, figures: Figures, warm: list[float]) -> None:
        """Calls of one more process: the best of all, and the best process's typical."""
        known = figures.warm.get("shoal", min(warm))
        figures.warm["shoal"] = min(known, *warm)
        figures.typical = min(median(warm), figures.typical or median(warm))
        figures.calls = min(sum(warm), figures.calls or sum(warm))

    def _run_startup(self, cache: str) -> None:
        """bench.startup in fresh processes: with an empty cache, and with a filled one."""
        environment = {**os.environ, "SHOAL_CACHE_DIR": f"{cache}/own"}
        for name in ("compile, cold", "compile, from the cache"):
            done = subprocess.run(
                [sys.executable, "-m", "bench.startup"],
                env=environment,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
            )
            if done.returncode != 0:
                self.failures.append(f"startup: {done.stderr.strip()[-500:]}")
                return
            found = json.loads(done.stdout)
            self.started.setdefault(name, []).append(found["compile"])
            self.started.setdefault("pool", []).append(found["pool"])

    def _watch_shoal(self, group: str, cache: str) -> None:
        """Memory: Pss of driver and ranks at its highest, less that of the idle pool."""
        watch = Watch()
        child = self._start(group, "shoal", 1, cache, watch)
        if child.stdout.readline().strip() == "ready":
            idle = watch.reset()
            watch.start()
            child.stdin.write("go\n")
            child.stdin.flush()
        output, errors = child.communicate(timeout=TIMEOUT)
        if child.returncode != 0 or not watch.peak:
            self.failures.append(f"{group}, memory: {errors.strip()[-500:]}")
            return
        watch.stop()
        for case in self._parse(group, "shoal", output, errors):
            self._of(group, case["case"]).peak = watch.peak - idle

    def _start(
        self,
        group: str,
        engine: str,
        calls: int,
        cache: str,
        watch: Watch | None = None,
    ) -> subprocess.Popen:
        command = [sys.executable, "-m", "bench.measure", group, engine]
        command += ["--calls", str(calls)]
        command += ["--quick"] if self.quick else []
        command += ["--watched"] if watch else []
        environment = dict(watch.environment if watch else os.environ)
        if cache:
            environment["SHOAL_CACHE_DIR"] = cache
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _process(self, group: str, engine: str, calls: int, cache: str = "") -> list:
        """The cases that one process measured; failures are noted."""
        child = self._start(group, engine, calls, cache)
        try:
            output, errors = child.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            child.kill()
            self.failures.append(f"{group} with {engine}: no end after {TIMEOUT} s")
            return []
        return self._parse(group, engine, output, errors)

    def _parse(self, group: str, engine: str, output: str, errors: str) -> list:
        lines = output.strip().splitlines()
        try:
            cases = json.loads(lines[-1])["cases"]
        except (IndexError, ValueError):
            last = (errors.strip().splitlines() or ["no output"])[-1]
            self.failures.append(f"{group} with {engine}: {last}")
            return []
        for case in cases:
            if "error" in case:
                self.failures.append(f"{case['case']} with {engine}: {case['error']}")
        return [case for case in cases if "error" not in case]

    def _of(self, group: str, case: str) -> Figures:
        return self.figures.setdefault(group, {}).setdefault(case, Figures())

    def add_needs(self) -> None:
        """Rows and needed bytes of the measured cases, from the case list."""
        for group, cases in self.figures.items():
            if group == "startup":
                continue
            for case in GROUPS[group](self.quick):
                if case.name in cases:
                    cases[case.name].rows = case.rows
                    if case.needs and cases[case.name].peak is not None:
                        cases[case.name].needs = case.needs()


def page_in(cases: list) -> None:
    """Read the files of the cases: what is measured is not the disk."""
    for case in cases:
        for path in map(Path, filter(None, map(str, (*case.args, *case.loads)))):
            files = path.rglob("*") if path.is_dir() else [path]
            for file in files:
                if file.is_file():
                    with file.open("rb") as f:
                        while f.read(1 << 24):
                            pass


def import_seconds(repeat: int = 5) -> tuple[float, float] | None:
    """Median seconds of `import pandas`, and of `import shoal` after it."""
    code = (
        "from time import perf_counter as now; a = now(); import pandas; b = now();"
        "import shoal; c = now(); print(b - a, c - b)"
    )
    runs = []
    for _ in range(repeat):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True
        )
        if done.returncode != 0:
            return None
        runs.append([float(part) for part in done.stdout.split()])
    pandas, shoal = zip(*runs, strict=True)
    return median(pandas), median(shoal)


def machine() -> str:
    """One line: processor, cores, versions."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    versions = []
    for package in ("shoal", "pandas", "polars", "duckdb", "pyarrow", "numpy", "mpich"):
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            if package == "shoal":
                versions.append("shoal (build tree)")
    cores = len(os.sched_getaffinity(0))
    ranks = os.environ.get("SHOAL_NUM_WORKERS", "one a core")
    python = platform.python_version()
    return f"{model}, {cores} cores, ranks: {ranks}, Python {python}, " + ", ".join(
        versions
    )


def run_lang(wanted, failures: list) -> None:
    """The loops beside C and Numba: a table of its own (bench/lang)."""
    command = [sys.executable, "-m", "bench.lang"]
    command += ["--quick"] if wanted.quick else []
    if wanted.json:
        command += ["--json", str(wanted.json.with_suffix(".lang.json"))]
    if subprocess.run(command).returncode != 0:
        failures.append("lang: see above")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    groups = [*GROUPS, "lang"]
    parser.add_argument("--only", nargs="+", choices=groups, default=groups)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--json", type=Path, help="write the figures here too")
    wanted = parser.parse_args()

    from bench import report

    runner = Runner(wanted.quick)
    for group in wanted.only:
        if group == "lang":  # measured by itself, below
            continue
        print(f"measuring {group} ...", file=sys.stderr, flush=True)
        runner.run(group, wanted.engines)
    runner.add_needs()
    imports = import_seconds() if "shoal" in wanted.engines else None
    report.show(
        machine(),
        runner.figures,
        imports,
        runner.fresh,
        runner.failures,
        wanted.quick,
    )
    if wanted.json:
        report.write_json(wanted.json, machine(), runner.figures, imports, runner.fresh)
    if "lang" in wanted.only:
        run_lang(wanted, runner.failures)
    return 1 if runner.failures else 0


if __name__ == "__main__":
    sys.exit(main())
