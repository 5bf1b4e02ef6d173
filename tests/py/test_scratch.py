"""Memory of calls that compiled code makes of the runtime, in long loops."""

import subprocess
import sys

import pytest

LOOP_CALLS = {
    "sort": "np.sort(a)[0]",
    "argsort": "np.argsort(a)[0]",
    "unique": "len(np.unique(a))",
    "median": "np.median(a)",
    "percentile": "np.percentile(a, 30.0)",
    "histogram": "np.histogram(a, 5)[0][0]",
    "min": "a.min()",
    "searchsorted": "np.searchsorted(a, 0.5)",
    "cumsum": "np.cumsum(a)[1]",
    "concatenate": "np.concatenate((a, a))[2]",
    "where": "np.where(a > 0.5)[0][0]",
    "bincount": "np.bincount((a * 10).astype(np.int64))[0]",
}


@pytest.mark.parametrize("name", LOOP_CALLS)
def test_calls_in_a_long_loop_keep_no_memory(name, tmp_path):
    """What a call takes for itself is given back behind it, not at the end of the program."""
    (tmp_path / "program.py").write_text(
        f"""
import resource, sys
import subprocess
import sys

import numpy as np
import shoal

@shoal.jit(distributed=False)
def f(a, n):
    t = 0.0
    for i in range(n):
        t += {LOOP_CALLS[name]}
    return t

def most():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

a = np.random.default_rng(3).random(8)
f(a, 1000)
before = most()
f(a, 400_000)
print(most() - before)
"""
    )
    done = subprocess.run(
        [sys.executable, str(tmp_path / "program.py")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 4096  # KB; 16 bytes a round are more
