"""Prints the benchmark's figures: one table of times, one of aims."""

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

MB = 1 << 20
NS_GROUPS = {"kernels"}


def seconds(value: float | None, rows: int = 0) -> str:
    """A time as a reader wants it: ns a row for kernels, else s or ms."""
    if value is None:
        return "-"
    if rows:
        return f"{value / rows * 1e9:.1f} ns"
    return f"{value * 1e3:.2f} ms" if value < 0.1 else f"{value:.2f} s"


def ratio(value: float | None, base: float | None) -> str:
    return f"{value / base:.2f}" if value and base else "-"


def add_row(table: Table, name: str, f, rows: int) -> None:
    ours = f.warm.get("shoal")
    table.add_row(
        name,
        *[
            seconds(f.warm.get(engine), rows)
            for engine in ("pandas", "polars", "duckdb")
        ],
        seconds(f.cold, rows),
        seconds(f.second, rows),
        seconds(ours, rows),
        *[ratio(ours, f.warm.get(engine)) for engine in ("pandas", "polars", "duckdb")],
        f"{f.peak / MB:.0f} MB" if f.peak is not None else "-",
    )


def total(cases: dict):
    """The sum over the cases that every engine has run; dashes where one has not."""
    from bench.__main__ import Figures

    sums = Figures()
    for engine in ("pandas", "polars", "duckdb", "shoal"):
        times = [f.warm.get(engine) for f in cases.values()]
        if all(t is not None for t in times):
            sums.warm[engine] = sum(times)
    for name in ("cold", "second"):
        times = [getattr(f, name) for f in cases.values()]
        if all(t is not None for t in times):
            setattr(sums, name, sum(times))
    return sums


def times_table(figures: dict) -> Table:
    table = Table(title="Seconds a call, or ns a row; ratios are warm Shoal / peer")
    table.add_column("case", no_wrap=True)
    for heading in (
        *("pandas", "Polars", "DuckDB", "cold", "second", "warm"),
        *("/pandas", "/Polars", "/DuckDB", "peak"),
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for group, cases in figures.items():
        if group == "startup":
            continue
        for name, f in cases.items():
            add_row(table, name, f, f.rows if group in NS_GROUPS else 0)
        if group == "tpch":
            add_row(table, "tpch, all", total(cases), 0)
        table.add_section()
    return table


def aims(
    figures: dict, imports: tuple[float, float] | None, fresh: dict[str, float]
) -> list[tuple]:
    """Rows (what, figure, limit, unit) of the aims that were measured."""
    rows = []

    def add(what: str, figure: float | None, limit: float, unit: str) -> None:
        if figure is not None:
            rows.append((what, figure, limit, unit))

    def divide(a: float | None, b: float | None) -> float | None:
        return a / b if a and b else None

    if "tpch" in figures:
        sums = total(figures["tpch"]).warm
        add(
            "TPC-H in total / Polars",
            divide(sums.get("shoal"), sums.get("polars")),
            2,
            "x",
        )
    for f in figures.get("taxi", {}).values():
        ours = f.warm.get("shoal")
        add("taxi / DuckDB", divide(ours, f.warm.get("duckdb")), 2, "x")
        add("taxi / pandas", divide(ours, f.warm.get("pandas")), 0.1, "x")
    for f in figures.get("flights", {}).values():
        ours = f.warm.get("shoal")
        if ours and f.cold and f.second:
            add("delays: first call less warm", f.cold - ours, 1, "s")
            add("delays: second process less warm", f.second - ours, 0.5, "s")
    for f in figures.get("startup", {}).values():
        add("warm call of prange(4), median", f.typical and f.typical * 1e3, 0.5, "ms")
        add("1,000 calls of prange(4)", f.calls, 1, "s")
        add("first call of prange(4), cold", f.cold, 1, "s")
        add("first call of prange(4), second process", f.second, 0.5, "s")
    add("pool of 2 ranks, until it answers", fresh.get("pool"), 0.4, "s")
    add("compile of 20 lines, cold", fresh.get("compile, cold"), 100, "ms")
    add("compile of 20 lines, cached", fresh.get("compile, from the cache"), 10, "ms")
    if imports:
        add("import shoal beyond pandas", imports[1] * 1e3, 50, "ms")
    for group in ("flights", "taxi"):
        for name, f in figures.get(group, {}).items():
            figure = divide(f.peak, f.needs)
            add(f"{name}: peak memory / columns + intermediate", figure, 1.5, "x")
    return rows


def aims_table(rows: list[tuple]) -> Table:
    table = Table(title="Aims")
    table.add_column("what")
    table.add_column("measured", justify="right")
    table.add_column("aim", justify="right")
    table.add_column("")
    for what, figure, limit, unit in rows:
        met = figure <= limit
        table.add_row(
            what,
            f"{figure:.2f} {unit}",
            f"<= {limit:g} {unit}",
            "met" if met else "[bold]not met[/bold]",
        )
    return table


def show(
    machine: str,
    figures: dict,
    imports,
    fresh: dict[str, float],
    failures: list[str],
    quick: bool,
) -> None:
    console = Console(width=None if Console().is_terminal else 150)
    console.print(machine, highlight=False)
    if quick:
        console.print("quick: small sizes, the ratios say little")
    console.print(times_table(figures))
    rows = aims(figures, imports, fresh)
    if rows:
        console.print(aims_table(rows))
    for failure in failures:
        console.print(f"failed: {failure}", style="red", markup=False, highlight=False)


def write_json(path: Path, machine: str, figures: dict, imports, fresh: dict) -> None:
    """One JSON line a case, so that two runs can be compared line by line."""
    lines = [json.dumps({"machine": machine, "import": imports, "startup": fresh})]
    for group, cases in figures.items():
        lines += [
            json.dumps({"group": group, "case": name, **asdict(f)})
            for name, f in cases.items()
        ]
    path.write_text("\n".join(lines) + "\n")
