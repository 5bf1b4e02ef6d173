"""Calls of Python from compiled code: wrap_python, functions of Python's library, imports."""

import numpy as np
import pandas as pd
import pytest
from programs import MODES, check_program, run_text

import shoal
from shoal import _mpi, types

PROGRAM = """
    import os, shutil, sys, time
    import numpy as np, pandas as pd, shoal as bodo

    class Mine(Exception):
        pass

    frame = bodo.types.DataFrameType(
        (bodo.types.int64[:], bodo.types.string_array_type),
        bodo.types.RangeIndexType(), ("A", "B"))

    @bodo.wrap_python(bodo.types.float64)
    def scaled(x, y=1):
        return x * 2 + y

    @bodo.wrap_python(frame)
    def named(df, prefix):
        df = df.assign(B=[f"{prefix}{i}" for i in df.index])
        return df.reset_index(drop=True)

    @bodo.wrap_python("int64")
    def breaks(x):
        raise Mine("mine", x)

    @bodo.wrap_python("int64")
    def lies(x):
        return "text"

    @bodo.wrap_python(bodo.types.float64[:])
    def halved(a):
        return a / 2

    @bodo.wrap_python(bodo.types.none)
    def quiet():
        return None

    @bodo.jit
    def tables(n):
        df = pd.DataFrame({"A": np.arange(n)})
        return named(df[df.A > 2], "x")

    @bodo.jit
    def scalars():
        quiet()
        return scaled(3, y=4)

    @bodo.jit
    def arrays(n):
        return halved(np.arange(n)).sum()

    @bodo.jit
    def rows(n):
        return pd.Series(np.arange(n)).map(lambda v: scaled(v) + 1).sum()

    @bodo.jit
    def fails(n):
        A = np.arange(n)
        if bodo.get_rank() == bodo.get_size() - 1:
            breaks(5)
        return A.sum()

    @bodo.jit
    def wrong():
        return lies(1)

    @bodo.jit
    def files(path):
        import os.path as p, shutil
        from os import makedirs
        A = np.arange(10)
        if not p.exists(path):
            makedirs(path)
            bodo.barrier()
        there = os.path.isdir(path)
        shutil.rmtree(path)
        return there, p.exists(path), os.path.join("a", "b"), A.sum(), time.time() > 5

    @bodo.jit
    def once_a_node():
        if bodo.get_rank() in bodo.get_nodes_first_ranks():
            import os
            os.makedirs(f"node{bodo.get_rank()}") if False else quiet()
        bodo.barrier()
        return bodo.get_num_nodes()

    want = pd.DataFrame({"A": range(3, 10), "B": [f"x{i}" for i in range(3, 10)]})
    got = tables(10)
    if bodo.get_size() > 1:
        got = bodo.allgatherv(got).reset_index(drop=True)
    pd.testing.assert_frame_equal(want, got)
    assert scalars() == 10.0
    assert arrays(10) == 22.5
    assert rows(4) == 20.0
    if bodo.get_size() == 1:  # in SPMD the other ranks have the text of it only
        try:
            fails(3)
        except Mine as e:
            assert e.args == ("mine", 5)
        else:
            raise AssertionError
    try:
        wrong()
    except TypeError as e:
        assert "User specified:\\tint64" in str(e) and "Value type:\\tstr" in str(e), e
    else:
        raise AssertionError
    assert files("folder") == (True, False, "a/b", 45, True), files("folder")
    assert once_a_node() == 1
    if bodo.get_rank() == 0:
        print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_program(ranks, mode, tmp_path):
    done = run_text(PROGRAM, ranks, mode, tmp_path)
    assert done.stdout.splitlines() == ["passed"], done.stdout + done.stderr


RESULTS = """
    import datetime, os
    import numpy as np, pandas as pd, shoal as bodo
    t = bodo.types
    one = np.arange(3.0)

    def gives(type_, value):
        @bodo.wrap_python(type_)
        def given():
            return value

        @bodo.jit
        def call():
            return given()

        return call

    def same(type_, value, want=None):
        got = gives(type_, value)()
        want = value if want is None else want
        assert repr(got) == repr(want), (type_, got, want)

    def wrong(type_, value, text):
        try:
            gives(type_, value)()
        except TypeError as e:
            assert text in str(e), e
        else:
            raise AssertionError((type_, value))

    day, at = datetime.date(2020, 1, 2), pd.Timestamp("2020-01-02 03:04")
    same(t.List(t.int64), [1, 2, 3])
    same(t.List(t.int64), [])
    same(t.List(t.float64), [1, 2.5, True], [1.0, 2.5, 1.0])
    same(t.DictType(t.unicode_type, t.List(t.int64)), {"a": [], "b": [1]})
    same(t.Set(t.unicode_type), {"x"})
    same(t.List(t.Tuple(t.int64, t.unicode_type, t.boolean)), [(1, "a", True)])
    same(t.List(t.datetime_date_type), [day])
    same(t.Tuple(t.List(t.int64), t.float64, t.bytes_type), ([1], 2.0, b"ab"))
    same(t.complex128, 1j)
    same(t.pd_timestamp_tz_naive_type, at, at.as_unit("ns"))
    same(t.Tuple(t.float64[:], t.float64[:]), (one, one))
    same(bodo.typeof([[1], [2]]), [[1, 2], [], [3]])
    same(bodo.typeof({"a": 1}), {"b": 3, "c": 4})
    same(bodo.typeof((["a"], 1)), (["b", "c", "d"], 2))
    same(t.List(t.datetime64ns), [at], [at.as_unit("ns")])
    wrong(t.List(t.int64), [1, "a"], "Value type:\tlist(int64, str)")
    wrong(t.List(t.int64), [1.5], "User specified:\tlist(int64)")
    wrong(t.List(t.int64), (1, 2), "Value type:\ttuple(int64, int64)")
    wrong(t.List(t.Tuple(t.int64, t.int64)), [(1, 2, 3)], "list(tuple(int64, int64))")
    wrong(t.DictType(t.unicode_type, t.int64), {1: 2}, "dict(str, int64)")
    wrong(t.List(t.List(t.unicode_type)), [[1]], "list(list(str))")
    times = pd.DataFrame({"t": np.array(["2020-01-01"], "datetime64[s]")})
    got = gives(t.DataFrameType((t.datetime64ns[:],), t.RangeIndexType(), ("t",)), times)()
    assert str(got.t.dtype) == "datetime64[ns]" and got.t[0] == times.t[0]

    @bodo.wrap_python(t.unicode_type)
    def loud(s):
        return s.upper()

    @bodo.jit
    def over_rows(s):
        return s.map(loud), s.apply(lambda x: loud(x) + "!"), callable(loud)

    a, b, c = over_rows(pd.Series(["a", "b", "c", "d"]))
    if bodo.get_size() > 1:
        a, b = bodo.allgatherv(a), bodo.allgatherv(b)
    assert list(a) == list("ABCD") and list(b) == ["A!", "B!", "C!", "D!"] and c

    @bodo.jit
    def environment(path):
        os.makedirs(path + "/x/y", exist_ok=True)
        names = os.listdir(path)
        return (os.environ.get("HERE"), os.environ.get("GONE"), os.getenv("GONE", "no"),
                len(names), names[0])

    assert environment("box") == ("there", None, "no", 1, "x"), environment("box")
    if bodo.get_rank() == 0:
        print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 3])
