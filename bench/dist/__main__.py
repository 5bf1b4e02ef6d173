"""Ranks: what moves, loops and calls cost, beside memcpy and C, measured now.

    python -m bench.dist [--quick] [--ranks 2] [--rounds 7] [--only moves loops calls]
                         [--json FILE]

Moves are measured in SPMD beside all ranks copying memory at once (moves.py); loops on one
rank and on all, each beside as many C processes with a share of the rows (loops.py, loops.c),
in turns; calls through a pool (calls.py). SHOAL_MPI chooses the MPI as everywhere.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.report import aims_table
from shoal import _mpi

ROOT = Path(__file__).resolve().parents[2]
AIMS = {"scatter": 0.4, "gather": 0.4, "rebalance": 0.4, "shuffle": 0.2}
# Bytes that a pass reads and writes of a row, what is in the caches left out.
ROW_BYTES = {"stencil": 32, "waves": 8}
# name, rows, passes, whether a chunk fits into a core's L2
LOOPS = [
    ("stencil", 100_000, 1_000, True),
    ("stencil", 8_000_000, 12, False),
    ("waves", 100_000, 2_000, True),
    ("waves", 8_000_000, 25, False),
]
FLAGS = ("-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno")


def output(command: list, **env: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
        cwd=ROOT,
        env={**os.environ, **env},
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def ranks(n: int, module: str, *args) -> list[str]:
    """Lines that rank 0 of a program prints."""
    command = [*_mpi.mpiexec(), "-n", n, sys.executable, "-m", f"bench.dist.{module}"]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return output([*command, *args], PYTHONPATH=path).splitlines()


def measure_moves(n: int, megabytes: int, rounds: int) -> list[dict]:
    return [json.loads(s) for s in ranks(n, "moves", megabytes, rounds)]


def c_seconds(program: Path, n: int, name: str, rows: int, steps: int) -> list[float]:
    """Seconds of the slowest of n processes, by round."""
    command = [str(program), name, str(rows // n), str(steps), "3"]
    each = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(n)
    ]
    texts = [p.communicate(timeout=600)[0] for p in each]
    return [max(map(float, row)) for row in zip(*map(str.split, texts), strict=True)]


def measure_loop(program: Path, n: int, loop: tuple, rounds: int) -> dict:
    """Seconds on one rank and on n, of one C process and of n: medians, in turns. Of large
    loops also the bytes a second that the memory gives to one process and to n."""
    name, rows, steps, small = loop
    times: dict = {"one": [], "all": [], "c_one": [], "c_all": []}
    memory: dict = {"memory_one": [], "memory_all": []}
    for _ in range(max(rounds // 3, 1)):
        for key, r in (("one", 1), ("all", n)):
            times[key] += map(float, ranks(r, "loops", name, rows, steps, 3))
            times[f"c_{key}"] += c_seconds(program, r, name, rows, steps)
            if not small:
                memory[f"memory_{key}"] += c_seconds(program, r, "memory", rows, steps)
    found = {key: median(each) for key, each in times.items()}
    if not small:
        moved = rows * steps * ROW_BYTES["stencil"]
        found.update({key: moved / median(each) for key, each in memory.items()})
        found["moved"] = rows * steps * ROW_BYTES[name]
    return {"loop": name, "rows": rows, "small": small, **found}


def measure_loops(n: int, quick: bool, rounds: int) -> list[dict]:
    with tempfile.TemporaryDirectory(prefix="shoal-dist-") as folder:
        program = Path(folder) / "loops"
        source = Path(__file__).with_name("loops.c")
        output(["gcc", *FLAGS, source, "-o", program, "-lm"])
        return [
            measure_loop(program, n, (a, b, c // 10 + 1 if quick else c, d), rounds)
            for a, b, c, d in LOOPS
        ]


def measure_calls(quick: bool) -> dict:
    command = [sys.executable, "-m", "bench.dist.calls", *["--quick"][: int(quick)]]
    return json.loads(output(command))


# -- Tables --------------------------------------------------------------------------------


def moves_table(moves: list[dict]) -> Table:
    table = Table(title="Moves: GB of payload a second, over all ranks")
    for heading in ("move", "Shoal", "memcpy", "ratio"):
        table.add_column(heading, justify="left" if heading == "move" else "right")
    for m in moves:
        rates = [f"{m[k] / 1e9:.2f}" for k in ("rate", "memcpy")]
        table.add_row(m["move"], *rates, f"{m['ratio']:.2f}")
    return table


def gains(loop: dict) -> tuple[float, float]:
    """How much faster all ranks are than one; all C processes than one."""
    return loop["one"] / loop["all"], loop["c_one"] / loop["c_all"]


def loops_table(loops: list[dict], n: int) -> Table:
    table = Table(title=f"Loops: seconds on 1 and {n} ranks, of 1 and {n} C processes")
    table.add_column("loop")
    headings = ("rows", "1", str(n), "gain", "C, 1", f"C, {n}", "gain", "Shoal / C, 1")
    for heading in headings:
        table.add_column(heading, justify="right")
    for x in loops:
        ours, theirs = gains(x)
        table.add_row(
            x["loop"], f"{x['rows']:,}", f"{x['one']:.3f}", f"{x['all']:.3f}", f"{ours:.2f}",
            f"{x['c_one']:.3f}", f"{x['c_all']:.3f}", f"{theirs:.2f}",
            f"{x['one'] / x['c_one']:.2f}",
        )  # fmt: skip
    return table


def memory_table(loops: list[dict], n: int) -> Table:
    """What bounds a loop that is larger than the caches."""
    title = "Memory: GB a second of rows read and written, all ranks or processes"
    table = Table(title=title)
    table.add_column("loop")
    headings = ("1", str(n), "C, 1", f"C, {n}", "memory, 1", f"memory, {n}", "share")
    for heading in headings:
        table.add_column(heading, justify="right")
    for x in loops:
        rates = [x["moved"] / x[k] for k in ("one", "all", "c_one", "c_all")]
        rates += [x["memory_one"], x["memory_all"]]
        share = x["moved"] / x["all"] / x["memory_all"]
        cells = [f"{rate / 1e9:.1f}" for rate in rates]
        table.add_row(x["loop"], *cells, f"{share:.2f}")
    return table


def aims(figures: dict, n: int) -> list[tuple]:
    """Rows for report.aims_table; aims that are lower bounds are turned round."""
    rows = []
    for m in figures.get("moves", ()):
        if m["move"] in AIMS:
            what = f"memcpy / {m['move']}"
            rows.append((what, 1 / m["ratio"], round(1 / AIMS[m["move"]], 2), "x"))
    for x in figures.get("loops", ()):
        ours, theirs = gains(x)
        what = f"{x['loop']} of {x['rows']:,}: {n} ranks / 1, share of the time"
        limit = 1 / (0.9 * n) if x["small"] else 1 / (0.9 * theirs)
        rows.append((what, 1 / ours, round(limit, 3), ""))
    if "calls" in figures:
        calls = figures["calls"]
        for rows_, ms in calls["hand_over_ms"].items():
            rows.append((f"hand-over of {int(rows_):,} rows", ms, 1, "ms"))
        rows.append(("1,000 calls of prange(4)", calls["calls"], 1, "s"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.dist", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="*", default=["moves", "loops", "calls"])
    parser.add_argument("--json", type=Path)
    wanted = parser.parse_args()
    n, quick, console = wanted.ranks, wanted.quick, Console()
    console = Console(width=None if console.is_terminal else 120)
    figures: dict = {}
    if "moves" in wanted.only:
        figures["moves"] = measure_moves(n, 8 if quick else 256, wanted.rounds)
        console.print(moves_table(figures["moves"]))
    if "loops" in wanted.only:
        figures["loops"] = measure_loops(n, quick, wanted.rounds)
        console.print(loops_table(figures["loops"], n))
        large = [x for x in figures["loops"] if not x["small"]]
        console.print(memory_table(large, n))
    if "calls" in wanted.only:
        figures["calls"] = measure_calls(quick)
    console.print(aims_table(aims(figures, n)))
    if wanted.json:
        wanted.json.write_text(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
