"""heapq, bisect, next() and the containers of collections: what CPython gives, types too."""

import bisect
import heapq
import itertools
from collections import Counter, OrderedDict, defaultdict, deque

import pytest
from language import check

import shoal

jit = shoal.jit(distributed=False)


@jit
def heap(a):
    h = []
    for x in a:
        heapq.heappush(h, x)
    layout = list(h)
    out = []
    while h:
        out.append(heapq.heappop(h))
    g = list(a)
    heapq.heapify(g)
    return layout, out, g


@jit
def heap_more(a, k):
    h = list(a)
    heapq.heapify(h)
    x = heapq.heappushpop(h, 4)
    y = heapq.heapreplace(h, 7)
    return x, y, h, heapq.nlargest(k, a), heapq.nsmallest(k, a, key=lambda v: -v)


@jit
def shortest(g, n):
    dist = [1e9] * n
    dist[0] = 0.0
    queue = [(0.0, 0)]
    while queue:
        d, u = heapq.heappop(queue)
        if d > dist[u]:
            continue
        for v, w in g[u]:
            if d + w < dist[v]:
                dist[v] = d + w
                heapq.heappush(queue, (d + w, v))
    return dist


@jit
def empty_heap(n):
    h = [1]
    for _ in range(n):
        heapq.heappop(h)
    return h


@jit
def sorted_lists(a, x):
    b = list(a)
    bisect.insort(b, x)
    bisect.insort_left(b, x)
    return (
        bisect.bisect_left(a, x),
        bisect.bisect_right(a, x),
        bisect.bisect(a, x, 1, len(a)),
        bisect.bisect_left(a, -x, key=lambda v: -v, lo=0),
        b,
    )


@jit
def first(a, d):
    return (
        next(iter(a), -1),
        next((x * 2 for x in a if x > 2), None),
        next(iter(d), "none"),
        next((k for k, v in d.items() if v > 1), "?"),
    )


@jit
def stops(a):
    return next(x for x in a if x > 2)


@jit
def queue(n):
    q = deque([1, 2])
    seen = []
    for i in range(n):
        q.append(i)
        q.appendleft(-i)
        if i % 3 == 2:
            seen.append(q.popleft())
            seen.append(q.pop())
    q.rotate(2)
    q.rotate(-1)
    q.extend([7, 8])
    q.extendleft([5, 6])
    return seen, q, len(q), q[0], q[-1], list(q), 7 in q, bool(q), sum(q), q.count(7)


@jit
def search(adj, s):
    dist = {s: 0}
    q = deque([s])
    while q:
        u = q.popleft()
        for v in adj[u]:
            if v not in dist:
                dist[v] = dist[u] + 1
                q.append(v)
    return dist


@jit
def window(a, k):
    q = deque(maxlen=k)
    out = []
    for x in a:
        q.append(x)
        out.append(sum(q) / len(q))
    return out, q, str(q)


@jit
def empty_queue(n):
    q = deque([0])
    for _ in range(n):
        q.popleft()
    return q


@jit
def out_of_range(i):
    return deque([1, 2])[i]


@jit
def words(s):
    c = Counter(s.split())
    c["more"] += 2
    both = c + Counter(["a"])
    c.update(["a", "b"])
    return (
        c,
        c["none"],
        "none" in c,
        c.most_common(2),
        c.total(),
        both - Counter(["a"]),
        str(c),
    )


@jit
def groups(ws):
    d = defaultdict(list)
    n = defaultdict(int)
    for w in ws:
        d[w[0]].append(w)
        n[len(w)] += 1
    return d, dict(d), sorted(n.items()), len(n), list(d), n.get(99)


def pair():
    return [0, 0.0]


@jit
def with_function(a):
    d = defaultdict(pair)
    for x in a:
        d[x % 2][0] += 1
        d[x % 2][1] += x
    return dict(d)


@jit
def recent(n, size):
    cache = OrderedDict()
    hits = 0
    for i in range(n):
        k = (i * 7) % 13 % 6
        if k in cache:
            cache.move_to_end(k)
            hits += 1
        else:
            cache[k] = i
            if len(cache) > size:
                cache.popitem(last=False)
    return hits, cache, list(cache.keys())


