# ruff: noqa: E741, RUF005
"""Functions that call themselves with containers, arrays, None, frames and Series."""

import copy

import numpy as np
import pandas as pd
import pytest

import shoal

DF = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1.0, 2.0, 3.0, 4.0]})


def qs(l):
    if len(l) < 2:
        return l
    p = l[0]
    return qs([x for x in l[1:] if x < p]) + [p] + qs([x for x in l[1:] if x >= p])


def msort(a):
    if len(a) <= 1:
        return a.copy()
    m = len(a) // 2
    x, y = msort(a[:m]), msort(a[m:])
    out = np.empty(len(a), dtype=a.dtype)
    i = j = 0
    for k in range(len(a)):
        if j >= len(y) or (i < len(x) and x[i] <= y[j]):
            out[k] = x[i]
            i += 1
        else:
            out[k] = y[j]
            j += 1
    return out


def perms(items, k, out):
    if k == len(items):
        out.append(items[:])
        return
    for i in range(k, len(items)):
        items[k], items[i] = items[i], items[k]
        perms(items, k + 1, out)
        items[k], items[i] = items[i], items[k]


def r1(n):
    out = []
    perms(list(range(n)), 0, out)
    return out


def memo(n, d):
    if n < 2:
        return n
    if n in d:
        return d[n]
    d[n] = memo(n - 1, d) + memo(n - 2, d)
    return d[n]


def r2(n):
    d = {}
    return memo(n, d), len(d)


def even(n, seen):
    seen.add(n)
    return True if n == 0 else odd(n - 1, seen)


def odd(n, seen):
    seen.add(n)
    return False if n == 0 else even(n - 1, seen)


def r3(n):
    s = set()
    return even(n, s), len(s)


def solve(b, r, n):
    if r == n:
        return 1
    t = 0
    for c in range(n):
        ok = True
        for q in range(r):
            if b[q] == c or abs(b[q] - c) == r - q:
                ok = False
                break
        if ok:
            b[r] = c
            t += solve(b, r + 1, n)
    return t


def r4(n):
    return solve(np.zeros(n, dtype=np.int64), 0, n)


def flood(g, i, j):
    if i < 0 or j < 0 or i >= g.shape[0] or j >= g.shape[1] or g[i, j] != 0:
        return 0
    g[i, j] = 2
    return (
        1
        + flood(g, i + 1, j)
        + flood(g, i - 1, j)
        + flood(g, i, j + 1)
        + flood(g, i, j - 1)
    )


def r5(g):
    return flood(g, 0, 0), g


def tree(n):
    return (n, []) if n <= 0 else (n, [tree(n - 1)[0], n])


def two(a, n):
    if n == 0:
        return a, 0
    b, k = two(a * 2, n - 1)
    return b + 1, k + n


def r6(a, n):
    return two(a, n)


