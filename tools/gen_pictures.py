"""Draw docs/pictures/*.svg: which rows lie on which rank.

    python tools/gen_pictures.py [--check]

What is drawn was seen: this file starts itself on three ranks, where compiled functions
give each rank its chunk, and the chunks are the pictures' cells (copies of a neighbour's
edge are taken from its chunk). With --check nothing is
written; it fails if a picture is not what the ranks have.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
RANKS = 3
# Fill and edge by rank: Okabe and Ito's colours, told apart by colour-blind readers too.
COLOURS = [("#cfe8f7", "#0072b2"), ("#fde3c4", "#b35900"), ("#cdeee2", "#007a5a")]
CELL, GAP, TOP, LEFT = 42, 8, 56, 16


# -- On the ranks ----------------------------------------------------------------------


def chunks() -> dict:
    """This rank's chunk of everything that is drawn, by name."""
    import numpy as np
    import pandas as pd

    import shoal

    @shoal.jit(distributed=["a", "far", "even"], replicated=["small"])
    def arrays():
        a = np.arange(10)
        far = a[a > 5]
        even = shoal.rebalance(a[a > 5])
        small = np.arange(3)
        return a, far, even, small

    @shoal.jit(distributed=["edges"])
    def halo():
        a = np.arange(10)
        edges = np.zeros(10)
        for i in shoal.prange(1, 9):
            edges[i] = a[i - 1] + a[i + 1]
        return edges

    @shoal.jit(distributed=["keys", "groups"])
    def grouped():
        keys = np.arange(10) % 4
        df = pd.DataFrame({"key": keys, "v": np.arange(10)})
        groups = df.groupby("key", as_index=False).v.sum()
        return keys, groups

    @shoal.jit(distributed=["rows"])
    def concatenated():
        rows = pd.DataFrame()
        for i in shoal.prange(6):
            one = pd.DataFrame({"i": i, "step": np.arange(i % 3 + 1)})
            rows = pd.concat([rows, one], ignore_index=True)
        return rows

    @shoal.jit
    def reduced():
        total = 0
        for i in shoal.prange(10):
            total += i
        return total

    a, far, even, small = arrays()
    keys, groups = grouped()
    rows = concatenated()
    return {
        "a": a.tolist(),
        "far": far.tolist(),
        "even": even.tolist(),
        "small": small.tolist(),
        "edges": halo().tolist(),
        "keys": keys.tolist(),
        "groups": [f"{k}:{v}" for k, v in zip(groups.key, groups.v, strict=True)],
        "rows": [f"{i}.{s}" for i, s in zip(rows.i, rows.step, strict=True)],
        "total": [reduced()],
    }


def seen() -> list[dict]:
    """chunks() of every rank, in order."""
    from shoal import _mpi

    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--rank", folder]
        done = subprocess.run(
            [*_mpi.mpiexec(), "-n", str(RANKS), *command],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        files = [Path(folder, f"{rank}.json") for rank in range(RANKS)]
        return [json.loads(file.read_text()) for file in files]


# -- Drawing ---------------------------------------------------------------------------


@dataclass
class Panel:
    """One state of the data: for each rank its cells. A cell whose text begins with ~ is a
    copy of a neighbour's."""

    title: str
    cells: list[list[str]]
    how: str = ""  # what leads here from the panel before

    def width(self) -> int:
        return max(max(len(row) for row in self.cells) * CELL, 8 * len(self.title), 60)


@dataclass
class Picture:
    name: str
    about: str
    panels: list[Panel] = field(default_factory=list)

    def svg(self) -> str:
        out, x = [], LEFT + 52
        for number, panel in enumerate(self.panels):
            if number:
                room = 7 * len(panel.how) + 28
                if panel.how:
                    out.append(arrow(x, x + room - 12, panel.how))
                x += room
            out.append(text(x, TOP - 18, panel.title, "title"))
            for rank, row in enumerate(panel.cells):
                out += [cell(x + k * CELL, rank, str(c)) for k, c in enumerate(row)]
                if not row:
                    out.append(text(x, middle(rank), "no rows", "note"))
            x += panel.width() + 12
        labels = [text(LEFT, middle(r), f"rank {r}", "rank") for r in range(RANKS)]
        height = TOP + RANKS * (CELL + GAP) + 8
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {x} {height}" '
            f'width="{x}" height="{height}" role="img" aria-label="{escape(self.about)}">\n'
            f"<title>{escape(self.about)}</title>\n{STYLE}\n"
            f'<rect width="{x}" height="{height}" fill="#ffffff"/>\n'
            + "\n".join(labels + out)
            + "\n</svg>\n"
        )


