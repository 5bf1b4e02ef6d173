"""Programs whose classes hold their own kind: lists, trees, tries, graphs."""
# ruff: noqa: B007, PERF402 - written as users write

import heapq
from collections import deque
from dataclasses import dataclass, field
from typing import Optional


class LNode:
    def __init__(self, val, next=None):
        self.val = val
        self.next = next


class Stack:
    def __init__(self):
        self.head = None
        self.size = 0

    def push(self, v):
        self.head = LNode(v, self.head)
        self.size += 1

    def pop(self):
        if self.head is None:
            raise IndexError("pop from empty stack")
        v = self.head.val
        self.head = self.head.next
        self.size -= 1
        return v

    def __len__(self):
        return self.size


def stack(n):
    s = Stack()
    for i in range(n):
        s.push(i * i)
    t = 0
    while len(s) > 3:
        t = t * 7 % 1000003 + s.pop()
    try:
        for i in range(10):
            t += s.pop()
    except IndexError as e:
        return t, str(e)
    return t, ""


class Queue:
    def __init__(self):
        self.head = None
        self.tail = None

    def put(self, v):
        n = LNode(v)
        if self.tail is None:
            self.head = self.tail = n
        else:
            self.tail.next = n
            self.tail = n

    def get(self):
        n = self.head
        self.head = n.next
        if self.head is None:
            self.tail = None
        return n.val

    def __bool__(self):
        return self.head is not None


def queue(n):
    q = Queue()
    out = []
    for i in range(n):
        q.put(i)
        if i % 3 == 2:
            out.append(q.get())
    while q:
        out.append(q.get())
    return out


class TNode:
    __slots__ = ("key", "left", "right")

    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


class BST:
    def __init__(self):
        self.root = None
        self.n = 0

    def insert(self, key):
        if self.root is None:
            self.root = TNode(key)
            self.n += 1
            return True
        cur = self.root
        while True:
            if key == cur.key:
                return False
            if key < cur.key:
                if cur.left is None:
                    cur.left = TNode(key)
                    self.n += 1
                    return True
                cur = cur.left
            else:
                if cur.right is None:
                    cur.right = TNode(key)
                    self.n += 1
                    return True
                cur = cur.right

    def __contains__(self, key):
        cur = self.root
        while cur is not None and cur.key != key:
            cur = cur.left if key < cur.key else cur.right
        return cur is not None

    def inorder(self):
        out = []
        self._walk(self.root, out)
        return out

    def _walk(self, node, out):
        if node:
            self._walk(node.left, out)
            out.append(node.key)
            self._walk(node.right, out)

    def delete(self, key):
        self.root = self._delete(self.root, key)

    @staticmethod
    def _min(node):
        while node.left is not None:
            node = node.left
        return node

    def _delete(self, node, key):
        if node is None:
            return None
        if key < node.key:
            node.left = self._delete(node.left, key)
        elif key > node.key:
            node.right = self._delete(node.right, key)
        else:
            if node.left is None:
                return node.right
            if node.right is None:
                return node.left
            m = self._min(node.right)
            node.key = m.key
            node.right = self._delete(node.right, m.key)
        return node

    def height(self):
        def h(t):
            return 0 if t is None else 1 + max(h(t.left), h(t.right))

        return h(self.root)


def bst(n):
    t = BST()
    x = 7
    for i in range(n):
        x = (x * 48271) % 2147483647
        t.insert(x % 500)
    a = t.inorder()
    c = sum(1 for k in range(500) if k in t)
    for k in range(0, 500, 3):
        t.delete(k)
    return a, t.inorder(), t.height(), c, t.n


class Trie:
    def __init__(self):
        self.children = {}
        self.end = False
        self.count = 0

    def insert(self, word):
        node = self
        for ch in word:
            if ch not in node.children:
                node.children[ch] = Trie()
            node = node.children[ch]
            node.count += 1
        node.end = True

    def search(self, word):
        node = self
        for ch in word:
            if ch not in node.children:
                return False
            node = node.children[ch]
        return node.end

    def starts(self, p):
        node = self
        for ch in p:
            node = node.children.get(ch)
            if node is None:
                return 0
        return node.count


def words(node, prefix, out):
    if node.end:
        out.append(prefix)
    for ch in sorted(node.children):
        words(node.children[ch], prefix + ch, out)


def trie(ws):
    t = Trie()
    for w in ws:
        t.insert(w)
    out = []
    words(t, "", out)
    return out, t.search("car"), t.search("ca"), t.starts("ca"), t.starts("zz")


class UF:
    def __init__(self, i):
        self.i = i
        self.parent = self
        self.rank = 0


def find(u):
    while u.parent is not u:
        u.parent = u.parent.parent
        u = u.parent
    return u


