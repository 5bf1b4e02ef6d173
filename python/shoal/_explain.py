"""f.explain(): the compiler's text, and beside its lines what the last call has sent."""

import re
from collections import defaultdict

_SOURCE = re.compile(r" *(\d+)  \| ")


def _many(n: int, word: str) -> str:
    return f"{n:,} {word}{'' if n == 1 else 's'}"


def _line(call: str, counts: list) -> str:
    _, messages, size, rounds = counts
    parts = [_many(size, "byte") + " in " + _many(messages, "message")] * (messages > 0)
    if size and not messages:
        parts = [_many(size, "byte")]
    parts += [_many(rounds, "round")] * (rounds > 0)
    return f"         | sent       {', '.join(parts)} ({call})"


def _by_line(c, sent: list) -> dict:
    """(file, line) -> call -> sums of counts; (-1, 0) for what has no place."""
    out: dict = defaultdict(lambda: defaultdict(lambda: [0, 0, 0, 0]))
    for site, call, *counts in sent:
        known = 0 <= site < len(c.sites)
        place = c.sites[site][0][:2] if known else (-1, 0)
        sums = out[tuple(place)][call]
        for k, n in enumerate(counts):
            sums[k] += n
    return out


def text(c, sent: list | None, who: str) -> str:
    """The explanation of a compiled form. sent: (site, call, times, messages, bytes,
    rounds) of its last call, None for none; who: of whom."""
    if not sent:
        return c.explain or ""
    places = _by_line(c, sent)
    heads = [
        f"{func or c.name.split('.')[-1]}, {name} ({first})"
        for name, func, first, _ in c.files
    ]
    out, file, here, told = [], -1, None, set()

    def close() -> None:
        if here in places and here not in told:
            told.add(here)
            out.extend(_line(call, n) for call, n in places[here].items())

    for line in (c.explain or "").splitlines():
        if file + 1 < len(heads) and line == heads[file + 1]:
            close()
            file, here = file + 1, None
        elif found := _SOURCE.match(line):
            close()
            here = file, int(found[1])
        out.append(line)
    close()
    rest = [(p, calls) for p, calls in places.items() if p not in told]
    for _, calls in rest:
        out.extend(_line(f"{call}, at no line", n) for call, n in calls.items())
    out.append(f"sent: by {who}, in the last call; a round is 64 bytes to every rank")
    return "\n".join(out) + "\n"
