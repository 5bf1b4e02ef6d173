"""The pool of workers, seen from the user's process.

The pool is mpiexec with one supervisor and one worker a rank, in a session of its own. All
that the driver does happens in the thread that calls: it sleeps in poll() on the sockets
until every rank has answered, a rank has died, or the user has pressed Ctrl-C. Calls of
several threads take turns.
"""

import atexit
import contextlib
import itertools
import os
import pickle
import secrets
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref

from . import _errors, _leftover, _times
from ._errors import LostResultError, RankDiedError
from ._interrupts import uninterrupted
from ._wire import (
    Inbox,
    Layout,
    attach,
    create,
    encode,
    more_of,
    remove,
    view,
    width,
)

_lock = threading.RLock()
_pool = None
_drops: list = []  # (pool, number): results that nobody holds any more
START_SECONDS = 60
# Variables that workers take from the driver at every call (contract 1.12).
ENV_PREFIXES = (
    "SHOAL_", "AWS_", "AZURE_", "LD_", "PYTHONPATH", "MINIO_", "CLASSPATH", "OMP", "MKL",
    "OPENBLAS", "NUMBA", "OPENAI", "PYTORCH_",
)  # fmt: skip


def workers() -> int:
    """Number of ranks: SHOAL_NUM_WORKERS, else the physical cores this process may use."""
    text = os.environ.get("SHOAL_NUM_WORKERS")
    if text:
        n = int(text) if text.strip().isdigit() else 0
        if n < 1:
            raise ValueError(
                f"SHOAL_NUM_WORKERS must be a number above 0, not {text!r}"
            )
        return n
    return physical_cores()


