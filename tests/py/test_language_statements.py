"""Statements: loops with else, match, unpacking, names."""

import numpy as np
import pandas as pd
import pytest
from language import check

import shoal

LIMIT = 5


def test_else_of_loops():
    @shoal.jit
    def f(n):
        for i in range(n):
            if i == 5:
                break
        else:
            return -1
        return i

    @shoal.jit
    def g(n):
        k = 0
        while n > 0:
            n -= 1
            if n == 3:
                continue
            if n == 7:
                break
            k += n
        else:
            k = -k
        return k, n

    @shoal.jit
    def h(n):
        s = 0
        for a in (1, 2, 3):
            if a == n:
                break
            s += a
        else:
            s = 100
        return s

    check(f, 0, 3, 6, 9)
    check(g, 0, 4, 9)
    check(h, 0, 1, 3)


def test_match():
    @shoal.jit
    def f(n):
        match n:
            case 0:
                return "zero"
            case 1 | 2:
                return "few"
            case x if x > 100:
                return "big"
            case _:
                return "many"

    @shoal.jit
    def g(n):
        match (n, n * 2):
            case (0, _):
                return 0
            case (1, y):
                return y
            case (x, y) if y > 10 and x != 7:
                r = x + y
            case (7, *rest):
                return rest[0]
            case _:
                r = -1
        return r

    @shoal.jit
    def h(n):
        while n > 0:
            n -= 1
            match n:
                case 3:
                    continue
                case 5:
                    break
        else:
            n = 77
        return n

    @shoal.jit
    def kinds(x):
        match x:
            case None:
                return 0
            case bool():
                return 5
            case int():
                return 1
            case float(y):
                return 2 if y else 6
            case "a" | "b":
                return 4
            case str():
                return 3

    check(f, 0, 1, 2, 3, 101)
    check(g, 0, 1, 2, 6, 7)
    check(h, 0, 2, 4, 9)
    check(kinds, 1, 2.5, "s", "b", None, True)


def test_class_patterns_are_refused():
    @shoal.jit
    def f(x):
        match x:
            case complex(1):
                return 1
        return 0

    with pytest.raises(shoal.UnsupportedError, match="class pattern"):
        f(1j)


def test_unpacking_and_walrus():
    @shoal.jit
    def f(n):
        if (k := n * 2) > 4:
            return k, 0.0, 1, [0, 0], 0
        a, *b, c = (n, 1, 2.5, k)
        (x, y), z = (a, c), b[1]
        x, y = y, x
        return x, z, y, [w := i * 2 for i in (1, 2)], w

    check(f, 1, 2)


def test_globals_are_read():
    @shoal.jit
    def f(n):
        global LIMIT
        return LIMIT + n

    @shoal.jit
    def g(n):
        global LIMIT
        LIMIT = n
        return n

    check(f, 1)
    with pytest.raises(shoal.UnsupportedError, match="global LIMIT is assigned"):
        g(1)


def test_comparisons_and_conditions():
    @shoal.jit
    def f(a, b):
        c = 1.5 if a < b < 10 else 2.5
        d = a in (1, 2, b)
        e = a not in (3, b)
        del a
        a = None
        return c, d, e, a is None, b is not None

    check(f, (1, 2), (5, 5), (3, 20))


def test_unbound_names():
    @shoal.jit
    def f(n):
        if n > 1:
            x = n
        return x

    check(f, 2, 0)


def test_questions_when_compiling():
    @shoal.jit
    def f(x):
        r = 1 if hasattr(x, "upper") else 2
        s = 3 if callable(f) else 4
        t = 5 if callable(len) and not callable(x) else 6
        if isinstance(x, str):
            return r, s, t, "text"
        return r, s, t, "other"

    check(f, 1, "a")


# -- Found by random programs ----------------------------------------------------------------


@shoal.jit
def leaves_past_what_is_not_used(a):
    n = 0
    for x in a:
        w = 1
        while w > 0:
            w -= 1
            if x == 1:
                break
            y = np.ones(3)  # noqa: F841
        else:
            n += 1
    return n


