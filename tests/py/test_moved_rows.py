"""Arrays whose rows become others (a reshape, rows in reverse, matrices one below the other,
running sums down the columns) keep their rows on the ranks; where they are written as views,
what is written is seen through both names."""

import linecache

import numpy as np
import pytest
from comparing import same

import shoal

N = 7
DATA = {
    "a": np.sin(np.arange(40.0)),
    "M": np.cos(np.arange(N * 4.0)).reshape(N, 4),
    "I": (np.arange(N * 4) * 7 % 11 - 5).reshape(N, 4),
    "B": np.sin(np.arange(36 * 4.0)).reshape(36, 4),
    "C": np.cos(np.arange(36 * 6.0)).reshape(36, 2, 3),
    "E": np.zeros((0, 4)),
}

# No line of explain() may say REP.
SPLIT = {
    "reversed": "a[::-1]",
    "reversed_step": "a[::-3]",
    "reversed_rows": "M[::-1]",
    "reversed_both": "M[::-1, ::-1]",
    "flip": "np.flip(M, axis=0), np.flipud(I), np.flip(a)",
    "beside": "a + a[::-1]",
    "descending": "np.sort(a)[::-1]",
    "ravel": "M.ravel(), I.reshape(-1), B[1:].flatten()",
    "ravel_columns": "M[:, ::2].ravel()",
    "rows": "B.reshape(-1, 3), B.reshape(72, 2), B.reshape(48, -1)",
    "rows_of_vector": "a.reshape(-1, 8), a.reshape(-1, 2, 2)",
    "rows_merged": "C.reshape(-1, 3)",
    "rows_reduced": "a.reshape(-1, 8).mean(axis=1)",
    "loop": "sum_of(a.reshape(-1, 2))",
    "below": "np.concatenate([B, M]), np.vstack([M, B, M])",
    "below_more": "np.concatenate([C, C])",
    "below_other": "np.concatenate([B, I])",
    "below_empty": "np.concatenate([B, E])",
    "append": "np.append(B, M, axis=0)",
    "repeat": "np.repeat(M, 3, axis=0), np.tile(M, (2, 1))",
    "cumsum": "M.cumsum(axis=0), I.cumsum(axis=0), np.cumsum(M), C.cumsum(axis=0)",
    "cumsum_narrow": "np.cumsum(I, axis=0, dtype=np.int16)",
    "cumprod": "M.cumprod(axis=0), I.cumprod(axis=0)",
    "cumsum_empty": "E.cumsum(axis=0)",
}

# What is written to a view is seen in what it is a view of, and back.
WRITTEN = {
    "reshaped": "x = a + 1; y = x.reshape(-1, 4); y[1, 1] = 9; x[0] = 7",
    "reshaped_alone": "y = (a + 1).reshape(-1, 4); y[1, 1] = 9; x = y",
    "before": "x = a + 1; x[3] = 5; y = x.reshape(-1, 4)",
    "reversed": "x = a + 1; y = x[::-1]; y[0] = 9; x[1] = 8",
    "reversed_rows": "x = M + 1; y = x[::-1]; y[0] = 9; y += 1",
    "into_reversed": "x = M + 1; x[::-1] = M; y = x",
    "argument": "y = M.ravel(); y[3] = 9; x = M",
    "rounds": "x = a + 1\nfor k in range(3):\n    z = x.reshape(-1, 4)\n    z += k\ny = x",
    "joined": "x = a + 1; y = x.reshape(-1, 4) if x[0] > 0 else x.reshape(-1, 4) * 2\n"
    "y[0, 0] = 9",
}


def compiled(name: str, body: str, ranks: int):
    source = f"def f(a, M, I, B, C, E):\n{body}"
    space = {"np": np, "shoal": shoal, "sum_of": sum_of}
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    exec(compile(source, file, "exec"), space)
    f = space["f"]
    return f, shoal.jit(f) if ranks > 1 else shoal.jit(f, distributed=False)


def sum_of(x):
    s = 0.0
    for i in shoal.prange(len(x)):
        s += x[i, 0] * x[i, 1]
    return s


def arguments():
    return [v.copy() for v in DATA.values()]


def test_split(ranks):
    for name, what in SPLIT.items():
        f, g = compiled(name, f"    return ({what},)\n", ranks)
        assert same(g(*arguments()), f(*arguments())), name
        if ranks > 1:
            assert " REP" not in str(g.explain()), (name, str(g.explain()))


@pytest.mark.parametrize("name", WRITTEN)
def test_written(ranks, name):
    body = "".join(f"    {line}\n" for line in WRITTEN[name].splitlines())
    f, g = compiled(name, f"{body}    return x, y\n", ranks)
    mine, want = arguments(), arguments()
    assert same(g(*mine), f(*want)), name
    assert same(mine, want), f"{name}: arguments"
