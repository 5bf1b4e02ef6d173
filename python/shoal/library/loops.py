"""itertools over what only the run time knows, as lists."""


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
