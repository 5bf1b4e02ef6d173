"""collections: deque, defaultdict, Counter and OrderedDict as classes that are compiled like a
user's. In compiled code they stand for Python's, and come back as Python's."""

import collections


class Deque:
    """The items stand in a list behind `head` places that are free: both ends move."""

    def __init__(self, iterable=(), maxlen=None):
        self.kept = []
        self.head = 0
        self.maxlen = maxlen
        if maxlen is not None and maxlen < 0:
            raise ValueError("maxlen must be non-negative")
        for x in iterable:
            self.append(x)

    def __len__(self):
        return len(self.kept) - self.head

    def append(self, x):
        self.kept.append(x)
        if self.maxlen is not None and len(self.kept) - self.head > self.maxlen:
            self.popleft()

    def appendleft(self, x):
        if self.head == 0:
            n = len(self.kept)
            if n == 0:
                self.kept.append(x)
                self.head = 1
            else:
                self.kept.extend(self.kept[:])
                self.head = n
        self.head -= 1
        self.kept[self.head] = x
        if self.maxlen is not None and len(self.kept) - self.head > self.maxlen:
            self.kept.pop()

    def pop(self):
        if len(self.kept) == self.head:
            raise IndexError("pop from an empty deque")
        return self.kept.pop()

    def popleft(self):
        if len(self.kept) == self.head:
            raise IndexError("pop from an empty deque")
        x = self.kept[self.head]
        self.head += 1
        if self.head >= 16 and 2 * self.head >= len(self.kept):
            del self.kept[: self.head]
            self.head = 0
        return x

    def _at(self, i):
        n = len(self.kept) - self.head
        if i < 0:
            i += n
        if i < 0 or i >= n:
            raise IndexError("deque index out of range")
        return self.head + i

    def __getitem__(self, i):
        return self.kept[self._at(i)]

    def __setitem__(self, i, x):
        self.kept[self._at(i)] = x

    def __contains__(self, x):
        return x in self.kept[self.head :]

    def __iter__(self):
        return iter(self.kept[self.head :])

    def extend(self, iterable):
        for x in iterable:
            self.append(x)

    def extendleft(self, iterable):
        for x in iterable:
            self.appendleft(x)

    def rotate(self, n=1):
        size = len(self.kept) - self.head
        if size > 0:
            k = n % size
            now = self.kept[self.head :]
            self.kept[self.head :] = now[size - k :] + now[: size - k]

    def clear(self):
        self.kept.clear()
        self.head = 0

    def count(self, x):
        return self.kept[self.head :].count(x)

    def reverse(self):
        now = self.kept[self.head :]
        now.reverse()
        self.kept[self.head :] = now

    def copy(self):
        return Deque(self.kept[self.head :], self.maxlen)

    def remove(self, x):
        now = self.kept[self.head :]
        if x not in now:
            raise ValueError("deque.remove(x): x not in deque")
        now.remove(x)
        self.kept[self.head :] = now

    def __eq__(self, other):
        return self.kept[self.head :] == other.kept[other.head :]

    def __repr__(self):
        text = "deque(" + repr(self.kept[self.head :])
        return text + ")" if self.maxlen is None else f"{text}, maxlen={self.maxlen})"

    @classmethod
    def python_of(cls, state: dict):
        return collections.deque(state["kept"][state["head"] :], state["maxlen"])


class Mapping:
    """What all dicts here have in common: the dict that they are made of."""

    def __init__(self, items=None):
        self.data = {}
        if items is not None:
            self.update(items)

    def update(self, items):
        for k, v in items.items() if hasattr(items, "items") else items:
            self.data[k] = v

    def __len__(self):
        return len(self.data)

    def __contains__(self, key):
        return key in self.data

    def __iter__(self):
        return iter(self.data)

    def __setitem__(self, key, value):
        self.data[key] = value

    def __delitem__(self, key):
        del self.data[key]

    def keys(self):
        return self.data.keys()

    def values(self):
        return self.data.values()

    def items(self):
        return self.data.items()

    def get(self, key, default=None):
        return self.data.get(key, default)

    def setdefault(self, key, default=None):
        return self.data.setdefault(key, default)

    def clear(self):
        self.data.clear()

    def pop(self, key, *default):
        return self.data.pop(key, *default)

    def __eq__(self, other):
        return self.data == (other if isinstance(other, dict) else other.data)