@shoal.jit
def lists_made_and_changed_in_a_try(a):
    try:
        a = [q for p, q in []]
        try:
            a.extend([1])
        except ArithmeticError:
            pass
        a[1] = 2
    except LookupError:
        pass
    return a


@shoal.jit
def appended_in_a_nested_try(a):
    try:
        a = a[:]
        try:
            a.append(5)
        except KeyError:
            pass
        raise AssertionError
    except AssertionError:
        pass
    return a


@shoal.jit
def int_that_divides_by_zero(k):
    try:
        k = max(-99, min(99, 5 // 0))
    except ZeroDivisionError:
        pass
    return k


@shoal.jit
def never_reached(n):
    k = 0
    for x in sorted([v for v in [] if v > n], key=lambda q: -q):
        k += len(x) + x[0]
    words = [len(w) for w in [][:n]]
    return k, words == [0, n], words


@shoal.jit
def fails_when_reached(x):
    if x > 2:
        return None + x
    try:
        return ("a", x) < None
    except TypeError as e:
        return str(e)


@shoal.jit
def smallest(a):
    b = a - a.max()
    return len(b)


@shoal.jit
def not_none(x):
    v = x if x > 3 else None
    return max(1, v or (v or 7)), np.arange(3.0)


def test_found_by_random_programs():
    check(leaves_past_what_is_not_used, (np.array([3, 1, 2]),))
    check(lists_made_and_changed_in_a_try, ([1, 2],))
    check(appended_in_a_nested_try, ([1, 2],))
    check(int_that_divides_by_zero, 4)
    check(never_reached, 1)
    check(fails_when_reached, 1, 3)
    check(smallest, (np.array([], dtype=np.int64),), (np.array([2.0]),))
    check(not_none, 1, 9)


def long_ranges():
    total = 0
    for i in range(100_000):
        total += i
    numbers = list(range(20_000))
    squares = [v * v for v in range(30_000) if v % 7 == 0]
    pairs = 0
    for i, j in zip(range(20_000), range(5, 40_000), strict=False):
        pairs += i * j
    for i, j in enumerate(range(20_000)):
        pairs -= i * j
    within = 15_000 in range(20_000)
    return total, numbers[-1], squares[-1], pairs, within, sum(range(50_000))


def long_lists():
    sieve = [True] * 50_000
    for i in range(2, 224):
        if sieve[i]:
            for j in range(i * i, 50_000, i):
                sieve[j] = False
    words = ["a", "bb"] * 2_000
    words[7] = "ccc"
    return sum(sieve), len("ab" * 100_000), words[6:9], [0.5] * 150 == [0.5] * 150


def test_what_is_long_and_known():
    """More than anybody wants as values of their own, compiled each for itself."""
    for f in (long_ranges, long_lists):
        assert shoal.jit(f, distributed=False)() == f()


def array_in_a_loop(n):
    for i in range(n):
        a = np.arange(i + 2) * 1.0
        b = a.reshape(1, -1)
    return a, b.shape


def array_in_a_while(n):
    while n > 0:
        v = np.array([3, -1, 2])
        n -= 1
    v *= -1
    return v


def array_on_one_path(n):
    x = np.arange(4.0)
    if n > 1:
        y = x[1:]
    y[0] = 5
    return y.sum(), x


@pytest.mark.parametrize("n", [0, 1, 2, 3])
@pytest.mark.parametrize("f", [array_in_a_loop, array_in_a_while, array_on_one_path])
def test_array_that_may_be_unbound(f, n):
    """It is an array where it was bound, and UnboundLocalError elsewhere."""

    def run(g):
        try:
            return repr(g(n))
        except UnboundLocalError as e:
            return str(e).split("\n")[0]

    assert run(shoal.jit(f)) == run(f)


def match_list(items):
    match items:
        case []:
            return -1
        case [x]:
            return x
        case [x, y] if x > y:
            return x - y
        case [x, *r, y]:
            return x + y + len(r)


def match_loop(n):
    t = 0
    for i in range(n):
        match [j + 0 for j in range(i)]:
            case [a, b]:
                t += a + b
            case [0, 1, [*_]]:
                t += 100
            case [_, _, c, *d]:
                t += c + sum(d)
            case _:
                t -= 1
    return t


@pytest.mark.parametrize("n", [0, 1, 2, 3, 20])
def test_match_of_lists(n):
    for items in ([*range(n)], [*range(n)][::-1]):
        assert shoal.jit(match_list)(items) == match_list(items)
    assert shoal.jit(match_loop)(n) == match_loop(n)


def conflict_in_tuple(n):
    if n == 0:
        return 0, 0
    if n > 2:
        return [1], 1
    return None


def frame_or_none(df, n):
    if n > 2:
        return df
    return None


def frame_or_nothing(df, n):
    if n > 2:
        x = df.a + 1
    return x.sum()


def test_values_that_do_not_meet():
    df = pd.DataFrame({"a": [1, 2]})
    with pytest.raises(shoal.UnsupportedError, match="return value is"):
        shoal.jit(conflict_in_tuple)(0)
    f = shoal.jit(frame_or_none)
    assert f(df, 0) is None
    pd.testing.assert_frame_equal(f(df, 3), df)
    with pytest.raises(
        shoal.UnsupportedError, match="x is Series of int64 on one path"
    ):
        shoal.jit(frame_or_nothing)(df, 3)


def else_of_a_loop(n):
    while n > 0:
        n -= 1
        v = np.array([n, 1])
    else:
        v = v + 1
    return n


def fails_behind_a_loop(k):
    for _ in range(4):
        len([][k])
    else:
        k = max([])
    return k


def test_else_of_a_loop():
    assert shoal.jit(else_of_a_loop)(3) == 0
    with pytest.raises(IndexError, match="list index out of range"):
        shoal.jit(fails_behind_a_loop)(7)


def any_types(n, texts, d):
    """Operands of `and` and `or` in tests need no type in common."""
    stack, total = [1, 2], 0
    while stack or n > 0:
        total += stack.pop() if stack else n
        n -= 1
    assert texts or d or total, "none"
    if not (texts or n) or (d and texts):
        total += 100
    return total, 5 if (d or texts) and n else 6, [k for k in range(3) if k or d]


def test_operands_of_any_types():
    calls = [(5, ["a"], {}), (0, ["a"], {1: 2.5}), (3, ["", "b"], {1: 0.5})]
    check(shoal.jit(any_types), *calls)


# -- `a and b or c` of any types


def chosen_number(s):
    return (s and 1) or 2


def chosen_text(x):
    return (x and "a") or "b"


def chosen_optional(s, n):
    return (n and s) or None


def chosen_list(s, xs):
    return (s and xs) or [3]


def chosen_by_two(s, xs, n):
    return (s and xs and n) or -1


def chosen_in_loop(n):
    out = []
    for i in range(n):
        out.append((i % 2 and f"odd {i}") or "even")
    return out


@pytest.mark.parametrize(
    "f, calls",
    [
        (chosen_number, [("ab",), ("",)]),
        (chosen_text, [(0,), (3,)]),
        (chosen_optional, [("s", 1), ("s", 0), ("", 4)]),
        (chosen_list, [("a", [1, 2]), ("", [1] * 10), ("a", [])]),
        (chosen_by_two, [("a", [1] * 9, 5), ("a", [1] * 9, 0), ("a", [], 3), ("", [1], 1)]),
        (chosen_in_loop, [(4,)]),
    ],
)  # fmt: skip
def test_and_or_of_any_types(f, calls):
    check(shoal.jit(f, distributed=False), *calls)


def test_two_types_of_an_expression_name_their_line():
    @shoal.jit
    def f(s, x):
        return s or x

    with pytest.raises(shoal.UnsupportedError) as e:
        f("a", 3)
    line = f.py_func.__code__.co_firstlineno + 2
    assert str(e.value).startswith(
        f"the value of the expression is str from line {line} but int from line {line}"
    )
