"""try, raise, assert: compiled functions behave as the same functions in Python."""

import math
import os

import numpy as np
import pandas as pd
import pytest
from language import asserting, check
from programs import check_program

import shoal


class AppError(ValueError):
    pass


class DeepError(AppError):
    pass


class OwnError(Exception):
    def __init__(self, code, more=2):
        super().__init__(code, more)
        self.code = code


def test_division():
    @shoal.jit
    def f(n):
        try:
            x = 10 // n
        except ZeroDivisionError:
            x = -1
        return x

    check(f, 0, 3, -2)


def test_all_clauses_and_what_was_assigned_before():
    @shoal.jit
    def f(n):
        x = 0
        y = 1.5
        try:
            x = 1
            if n > 2:
                raise ValueError("big", n, 2.5)
            x = 2
            y = 10 / n
            x = 3
        except ValueError as e:
            return x, y, e.args[1]
        except (KeyError, ZeroDivisionError):
            return x, y, -7
        else:
            x = 10
        finally:
            y += 1
        return x, y, n

    check(f, 0, 1, 2, 5)


def test_finally_runs_on_every_way_out(capsys):
    @shoal.jit
    def f(n):
        for i in range(n):
            try:
                if i == 1:
                    continue
                if i == 3:
                    return i
                if n == 9:
                    raise KeyError(i)
            finally:
                print("end of", i)
        return -1

    for n in (0, 2, 4, 9):
        check(f, n)
        lines = capsys.readouterr().out.splitlines()
        assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]


def test_loops():
    @shoal.jit
    def f(n):
        s = 0
        for i in range(n):
            try:
                if i == 3:
                    continue
                if i == 7:
                    break
                if i % 2:
                    raise AppError("odd", i)
                s += i
            except AppError as e:
                s += 100 * e.args[1]
            finally:
                s += 1
        else:
            s = -s
        return s

    @shoal.jit
    def g(n):
        tries = 0
        while True:
            try:
                tries += 1
                return 10 // (tries - n), tries
            except ZeroDivisionError:
                continue

    check(f, 0, 2, 5, 20)
    check(g, 0, 1, 3)


def test_raise_arrives_with_type_arguments_and_lines():
    @shoal.jit
    def f(n):
        if n == 0:
            raise DeepError(1, "a'b", None, 2.5, True)
        if n == 1:
            raise OwnError(n)
        if n == 2:
            raise KeyError("k")
        if n == 3:
            raise ValueError
        if n == 6:
            raise NotImplementedError("later")
        if n == 7:
            raise Exception("ValueError: text", n)
        if n == 8:
            raise IndexError("é" * 3)
        if n == 9:
            raise ValueError("x" * 900)
        return n

    check(f, *range(11))


def test_assert():
    check(shoal.jit(asserting), 1, 4, 5, 9)


def test_calls_and_classes():
    def inner(n):
        if n == 0:
            raise DeepError(1)
        if n == 1:
            raise OwnError(n)
        return n

    def outer(n):
        try:
            return inner(n)
        except AppError:
            return -1

    @shoal.jit
    def f(n):
        try:
            return outer(n)
        except OwnError:
            raise

    check(f, 0, 1, 2)


def test_nested_and_raised_again():
    @shoal.jit
    def f(n):
        s = 0
        try:
            s += 1
            try:
                s += 10
                if n == 0:
                    raise KeyError("inner")
                s += 100 // (n - 1)
            except KeyError:
                s += 1000
                raise ValueError("from the handler", s)
            finally:
                s += 7
        except ValueError as e:
            return s, e.args[1]
        except Exception:
            return s, -1
        return s, 0

    check(f, 0, 1, 2)


def test_text_of_an_exception(capsys):
    @shoal.jit
    def f(n):
        try:
            if n == 1:
                raise RuntimeError("plain")
            if n == 2:
                raise AppError("two", n)
            return 1 // n
        except Exception as e:
            print(e, str(e))
            return -1

    for n in (0, 1, 2, 3):
        f(n)
        got = capsys.readouterr().out
        f.py_func(n)
        assert got == capsys.readouterr().out


def test_what_python_would_raise_is_known_when_compiling():
    @shoal.jit
    def f(n):
        t = (1, 2)
        x = y = 0
        try:
            x = t[5]
        except IndexError:
            x = 7
        try:
            y = int("abc")
        except ValueError as e:
            return str(e)
        return x + y + n

    check(f, 1)


