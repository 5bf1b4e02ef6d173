"""Matrices that an iteration of a prange takes from the rows of an array: products,
factors, copies, on 1, 2 and 3 ranks. What an array needs whole and what stands on the
loop's rows may share the number of a row."""

import linecache

import numpy as np
import pytest
from comparing import outcome, same

import shoal

N = 7
DATA = np.sin(np.arange(N * 4.0)).reshape(N, 2, 2) + 3 * np.eye(2)
FORMS = """
np.dot(W[i], W[i])
W[i] @ W[i].T
W[i] @ W[0]
W[N - 1 - i] @ W[i]
np.linalg.inv(W[i])
np.linalg.inv(W[N - 1 - i])
np.linalg.solve(W[i], W[i].T)
np.linalg.cholesky(W[i] @ W[i].T)
np.linalg.qr(W[i])[1]
np.sort(W[i], axis=0)
np.outer(W[i, 0], W[i, 1])
W[i].T + W.sum()
""".strip().splitlines()


def functions(form: str):
    text = f"""\
def f(W):
    N = W.shape[0]
    out = np.zeros(W.shape)
    for i in prange(N):
        out[i] = {form}
    return out
"""
    file = f"<matrices {form}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    plain, space = {"np": np, "prange": range}, {"np": np, "prange": shoal.prange}
    exec(compile(text, file, "exec"), plain)
    exec(compile(text, file, "exec"), space)
    return plain["f"], shoal.jit(space["f"])


@pytest.mark.parametrize("form", FORMS)
def test_like_python(ranks, form):
    f, g = functions(form)
    want, got = outcome(f, DATA), outcome(g, DATA)
    assert same(got, want), (got, want)