def test_results(ranks, mode, tmp_path):
    """Containers of any length, times in the declared unit, one value twice, rows."""
    done = run_text(RESULTS, ranks, mode, tmp_path, HERE="there")
    assert done.stdout.splitlines() == ["passed"], done.stdout + done.stderr


@pytest.mark.ranks
def test_the_first_ranks_of_nodes(tmp_path):
    if _mpi.library()[0] == _mpi.OPENMPI:
        pytest.skip("only MPICH divides a machine into several nodes")
    text = """
        import shoal
        @shoal.jit
        def f():
            shoal.parallel_print(shoal.get_rank() in shoal.get_nodes_first_ranks())
            return shoal.get_nodes_first_ranks(), shoal.get_num_nodes()
        print(f())
    """
    done = run_text(text, 4, "pool", tmp_path, MPIR_CVAR_NUM_CLIQUES="2")
    lines = done.stdout.splitlines()
    assert sorted(lines[:-1]) == ["False", "False", "True", "True"], done.stderr
    assert lines[-1].startswith("(array([0, 1]") and lines[-1].endswith(", 2)")


def test_a_collective_after_a_branch_on_the_rank_that_calls_is_refused():
    @shoal.wrap_python("int64")
    def own():
        return 1

    @shoal.jit
    def f(n):
        a = np.arange(n)
        if own() > 0:
            return a.sum()
        return 0

    with pytest.raises(shoal.DistributionError, match="ranks can take different paths"):
        f(10)