def test_missing_file(tmp_path):
    @shoal.jit
    def f(path):
        try:
            df = pd.read_parquet(path)
            n = df["a"].sum()
        except FileNotFoundError:
            return -1
        return n

    path = str(tmp_path / "x.parquet")
    assert f(path) == -1
    pd.DataFrame({"a": [1, 2]}).to_parquet(path)
    assert f(path) == 3


def test_interrupt_is_not_taken():
    with pytest.raises(shoal.UnsupportedError, match="except\\* is not compiled"):

        @shoal.jit
        def f(n):
            try:
                return n
            except* ValueError:
                pass

        f(1)


PROGRAM = """
    import numpy as np, pandas as pd, shoal

    class E(Exception):
        pass

    @shoal.jit
    def one_rank(a, k):
        r = shoal.get_rank()
        try:
            if r == k:
                raise E("rank", r)
            s = a.sum()
        except E as e:
            s = a.sum() * 0 - 1 - e.args[1]
        return s

    @shoal.jit
    def loop(a, k):
        t = 0
        for i in range(5):
            try:
                s = a.sum()
                if i == k:
                    t += 1 // (k - i)
                t += s
            except ZeroDivisionError:
                t -= 1000
                continue
            finally:
                t += 1
        return t

    @shoal.jit
    def local(n):
        s = 0
        for i in shoal.prange(n):
            v = 0
            try:
                v = 10 // (i % 3)
            except ZeroDivisionError:
                v = 1
            s += v
        return s

    @shoal.jit
    def not_taken(a, k):
        try:
            if shoal.get_rank() == k:
                raise E("rank", k)
            s = a.sum()
        except KeyError:
            s = a.sum()
        return s

    @shoal.jit
    def failed_before(a, k):
        if shoal.get_rank() == k:
            raise E("before")
        try:
            s = a.sum()
        except E:
            s = -5.0
        return s

    n = {n}
    a = pd.Series(np.arange(10.0))
    for k in range(n):
        assert one_rank(a, k) == -1 - k, one_rank(a, k)
        for f, text in (not_taken, "rank"), (failed_before, "before"):
            try:
                f(a, k)
            except E as e:
                assert e.args[0] == text
            else:
                raise AssertionError
    assert one_rank(a, n) == 45
    assert loop(a, 2) == loop.py_func(a, 2)
    assert local(1000) == local.py_func(1000)
    print("passed")
"""


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_one_rank_fails(ranks, tmp_path):
    check_program(PROGRAM.replace("{n}", str(ranks)), ranks, "pool", tmp_path)


def test_arrays_in_handlers():
    @shoal.jit
    def f(a, i):
        b = np.zeros(3)
        try:
            b = np.ones(4)
            b[i] = a[i]
        except IndexError:
            return b.sum(), -1.0
        return b.sum(), a[0]

    check(f, (np.arange(5.0), 2), (np.arange(5.0), 4), (np.arange(2.0), 3))


def test_operands_that_fail_in_any_case():
    """They raise where they stand, if control gets there."""

    @shoal.jit
    def chain(x, y, k):
        r = x < y <= {}[k]
        return r

    @shoal.jit
    def either(x):
        a = 0
        r = (a := x) > 0 and [][3] > 2
        return r, a

    @shoal.jit
    def both(x):
        return [1][5] if x > 0 else 1 // 0

    @shoal.jit
    def caught(x):
        try:
            return [][0] if x > 0 else {}[x]
        except KeyError:
            return "key"
        except IndexError as e:
            return str(e)

    @shoal.jit
    def counted(a):
        n = 0
        for v in a:
            try:
                n += 1 if v > 2 else [][v]
            except IndexError:
                n += 100
        return n

    check(chain, (3, 2, 1), (1, 2, 1))
    check(either, 0, 1)
    check(both, 1, -1)
    check(caught, 0, 1)
    check(counted, ([1, 2, 3, 4],))


# -- Memory of what a caught failure leaves behind ----------------------------------------


def text_and_lists(n):
    k = 0
    for i in range(n):
        try:
            s = str(i) * 50
            a = [s, s + "a"]
            if i % 2 == 0:
                a.append(s + "zz")
            d = {s: a}
            k += len(d[s][2])
        except IndexError:
            k += 1
    return k


def grow(a, d):
    b = [*a, str(d) * 50]
    if d == 0:
        return len(b[len(a) + 3])
    return grow(b, d - 1) + len(b)


def from_functions(n):
    k = 0
    for i in range(n):
        try:
            k += grow([str(i)], 4)
        except IndexError:
            k += 1
    return k


