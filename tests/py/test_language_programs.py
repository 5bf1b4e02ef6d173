# ruff: noqa: B905, C416, C417, PERF402
"""Small programs as users write them, with containers and text: compiled as plain."""

import copy

import pytest

import shoal


def a1(n):
    pts = [(i, i * 0.5) for i in range(n)]
    best = None
    for x, y in pts:
        if best is None or y > best:
            best = y
    return best


def a2(s):
    stack = []
    for c in s:
        if c == "(":
            stack.append(c)
        elif c == ")":
            if not stack:
                return False
            stack.pop()
    return len(stack) == 0


def a3(n):
    memo = {0: 0, 1: 1}
    for i in range(2, n):
        memo[i] = memo[i - 1] + memo[i - 2]
    return memo[n - 1]


def a4(n):
    grid = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            grid[i][j] = i * j
    return sum(sum(r) for r in grid), grid


def a5(s):
    out = []
    for line in s.splitlines():
        k, v = line.split("=")
        out.append((k.strip(), int(v)))
    return dict(out)


def a6(n):
    a = [1, 2, 3]
    a += [n]
    a[1] += 5
    b = a
    b.append(9)
    return a, a[n]


def a7(n):
    q = [n]
    seen = set()
    while q:
        x = q.pop(0)
        if x in seen or x < 1:
            continue
        seen.add(x)
        q.append(x - 2)
        q.append(x // 2)
    return sorted(seen)


def a8(s):
    t = s.split()
    first, *rest = t[0], t[1], t[2]
    return first, rest


def a9(n):
    d = {}
    for i in range(n):
        d.setdefault(i % 3, {})[i] = str(i)
    return d


def a10(xs):
    return (
        [x for x in xs if x > 2],
        {x: x * x for x in xs},
        {x % 3 for x in xs},
        max(xs),
        " ".join(str(x) for x in xs),
    )


def a11(n):
    t = (1, 2, 3, 4)
    return t[n], t[-n]


def a12(n):
    a = [3.5, 1]
    for i in range(n):
        a.append(i)
    return a


def a14(s):
    words = [w.lower().strip(".,") for w in s.split()]
    freq = {}
    for w in words:
        freq[w] = freq.get(w, 0) + 1
    top = sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:2]
    return [f"{w}:{c:>3d}" for w, c in top]


def a15(n):
    x = [i for i in range(n)]
    x[1:3] = [7, 8, 9]
    del x[0]
    return x, x.index(9), x[::-1]


def a16(n):
    r = []
    for i in range(n):
        r.append(None if i % 2 else i)
    return r


def a17(a, b):
    return (
        [x + y for x, y in zip(a, b)],
        list(enumerate(a)),
        list(map(lambda v: v * 2, a)),
        list(filter(lambda v: v > 2, a)),
    )


PROGRAMS = [
    (a1, 5),
    (a2, "(()())"),
    (a2, "())("),
    (a3, 30),
    (a4, 4),
    (a5, "a=1\nb = 22"),
    (a5, "a=1\nb"),
    (a5, "a=1=2"),
    (a6, 3),
    (a7, 20),
    (a8, "a b c"),
    (a9, 7),
    (a10, list(range(12))),
    (a11, 2),
    (a11, 9),
    (a12, 3),
    (a14, "The cat. the dog, the end cat"),
    (a15, 5),
    (a16, 4),
    (a17, list(range(10)), list(range(10, 20))),
]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda p: p[0].__name__)
def test_program(program):
    f, *args = program
    mine = copy.deepcopy(args)
    try:
        want = f(*args)
    except Exception as e:
        with pytest.raises(type(e)) as got:
            shoal.jit(f)(*mine)
        assert str(got.value).splitlines()[0] == str(e)
        return
    got = shoal.jit(f)(*mine)
    assert got == want
    assert type(got) is type(want)
    assert mine == args