def physical_cores() -> int:
    """Cores of the CPUs that this process may use, as the control group allows."""
    cores = set()
    cpus = os.sched_getaffinity(0)
    for cpu in cpus:
        try:
            with open(
                f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list"
            ) as f:
                cores.add(f.read().strip())
        except OSError:
            cores.add(str(cpu))
    n = len(cores)
    with contextlib.suppress(OSError, ValueError), open("/sys/fs/cgroup/cpu.max") as f:
        quota, period = f.read().split()
        n = min(n, max(int(quota) // int(period), 1))
    return max(n, 1)


class Conn:
    """One rank's connection."""

    def __init__(self, sock):
        self.sock, self.inbox, self.out = sock, Inbox(), bytearray()
        self.rank = -1
        self.ended = False  # the other side has closed: it is no longer polled


class Progress:
    """A line on the user's terminal while a call takes more than a second."""

    def __init__(self, what: str, ranks: int):
        self.on = sys.stderr is not None and sys.stderr.isatty()
        self.on = self.on and os.environ.get("SHOAL_PROGRESS", "1") != "0"
        self.text = f"{what.split(' called at ')[0]} on {ranks} ranks"
        self.start, self.shown = time.monotonic(), False

    def wait(self, seconds: float) -> float:
        """How long to wait before show() is due again."""
        return min(seconds, 0.25) if self.on else seconds

    def show(self) -> None:
        took = time.monotonic() - self.start
        if self.on and took > 1:
            self.shown = True
            sys.stderr.write(f"\r\x1b[2K{self.text}: {took:.0f} s ")
            sys.stderr.flush()

    def clear(self) -> None:
        if self.shown:
            self.shown = False
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


class Pool:
    """N workers. A pool that has lost a worker is dead and never used again."""

    def __init__(self, n: int, warm: str = ""):
        self.n, self.pid = n, os.getpid()
        self.warm = warm
        self.id = secrets.token_hex(8)
        self.dead: str | None = None
        self.held: weakref.WeakSet[Held] = weakref.WeakSet()  # results not dropped yet
        self.conns: dict[int, Conn] = {}
        self.strangers: dict[
            int, Conn
        ] = {}  # connections that have not said who they are
        self.supervisors: dict[int, list] = {}  # fd -> [socket, text so far]
        self.pids: list[int] = []
        self.ready = 0
        self.busy = False
        self.sent: set[int] = set()  # numbers of the objects the workers have
        self.world: dict = {}
        self.raw_env: dict = {}
        self.start_env: dict = {}
        self.lent_env: tuple = ()  # variables of propagate_env= of the last call
        self.numbers = 0
        self.commands = 0  # sent so far
        self.wake, self.lock = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC), -1
        self.folder = os.path.join(tempfile.gettempdir(), f"shoal-{self.id}")
        self.abort_path, self.abort = create(f"shoal-{self.id}-abort", 64)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.process = self._start()
        except BaseException:
            self._forget()
            self._remove()
            raise
        _times.mark("pool launched")
        _leftover.sweep()

    # -- Start and end ---------------------------------------------------------------------

    def _start(self):
        self.lock = _leftover.hold(self.abort_path)
        os.mkdir(self.folder, 0o700)
        path = os.path.join(self.folder, "s")
        self.listener.bind(path)
        self.listener.listen(4 * self.n + 8)
        self.listener.setblocking(False)
        self.poll = select.poll()
        self.poll.register(self.listener, select.POLLIN)
        self.poll.register(self.wake[0], select.POLLIN)
        return self._launch(path)

    def _environment(self, path: str) -> dict:
        from ._mpi import launch_env

        self.start_env = dict(os.environ)
        env = launch_env(os.environ)
        env["PRTE_MCA_prte_tmpdir_base"] = self.folder  # Open MPI's own: goes with it
        package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        # The allocators of pyarrow and libc return memory at once otherwise, and the
        # kernel clears the same pages anew at each call, and for each batch of a file.
        env.setdefault("MIMALLOC_PURGE_DELAY", "60000")
        env.setdefault("MALLOC_MMAP_THRESHOLD_", str(4 << 20))
        env.setdefault("MALLOC_TRIM_THRESHOLD_", str(32 << 20))
        env["PYTHONPATH"] = os.pathsep.join(
            filter(None, [package, env.get("PYTHONPATH")])
        )
        env.update(
            SHOAL_WORKER="1",
            SHOAL_POOL_SOCKET=path,
            SHOAL_POOL_ID=self.id,
            SHOAL_POOL_ABORT=self.abort_path,
            SHOAL_POOL_DRIVER=str(self.pid),
            SHOAL_POOL_WARM=self.warm,
            PYTHONUNBUFFERED="1",
        )
        share = str(max(physical_cores() // self.n, 1))
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env.setdefault(name, share)
        return env

    def _launch(self, path: str):
        from . import _mpi
        from ._native import SUPERVISOR

        command = [
            *_mpi.mpiexec(),
            "-n",
            str(self.n),
            SUPERVISOR,
            path,
            sys.executable,
            "-P",  # the working directory holds no modules of the user's
            "-c",  # -m would load runpy and what it needs, on every rank
            "from shoal.worker import main; main()",
        ]
        self.log = os.path.join(self.folder, "launcher.log")
        with open(self.log, "wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=self._environment(path),
                cwd="/",
            )

    def close(self, politely: bool = True) -> None:
        """End all that belongs to the pool."""
        if self.dead is None:
            self.dead = "the pool was closed"
        if os.getpid() != self.pid:
            self._forget()
            return
        outputs = self._outputs()  # supervisors remove the folder too
        if politely:
            for c in self.conns.values():
                with contextlib.suppress(OSError):
                    c.sock.setblocking(False)
                    c.sock.send(encode(("end",)))
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0 if self.ready == self.n else 0.01)
        for s in [c.sock for c in (*self.conns.values(), *self.strangers.values())]:
            s.close()  # supervisors see the end of their own connections and kill
        for s, _ in self.supervisors.values():
            s.close()
        self.listener.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.7)  # supervisors tidy up behind the workers they kill
        if self.process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(2)
        for pid in self.pids:
            with contextlib.suppress(OSError):
                if _is_ours(pid, self.id):
                    os.kill(pid, signal.SIGKILL)
        self._forget()
        self._remove(outputs | self._outputs())

    def _outputs(self) -> set:
        """What ranks are writing: links in the pool's folder lead to it."""
        found = set()
        with contextlib.suppress(OSError):
            for entry in os.scandir(self.folder):
                if entry.is_symlink():
                    with contextlib.suppress(OSError):
                        found.add(os.readlink(entry))
        return found

    def _remove(self, outputs=()) -> None:
        """The files that have a name, and outputs that are not whole."""
        remove(self.abort_path)
        for path in outputs:
            shutil.rmtree(path, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _forget(self) -> None:
        for c in (*self.conns.values(), *self.strangers.values()):
            c.sock.close()
        self.listener.close()
        for fd in (*self.wake, self.lock):
            with contextlib.suppress(OSError):
                os.close(fd)
        self.wake, self.lock = (-1, -1), -1

    def set_abort(self, value: int) -> None:
        self.abort[0:4] = value.to_bytes(4, "little")

    # -- Messages ----------------------------------------------------------------------------

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            self.strangers[sock.fileno()] = Conn(sock)
            self.poll.register(sock, select.POLLIN)

    def _read(self, fd: int) -> list:
        """(rank, message) that came on a descriptor."""
        if fd in self.supervisors:
            return self._read_supervisor(fd)
        c = self.strangers.get(fd) or next(
            (c for c in self.conns.values() if c.sock.fileno() == fd), None
        )
        if c is None:
            return []
        try:
            data = c.sock.recv(1 << 20)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.poll.unregister(c.sock)
            self.strangers.pop(fd, None)
            c.ended = True
            return [(c.rank, ("gone",))]
        if fd in self.strangers and data[:4] in (b"SUP ", b"END "):
            del self.strangers[fd]
            self.supervisors[fd] = [c.sock, b""]
            return self._supervisor_text(fd, data)
        out = []
        for message in c.inbox.feed(data):
            if message[0] == "hello":
                c.rank = message[1]
                self.pids.append(message[2])
                self.conns[c.rank] = self.strangers.pop(fd)
                if c.out:
                    self._want_write(c)
            elif message[0] == "ready":
                self.ready += 1
            else:
                out.append((c.rank, message))
        return out

    def _read_supervisor(self, fd: int) -> list:
        try:
            data = self.supervisors[fd][0].recv(4096)
        except OSError:
            data = b""
        if not data:
            self.poll.unregister(fd)
            self.supervisors.pop(fd)[0].close()
            return []
        return self._supervisor_text(fd, data)

    def _supervisor_text(self, fd: int, data: bytes) -> list:
        held = self.supervisors[fd]
        held[1] += data
        *lines, held[1] = held[1].split(b"\n")
        out = []
        for line in lines:
            word, *numbers = line.split()
            if word == b"END":
                rank, sig, code, _pid = map(int, numbers)
                out.append((rank, ("died", sig, code)))
        return out

    def _want_write(self, c: Conn) -> None:
        if c.ended:  # a rank that died between two events: its end is told already
            return
        self.poll.modify(c.sock, select.POLLIN | (select.POLLOUT if c.out else 0))

    def _write(self, fd: int) -> None:
        for c in self.conns.values():
            if c.sock.fileno() == fd and c.out:
                with contextlib.suppress(
                    BlockingIOError, BrokenPipeError, ConnectionError
                ):
                    n = c.sock.send(memoryview(c.out)[: 1 << 20])
                    del c.out[:n]
                self._want_write(c)

    def events(self, seconds: float) -> list:
        """What happened, waiting for at most so long: (rank, message)."""
        out = []
        for fd, what in self.poll.poll(seconds * 1000):
            if fd == self.listener.fileno():
                self._accept()
            elif fd == self.wake[0]:
                with contextlib.suppress(OSError):
                    os.read(fd, 64)
            else:
                if what & (select.POLLIN | select.POLLHUP | select.POLLERR):
                    out += self._read(fd)
                if what & select.POLLOUT:
                    self._write(fd)
        # A launcher ends the others after the first death: that one is to be named.
        return sorted(out, key=_ended_by_launcher)

    def send_all(self, messages: list) -> None:
        """One message to each rank; ranks that are not connected yet get it later."""
        for rank, message in enumerate(messages):
            c = self.conns[rank]
            if not c.out:  # most messages fit into the socket at once
                try:
                    message = memoryview(message)[c.sock.send(message) :]
                except (BlockingIOError, ConnectionError):
                    pass
            if len(message):
                c.out += message
                self._want_write(c)

    def connect(self, interrupts) -> None:
        """Wait until every worker has said hello. After a Ctrl-C the next call goes on."""
        until = time.monotonic() + START_SECONDS
        while len(self.conns) < self.n:
            for rank, message in self.events(0.2):
                if message[0] in ("died", "broken", "gone"):
                    self.fail_start(rank, message)
            interrupts.check()
            if self.process.poll() is not None and len(self.conns) < self.n:
                self.fail_start(-1, ("launcher", self.process.returncode))
            if time.monotonic() > until:
                self.fail_start(-1, ("late",))

    def fail_start(self, rank: int, message: tuple) -> None:
        text = {
            "died": "worker {rank} ended while starting",
            "gone": "worker {rank} ended while starting",
            "broken": "worker {rank} cannot use MPI",
            "launcher": "mpiexec ended with status {detail}",
            "late": f"the workers did not answer within {START_SECONDS} s",
        }[message[0]].format(rank=rank, detail=message[1] if len(message) > 1 else "")
        if message[0] == "broken":
            text = f"{text}: {message[1][1]}"
        with contextlib.suppress(OSError), open(self.log, errors="replace") as log:
            said = log.read()[-2000:].strip()
            text = f"{text}; the launcher said:\n{said}" if said else text
        self.dead = text
        self.close(False)
        raise RankDiedError(f"the pool of {self.n} workers could not start: {text}")

    # -- One command to all ranks ----------------------------------------------------------------

    def command(self, messages: list, what: str) -> list:
        """Send each rank its message; the answers by rank. Raises _errors.Failure for a
        failed command, RankDiedError, KeyboardInterrupt."""
        with uninterrupted() as interrupts:
            self.busy, interrupts.told = True, self.interrupt
            try:
                interrupts.check()
                if len(self.conns) < self.n:
                    self.connect(interrupts)
                self.commands += 1
                self.send_all(messages)
                _times.mark("command sent")
                answers = self._gather(interrupts, what)
                _times.mark("all ranks answered")
                interrupts.check()
            finally:
                self.busy, interrupts.told = False, None
                if self.dead is None:
                    self.set_abort(0)
        return self._judge(answers)

    def interrupt(self) -> None:
        """Ctrl-C: the ranks are to leave the command, and the driver's wait is to end."""
        self.set_abort(1)
        with contextlib.suppress(OSError):
            os.write(self.wake[1], b"!")

    def _gather(self, interrupts, what: str) -> dict:
        progress = Progress(what, self.n)
        try:
            return self._answers(interrupts, what, progress)
        finally:
            progress.clear()

    def _answers(self, interrupts, what: str, progress: Progress) -> dict:
        answers: dict = {}
        prints = Prints(self.n)
        gone: dict = {}
        seconds = 3600.0
        while len(answers) < self.n:
            happened = self.events(progress.wait(prints.wait(seconds)))
            if happened or interrupts.count > 1:
                progress.clear()
            for rank, message in happened:
                kind = message[0]
                if kind == "print":
                    prints.add(rank, message[1])
                elif kind == "died":
                    prints.show_all()
                    self.died(rank, message[1], message[2], what)
                elif kind == "gone":
                    gone[rank] = time.monotonic() + 1.0
                elif kind == "broken":
                    self.fail_start(rank, message)
                else:
                    answers[rank] = message
                    if kind == "failed" and not message[2]:
                        self.set_abort(1)  # its peers wait for it in vain
            prints.show(answers)
            if len(answers) < self.n:
                progress.show()
            seconds = 0.05 if gone else 3600.0
            if gone and min(gone.values()) < time.monotonic():
                self.died(min(gone, key=gone.get), 0, 0, what)
            if interrupts.count > 1:
                self.dead = f"{what} did not stop and was ended at the second Ctrl-C"
                self.close(False)
                raise KeyboardInterrupt(f"the workers were ended; {self.lost()}")
        return answers

    def lost(self) -> str:
        """Which results end with the workers."""
        calls = sorted({held.made_by for held in self.held})
        if not calls:
            return "no results were on them"
        more = f" and {len(calls) - 4} more" if len(calls) > 4 else ""
        return f"what was still on them is lost: {', '.join(calls[:4])}{more}"

    def died(self, rank: int, sig: int, code: int, what: str) -> None:
        """A worker is dead: so is the pool."""
        if sig:
            name = signal.Signals(sig).name if sig in iter(signal.Signals) else str(sig)
            how = f"was killed by {name}"
            if sig == signal.SIGKILL:
                how += " (as the kernel does when memory runs out)"
        else:
            how = f"ended with status {code}"
        self.dead = f"rank {rank} {how} while running {what}"
        self.close(False)
        raise RankDiedError(
            f"rank {rank} of {self.n} {how} while running {what}; "
            "the next call starts new workers"
        )

    def _judge(self, answers: dict) -> list:
        failed = [a for _, a in sorted(answers.items()) if a[0] == "failed"]
        if failed:
            local = [a for a in failed if not a[2]]
            first = (local or failed)[0][1]
            e = _errors.Failure(*first)
            # Only the rank that failed has the exception of a Python function.
            e.pickled = next((a[3] for a in failed if a[3] and a[1] == first), b"")
            raise e
        return [answers[r][1] for r in range(self.n)]

    def check(self) -> None:
        """Notice what happened between calls."""
        events = self.events(0)
        until = time.monotonic() + 1.0  # the supervisor knows why, and says so soon
        while _only_gone(events) and time.monotonic() < until:
            events += self.events(0.05)
        for rank, message in events:
            if message[0] == "died" and self.dead is None:  # the first one is the cause
                sig = message[1]
                self.dead = f"rank {rank} ended" + (f" by signal {sig}" if sig else "")
        for rank, message in events:
            if message[0] == "gone" and self.dead is None:
                self.dead = f"rank {rank} ended"
        if self.dead is None and self.process.poll() is not None:
            self.dead = "mpiexec ended"

    def drop(self, numbers: list) -> None:
        """Tell the workers to forget results."""
        if self.dead is None and len(self.conns) == self.n:
            self.send_all([encode(("drop", numbers))] * self.n)
            self.check()  # a death that nobody notes would be waited for in vain


class Prints:
    """What ranks print, shown in rank order: one flush of each rank at a time. A rank that
    has nothing to say holds the others up for HOLD seconds at most."""

    HOLD = 0.5

    def __init__(self, n: int):
        self.waiting: list = [[] for _ in range(n)]  # flushes of each rank
        self.since = 0.0

    def add(self, rank: int, parts: list) -> None:
        if not any(self.waiting):
            self.since = time.monotonic()
        self.waiting[rank].append(parts)

    def wait(self, seconds: float) -> float:
        """How long to wait before show() is due again."""
        return min(seconds, self.HOLD) if any(self.waiting) else seconds

    def show(self, answered) -> None:
        """What is due, when the ranks in `answered` will say no more."""
        while any(self.waiting) and all(
            flushes or rank in answered for rank, flushes in enumerate(self.waiting)
        ):
            self._round()
        if time.monotonic() - self.since >= self.HOLD:
            self.show_all()

    def show_all(self) -> None:
        while any(self.waiting):
            self._round()

    def _round(self) -> None:
        """The first flush of each rank, to the driver's current streams."""
        for flushes in self.waiting:
            for fd, text in flushes.pop(0) if flushes else ():
                (sys.stdout if fd == 1 else sys.stderr).write(text)


def _only_gone(events: list) -> bool:
    """Whether a connection has ended, and why is not known yet."""
    kinds = {message[0] for _, message in events}
    return "gone" in kinds and "died" not in kinds


def _ended_by_launcher(event: tuple) -> bool:
    _, message = event
    return message[0] == "died" and message[1] == signal.SIGTERM


def _is_ours(pid: int, pool_id: str) -> bool:
    """Whether a process number still is a worker of this pool."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as f:
            return f"SHOAL_POOL_ID={pool_id}".encode() in f.read()
    except OSError:
        return False


# -- The one pool of this process ----------------------------------------------------------


def current(warm: str = "") -> Pool:
    """The living pool; a new one when there is none, it died, or its size is to change."""
    with uninterrupted():
        return _current(warm)


def _current(warm: str) -> Pool:
    global _pool
    n = workers()
    if _pool is not None:
        if _pool.pid != os.getpid():
            _pool = None
        else:
            if _pool.dead is None:
                _pool.check()
            if _pool.dead is None and _pool.n != n:
                _pool.dead = f"SHOAL_NUM_WORKERS changed from {_pool.n} to {n}"
                _pool.close()
            if _pool.dead is not None:
                if _pool.wake[0] >= 0:
                    _pool.close(False)
                _pool = None
    if _pool is None:
        _pool = Pool(n, warm)
    return _pool


def start_soon(files: bool) -> None:
    """Start the workers if none are there, without waiting for them: a call will follow.
    They load the linker, and for files pyarrow, while the driver compiles."""
    with _lock:
        current("pyarrow" if files else "code")


def close() -> None:
    """End the workers; the next call that needs them starts new ones."""
    global _pool
    with _lock, uninterrupted():
        pool, _pool = _pool, None
        if pool is not None and pool.wake[0] >= 0:
            pool.close()


def _after_fork() -> None:
    global _pool, _lock
    pool, _pool, _lock = _pool, None, threading.RLock()
    _drops.clear()
    if pool is not None:
        pool.dead = "the pool belongs to the parent process"
        pool._forget()


os.register_at_fork(after_in_child=_after_fork)
atexit.register(close)


# -- Results on the workers -------------------------------------------------------------------


class Held:
    """Results of one call that stay on the workers, by number."""

    def __init__(self, pool: Pool, number: int, made_by: str):
        self.pool, self.number, self.made_by = pool, number, made_by
        pool.held.add(self)
        self.counts: dict = {}  # slot -> rows on each rank
        self.replicated: set = set()  # slots of which every rank has all rows

    def __del__(self):
        pool = self.pool
        if pool.dead is not None or pool.pid != os.getpid():
            return
        _drops.append((pool, self.number))
        if not pool.busy and _lock.acquire(blocking=False):
            try:
                flush_drops()
            except Exception:
                pass
            finally:
                _lock.release()

    def alive(self) -> None:
        pool = self.pool
        if pool.pid != os.getpid():
            raise LostResultError(
                f"this result of {self.made_by} belongs to the parent process's workers"
            )
        with _lock, uninterrupted():  # another thread may be in a call
            if pool.dead is None:
                pool.check()
        if pool.dead is not None:
            raise LostResultError(
                f"this result of {self.made_by} was still on the workers and is lost: "
                f"{pool.dead}"
            )

    def at(self, slot: int) -> tuple:
        """Where a column is: (Held, slot)."""
        return self, slot

    def rows(self, slot: int) -> int:
        counts = self.counts[slot]
        return counts[0] if slot in self.replicated else sum(counts)

    def fetch(self, slots: list[int], limit: int = -1) -> dict:
        """Columns as they are over all ranks (their first rows, with a limit)."""
        with _lock, uninterrupted():
            self.alive()
            return fetch(self, slots, limit)


class Joined:
    """Columns of the results of several calls: where[k] is (Held, its slot) of column k."""

    def __init__(self, where: list):
        self.where = where

    def at(self, slot: int) -> tuple:
        return self.where[slot]

    def alive(self) -> None:
        for held, _ in self.where:
            held.alive()

    def rows(self, slot: int) -> int:
        held, own = self.where[slot]
        return held.rows(own)

    def fetch(self, slots: list[int], limit: int = -1) -> dict:
        """Columns as they are over all ranks (their first rows, with a limit)."""
        by_held: dict = {}
        for k in slots:
            held, own = self.where[k]
            by_held.setdefault(id(held), (held, []))[1].append((k, own))
        out = {}
        for held, pairs in by_held.values():
            got = held.fetch(sorted({own for _, own in pairs}), limit)
            out.update((k, got[own]) for k, own in pairs)
        return out


def flush_drops() -> None:
    """Send what has to be forgotten."""
    with uninterrupted():
        drops, _drops[:] = list(_drops), []
        by_pool: dict = {}
        for pool, number in drops:
            by_pool.setdefault(id(pool), (pool, []))[1].append(number)
        for pool, numbers in by_pool.values():
            pool.drop(numbers)


def _head_counts(held: Held, slots: list[int], limit: int) -> dict:
    """For every column, how many of the first `limit` rows each rank has."""
    out = {}
    for slot in slots:
        left, takes = limit, []
        for n in held.counts[slot]:
            takes.append(min(n, left))
            left -= takes[-1]
        out[slot] = takes
    return out


def fetch(held: Held, slots: list[int], limit: int = -1) -> dict:
    """Workers write their rows of the columns into one segment; the columns over it."""

    pool, n = held.pool, held.pool.n
    what = f"the collection of a result of {held.made_by}"
    if limit < 0:
        sizes = pool.command([encode(("measure", held.number, slots))] * n, what)
        takes = None
    else:
        takes = _head_counts(held, slots, limit)
        asks = [
            encode(("measure_head", held.number, [(s, takes[s][r]) for s in slots]))
            for r in range(n)
        ]
        sizes = pool.command(asks, what)
    layout, jobs, places = Layout(), [[] for _ in range(n)], {}
    for k, slot in enumerate(slots):
        pieces = [sizes[r][k][:3] for r in range(n)]
        if slot in held.replicated:
            pieces[1:] = [(0, 0, False)] * (n - 1)
        type_, _, tz = sizes[0][k][3:]
        promoted = any(sizes[r][k][4] for r in range(n))
        place, starts = layout.place(type_, tz, promoted, pieces, width(type_))
        places[slot] = place
        for r in range(n):
            count = -1 if takes is None else takes[slot][r]
            if slot in held.replicated and r > 0:
                continue
            jobs[r].append((slot, place, *starts[r], r, 0, count))
    path, memory = create(f"shoal-{pool.id}-{_next(pool)}", layout.size)
    try:
        pool.command(
            [encode(("put", held.number, path, jobs[r])) for r in range(n)], what
        )
    finally:
        remove(path)
    return {slot: view(memory, place, False) for slot, place in places.items()}


def _next(pool: Pool) -> int:
    pool.numbers += 1
    return pool.numbers


# -- Calls --------------------------------------------------------------------------------------


def _environment() -> dict:
    """The variables that workers take from the driver."""
    return {
        k: v
        for k, v in os.environ.items()
        if k.startswith(ENV_PREFIXES) and not k.startswith("SHOAL_POOL")
    }


def _lent(pool: Pool, names: tuple) -> dict:
    """The variables of propagate_env= for a call; those of the call before are again what
    they were when the pool started."""
    out = {k: pool.start_env.get(k) for k in pool.lent_env}
    out.update({k: os.environ.get(k) for k in names})
    pool.lent_env = names
    return {k: v for k, v in out.items() if not k.startswith(ENV_PREFIXES)}


def _world(pool: Pool, names: tuple) -> dict:
    """What changed of the driver's world since the last call."""
    raw = getattr(os.environ, "_data", None)  # compared at once, not name by name
    if raw is not None and raw == pool.raw_env and pool.world:
        env = pool.world["env"]
    else:
        env = _environment()
        pool.raw_env = dict(raw or {})
    try:
        cwd = os.getcwd()
    except OSError:
        cwd = "/"
    path = [p if p else cwd for p in sys.path]
    now = {"cwd": cwd, "path": path, "env": env}
    old, pool.world = pool.world, now
    out = {}
    if old.get("cwd") != cwd:
        out["cwd"] = cwd
    if old.get("path") != path:
        out["path"] = path
    before = old.get("env")
    if before is None:
        before = {}
    changed = {k: v for k, v in env.items() if before.get(k) != v}
    changed.update({k: None for k in before if k not in env})
    changed.pop("SHOAL_WORKER", None)
    if names or pool.lent_env:
        changed.update(_lent(pool, names))
    if changed:
        out["env"] = changed
    return out


def slot_dists(descs) -> dict:
    """Distribution of every slot, by the container that it belongs to."""
    out = {}

    def walk(d, dist: str) -> None:
        dist = d.dist or dist
        if d.slot >= 0:
            out[d.slot] = dist
        for c in d.children if d.kind != "object" else ():
            walk(c, dist)

    for d in descs:
        walk(d, "")
    return out


def _share(pool: Pool, leaves: list, dists: dict, written, interrupts):
    """Specs of the arguments, the segment that holds their columns (path, memory), and
    where in it the changed ones come back: (slot, placement)."""
    from . import _core
    from ._desc import Column, NdColumn, Rows, Stride
    from ._lazy import HeldColumn, HeldRows
    from ._rowlists import Labels, Pack

    layout, writes, columns, backs = Layout(), [], [], []

    def spec_of(source, dist: str, i: int = -1) -> list:
        cls = type(source)
        if cls is Pack:
            inner = [spec_of(s, dist) for s in source.leaves]
            return ["pack", source.code, source.tree, inner]
        if cls in (HeldColumn, HeldRows, Labels) and (
            source.held.pool is not pool or dist in ("", "REP")
        ):
            source = source.collected()
            cls = type(source)
        if cls is Column or cls is NdColumn:
            each = source.width if cls is NdColumn else 1
            a = source.lend() if cls is Column else source.lend_contiguous()
            if a.is_dict:
                a = a.plain()
            size = _core.measure(a)
            wide = width(a.type)
            place, _ = layout.place(a.type, more_of(a), a.promoted, [size], wide)
            writes.append((a, place))
            back = None
            if i in written:
                back, _ = layout.place(a.type, a.tz, False, [size], wide)
                backs.append((i, back))
            columns.append(["column", None, place, dist, back, each])
            return columns[-1]
        if cls is Rows:
            return ["rows", source.n, dist]
        if cls is Stride:
            return ["value", source.value(False)]
        if cls is HeldColumn:
            return ["held", source.held.number, source.slot]
        if cls is HeldRows:
            return ["heldrows", source.held.number, source.slot]
        if cls is Labels:
            firsts = source.firsts(pool.n)
            where = source.held.number, source.slot
            return ["heldlabels", *where, source.start, source.step, firsts]
        return ["value", source]

    specs = [spec_of(s, dists.get(i, ""), i) for i, s in enumerate(leaves)]
    if not writes:
        return specs, None, None, backs
    path, memory = create(f"shoal-{pool.id}-{_next(pool)}", layout.size)
    try:
        for a, place in writes:
            _core.put(a, memory, place, 0, 0, 0)
            interrupts.check()  # they may be large
    except BaseException:
        remove(path)
        raise
    for s in columns:
        s[1] = path
    return specs, path, memory, backs


def caller() -> str:
    """Where the user called from: file and line."""
    frame = sys._getframe(1)
    here = os.path.dirname(os.path.abspath(__file__))
    while frame is not None and os.path.dirname(frame.f_code.co_filename) == here:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame is not None else "?"


def _unpickled(data: bytes) -> BaseException | None:
    """The exception of a Python function as a rank raised it."""
    if data:
        with contextlib.suppress(Exception):
            return pickle.loads(data)
    return None


_code_numbers = iter(range(1, 1 << 62))


def _run(pool: Pool, c, number: int, specs: list, what: str) -> list:
    """The answers of all ranks to a call."""
    known = c.number in pool.sent
    code = c.number if known else (c.number, c.object, c.calls_bytes())
    old, commands = (pool.world, pool.raw_env), pool.commands
    world, specs = _world(pool, c.propagate), [tuple(s) for s in specs]
    message = encode(("run", number, code, c.letters, world, specs, True, c.row_lists))
    try:
        answers = pool.command([message] * pool.n, what)
    except _errors.Failure:
        pool.world = {}
        raise
    except BaseException:
        if pool.commands == commands:  # it was interrupted before: they don't know
            pool.world, pool.raw_env = old
        raise
    pool.sent.add(c.number)
    return answers


def call(c, leaves: list, start: float):
    """Run compiled code on all workers."""
    import numpy as np

    from ._call import Changes

    what = f"{c.name}() called at {caller()}"
    with _lock, uninterrupted() as interrupts:
        pool = current()
        flush_drops()
        if not c.number:
            c.number = next(_code_numbers)
        changes = Changes(c, leaves) if c.written else None
        specs, segment, memory, backs = _share(
            pool,
            leaves,
            slot_dists(c.args),
            changes.slots if changes else (),
            interrupts,
        )
        number, ended, failed = _next(pool), False, None
        try:
            answers = _run(pool, c, number, specs, what)
            for slot, place in backs:
                changes.apply(slot, np.asarray(view(memory, place, True)))
            from ._lazy import results

            out = results(pool, number, c, answers, what)
            ended = True
        except _errors.Failure as e:
            failed = _errors.run_error(e.args, c, pool.n, _unpickled(e.pickled))
        except RankDiedError as e:
            failed = e
        finally:
            if segment:
                remove(segment)
            if not ended:  # a rank may have ended well, and keep its rows
                _drops.append((pool, number))
        if failed is None:
            return out
    failed.__cause__ = failed.__context__ = None
    _errors.raise_at(failed, getattr(failed, "shoal_places", []))
    raise AssertionError


def moved(c) -> list | None:
    """What all ranks have sent in the last call of a compiled form; None when that is not
    known any more."""
    with _lock, uninterrupted():
        pool = _pool
        gone = pool is None or pool.dead is not None or pool.pid != os.getpid()
        if gone or c.number not in pool.sent:
            return None
        message = encode(("moved", c.number))
        try:
            answers = pool.command([message] * pool.n, "explain()")
        except (_errors.Failure, RankDiedError):
            return None
    sums: dict = {}
    for site, call, times, messages, size, rounds in itertools.chain(*answers):
        t, m, b, r = sums.get((site, call), (0, 0, 0, 0))
        # All ranks take part in a round.
        counts = max(t, times), m + messages, b + size, max(r, rounds)
        sums[site, call] = counts
    return [(*key, *counts) for key, counts in sums.items()]


def pids() -> list[int]:
    """Process numbers of the workers, by no order; empty without a pool."""
    return list(_pool.pids) if _pool is not None else []


__all__ = [
    "RankDiedError",
    "attach",
    "call",
    "close",
    "current",
    "pids",
    "start_soon",
    "workers",
]
