"""Comparisons of magnitudes with 0 say nothing of the sign."""

import itertools
import linecache

import numpy as np
import pytest

import shoal

X = np.array([-3.5, 1, 0.0, -0.0, np.nan, np.inf, -np.inf, -1e-310])
USES = ["abs(y)", "np.sign(y)", "np.signbit(y) * 1.0", "y < 0", "np.copysign(1.0, y)"]


def function(condition):
    """All uses of what each arm that the condition chooses gives."""
    lines = ["def f(x, z):", "    n = len(x)", "    out = np.zeros((n, 20))"]
    lines += ["    for i in range(n):", "        v = x[i]"]
    arms = [
        "v if C else 2.0",
        "2.0 if C else v",
        "v if C else -2.0",
        "-v if C else 2.0",
    ]
    for k, (arm, use) in enumerate(itertools.product(arms, USES)):
        lines.append(f"        y = {arm.replace('C', condition)}")
        lines.append(f"        out[i, {k}] = {use}")
    text = "\n".join([*lines, "    return out", ""])
    name = f"<signs of {condition}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    space = {"np": np}
    exec(compile(text, name, "exec"), space)
    return space["f"]


@pytest.mark.filterwarnings("ignore:No parallelism")
@pytest.mark.parametrize("magnitude", ["abs(v)", "-abs(v)", "np.abs(-v)", "-v"])
def test_arms_that_a_magnitude_chooses(magnitude):
    for op, other in itertools.product(
        (">", ">=", "<", "<=", "==", "!="), ("0", "z", "np.inf")
    ):
        for condition in (f"{magnitude} {op} {other}", f"{other} {op} {magnitude}"):
            f = function(condition)
            with np.errstate(all="ignore"):
                want = f(X, 0.0)
            got = shoal.jit(f)(X, 0.0)
            np.testing.assert_array_equal(got, want, err_msg=condition)
