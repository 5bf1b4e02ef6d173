"""itertools over what only the run time knows, as lists."""

from shoal.library import refuse


def accumulate(iterable, func=None, initial=None):
    out = []
    if initial is not None:
        out.append(initial)
    for x in iterable:
        if len(out) == 0:
            out.append(x)
        elif func is None:
            out.append(out[-1] + x)
        else:
            out.append(func(out[-1], x))
    return out


def pairwise(iterable):
    items = list(iterable)
    return [(items[i], items[i + 1]) for i in range(len(items) - 1)]


def product1(a):
    return [(x,) for x in a]


def product2(a, b):
    return [(x, y) for x in a for y in b]


def product3(a, b, c):
    return [(x, y, z) for x in a for y in b for z in c]


def groupby(iterable, key=None):
    out = []
    last = None
    for x in iterable:
        k = x if key is None else key(x)
        if len(out) == 0 or k != last:
            out.append((k, [x]))
        else:
            out[-1][1].append(x)
        last = k
    return out


def islice(iterable, start, stop, step):
    if start < 0 or (stop is not None and stop < 0):
        raise ValueError(
            "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
        )
    if step < 1:
        raise ValueError("Step for islice() must be a positive integer or None.")
    out = []
    for i, x in enumerate(iterable):
        if stop is not None and i >= stop:
            break
        if i >= start and (i - start) % step == 0:
            out.append(x)
    return out


def takewhile(predicate, iterable):
    out = []
    for x in iterable:
        if not predicate(x):
            break
        out.append(x)
    return out


def dropwhile(predicate, iterable):
    out = []
    dropping = True
    for x in iterable:
        dropping = dropping and bool(predicate(x))
        if not dropping:
            out.append(x)
    return out


def filterfalse(predicate, iterable):
    if predicate is None:
        return [x for x in iterable if not x]
    return [x for x in iterable if not predicate(x)]


def compress(data, selectors):
    return [x for x, chosen in zip(data, selectors, strict=False) if chosen]


def zip_longest(a, b, fillvalue=None):
    first = list(a)
    second = list(b)
    n = max(len(first), len(second))
    return [
        (
            first[i] if i < len(first) else fillvalue,
            second[i] if i < len(second) else fillvalue,
        )
        for i in range(n)
    ]


def combinations(iterable, r):
    a = list(iterable)
    n = len(a)
    if r == 1:
        return [(x,) for x in a]
    if r == 2:
        return [(a[i], a[j]) for i in range(n) for j in range(i + 1, n)]
    if r == 3:
        return [
            (a[i], a[j], a[k])
            for i in range(n)
            for j in range(i + 1, n)
            for k in range(j + 1, n)
        ]
    if r == 4:
        return [
            (a[i], a[j], a[k], a[m])
            for i in range(n)
            for j in range(i + 1, n)
            for k in range(j + 1, n)
            for m in range(k + 1, n)
        ]
    return refuse("itertools.combinations() of more than four items at run time")


def combinations_with_replacement(iterable, r):
    a = list(iterable)
    n = len(a)
    if r == 1:
        return [(x,) for x in a]
    if r == 2:
        return [(a[i], a[j]) for i in range(n) for j in range(i, n)]
    if r == 3:
        return [
            (a[i], a[j], a[k])
            for i in range(n)
            for j in range(i, n)
            for k in range(j, n)
        ]
    return refuse(
        "itertools.combinations_with_replacement() of more than three items at run time"
    )


def permutations(iterable, r):
    a = list(iterable)
    n = len(a)
    if r == 1:
        return [(x,) for x in a]
    if r == 2:
        return [(a[i], a[j]) for i in range(n) for j in range(n) if i != j]
    if r == 3:
        return [
            (a[i], a[j], a[k])
            for i in range(n)
            for j in range(n)
            for k in range(n)
            if i != j and i != k and j != k
        ]
    return refuse("itertools.permutations() of more than three items at run time")


def chain_from_iterable(iterables):
    return [x for part in iterables for x in part]
