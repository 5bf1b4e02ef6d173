"""SPMD: scatterv, gatherv, allgatherv, rebalance and random_shuffle in Python code, of
everything that can travel as columns and of what is pickled."""

import numpy as np
import pandas as pd
import programs
import pytest

from shoal import _core, _move

PROGRAM = """
import numpy as np
import pandas as pd

import shoal
from shoal import _core
from shoal._order import permutation

rank, size = shoal.get_rank(), shoal.get_size()
last = size - 1


def frame(n):
    days = pd.date_range("2020-01-01", periods=n)
    return pd.DataFrame({
        "a": np.arange(n),
        "b": np.arange(n) * 0.5,
        "s": pd.array([f"t{i % 5}" for i in range(n)], dtype="str"),
        "d": days,
        "m": pd.array([None if i % 3 == 0 else i for i in range(n)], dtype="Int64"),
        "z": days.tz_localize("Europe/Paris"),
    })


def values(n):
    f = frame(n)
    yield from (f, f.iloc[::2], f.set_index("s"), f.set_index(["a", "s"]), f.a, f.s)
    yield from (f.index, pd.RangeIndex(5, 5 + 2 * n, 2), np.arange(n), f.set_index("d"))
    yield from (np.arange(3.0 * n).reshape(n, 3), np.zeros((n, 0)), f.rename_axis("i"))
    yield np.arange(6 * n).reshape(n, 2, 3)[:, :, ::-1]
    yield from (f.assign(c=f.s.astype("category")), f.s.astype(object), f.a.astype("f4"))
    yield from (np.array(["x"] * n, dtype=object), f.assign(q=[None] * n))
    yield from (f[["a"]].rename(columns={"a": 0}), np.arange(n).astype("M8[s]"))


def rows(v, r):
    return v.iloc[r] if hasattr(v, "iloc") else v[r]


def block(n):
    return slice(shoal.get_start(n, size, rank), shoal.get_end(n, size, rank))


def same(x, y):
    if isinstance(x, pd.DataFrame):
        pd.testing.assert_frame_equal(x, y)
    elif isinstance(x, pd.Series):
        pd.testing.assert_series_equal(x, y)
    elif isinstance(x, pd.Index):
        pd.testing.assert_index_equal(x, y)
    else:
        assert np.asarray(x).dtype == y.dtype
        np.testing.assert_array_equal(np.asarray(x), y)


for n in (0, 1, 7, 40):
    for v in values(n):
        n = len(v)
        part = shoal.scatterv(v if rank == last else None, root=last)
        same(part, rows(v, block(n)))
        same(shoal.allgatherv(part), v)
        same(shoal.gatherv(part, root=last), v if rank == last else rows(v, slice(0)))
        counts = [n] + [0] * last
        same(shoal.scatterv(v, counts), v if rank == 0 else rows(v, slice(0)))
        if rank == 0:
            part = rows(part, slice(0))
        rest = rows(v, slice(shoal.get_end(n, size, 0), n))
        same(shoal.allgatherv(part), rest)
        even = shoal.rebalance(part)
        same(even, rows(rest, block(len(rest))))
        there = shoal.rebalance(part, dests=[last])
        same(there, rest if rank == last else rows(rest, slice(0)))
        mixed = rows(rest, permutation(5, len(rest)))
        same(shoal.random_shuffle(even, seed=5, parallel=True), rows(mixed, block(len(rest))))
        same(shoal.rebalance(part, random=True, random_seed=5), rows(mixed, block(len(rest))))

some = shoal.scatterv(np.arange(100) if rank == 0 else None)
drawn = shoal.allgatherv(shoal.random_shuffle(some, n_samples=10))
assert len(set(drawn.tolist())) == 10

# One large message costs the rounds of one, however many ranks have small ones.
each = [bytes([r]) * (3 << 20 if r == last else 5 * r) for r in range(size)]
rounds = _core.traffic()[2]
assert _core.exchange(each[rank]) == each
assert _core.traffic()[2] - rounds == 3

for bad, text in (
    (lambda: shoal.scatterv(np.arange(3), [1] * (size + 1)), "send_counts must be"),
    (lambda: shoal.scatterv(np.arange(3), root=size), "is not one of"),
    (lambda: shoal.rebalance(np.arange(3), dests=[size]), "dests must be rising"),
):
    try:
        bad()
    except ValueError as e:
        assert text in str(e), e
    else:
        raise AssertionError(text)
print("ok")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("ranks", [2, 3, 4])
def test_moves(ranks, tmp_path):
    file = tmp_path / "moves.py"
    file.write_text(PROGRAM)
    done = programs.run(file, ranks, "spmd")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["ok"] * ranks


def test_ranges_join_as_pandas_joins_them():
    rng = np.random.default_rng(3)
    for _ in range(3000):
        count, at, each = rng.integers(1, 4), int(rng.integers(-3, 3)), []
        for _ in range(count):
            step, n = int(rng.choice([1, 1, 2, -1])), int(rng.integers(0, 4))
            start = at if rng.random() < 0.8 else int(rng.integers(-3, 9))
            each.append(range(start, start + step * n, step))
            at = start + step * n
        first, *others = map(pd.RangeIndex, each)
        want, got = first.append(others), _move._one_range(each)
        if got is None:
            assert not isinstance(want, pd.RangeIndex), each
            runs = [(r.start, r.step, len(r)) for r in each]
            got = _core.ranges(runs)
        assert list(np.asarray(got)) == list(want), each


def test_ranges_are_checked():
    assert len(_core.ranges([])) == 0
    with pytest.raises(ValueError, match="too many numbers"):
        _core.ranges([(0, 1, -1)])
    with pytest.raises(TypeError):
        _core.ranges([(0, 1)])