def nested(n):
    k = 0
    for i in range(n):
        try:
            a = [str(i) * 100]
            try:
                b = [a[0] * 2]
                k += len(b[i % 3])
            finally:
                c = [a[0] + "c"]
                k += len(c[i % 2])
        except IndexError:
            k += 1
        else:
            k += 2
    return k


def behind_a_try(n):
    k = 0
    for i in range(n):
        try:
            v = {3, 1, 2}
            w = 3
            while w > 0:
                w -= 1
                try:
                    v.add(w)
                except LookupError:
                    v.update([0])
                x = [][-1]  # noqa: F841
        except IndexError:
            k += 1
    return k


@pytest.mark.parametrize("func", [text_and_lists, from_functions, nested, behind_a_try])
def test_caught_failures_keep_nothing(func):
    from shoal import _core

    peak = {}
    for n in (20, 5000):
        assert shoal.jit(func)(n) == func(n)
        live, peak[n], _ = _core.heap_stats()
        assert live <= 3, "variables of the try"
    assert peak[5000] < peak[20] + 2000


ARRAYS = """
import numpy as np
import resource
import shoal

def f(a, n):
    k = 0.0
    for i in range(n):
        try:
            b = a + i
            c = b * b
            k += c[len(a) + i]
        except IndexError:
            k += 1
    return k

g = shoal.jit(f, distributed=False)
a = np.ones(10_000)
g(a, 10)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert g(a, 3000) == 3000
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000
print("passed")
"""


@pytest.mark.skipif("SHOAL_SANITIZED" in os.environ, reason="freed memory is kept")
def test_caught_failures_keep_no_arrays(tmp_path):
    check_program(ARRAYS, 1, "pool", tmp_path)


FAILING = [
    "np.zeros(int(a[0]) - 1).argmin()",
    "np.linalg.inv(np.zeros((2, 2)))",
    "np.linalg.solve(np.zeros((2, 2)), a[:2])",
    "np.linalg.cholesky(-np.eye(2))",
    "np.eye(3)[np.array([0]), np.array([9])]",
    "np.quantile(a, 1.5)",
    "np.concatenate((np.eye(2), np.zeros((2, 3))))",
    "np.repeat(a, -1)",
    "a.reshape(3, 3)",
    "pd.Series(a).map(lambda x: 1 // int(x - 2))",
    "np.array([[1][int(x)] for x in a])",
]


