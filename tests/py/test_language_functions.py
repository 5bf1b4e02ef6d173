"""Functions: recursion, closures, arguments of all kinds."""

import numpy as np
import pytest
from language import check
from programs import check_program

import shoal


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def deep(n):
    if n == 0:
        raise ValueError("bottom", n)
    return deep(n - 1) + 1


@shoal.jit
def factorial(n):
    return 1 if n <= 1 else n * factorial(n - 1)


def test_recursion():
    @shoal.jit
    def f(n):
        return fib(n), even(n), odd(n)

    check(f, 0, 1, 5, 15)
    assert [factorial(n) for n in (0, 1, 5, 20)] == [1, 1, 120, 2432902008176640000]


def test_nested_recursion():
    @shoal.jit
    def ackermann(m, n):
        def ack(m, n):
            if m == 0:
                return n + 1
            elif n == 0:
                return ack(m - 1, 1)
            return ack(m - 1, ack(m, n - 1))

        return ack(m, n)

    @shoal.jit
    def divisor(a, b):
        def gcd(a, b):
            return a if b == 0 else gcd(b, a % b)

        return gcd(a, b)

    check(ackermann, (0, 0), (2, 3))
    check(divisor, (48, 18), (7, 0))


def test_arrays_and_captured_variables():
    @shoal.jit
    def quicksort(a):
        def qs(lo, hi):
            if lo >= hi:
                return
            p = a[(lo + hi) // 2]
            i = lo
            j = hi
            while i <= j:
                while a[i] < p:
                    i += 1
                while a[j] > p:
                    j -= 1
                if i <= j:
                    a[i], a[j] = a[j], a[i]
                    i += 1
                    j -= 1
            qs(lo, j)
            qs(i, hi)

        qs(0, len(a) - 1)
        return len(a)

    for n in (1, 2, 1000):
        a = np.random.default_rng(n).random(n)
        want = np.sort(a)
        assert quicksort(a) == n
        assert (a == want).all()

    @shoal.jit
    def hanoi(n, k):
        weight = k * 2

        def move(n, src, dst, via):
            if n == 0:
                return weight
            a = move(n - 1, src, via, dst)
            return a + move(n - 1, via, dst, src) + (1 if src == "A" else 2)

        return move(n, "A", "B", "C")

    check(hanoi, (0, 1), (4, 3))


def test_tuples_and_types_by_fixed_point():
    @shoal.jit
    def tree(d):
        def walk(d, x):
            if d == 0:
                return 1, x, x * 0.5
            a, b, c = walk(d - 1, x)
            e, f, g = walk(d - 1, x + 1)
            return a + e, max(b, f), c + g

        return walk(d, 1)

    @shoal.jit
    def halved(x, n):
        def f(x, n):
            return x if n == 0 else f(x * 0.5, n - 1)

        return f(x, n)

    check(tree, 0, 4)
    check(halved, (8.0, 3), (8.0, 0))


def test_failures_in_recursion():
    @shoal.jit
    def f(n):
        return deep(n)

    @shoal.jit
    def g(n):
        try:
            return deep(n), ""
        except ValueError as e:
            return -1, str(e)

    check(f, 0, 1, 4)
    check(g, 0, 3)


PROGRAM = """
    import numpy as np, shoal

    def endless(n):
        return endless(n + 1) + 1

    @shoal.jit
    def f(n):
        return endless(n)

    @shoal.jit
    def caught(n):
        try:
            return endless(n)
        except RecursionError:
            return -1

    @shoal.jit
    def ranks(n):
        s = 0
        for i in shoal.prange(n):
            s += endless(i)
        return s

    for g in f, ranks:
        try:
            g(3)
        except RecursionError as e:
            assert str(e) == "maximum recursion depth exceeded"
        else:
            raise AssertionError
    assert caught(1) == -1
    print("passed")
"""


def test_deep_recursion_is_an_exception(tmp_path):
    check_program(PROGRAM, 2, "pool", tmp_path)


def test_state_of_enclosing_functions_in_recursion():
    @shoal.jit
    def queens(n):
        count = 0

        def place(row, cols, up, down):
            nonlocal count
            if row == n:
                count += 1
                return
            for c in range(n):
                if c in cols or row - c in up or row + c in down:
                    continue
                cols.add(c)
                up.add(row - c)
                down.add(row + c)
                place(row + 1, cols, up, down)
                cols.remove(c)
                up.remove(row - c)
                down.remove(row + c)

        place(0, set(), set(), set())
        return count

    @shoal.jit
    def best(x, limit):
        most = None
        calls = 0

        def go(i, s):
            nonlocal most, calls
            calls += 1
            if s > limit:
                return
            if most is None or s > most:
                most = s
            if i == len(x):
                return
            go(i + 1, s + x[i])
            go(i + 1, s)

        go(0, 0)
        return most, calls

    @shoal.jit
    def parameter(n):
        def down():
            nonlocal n
            if n <= 0:
                return 0
            n -= 1
            return 1 + down()

        return down(), n

    @shoal.jit
    def texts(n):
        out = ""
        path = []

        def walk(k):
            nonlocal out, path
            if k == 0:
                out += ",".join(path) + ";"
                return
            for c in "ab":
                path = [*path, c]
                walk(k - 1)
                path = path[:-1]

        walk(n)
        return out, path

    @shoal.jit
    def mutual(n):
        total = 1.0 if n else 2.0
        m = np.zeros(2)

        def a(k):
            nonlocal total, m
            total += k
            m = m + k
            if k > 0:
                b(k - 1)

        def b(k):
            nonlocal total
            total *= 2
            if k > 0:
                a(k - 1)

        a(n)
        for i in range(n):
            total += i
        return total, m

    check(queens, 4, 6)
    check(best, ([3, 1, 2], 5), ([], 0))
    check(parameter, 5, 0)
    check(texts, 0, 3)
    check(mutual, 0, 3)


def plain(x, y=2, *rest, k=3, **more):
    s = x * 1000 + y * 100 + k
    for r in rest:
        s += r
    for name in more:
        s += more[name] + len(name)
    return s


def test_arguments():
    @shoal.jit
    def f(x):
        opts = {"k": 7, "zz": 1}
        t = (1, 2, 3)
        return (
            plain(x),
            plain(x, 3, 4, 5),
            plain(x, k=4),
            plain(*t, **opts),
            plain(y=x, x=1),
        )

    check(f, 1, 5)


def test_functions_as_values():
    @shoal.jit
    def f(x):
        def adder(k):
            def add(y):
                return y + k + x

            return add

        def twice(g, v):
            return g(g(v))

        a = adder(10)
        fs = (a, lambda v: v * 2)
        s = 0
        for g in fs:
            s += twice(g, x)
        return s, adder(3)(4), (lambda a, b=5: a * b)(x)

    check(f, 1, -3)


@shoal.jit
def helper(x):
    return x * 2.0


def test_jit_calls_jit():
    @shoal.jit
    def f(x):
        return helper(x) + helper(x + 1)

    check(f, 1, 2.5)


def test_nonlocal():
    @shoal.jit
    def f(n):
        c = 0

        def inc(k):
            nonlocal c
            c += k
            return c

        for i in range(n):
            inc(i)
        return c, inc(1), c

    check(f, 0, 4)


def formats(x, s):
    return (
        "{} {:>6} {!r} {{}} {:.2f}".format(x, s, s, x * 0.5),  # noqa: UP032
        "{0}{1}{0} {k:03d}".format(s, x, k=x),  # noqa: UP032
    )


def format_of_too_few(x, s):
    return "{} {}".format(x)  # noqa: F524


def format_with_a_brace(x, s):
    return "{".format(x)  # noqa: F521


def format_of_another(x, s):
    return "{a}".format(b=x)  # noqa: F522, F524


def array_beside_none(x, s):
    return np.arange(3.0) > None


def array_plus_none(x, s):
    return np.arange(3) + None


@pytest.mark.parametrize(
    "f",
    [
        formats, format_of_too_few, format_with_a_brace, format_of_another, array_beside_none, array_plus_none,
    ],
)  # fmt: skip
def test_format_and_its_errors(f):
    def run(g):
        try:
            return g(7, "é'q")
        except Exception as e:
            return type(e), str(e).split("\n")[0]

    assert run(shoal.jit(f)) == run(f)


def test_methods_of_classes_as_functions():
    @shoal.jit
    def f(texts, n):
        out = []
        list.append(out, n)
        dict.update(d := {"a": 1}, {"b": n})
        return (
            sorted(texts, key=str.lower),
            list(map(str.strip, texts)),
            str.join("-", texts),
            max(texts, key=str.casefold),
            int.bit_length(n),
            out,
            d,
        )

    check(f, (["b", " A", "c "], 5), (["x"] * 20, -1))


def test_methods_of_classes_want_their_object():
    @shoal.jit
    def wrong(n):
        return str.upper(n)

    @shoal.jit
    def none():
        return str.upper()

    with pytest.raises(
        TypeError,
        match="descriptor 'upper' for 'str' objects doesn't apply to a 'int' object",
    ):
        wrong(3)
    with pytest.raises(TypeError, match=r"unbound method str.upper\(\) needs"):
        none()
