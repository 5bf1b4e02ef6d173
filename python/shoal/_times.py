"""A time line of a program over the driver and its workers, for finding out where a first
call spends its time.

SHOAL_TIMES=FILE makes every process append a line a mark to FILE: the time of the clock that
all processes of a machine share, CPU time, page faults, memory, who and what. Off, a mark
costs a test of a constant. `python -m shoal times FILE` prints the file as a table.
"""

import os
import time

_path = os.environ.get("SHOAL_TIMES")
ON = bool(_path)
_who = "driver"


def name(who: str) -> None:
    """What this process is called in the time line."""
    global _who
    _who = who


def mark(what: str) -> None:
    """Note that this was reached."""
    if not ON:
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    line = (
        f"{time.monotonic():.4f} {used.ru_utime:.4f} {used.ru_stime:.4f} "
        f"{used.ru_minflt} {used.ru_maxrss >> 10} {_who} {what}\n"
    )
    fd = os.open(_path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, line.encode())
    finally:
        os.close(fd)


def show(path: str) -> str:
    """The time line as text: seconds since the first mark of all; then since the last mark
    of the process: seconds, seconds of user and system CPU, page faults; largest memory."""
    rows = []
    with open(path) as f:
        for line in f:
            *numbers, who, what = line.rstrip("\n").split(" ", 6)
            rows.append(([float(n) for n in numbers], who, what))
    rows.sort(key=lambda row: row[0])
    out = ["      at   since    user  system  faults  MB max  process  reached"]
    last: dict = {}
    for numbers, who, what in rows:
        at, user, system, faults, most = numbers
        before = last.get(who, numbers)
        last[who] = numbers
        out.append(
            f"{at - rows[0][0][0]:8.3f}{at - before[0]:8.3f}{user - before[1]:8.3f}"
            f"{system - before[2]:8.3f}{faults - before[3]:8.0f}{most:8.0f}"
            f"  {who:8} {what}"
        )
    return "\n".join(out)
