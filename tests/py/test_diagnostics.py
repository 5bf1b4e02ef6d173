"""distributed_diagnostics(): the whole text, made of what the compiler decided."""

import textwrap

import pytest
from programs import run_text

PROGRAM = """\
import numpy as np, pandas as pd, shoal
G = np.arange(6)

@shoal.jit
def inner(x):
    y = x * 2
    return y

@shoal.jit
def f(df, w, n):
    A = np.zeros(n)
    B = np.arange(n)
    out = df[df.a > 3]
    for i in shoal.prange(n):
        t = 0
        for j in shoal.prange(3):
            t += j
        A[i] = t
    for k in range(n):
        B[n - 1 - k] = w[k]
    C = inner(A) + G.sum()
    return out, B, C

f(pd.DataFrame({"a": range(10)}), np.arange(6), 6)
f.distributed_diagnostics()
"""

WANTED = """\
Distributed diagnostics for function f, FILE (10)

Data distributions:
   df                   1D_Block
   w                    REP
   A                    REP
   B                    REP
   out                  1D_Var
   inner.x              REP
   inner.y              REP
   G                    1D_Block
   C                    REP

Parfor distributions:
   0                    1D_Block
   1                    REP
   2                    REP
   3                    REP
   4                    1D_Block
   5                    REP

Distributed listing for function f, FILE (10)
----------------------------------------| parfor_id/variable: distribution
def f(df, w, n):------------------------| df: 1D_Block, w: REP
    A = np.zeros(n)---------------------| A: REP
    B = np.arange(n)--------------------| B: REP
    out = df[df.a > 3]------------------| #0: 1D_Block, out: 1D_Var
    for i in shoal.prange(n):-----------| #1: REP
        t = 0                           |
        for j in shoal.prange(3):-------| #2: REP
            t += j                      |
        A[i] = t                        |
    for k in range(n):                  |
        B[n - 1 - k] = w[k]             |
    C = inner(A) + G.sum()--------------| #4: 1D_Block, #5: REP, G: 1D_Block, C: REP
    return out, B, C--------------------| out: 1D_Var, B: REP, C: REP

Distributed listing for function inner, FILE (5)
----------------------------------------| parfor_id/variable: distribution
def inner(x):---------------------------| x: REP
    y = x * 2---------------------------| #3: REP, y: REP
    return y                            |

Setting distribution of variable 'w' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Setting distribution of variable 'A' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Setting distribution of variable 'B' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Setting distribution of variable 'inner.x' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Setting distribution of variable 'inner.y' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Setting distribution of variable 'C' to REP: elements are read or written at any place
  File "FILE", line 20
    B[n - 1 - k] = w[k]
Distributed analysis replicated argument 'w'. Set distributed flag for 'w' if distributed partitions are passed (e.g. @shoal.jit(distributed=['w'])).
  File "FILE", line 10
    def f(df, w, n):
Distributed analysis replicated return variable 'B'. Set distributed flag for the original variable if distributed partitions should be returned.
  File "FILE", line 22
    return out, B, C
Distributed analysis replicated return variable 'C'. Set distributed flag for the original variable if distributed partitions should be returned.
  File "FILE", line 22
    return out, B, C
"""


def said(source: str, mode: str, ranks: int, folder, **env: str) -> str:
    done = run_text(source, ranks, mode, folder, **env)
    assert done.returncode == 0, done.stderr
    return done.stdout.replace(str(folder / "program.py"), "FILE")


@pytest.mark.ranks
def test_the_whole_text(tmp_path):
    assert said(PROGRAM, "pool", 2, tmp_path).strip() == WANTED.strip()


@pytest.mark.ranks
def test_spmd_prints_once(tmp_path):
    text = said(PROGRAM, "spmd", 3, tmp_path)
    assert text.count("Distributed diagnostics for function f, FILE (10)") == 1
    assert "   df                   1D_Block\n" in text


OTHERS = """\
import numpy as np, shoal

@shoal.jit(distributed_diagnostics=True)
def plain(n):
    return n + 1

@shoal.jit(replicated=["a"])
def flagged(a, b):
    return a * 2, b * 3

plain(3)
flagged(np.arange(4), np.arange(5))
flagged(np.arange(4.0), np.arange(5))
flagged.distributed_diagnostics(signature=flagged.signatures[1], level=2)
try:
    flagged.distributed_diagnostics(signature="(str)")
except shoal.ShoalError as e:
    print(e)
"""


@pytest.mark.ranks
def test_options_flags_and_levels(tmp_path):
    text = said(OTHERS, "pool", 2, tmp_path)
    first, rest = text.split("Distributed diagnostics for function flagged")
    assert first.startswith("Distributed diagnostics for function plain, FILE (4)")
    assert "No distributable data structures to distribute.\n" in first
    assert "No parfors to distribute.\n" in first
    wanted = """\
        Setting distribution of variable 'a' to REP: replicated flag set for 'a' of flagged()
          File "FILE", line 8
            def flagged(a, b):
        """
    assert textwrap.dedent(wanted) in rest
    assert "Distributed analysis replicated argument" not in rest
    assert "rows 1D_Block" in rest, "level 2 has explain() too"
    assert rest.strip().endswith(
        "Distributed diagnostics not available for a function that is not compiled yet"
    )


@pytest.mark.ranks
def test_the_environment_asks_for_them(tmp_path):
    source = PROGRAM.replace("f.distributed_diagnostics()\n", "")
    text = said(source, "pool", 2, tmp_path, SHOAL_DISTRIBUTED_DIAGNOSTICS="1")
    assert text.strip() == WANTED.strip()
