"""Data of the differential tests: frames of every column type in awkward shapes.

A hypothesis strategy draws a size, a shape and a seed; make_frame() is a function of the
three, so that a failure is told in one line and shrinks by its size.
"""

import numpy as np
import pandas as pd
from hypothesis import strategies as st

SHAPES = ("mixed", "null", "full", "skew", "long")
SIZES = (0, 1, 2, 3, 7, 40)

WORDS = ["", "a", "b", "ab", "abc", "B", " x ", "ä", "日本", "zz top"]


def make_frame(n: int, shape: str, seed: int, nkeys: int = 4) -> pd.DataFrame:
    """k, j: keys; i, f, s, t, b: values (f, s, t with missing ones); u: unique ints."""
    rng = np.random.default_rng(seed)
    share = {"null": 1.0, "full": 0.0}.get(shape, 0.25)
    missing = [rng.random(n) < share for _ in range(3)]
    key = rng.integers(0, nkeys, n)
    if shape == "skew":
        key = np.where(rng.random(n) < 0.9, 0, key)
    words = np.array(
        WORDS if shape != "long" else [w + "x" * 300 for w in WORDS], object
    )
    text = rng.choice(words, n).astype(object)
    text[missing[1]] = None
    days = rng.integers(0, 500, n).astype("m8[D]") + np.datetime64("2019-12-25")
    time = (days.astype("M8[us]") + rng.integers(0, 86400, n).astype("m8[s]")).astype(
        "M8[us]"
    )
    time[missing[2]] = np.datetime64("NaT")
    return pd.DataFrame(
        {
            "k": key.astype("int64"),
            "j": rng.integers(-3, 3, n).astype("int32"),
            "i": rng.integers(-50, 50, n).astype("int64"),
            "f": np.where(missing[0], np.nan, rng.integers(-20, 20, n) / 4),
            "s": pd.array(text, dtype="str"),
            "t": time,
            "b": rng.random(n) < 0.5,
            "u": rng.permutation(n).astype("int64"),
        }
    )


@st.composite
def inputs(draw) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A frame and a second one of its own size with partly other keys."""
    n, m = draw(st.sampled_from(SIZES)), draw(st.sampled_from(SIZES))
    shape, seed = draw(st.sampled_from(SHAPES)), draw(st.integers(0, 1 << 16))
    left = make_frame(n, shape, seed)
    right = make_frame(m, shape, seed + 1, nkeys=6)
    right = right.rename(columns={"i": "w", "u": "v"})[
        ["k", "j", "w", "f", "s", "t", "v"]
    ]
    return left, right