class DefaultDict(Mapping):
    def __getitem__(self, key):
        if key not in self.data:
            self.data[key] = self.make()
        return self.data[key]

    def popitem(self):
        return self.data.popitem()

    @classmethod
    def python_of(cls, state: dict):
        return collections.defaultdict(cls.factory, state["data"])


class DictOfInt(DefaultDict):
    factory = int

    def make(self):
        return 0


class DictOfFloat(DefaultDict):
    factory = float

    def make(self):
        return 0.0


class DictOfStr(DefaultDict):
    factory = str

    def make(self):
        return ""


class DictOfBool(DefaultDict):
    factory = bool

    def make(self):
        return False


class DictOfList(DefaultDict):
    factory = list

    def make(self):
        return []


class DictOfDict(DefaultDict):
    factory = dict

    def make(self):
        return {}


class DictOfSet(DefaultDict):
    factory = set

    def make(self):
        return set()


class OrderedDict(Mapping):
    def __getitem__(self, key):
        return self.data[key]

    def popitem(self, last=True):
        if len(self.data) == 0:
            raise KeyError("dictionary is empty")
        if last:
            return self.data.popitem()
        key = next(iter(self.data))
        return key, self.data.pop(key)

    def move_to_end(self, key, last=True):
        value = self.data.pop(key)
        if last:
            self.data[key] = value
        else:
            rest = self.data.copy()
            self.data.clear()
            self.data[key] = value
            self.data.update(rest)

    @classmethod
    def python_of(cls, state: dict):
        return collections.OrderedDict(state["data"])


class Counter(Mapping):
    def update(self, items):
        if hasattr(items, "items"):
            for k, n in items.items():
                self.data[k] = self.data.get(k, 0) + n
        else:
            for x in items:
                self.data[x] = self.data.get(x, 0) + 1

    def subtract(self, items):
        if hasattr(items, "items"):
            for k, n in items.items():
                self.data[k] = self.data.get(k, 0) - n
        else:
            for x in items:
                self.data[x] = self.data.get(x, 0) - 1

    def __getitem__(self, key):
        return self.data.get(key, 0)

    def __delitem__(self, key):  # Python's does not mind that it is not there
        self.data.pop(key, 0)

    def most_common(self, n=None):
        found = sorted(self.data.items(), key=lambda pair: pair[1], reverse=True)
        return found if n is None else found[: max(n, 0)]

    def total(self):
        return sum(self.data.values())

    def elements(self):
        out = []
        for k, n in self.data.items():
            for _ in range(n):
                out.append(k)  # noqa: PERF401
        return out

    def copy(self):
        return Counter(self)

    def __add__(self, other):
        out = Counter()
        for k, n in self.data.items():
            if n + other[k] > 0:
                out[k] = n + other[k]
        for k, n in other.items():
            if k not in self.data and n > 0:
                out[k] = n
        return out

    def __sub__(self, other):
        out = Counter()
        for k, n in self.data.items():
            if n - other[k] > 0:
                out[k] = n - other[k]
        for k, n in other.items():
            if k not in self.data and n < 0:
                out[k] = -n
        return out

    def __repr__(self):
        parts = [f"{k!r}: {n}" for k, n in self.most_common()]
        return "Counter({" + ", ".join(parts) + "})" if parts else "Counter()"

    @classmethod
    def python_of(cls, state: dict):
        return collections.Counter(state["data"])


STAND_INS = {
    collections.deque: Deque,
    collections.OrderedDict: OrderedDict,
    collections.Counter: Counter,
}
_DEFAULTS = (
    *(DictOfInt, DictOfFloat, DictOfStr, DictOfBool),
    *(DictOfList, DictOfDict, DictOfSet),
)
_made: dict = {}


def default_dict(factory) -> type:
    """The class of defaultdict(factory)."""
    for cls in _DEFAULTS:
        if cls.factory is factory:
            return cls
    if factory not in _made:
        space = {"factory": factory, "make": staticmethod(factory)}
        _made[factory] = type("DictOfOwn", (DefaultDict,), space)
    return _made[factory]