def union(a, b):
    a = find(a)
    b = find(b)
    if a is b:
        return False
    if a.rank < b.rank:
        a, b = b, a
    b.parent = a
    if a.rank == b.rank:
        a.rank += 1
    return True


def unionfind(n):
    us = [UF(i) for i in range(n)]
    k = 0
    for i in range(0, n - 4, 2):
        if union(us[i], us[(i * 7 + 3) % n]):
            k += 1
    roots = [find(u).i for u in us]
    return k, len(set(roots))


class Vertex:
    def __init__(self, name):
        self.name = name
        self.adj = []
        self.dist = -1
        self.seen = False

    def connect(self, other):
        self.adj.append(other)
        other.adj.append(self)


def graph_bfs(n):
    vs = [Vertex(i) for i in range(n)]
    for i in range(n):
        vs[i].connect(vs[(i * 3 + 1) % n])
    start = vs[0]
    start.dist = 0
    q = deque([start])
    while q:
        v = q.popleft()
        for w in v.adj:
            if w.dist < 0:
                w.dist = v.dist + 1
                q.append(w)
    return [v.dist for v in vs]


def dfs(v, order):
    v.seen = True
    order.append(v.name)
    for w in v.adj:
        if not w.seen:
            dfs(w, order)


def graph_dfs(n):
    vs = [Vertex(i) for i in range(n)]
    for i in range(n - 1):
        vs[i].connect(vs[(i * i + 1) % n])
    order = []
    for v in vs:
        if not v.seen:
            dfs(v, order)
    return order


def graph_seen(n):
    vs = [Vertex(i) for i in range(n)]
    for i in range(n):
        vs[i].connect(vs[(i * 3 + 1) % n])
    seen = set()
    todo = [vs[0]]
    while todo:
        v = todo.pop()
        if v in seen:
            continue
        seen.add(v)
        for w in v.adj:
            todo.append(w)
    dist = {vs[0]: 0}
    for v in vs:
        dist[v] = v.name * 2
    return len(seen), sum(dist[v] for v in vs)


class DNode:
    def __init__(self, key, val):
        self.key = key
        self.val = val
        self.prev = None
        self.next = None


class LRU:
    def __init__(self, cap):
        self.cap = cap
        self.map = {}
        self.head = DNode(0, 0)
        self.tail = DNode(0, 0)
        self.head.next = self.tail
        self.tail.prev = self.head

    def _remove(self, n):
        n.prev.next = n.next
        n.next.prev = n.prev

    def _add(self, n):
        p = self.tail.prev
        p.next = n
        n.prev = p
        n.next = self.tail
        self.tail.prev = n

    def get(self, key):
        if key in self.map:
            n = self.map[key]
            self._remove(n)
            self._add(n)
            return n.val
        return -1

    def put(self, key, val):
        if key in self.map:
            self._remove(self.map[key])
        n = DNode(key, val)
        self._add(n)
        self.map[key] = n
        if len(self.map) > self.cap:
            old = self.head.next
            self._remove(old)
            del self.map[old.key]


def lru(n):
    c = LRU(10)
    out = []
    for i in range(n):
        c.put(i * 7 % 31, i)
        out.append(c.get(i * 3 % 31))
    return out


class Expr:
    def __init__(self, op, left=None, right=None, value=0.0):
        self.op = op
        self.left = left
        self.right = right
        self.value = value

    def eval(self):
        if self.op == "num":
            return self.value
        if self.op == "neg":
            return -self.left.eval()
        a = self.left.eval()
        b = self.right.eval()
        if self.op == "+":
            return a + b
        if self.op == "*":
            return a * b
        return a - b


def expr(n):
    e = Expr("num", value=1.5)
    for i in range(n):
        r = Expr("num", value=float(i))
        e = Expr("+-*"[i % 3], e, r) if i % 4 else Expr("neg", e)
    return e.eval()


class Seg:
    def __init__(self, lo, hi):
        self.lo = lo
        self.hi = hi
        self.total = 0
        self.left = None
        self.right = None
        if hi - lo > 1:
            mid = (lo + hi) // 2
            self.left = Seg(lo, mid)
            self.right = Seg(mid, hi)

    def add(self, i, v):
        self.total += v
        if self.left is not None:
            if i < self.left.hi:
                self.left.add(i, v)
            else:
                self.right.add(i, v)

    def query(self, lo, hi):
        if hi <= self.lo or self.hi <= lo:
            return 0
        if lo <= self.lo and self.hi <= hi:
            return self.total
        return self.left.query(lo, hi) + self.right.query(lo, hi)


