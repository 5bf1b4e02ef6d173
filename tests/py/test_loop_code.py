"""What becomes of loops: vector code where C has it, work that is not done twice."""

import math
import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

import shoal

PROGRAM = """
import numpy as np, math, shoal
from bench.lang import kernels
from bench.lang.cases import LOOPS
name = {name!r}
loop = next(one for one in LOOPS if one.name == name)
shoal.jit(distributed=False)(loop.function)(*loop.make(np.random.default_rng(1), 20))
"""


def llvm_of(name, tmp_path, monkeypatch) -> str:
    """The optimised module of a loop of the benchmark."""
    monkeypatch.setenv("SHOAL_DUMP", "llvm")
    monkeypatch.setenv("SHOAL_CACHE_DIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(name=name)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stderr


@pytest.mark.parametrize(
    "name, what",
    [
        ("life", r"select <\d+ x i1>|zext <\d+ x i1>"),  # its if reads an element
        ("stencil", r"fmul <\d+ x double>"),
        ("stencil_1d", r"fmul <\d+ x double>"),
        ("matmul", r"fmul <\d+ x double>"),
        ("matmul_flat", r"fmul <\d+ x double>"),
        ("logistic", r"fadd <\d+ x double>"),
    ],
)
def test_vector_code(name, what, tmp_path, monkeypatch):
    assert re.search(what, llvm_of(name, tmp_path, monkeypatch))


def test_no_vectors_of_elements_far_apart(tmp_path, monkeypatch):
    """The sieve's loop with a step of the program's: 64 copies of a store, else."""
    assert "insertelement <64 x i64>" not in llvm_of("sieve", tmp_path, monkeypatch)


def test_a_search_tests_for_a_stop_once_in_many_rounds(tmp_path, monkeypatch):
    """The abort word is asked for behind a countdown, not where elements are moved."""
    text = llvm_of("insertion_sort", tmp_path, monkeypatch)
    assert re.search(r"phi i64 .*\[ 65536, ", text)
    assert "llvm.loop.align" in text


@pytest.mark.parametrize("name", ["collatz", "stencil", "kmeans", "insertion_sort"])
def test_a_loop_that_is_stopped_does_not_come_back(name, tmp_path, monkeypatch):
    """All tests of the abort word lead to one block, which ends the call."""
    text = llvm_of(name, tmp_path, monkeypatch)
    stop = re.search(r"^stop:.*?(?=^\S)", text, re.MULTILINE | re.DOTALL).group()
    assert re.search(r"br label %(fail|common\.ret)\b", stop)
    assert text.count("\ndefine ") == 1


def test_rows_are_pointers_that_go_along(tmp_path, monkeypatch):
    """The distance of a point to a center: no product where the inner loop is entered."""
    text = llvm_of("kmeans", tmp_path, monkeypatch)
    inner = text[: text.index("fsub double")].rsplit("phi double", 2)[0]
    body = inner.rsplit(" = phi ptr ", 1)[1]
    assert "mul i64" not in body


@shoal.jit(distributed=False)
def around(a, until):
    i = 0
    n = 0
    while a[i] != until:
        a[i] += 1
        n += 1
        i += 1
        if i == len(a):
            i = 0
    return n


@pytest.mark.parametrize("rounds", [1, 65535, 65536, 65537, 200_000])
def test_rounds_beyond_a_strip(rounds):
    a = np.zeros(3, np.int64)
    a[rounds % 3] = 1_000_000 - rounds // 3
    assert around(a, 1_000_000) == rounds


def test_an_endless_search_can_be_stopped():
    a = np.zeros(3, np.int64)
    assert around(np.array([5]), 5) == 0
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        around(a, -1)


def bell(x):
    return math.exp(-0.5 * x * x) / (1.0 + abs(x))


@shoal.jit(distributed=False)
def both_sides(x):
    return bell(x) + 2.0 * bell(-x)


def test_products_that_differ_in_sign():
    for x in (0.0, -0.0, 1.5, -3.25, math.inf, -math.inf):
        want = bell(x) + 2.0 * bell(-x)
        assert both_sides(x) == want or math.isnan(want)


@shoal.jit(distributed=False)
def signs(a, b):
    return -a * b, a * -b, -a * -b, abs(-a)


def test_signs_of_products():
    for a in (0.0, -0.0, 2.0, -3.0, math.inf):
        for b in (0.0, -0.0, 5.0, -7.0):
            want = signs.py_func(a, b)
            got = signs(a, b)
            assert str(got) == str(want)


@shoal.jit(distributed=False)
def alive_next_to(a, far):
    out = np.zeros(len(a), np.int64)
    for i in range(len(a)):
        if a[i] == 1 and a[i + far] == 2:
            out[i] = 1
    return out


def test_an_element_is_read_only_where_it_is_asked_for():
    a = np.array([1, 2, 1, 2, 3])
    assert alive_next_to(a, 1).tolist() == [1, 0, 1, 0, 0]
    assert alive_next_to(a, -1).tolist() == alive_next_to.py_func(a, -1).tolist()
    with pytest.raises(IndexError, match="index 5 is out of bounds for axis 0"):
        alive_next_to(np.array([1, 2, 1, 2, 1]), 1)


@shoal.jit(distributed=False)
def corner(a, i, j):
    s = 0.0
    while i < 4:
        s += a[i, j]
        i += 1
    return s


def test_the_axis_of_an_index():
    a = np.arange(12.0).reshape(3, 4)
    for i, j in (0, 0), (-3, -4), (0, 4):
        with pytest.raises(IndexError) as want:
            corner.py_func(a, i, j)
        with pytest.raises(IndexError, match=re.escape(str(want.value))):
            corner(a, i, j)