def mat(m, n):
    if n == 0:
        return np.eye(2)
    h = mat(m, n // 2)
    return h @ h if n % 2 == 0 else h @ h @ m


def r7(m, n):
    return mat(m, n)


def dsum(d, k):
    if k not in d:
        return 0
    return d[k][0] + sum([dsum(d, c) for c in d[k][1]])


def r8(n):
    d = {i: (i, [2 * i + 1, 2 * i + 2]) for i in range(n)}
    return dsum(d, 0)


def fr(df, n):
    if n == 0:
        return df
    return fr(df[df.a > n], n - 1)


def fs(s, n):
    if n == 0:
        return s.sum()
    return fs(s + 1, n - 1)


def fm(df, n):
    if n == 0:
        return df.a.sum()
    return fm(df, n - 1) + 1


def opt(n):
    if n == 0:
        return None
    r = opt(n - 1)
    return n if r is None else r + n


def txt(s):
    return s if len(s) < 2 else txt(s[1:]) + s[0]


def hanoi(n, a, b, c, out):
    if n == 0:
        return
    hanoi(n - 1, a, c, b, out)
    out.append((a, c))
    hanoi(n - 1, b, a, c, out)


def r9(n):
    out = []
    hanoi(n, "a", "b", "c", out)
    return out


def acker(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return acker(m - 1, 1)
    return acker(m - 1, acker(m, n - 1))


def tries(n):
    s = "a" * n
    try:
        s = s + "b" * (n % 3)
        k = len(s) + [1, 2][n % 3]
    except IndexError:
        k = -len(s)
    return k + tries(n - 1) if n else k


def subsets(l):
    if not l:
        return [[]]
    r = subsets(l[1:])
    return r + [[l[0]] + x for x in r]


def nest(n):
    return [n] if n == 0 else nest(n - 1) * 2


def bump(a):
    if len(a) == 0:
        return 0
    a[0] += 1
    return bump(a[1:]) + 1


def bumpr(a):
    k = bump(a)
    return a, k


def ip(a, lo, hi):
    if lo >= hi:
        return
    p = a[hi]
    i = lo
    for j in range(lo, hi):
        if a[j] < p:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[hi] = a[hi], a[i]
    ip(a, lo, i - 1)
    ip(a, i + 1, hi)


def ipr(a):
    ip(a, 0, len(a) - 1)
    return a


def det(m):
    if m.shape[0] == 1:
        return m[0, 0]
    t = 0.0
    for c in range(m.shape[1]):
        t += (
            (-1.0) ** c
            * m[0, c]
            * det(np.concatenate((m[1:, :c], m[1:, c + 1 :]), axis=1))
        )
    return t


def sud(b, k):
    if k == 16:
        return True
    if b[k // 4, k % 4] != 0:
        return sud(b, k + 1)
    for v in range(1, 5):
        ok = True
        for q in range(4):
            if b[k // 4, q] == v or b[q, k % 4] == v:
                ok = False
        if ok:
            b[k // 4, k % 4] = v
            if sud(b, k + 1):
                return True
            b[k // 4, k % 4] = 0
    return False


def sudr(b):
    return sud(b, 0), b


def srch(d, path, goal):
    if path[-1] == goal:
        return path
    for x in d.get(path[-1], []):
        r = srch(d, path + [x], goal)
        if r is not None:
            return r
    return None


def fs2(s, n):
    if n == 0:
        return s
    return fs2(s * 2, n - 1)


def stats(df, col, n):
    if n == 0:
        return df.groupby("a")["b"].sum()
    return stats(df[df.b > n], col, n - 1)


def mixed(a):
    """A view on one path, an array of its own on the other."""
    if len(a) < 2:
        return a + 1
    return mixed(a[1:])[:1]


CASES = [(qs,([3,1,2,9,4],)),(qs,(list(range(20,0,-1)),)),(msort,(np.array([3.,1.,2.,5.,4.]),)),(r1,(3,)),(r2,(20,)),(r3,(9,)),(r4,(6,)),(r5,(np.array([[0,0,1],[1,0,1],[0,0,0]]),)),(tree,(3,)),(r6,(np.array([1.,2.]),3)),(r7,(np.array([[1.,1.],[1.,0.]]),10)),(r8,(7,)),(fr,(DF,2)),(fs,(DF.b,3)),(fm,(DF,3)),(opt,(4,)),(txt,("héllo",)),(r9,(3,)),(acker,(2,3)),(subsets,([1,2,3],)),(nest,(3,)), (bumpr,(np.arange(4.),)),(ipr,(np.array([3.,1.,2.,5.,4.]),)),(det,(np.array([[2.,1.,3.],[0.,4.,1.],[5.,2.,1.]]),)),(sudr,(np.array([[1,0,0,0],[0,0,3,0],[0,4,0,0],[0,0,0,2]]),)),(tries,(7,)),(srch,({1:[2,3],2:[4],3:[5],4:[6]},[1],6)),(srch,({1:[2,3],2:[4],3:[5],4:[6]},[1],9)),(fs2,(DF.b,3)),(stats,(DF,"b",2))]  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("f", "args"), CASES)
def test_same(f, args):
    given, want = copy.deepcopy(args), f(*copy.deepcopy(args))
    got = shoal.jit(f)(*given)
    assert repr(got) == repr(want)


def test_views_and_arrays_of_their_own_do_not_meet():
    with pytest.raises(
        shoal.UnsupportedError, match="returns a view of an array on one"
    ):
        shoal.jit(mixed)(np.arange(4.0))


def turned(s):
    return s if len(s) <= 1 else turned(s[1:]) + s[0]


def same_text(s, n):
    return s if n == 0 else same_text(s, n - 1)


def two_texts(s, t, n):
    return (s, t) if n == 0 else two_texts(t + "!", s, n - 1)


def texts_in(d, s, n):
    d[n] = s
    if n:
        texts_in(d, s + "x", n - 1)


def of_texts(s):
    d = {}
    texts_in(d, s, 20)
    long = [turned(s + "abcdefghijk" * 30) for _ in range(30)]
    same = [same_text(s + str(i) + "q" * 40, 5) for i in range(10)]
    return long, same, two_texts(s + "u" * 40, s, 9), d, same_text("lit", 3)


def test_text_that_comes_back():
    """A function returns or keeps a text that its caller made and gives up."""
    assert shoal.jit(distributed=False)(of_texts)("xyz") == of_texts("xyz")