def segtree(n):
    t = Seg(0, n)
    for i in range(n):
        t.add(i, i * i % 17)
    return [t.query(i, i * 2 % n) for i in range(n)]


class Quad:
    def __init__(self, x, y, size):
        self.x = x
        self.y = y
        self.size = size
        self.mass = 0.0
        self.cx = 0.0
        self.cy = 0.0
        self.body = None
        self.kids = None

    def insert(self, bx, by, m):
        if self.mass == 0.0:
            self.body = (bx, by, m)
        else:
            if self.kids is None:
                h = self.size / 2
                self.kids = [
                    Quad(self.x + h * i, self.y + h * j, h)
                    for j in range(2)
                    for i in range(2)
                ]
                ox, oy, om = self.body
                self.body = None
                self.child(ox, oy).insert(ox, oy, om)
            self.child(bx, by).insert(bx, by, m)
        total = self.mass + m
        self.cx = (self.cx * self.mass + bx * m) / total
        self.cy = (self.cy * self.mass + by * m) / total
        self.mass = total

    def child(self, bx, by):
        h = self.size / 2
        i = 1 if bx >= self.x + h else 0
        j = 1 if by >= self.y + h else 0
        return self.kids[j * 2 + i]

    def force(self, px, py, theta):
        if self.mass == 0.0:
            return 0.0, 0.0
        dx = self.cx - px
        dy = self.cy - py
        d2 = dx * dx + dy * dy + 1e-6
        if self.kids is None or self.size * self.size < theta * theta * d2:
            s = self.mass / (d2 * d2**0.5)
            return s * dx, s * dy
        fx = fy = 0.0
        for k in self.kids:
            a, b = k.force(px, py, theta)
            fx += a
            fy += b
        return fx, fy


def nbody(n):
    root = Quad(0.0, 0.0, 1.0)
    pts = []
    x = 1
    for i in range(n):
        x = x * 48271 % 2147483647
        px = x / 2147483647
        x = x * 48271 % 2147483647
        py = x / 2147483647
        pts.append((px, py))
        root.insert(px, py, 1.0 / n)
    sx = sy = 0.0
    for px, py in pts:
        a, b = root.force(px, py, 0.5)
        sx += a
        sy += b
    return sx, sy, root.mass


@dataclass
class DTree:
    key: int
    left: Optional["DTree"] = None
    right: Optional["DTree"] = None
    tags: list = field(default_factory=list)


def dataclass_tree(n):
    root = DTree(n)
    for i in range(n):
        cur = root
        k = i * 37 % (2 * n)
        while True:
            cur.tags.append(k)
            if k < cur.key:
                if cur.left is None:
                    cur.left = DTree(k)
                    break
                cur = cur.left
            else:
                if cur.right is None:
                    cur.right = DTree(k)
                    break
                cur = cur.right

    def total(t):
        if t is None:
            return 0
        return t.key + len(t.tags) + total(t.left) + total(t.right)

    return total(root)


class Base:
    made = 0

    def __init__(self, v):
        self.v = v
        self.kids = []

    @property
    def degree(self):
        return len(self.kids)

    @classmethod
    def leaf(cls, v):
        return cls(v)

    @staticmethod
    def twice(x):
        return 2 * x

    def add(self, k):
        self.kids.append(k)
        return k


class Special(Base):
    def __init__(self, v, extra):
        super().__init__(v)
        self.extra = extra

    def weight(self):
        return self.v + self.extra + sum(k.weight() for k in self.kids)


def inherit(n):
    root = Special(1, 0.5)
    cur = root
    for i in range(n):
        for j in range(i % 3):
            cur.add(Special(i * j, 0.25))
        cur = cur.add(Special(Base.twice(i), 1.0))
    return root.weight(), root.degree


class Item:
    def __init__(self, key, name):
        self.key = key
        self.name = name
        self.links = []


def dijkstra(n):
    vs = [Item(i, "v" + str(i)) for i in range(n)]
    for i in range(n):
        vs[i].links.append((vs[(i * 5 + 2) % n], i % 7 + 1))
        vs[i].links.append((vs[(i + 1) % n], 4))
    dist = [10**9] * n
    dist[0] = 0
    heap = [(0, 0)]
    while heap:
        d, i = heapq.heappop(heap)
        if d > dist[i]:
            continue
        for w, c in vs[i].links:
            if d + c < dist[w.key]:
                dist[w.key] = d + c
                heapq.heappush(heap, (d + c, w.key))
    return dist, vs[3].name


def reverse(n):
    head = None
    for i in range(n):
        head = LNode(i, head)
    prev = None
    while head is not None:
        nxt = head.next
        head.next = prev
        prev = head
        head = nxt
    out = []
    while prev:
        out.append(prev.val)
        prev = prev.next
    return out