STYLE = (
    "<style>text{font:13px sans-serif;fill:#222}.title{font-weight:bold}"
    ".note{fill:#666;font-style:italic}.rank{fill:#444}"
    ".in{text-anchor:middle;dominant-baseline:central}"
    ".rank,.note{dominant-baseline:central}</style>"
)


def top(rank: int) -> int:
    return TOP + rank * (CELL + GAP)


def middle(rank: int) -> int:
    return top(rank) + CELL // 2


def text(x: int, y: int, words: str, kind: str) -> str:
    return f'<text x="{x}" y="{y}" class="{kind}">{escape(words)}</text>'


def cell(x: int, rank: int, words: str) -> str:
    copy = words.startswith("~")
    fill, edge = COLOURS[rank]
    look = f'fill="{"none" if copy else fill}" stroke="{edge}"'
    if copy:
        look += ' stroke-dasharray="3 3"'
    box = f'<rect x="{x}" y="{top(rank)}" width="{CELL - 4}" height="{CELL}" rx="3" {look}/>'
    return box + text(x + CELL // 2 - 2, middle(rank), words.lstrip("~"), "in")


def arrow(x: int, to: int, words: str) -> str:
    y = middle(1)
    return (
        f'<path d="M{x} {y}H{to}m-6 -5l6 5l-6 5" fill="none" stroke="#666" '
        f'stroke-width="1.5"/>' + text(x, y - 10, words, "note")
    )


def pictures(ranks: list[dict]) -> list[Picture]:
    def of(name: str) -> list[list]:
        return [chunk[name] for chunk in ranks]

    a = of("a")
    sums = [[f"{sum(chunk)}"] for chunk in a]
    halo = [
        [*(f"~{c}" for c in a[r - 1][-1:] if r), *chunk]
        + [f"~{c}" for c in (a[r + 1][:1] if r + 1 < RANKS else [])]
        for r, chunk in enumerate(a)
    ]
    return [
        Picture(
            "block",
            "A distributed array in equal chunks, and a replicated one",
            [
                Panel("a = np.arange(10)", a),
                Panel("small: replicated", of("small")),
            ],
        ),
        Picture(
            "rebalance",
            "A filter leaves chunks of any length; rebalance makes them equal",
            [
                Panel("a", a),
                Panel("b = a[a > 5]", of("far"), "filter, local"),
                Panel("shoal.rebalance(b)", of("even"), "rows move"),
            ],
        ),
        Picture(
            "halo",
            "Each rank has copies of its neighbours' edges while the loop runs",
            [
                Panel("a", a),
                Panel("a with its halo", halo, "edges are sent"),
                Panel(
                    "a[i - 1] + a[i + 1]",
                    [[f"{v:g}" for v in c] for c in of("edges")],
                    "loop, local",
                ),
            ],
        ),
        Picture(
            "groupby",
            "Groups are made on each rank, then combined, and lie on one rank each",
            [
                Panel("key of each row", of("keys")),
                Panel("sum of each group", of("groups"), "combined"),
            ],
        ),
        Picture(
            "concat",
            "Rows that iterations make stay where they were made, in the order of iterations",
            [
                Panel("iterations", [[0, 1], [2, 3], [4, 5]]),
                Panel("rows: iteration.step", of("rows"), "each makes rows"),
            ],
        ),
        Picture(
            "reduction",
            "Each rank adds its iterations; one exchange gives all of them the total",
            [
                Panel("iterations", a),
                Panel("partial sums", sums, "loop, local"),
                Panel("total", of("total"), "all-reduction"),
            ],
        ),
    ]


def main() -> int:
    if "--rank" in sys.argv:
        mine = json.dumps(chunks())
        import shoal

        Path(sys.argv[-1], f"{shoal.get_rank()}.json").write_text(mine)
        return 0
    drawn = {FOLDER / f"{p.name}.svg": p.svg() for p in pictures(seen())}
    old = [f.name for f, svg in drawn.items() if not f.exists() or f.read_text() != svg]
    if "--check" in sys.argv:
        if old:
            print(f"not what the ranks have: {', '.join(old)}; run {sys.argv[0]}")
        return bool(old)
    FOLDER.mkdir(exist_ok=True)
    for file, svg in drawn.items():
        file.write_text(svg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