@jit
def loops(n, a, s):
    return (
        list(itertools.product(range(n), a)),
        list(itertools.product(a, repeat=2)),
        list(itertools.accumulate(a)),
        list(itertools.accumulate(a, lambda x, y: x * y, initial=2)),
        list(itertools.pairwise(range(n))),
        [(k, len(list(g))) for k, g in itertools.groupby(s)],
        [(k, list(g)) for k, g in itertools.groupby(a, key=lambda x: x % 2)],
    )


def test_loops():
    check(loops, (3, [1, 3, 4], "aabccc"), (0, [5], ""), (2, list(range(20)), "z"))


def test_heaps():
    check(heap, ([5, 3, 8, 1, 9, 2, 3],), ([2.5, 1.5],), ([],))
    check(heap_more, ([5, 3, 8, 1, 9, 2], 3), ([5], 0))
    check(shortest, ({0: [(1, 4.0), (2, 1.0)], 1: [(3, 1.0)], 2: [(1, 2.0)], 3: []}, 4))
    check(empty_heap, 1, 2)


def test_sorted_lists():
    check(sorted_lists, ([1, 3, 3, 7], 3), ([1, 3, 3, 7], 9), ([2], 1))


def test_first_items():
    check(first, ([1, 2, 3], {"a": 1, "b": 2}), ([], {}), (list(range(20)), {"z": 0}))
    check(stops, ([1, 5, 6],), ([1],))


def test_deque():
    check(queue, 0, 3, 40)
    check(search, ({0: [1, 2], 1: [3], 2: [3], 3: []}, 0))
    check(window, ([1, 2, 3, 4], 2), ([1.5], 3), ([1, 2], 0))
    check(empty_queue, 1, 2)
    check(out_of_range, 1, -2, 2, -3)


def test_dicts():
    check(words, "the quick the lazy a the", "")
    check(groups, (["apple", "bob", "cat", "alice"],), ([],))
    check(with_function, ([1, 2, 3],))
    check(recent, (100, 3), (5, 9))


def lambda_default(n):
    d = defaultdict(lambda: n)
    return d[1]


def kept(a):
    it = iter(a)
    return next(it) + next(it)


@pytest.mark.parametrize("f, arg", [(lambda_default, 1), (kept, [1, 2])])
def test_refused(f, arg):
    with pytest.raises(shoal.UnsupportedError):
        jit(f)(arg)


@shoal.jit
def on_ranks(n):
    t = 0
    for i in shoal.prange(n):
        t += i
    q = deque([t])
    q.appendleft(n)
    return q, Counter([t, t])


def test_ranks(ranks):
    assert on_ranks(10) == (deque([10, 45]), Counter({45: 2}))


# -- Whatever iterates takes a deque, a Counter, a class with __iter__ --------------------

ITERATING = [
    "[x + y for x, y in zip(a, d)]",
    "list(zip(d, e))",
    "max(d), min(e), max(d, key=lambda x: -x)",
    "[*d, 7, *e]",
    "dict(zip(d, d))",
    "Counter(d)",
    "list(map(str, d)), list(filter(None, e))",
    "list(itertools.chain(a, d)), list(itertools.chain(e, d))",
    "list(itertools.pairwise(e)), list(itertools.islice(d, 1))",
    "a.extend(d)",
    "set(d), sorted(e), sum(d), any(x > 1 for x in d)",
    "dict.fromkeys(a), dict.fromkeys('ab', 1), list(dict.fromkeys(e, 0.5))",
    "[x for x in itertools.islice(range(10), 2, 8, 3)], sum(itertools.islice(a, 2))",
    "Counter('abca'), Counter('xyx') - Counter('ab'), sorted(Counter('abca').items())",
]


@pytest.mark.parametrize("expr", ITERATING)
def test_what_iterates_takes_any_iterable(expr):
    import program_run
    from program_gen import Program

    source = f"""
import itertools
from collections import Counter, deque

def f(a):
    d = deque([3, 1])
    e = deque(a)
    return {expr}
"""
    verdict = program_run.compare(Program(source, ["([4, 5, 6],)"]), distributed=False)
    assert verdict.kind == program_run.SAME, verdict.text


def test_deleting_from_a_counter():
    @shoal.jit
    def f(text):
        c = Counter(text)
        del c["a"]
        del c["nothing"]
        return (
            c,
            hasattr(text, "items"),
            hasattr("abc", "items"),
            hasattr("abc", "upper"),
        )

    assert f("abca") == f.py_func("abca")
