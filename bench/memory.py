"""Memory of a process and of all that it started, as the kernel counts it.

Pss shares each page among those that map it, so sums over ranks count shared memory once.
Descendants are found by a mark in their environment: a pool's launcher may have a session
and a parent of its own.
"""

import os
import threading
import uuid
from pathlib import Path

MARK = "SHOAL_BENCH_MARK"


def pss_bytes(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


class Watch:
    """Samples the processes that carry a mark, from a thread, until told to stop."""

    def __init__(self, interval: float = 0.05) -> None:
        self.mark = f"{MARK}={uuid.uuid4().hex}"
        self.environment = dict(os.environ, **dict([self.mark.split("=")]))
        self.peak = 0
        self.last = 0
        self._interval = interval
        self._ours: dict[int, bool] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def reset(self) -> int:
        """Forget the peak; returns what is in use now."""
        self._sample()
        self.peak = self.last
        return self.last

    def _run(self) -> None:
        while not self._stop.wait(self._interval):
            self._sample()

    def _sample(self) -> None:
        pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
        self._ours = {pid: self._ours.get(pid) or self._marked(pid) for pid in pids}
        self.last = sum(pss_bytes(pid) for pid, ours in self._ours.items() if ours)
        self.peak = max(self.peak, self.last)

    def _marked(self, pid: int) -> bool:
        try:
            return self.mark.encode() in Path(f"/proc/{pid}/environ").read_bytes()
        except OSError:
            return False