def test_an_import_that_is_not_there():
    @shoal.jit
    def f():
        import no_such_module

        return no_such_module.x

    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        f()


def test_other_functions_of_the_library_name_wrap_python():
    @shoal.jit
    def f():
        import os

        return os.getloadavg()

    with pytest.raises(shoal.UnsupportedError, match="wrap_python"):
        f()


@shoal.wrap_python("unicode_type")
def text_twice(s):
    return s * 2


@shoal.wrap_python(types.bytes_type)
def bytes_twice(b):
    return b * 2


def test_bytes_and_text():
    """Compiled code that differs in nothing else is not taken for one another's."""

    @shoal.jit
    def f(s):
        return text_twice(s)

    @shoal.jit
    def g(b):
        return bytes_twice(b)

    assert f("ab") == "abab"
    assert g(b"a\xff\0") == b"a\xff\0a\xff\0"
    assert f("cd") == "cdcd"


def test_types_by_name():
    frame = pd.DataFrame({"A": [1, 2], "s": ["a", "b"]})
    same = types.DataFrameType(
        (types.int64[:], types.string_array_type), types.RangeIndexType(), ("A", "s")
    )
    assert types.typeof(frame) == same
    assert types.typeof(np.zeros(3)) == types.float64[:]
    assert repr(types.typeof(1)) == "int64"
    assert types.typeof((1, "a")) == types.Tuple(types.int64, types.string)
    with pytest.raises(shoal.DeclarationError, match="requires full data types"):
        shoal.wrap_python(types.DataFrameType)
    with pytest.raises(shoal.DeclarationError, match="A data type is required"):
        shoal.wrap_python(3)
    with pytest.raises(shoal.DeclarationError, match="no type named 'nonsense'"):
        shoal.wrap_python("nonsense")
    assert repr(types.DictType(types.int64, types.List(types.string))) == (
        "dict(int64, list(str))"
    )
    assert types.typeof({1: ["a"]}) == types.DictType(types.int64, types.typeof(["b"]))
    with pytest.raises(shoal.UnsupportedError, match=r"List\(\) of int32"):
        types.List(types.int32)
    with pytest.raises(shoal.UnsupportedError, match="DecimalArrayType"):
        types.DecimalArrayType(3, 4)


def test_registered_types():
    types.register_type("pairs_of_test", types.typeof(pd.DataFrame({"a": [1.0]})))
    assert shoal.wrap_python("pairs_of_test")(len).result == types.typeof(
        pd.DataFrame({"a": [2.0]})
    )
    with pytest.raises(shoal.DeclarationError, match="already exists"):
        types.register_type("pairs_of_test", types.int64)
    with pytest.raises(shoal.DeclarationError, match="should be a string"):
        types.register_type(3, types.int64)
    with pytest.raises(shoal.DeclarationError, match="should be a valid data type"):
        types.register_type("other", 3)