def floats(n):
    head = LNode(1)
    for i in range(n):
        head = LNode(i / 2, head)
    t = 0.0
    while head is not None:
        t += head.val
        head = head.next
    return t


def fails(n):
    head = LNode(1)
    for i in range(n):
        head = head.next
    return head.val


def unset(n):
    a = LNode(1)
    b = LNode(2, a)
    if n > 2:
        b.extra = 5
    return b.next.val + b.extra


PROGRAMS = [
    (stack, 50),
    (queue, 50),
    (bst, 300),
    (trie, (["car", "card", "cat", "dog", "do", "zebra"],)),
    (unionfind, 100),
    (graph_bfs, 40),
    (graph_dfs, 40),
    (graph_seen, 40),
    (lru, 200),
    (expr, 40),
    (segtree, 37),
    (nbody, 60),
    (dataclass_tree, 50),
    (inherit, 20),
    (dijkstra, 40),
    (reverse, 20),
    (floats, 5),
    (fails, 3),
    (unset, 3),
    (unset, 2),
]


def made_chain(n):
    head = None
    for i in range(n):
        head = LNode(i, head)
    return head


def made_tree(keys):
    t = BST()
    for k in keys:
        t.insert(k)
    return t


def made_bst(n):
    return made_tree([i * 37 % 101 for i in range(n)])


def made_trie(ws):
    t = Trie()
    for w in ws:
        t.insert(w)
    return t


def made_graph(n):
    vs = [Vertex(i) for i in range(n)]
    for i in range(n):
        vs[i].connect(vs[(i * 3 + 1) % n])
    return vs


def made_shared(n):
    a = LNode(1)
    b = LNode(2, a)
    c = LNode(3, a)
    return b, c, a, n, "x", None


def made_dict(n):
    d = {}
    for i in range(n):
        d[i] = LNode(i, d[i - 1] if i else None)
    return d


def made_unset(n):
    b = LNode(2, LNode(1))
    if n > 2:
        b.extra = 5
    return b


def made_dataclass(n):
    root = DTree(n)
    root.left = DTree(1)
    root.left.right = DTree(2)
    root.left.right.tags.append(5)
    return root, root.left


def made_special(n):
    root = Special(1, 0.5)
    for i in range(n):
        root.add(Special(i, 2.5))
    return root


RESULTS = [
    (made_chain, 5),
    (made_chain, 0),
    (made_bst, 20),
    (made_trie, ["car", "cat"]),
    (made_graph, 5),
    (made_shared, 3),
    (made_dict, 4),
    (made_unset, 1),
    (made_unset, 5),
    (made_dataclass, 3),
    (made_special, 3),
]


def chain_total(t):
    s = 0
    while t is not None:
        s += t.val
        t = t.next
    return s


def insert_one(t, k):
    if t is None:
        return TNode(k)
    if k < t.key:
        t.left = insert_one(t.left, k)
    elif k > t.key:
        t.right = insert_one(t.right, k)
    return t


def insert_some(root, ks):
    for k in ks:
        root = insert_one(root, k)
    return root


def insert_all(t, ks):
    for k in ks:
        t.insert(k)


def link_two(a, b):
    a.next = b
    b.val += 10
    return a is b, a.next is b


def bfs_of(vs):
    for v in vs:
        v.dist = -1
    vs[0].dist = 0
    q = deque([vs[0]])
    while q:
        v = q.popleft()
        for w in v.adj:
            if w.dist < 0:
                w.dist = v.dist + 1
                q.append(w)
    return max(v.dist for v in vs)


def second_of(t):
    return t.next


def add_word(t, w):
    t.insert(w)


def gets_wider(t):
    t.val = 2.5
    return t.next.val


def gets_new(t):
    t.other = 3


def argument_cases():
    vs = made_graph(6)
    a = LNode(1)
    s = LNode(5, a)
    return [
        (chain_total, (made_chain(5),)),
        (chain_total, (made_chain(1),)),
        (insert_some, (made_tree([5, 2, 8]).root, [1, 9, 7])),
        (insert_some, (TNode(5), [3, 7])),
        (insert_all, (made_tree([5, 2, 8]), [1, 9, 7])),
        (insert_all, (BST(), [1, 9, 7])),
        (link_two, (LNode(1), LNode(2))),
        (link_two, (s, a)),
        (link_two, (a, a)),
        (bfs_of, (vs,)),
        (second_of, (made_chain(3),)),
        (add_word, (made_trie(["ab"]), "abc")),
        (gets_wider, (made_chain(3),)),
        (gets_new, (made_chain(3),)),
        (dfs, (vs[2], [])),
        (second_of, (made_chain(1),)),
    ]