@pytest.mark.parametrize("expr", FAILING)
def test_caught_failures_of_calls_keep_nothing(expr):
    """What a call or a loop over rows had made when it failed."""
    import program_run
    from program_gen import Program

    source = f"""
import pandas as pd

def f(a, n):
    k = 0
    for i in range(n):
        try:
            b = {expr}
            k += 1
        except (ValueError, IndexError, ZeroDivisionError, np.linalg.LinAlgError):
            k += 100
    return k
"""
    program = Program(source, ["(np.array([1.0, 2.0, 4.0, 3.0]), 3)"])
    verdict = program_run.compare(program, distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text


def test_nothing_is_seen_before_a_failure_that_stands_before_it(capsys):
    @shoal.jit(distributed=False)
    def f(a, w):
        k = 0
        b = pd.Series(a)
        try:
            b = b.map(lambda x: 1 // int(x - 2))
            w[0] = 9.0
            print("after")
            k += 1
        except ZeroDivisionError:
            k += 100
        return k

    a, w = np.array([1.0, 2.0, 4.0]), np.zeros(2)
    assert f(a, w) == 100
    assert w[0] == 0
    assert capsys.readouterr().out == ""


def refuse():
    raise ValueError("no")


def in_an_argument(x):
    return math.gcd(refuse(), x)


def in_a_try(x):
    try:
        return len(refuse())
    except ValueError as e:
        return f"{e}{x}"


def of_its_attribute(x):
    return refuse().foo(x)[3]


@pytest.mark.parametrize("f", [in_an_argument, in_a_try, of_its_attribute])
def test_the_value_of_a_function_that_always_raises(f):
    check(shoal.jit(f), 3)


def empty_until_later(n):
    for _, _ in {1: [1]}.items():
        rows = [list(q) for q in []]
        try:
            try:
                _ = 1
            except ZeroDivisionError:
                del rows[12:]
            finally:
                rows = [list(q) for q in []] if True else rows[::-1]
            rows.append(sorted(["b", "ab", ""], key=len))
            del rows[12:]
        finally:
            try:
                n %= 1009
            except (LookupError, ArithmeticError, TypeError) as e:
                print(e)
    return (n,)


def test_a_list_whose_elements_are_known_later():
    check(shoal.jit(empty_until_later), 3, 30)


# -- Classes with an __init__, attributes and methods of their own


class Coded(Exception):
    def __init__(self, code):
        self.code = code


class Told(Exception):
    level = 3

    def __init__(self, code, why="none"):
        super().__init__(f"code {code}: {why}")
        self.code = code
        self.why = why

    def both(self):
        return f"{self.code}/{self.why}"

    @property
    def twice(self):
        return 2 * self.code


class Worse(Told):
    pass


class Shown(ValueError):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.pair = (a, b)

    def __str__(self):
        return f"<{self.pair[0]}>"

    def __repr__(self):
        return f"Shown {self.args[1]}"


class Counted(Exception):
    def __init__(self, n):
        self.n = n

    def more(self):
        self.n += 1


class NoKey(KeyError):
    def __init__(self, key):
        super().__init__(key)
        self.key = key


def own_attribute(x):
    try:
        if x:
            raise Coded(x)
    except Coded as e:
        return e.code
    return -1


def own_text(x):
    try:
        raise Told(x, why="w" * x)
    except Told as e:
        return e.code, e.why, str(e), repr(e), e.args, e.both(), e.twice, e.level


def own_text_by_its_base(x):
    try:
        if x > 1:
            raise Shown(x, "s")
        return str(10 // x)
    except (ValueError, ZeroDivisionError) as e:
        return f"{e} {e!r}"


def one_of_two(x):
    try:
        if x == 0:
            raise Told(7)
        raise Worse(8, "q")
    except Told as e:
        return e.code, str(e), type(e).__name__, isinstance(e, Worse)


def changed_by_a_method(x):
    try:
        raise Counted(x)
    except Counted as e:
        e.more()
        e.more()
        return e.n


def keeps_the_key(x):
    try:
        raise NoKey(f"k{x}")
    except KeyError as e:
        return str(e)


def of_a_call(x):
    def inner(y):
        if y:
            raise Coded(y)
        return 0

    total = 0
    for i in range(3):
        try:
            total += inner(i * x)
        except Coded as e:
            total += e.code
    return total


def with_a_default(x):
    try:
        if x:
            raise Coded(x)
        raise Counted(x)
    except Coded as e:
        return getattr(e, "code", -1), hasattr(e, "what")
    except Counted as e:
        return getattr(e, "code", -1), hasattr(e, "n")


def made_and_kept(x):
    e = Told(x, "kept")
    return e.code, str(e), isinstance(e, (Coded, Told)), isinstance(x, Told)


def raised_by_keyword(x):
    raise Told(x, why="z")


def raised_again(x):
    try:
        raise Told(x)
    except Told as e:
        if e.code > 1:
            raise
        raise Coded(e.code + 10) from e


def caught_by_anything(x):
    try:
        raise Coded(x) if x else Told(5)
    except Exception as e:
        return e.code if isinstance(e, Coded) else 0


@pytest.mark.parametrize(
    "f",
    [
        own_attribute, own_text, own_text_by_its_base, one_of_two, changed_by_a_method, keeps_the_key,
        of_a_call, with_a_default, made_and_kept, raised_by_keyword, raised_again,
    ],
)  # fmt: skip
def test_classes_with_attributes_of_their_own(f):
    jit = shoal.jit(f, distributed=False)
    for x in (0, 1, 2):

        def seen(g, x=x):
            try:
                return repr(g(x))
            except Exception as e:
                own = {k: v for k, v in vars(e).items() if not k.startswith("shoal_")}
                return type(e), e.args, own

        assert seen(jit) == seen(f)


def test_what_is_not_known_of_an_exception():
    @shoal.jit
    def unknown(x):
        try:
            if x > 3:
                raise Coded(x)
            return 1 // x
        except Exception as e:
            return e.code

    @shoal.jit
    def assigned(x):
        try:
            raise Coded(x)
        except Coded as e:
            e.code = 5
            return e.code

    with pytest.raises(
        shoal.UnsupportedError, match="attribute code of an exception whose class"
    ):
        unknown(0)
    with pytest.raises(shoal.UnsupportedError, match=r"attribute \.code of Coded"):
        assigned(0)


def test_an_element_of_nothing_as_the_end_of_a_slice():
    @shoal.jit
    def f(x):
        return "1"[0 : len([][x])]

    @shoal.jit
    def g(n):
        found = []
        text = "abc"
        for i in range(n):
            text = text[: found[i]]
        return text

    check(f, 7)
    check(g, 0, 2)