CHUNKS = """
import datetime
import numpy as np
import pandas as pd
from comparing import whole

import shoal as bodo

t = bodo.types


def gives(type_, value):
    @bodo.wrap_python(type_)
    def given():
        return value

    @bodo.jit
    def call(n):
        return given(), np.arange(n).sum()

    return call(3)[0]


# Arrays of several dimensions and of text, times of NumPy's, dates, types by name.
square = np.arange(6.0).reshape(2, 3)
for type_ in (t.float64[:, :], "float64[:, :]", "float64[:,:]", bodo.typeof(square)):
    assert np.array_equal(gives(type_, square), square)
    assert np.array_equal(gives(type_, square.T), square.T)
assert gives("int32[:]", np.arange(3)).dtype == np.int32
assert gives("float64[::1]", np.ones(2)).tolist() == [1, 1]
assert gives(t.float64[:, :, :], np.ones((2, 1, 4))).shape == (2, 1, 4)
assert gives(bodo.typeof(np.array(["a"])), np.array(["x", "yy"])).tolist() == ["x", "yy"]
day = datetime.date(2020, 1, 2)
assert gives(t.datetime_date_type, day) == day
assert gives(t.datetime64ns, np.datetime64(day, "ns")) == pd.Timestamp(day)
assert gives(t.timedelta64ns, np.timedelta64(5, "s")) == pd.Timedelta(5, "s")
assert (gives("bool", True), gives("float", 2), gives("str", "s")) == (True, 2.0, "s")


# What is made of chunks is chunks, of any number of dimensions, used in any way.
@bodo.wrap_python(t.float64[:, :])
def beside(a):
    return np.stack([a, a * 2]).T


@bodo.wrap_python(t.int64[:])
def large(a):
    return a[a > 1]


@bodo.wrap_python(bodo.typeof(pd.DataFrame({"a": [1], "k": [1]})))
def keyed(df):
    return df.assign(k=df.a % 2).reset_index(drop=True)


@bodo.wrap_python(t.float64[:, :])
def ragged(a):
    return np.ones((len(a), 1 + len(a) * int(a[0] == 0)))


@bodo.jit
def matrix(n):
    b = beside(np.arange(n))
    s = 0.0
    for k in range(4):
        s += b[k * k % n, 1]
    return b, b.sum(), b.shape, b[0, 1], b[-1].sum(), s


@bodo.jit
def vector(n):
    d = large(np.arange(n))
    s = 0
    for k in range(len(d)):
        s += d.sum() + d[k * k % len(d)]
    return len(d), s, d[0], d[-1], np.sort(d)[0]


@bodo.jit
def table(n):
    df = pd.DataFrame({"a": np.arange(n)})
    d = keyed(df)
    s = 0
    for k in range(len(d)):
        s += d.a.sum()
    x = d.sort_values("a", ascending=False)
    return s, d.groupby("k").a.sum().sum(), len(d.merge(df, on="a")), x.a.iloc[0]


@bodo.jit
def widths(n):
    return ragged(np.arange(n)).sum()


b, *rest = matrix(7)
assert whole(b).tolist() == [[k, 2 * k] for k in range(7)]
assert rest == [63, (7, 2), 0, 18, 2 * (0 + 1 + 4 + 2)], rest
d = list(range(2, 7))
assert vector(7) == (5, 5 * sum(d) + sum(d[k * k % 5] for k in range(5)), 2, 6, 2)
assert table(7) == (7 * 21, 21, 7, 6)


@bodo.jit
def ranks():
    return bodo.get_size()


if ranks() > 1:
    try:
        widths(7)
    except ValueError as e:
        assert "the same lengths behind the first" in str(e), e
    else:
        raise AssertionError
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 3])
def test_arrays_and_chunks(ranks, mode, tmp_path):
    check_program(CHUNKS, ranks, mode, tmp_path)


INSIDE = """
import numpy as np
import pandas as pd

import shoal as bodo


def more(k):
    return k + 1


@bodo.jit
def compiled(k):
    return more(k) * np.arange(k).sum()


@bodo.jit
def length(df):
    return len(df)


@bodo.wrap_python("int64")
def alone():
    return compiled(4)


@bodo.wrap_python("int64")
def rows(df):
    assert length(df) == len(df)
    return bodo.get_rank() * 10 + bodo.get_size() + len(bodo.get_nodes_first_ranks())


@bodo.jit
def f(n):
    df = pd.DataFrame({"a": np.arange(n)})
    k = 0
    if bodo.get_rank() == 0:
        k = alone()
    own = rows(df) == bodo.get_rank() * 10 + bodo.get_size() + 1
    same = 0
    for i in bodo.prange(bodo.get_size()):
        same += own
    return df.a.sum(), k, same == bodo.get_size()


total, k, same = f(7)
assert (total, same) == (21, True)
assert k == (30 if bodo.get_rank() == 0 else 0)


@bodo.jit
def ranks():
    return bodo.get_size()


@bodo.wrap_python(bodo.types.none)
def waits():
    bodo.barrier()


@bodo.wrap_python("int64")
def scatters():
    return len(bodo.scatterv(np.arange(9)))


@bodo.jit
def first_waits(n):
    if bodo.get_rank() == 0:
        waits()
    return np.arange(n).sum()


@bodo.jit
def all_scatter(n):
    return scatters() + np.arange(n).sum()


for call in (first_waits, all_scatter):
    try:
        call(3)
    except bodo.DistributionError as e:
        assert ranks() > 1 and "is a matter of all ranks" in str(e), e
    else:
        assert ranks() == 1
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 3])
def test_the_rank_and_compiled_functions_in_python_functions(ranks, mode, tmp_path):
    """They know their rank; compiled functions run there alone; collectives are refused."""
    check_program(INSIDE, ranks, mode, tmp_path)


LIBRARY = """
import gc, os, shutil, sys, time
import numpy as np

import shoal as bodo


@bodo.jit
def waits(n):
    a, s, t = np.arange(n), 0, time.time()
    while time.time() - t < 0.3:
        s += a.sum()
    return s > 0


@bodo.wrap_python("bool")
def pandas_is_there():
    return "pandas" in sys.modules


@bodo.jit
def folders(path):
    os.makedirs(path + "/a")
    os.rename(path + "/a", path + "/b")
    shutil.copytree(path, path + "2")
    names = os.listdir(path + "2")
    sys.stdout.flush()
    shutil.rmtree(path)
    shutil.rmtree(path + "2")
    return pandas_is_there(), names[0], gc.collect() >= 0, np.arange(3).sum()


if bodo.get_size() == 1:  # nothing slow stands between the first call and the next
    assert not folders("box")[0] or not os.environ.get("SHOAL_NUM_WORKERS", "1") > "1"
    assert folders("box")[1:] == ("b", True, 3)
assert waits(5)
for call, error in (
    (lambda: os.remove("none"), FileNotFoundError),
    (lambda: os.mkdir("/proc/none"), OSError),
    (lambda: time.sleep(-1), ValueError),
    (lambda: os.path.join("a", 3), TypeError),
    (lambda: os.makedirs("a", bogus=1), TypeError),
):
    try:
        call()
    except error as e:
        want = type(e), str(e)
    try:
        bodo.jit(call)()
    except error as e:
        assert str(e).startswith(want[1]) or want[0] is TypeError, (e, want)
    else:
        raise AssertionError(error)
print("passed")
"""


@pytest.mark.ranks
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("ranks", [1, 3])
def test_functions_of_the_library(ranks, mode, tmp_path):
    check_program(LIBRARY, ranks, mode, tmp_path)


def test_what_the_library_has_but_the_table_has_not():
    @shoal.jit
    def walks():
        import os

        return os.walk(".")

    @shoal.jit
    def item():
        import os

        return os.environ["HOME"]

    for f in (walks, item):
        with pytest.raises(shoal.UnsupportedError, match="wrap_python"):
            f()


ENVIRONMENT = """
import os
import numpy as np

import shoal


@shoal.wrap_python(shoal.types.unicode_type)
def asked():
    return os.environ.get("OF_THE_TEST", "none")


def f(n):
    return asked(), os.environ.get("OF_THE_TEST"), np.arange(n).sum()


@shoal.wrap_python(shoal.types.none)
def fails():
    raise ValueError("mine")


@shoal.jit(propagate_env=["OF_THE_TEST"])
def failing(n):
    fails()
    return np.arange(n).sum()


given, plain = shoal.jit(propagate_env=["OF_THE_TEST"])(f), shoal.jit(f)
assert plain(3) == ("none", None, 3)
for value in ("1", "2"):
    os.environ["OF_THE_TEST"] = value
    assert given(3) == (value, value, 3)
del os.environ["OF_THE_TEST"]
assert given(3) == ("none", None, 3)
os.environ["OF_THE_TEST"] = "3"
assert given(3) == ("3", "3", 3)
try:
    failing(3)
except ValueError:
    pass
assert plain(3) == ("none", None, 3)  # as it was when the workers started
print("passed")
"""


@pytest.mark.ranks
def test_variables_that_a_call_takes_along(tmp_path):
    check_program(ENVIRONMENT, 3, "pool", tmp_path)
