"""A worker: one rank of a pool. It waits for messages of the driver and sleeps between.

main() is started by the supervisor under mpiexec, with SHOAL_POOL_SOCKET in the environment.
pandas and LLVM's linker come with the first call that needs them; every module that is
loaded here is loaded on all ranks before the first call can run, so there are few.
"""

import _thread
import contextlib
import os
import pickle
import socket
import sys
import time

from . import _times


class Printer:
    """Text of compiled prints, sent to the driver as whole lines."""

    EVERY = 0.2

    def __init__(self, send):
        self.send, self.parts, self.at = send, [], 0.0

    def add(self, fd: int, text: str) -> None:
        self.parts.append((fd, text))
        now = time.monotonic()
        if now - self.at > self.EVERY and text.endswith("\n"):
            self.flush()
            self.at = now

    def flush(self) -> None:
        if self.parts:
            parts, self.parts = self.parts, []
            self.send(("print", parts))


class Line:
    """sys.stdout or sys.stderr of a Python function that compiled code calls."""

    def __init__(self, printer: Printer, fd: int):
        self.printer, self.fd = printer, fd

    def write(self, text: str) -> int:
        self.printer.add(self.fd, text)
        return len(text)

    def flush(self) -> None:
        pass


def host_for(printer: Printer, calls):
    """What running code asks of Python on a rank of a pool."""
    from ._host import Host

    host = Host(calls)
    host.print = printer.add
    return host


def _attached(specs) -> dict:
    """The segments that hold arguments; one is writable when something in it comes back."""
    paths: dict = {}

    def look(specs) -> None:
        for kind, *rest in specs:
            if kind == "pack":
                look(rest[-1])
            elif kind == "column":
                path, _, _, back, _ = rest
                paths[path] = paths.get(path, False) or back is not None

    look(specs)
    if not paths:
        return paths
    from ._wire import attach

    return {path: attach(path, write) for path, write in paths.items()}


class Worker:
    def __init__(self, sock, rank: int, size: int, abort):
        from . import _core
        from ._wire import encode

        self.core, self.encode = _core, encode
        self.sock, self.rank, self.size, self.abort = sock, rank, size, abort
        self.programs: dict = {}
        self.sent: dict = {}  # program -> what its last run has sent
        self.results: dict = {}  # number -> slots of a call whose results stay here
        self.printer = Printer(self.send)
        sys.stdout, sys.stderr = Line(self.printer, 1), Line(self.printer, 2)
        self.calling = None  # the host of the call
        self.changed: list = []  # written arguments: (copy, segment, placement, row)

    def send(self, message) -> None:
        self.sock.sendall(self.encode(message))

    # -- The caller's world ------------------------------------------------------------------

    def enter(self, world: dict) -> None:
        """The driver's working directory, variables and sys.path."""
        if "cwd" in world:
            with contextlib.suppress(OSError):
                os.chdir(world["cwd"])
        if "path" in world:
            sys.path[:] = world["path"]
        for name, value in world.get("env", {}).items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    # -- Arguments -----------------------------------------------------------------------------

    def block(self, n: int, dist: str) -> tuple[int, int]:
        """(first row, number of rows) of this rank."""
        if dist in ("", "REP"):
            return 0, n
        start = self.rank * (n // self.size) + min(self.rank, n % self.size)
        return start, n // self.size + (self.rank < n % self.size)

    def argument(self, spec: tuple, segments: dict):
        kind, *rest = spec
        if kind == "value":
            return rest[0]
        if kind == "rows":
            return self.block(*rest)[1]
        if kind == "held":
            number, slot = rest
            return self.results[number][slot]
        if kind == "heldrows":
            number, slot = rest
            return len(self.results[number][slot])
        if kind == "pack":
            from ._rowlists import filled

            code, tree, inner = rest
            values = [self.argument(s, segments) for s in inner]
            return self.core.pack_rows(code, filled(tree, values))
        if kind == "heldlabels":
            number, slot, start, step, firsts = rest
            from ._rowlists import numbers

            n = len(self.results[number][slot])
            return numbers(start + step * firsts[self.rank], step, n)
        path, placement, dist, back, width = rest
        from ._wire import view

        whole = view(segments[path], placement, True)
        start, n = self.block(len(whole) // width if width else 0, dist)
        start, n = start * width, n * width  # of elements
        if back is not None:  # written: this rank works on a copy
            mine = whole.slice(start, n).own()
            if dist not in ("", "REP") or self.rank == 0:
                self.changed.append((mine, segments[path], back, start))
            return mine
        return whole if n == len(whole) else whole.slice(start, n)

    # -- Commands --------------------------------------------------------------------------------

    def program(self, code, letters) -> tuple:
        """(program, its calls of Python) of a message: new ones bring their object."""
        if not isinstance(code, tuple):
            return self.programs[code]
        key, data, calls = code
        from ._native import LLVM

        loaded = self.core.load(LLVM, data, *letters)
        _times.mark("object linked")
        self.programs[key] = loaded, pickle.loads(calls) if calls else ()
        return self.programs[key]

    def run(self, number, code, letters, world, specs, keep, row_lists):
        """Run code on the arguments; results that stay are kept under number. row_lists: the
        Descs of results that are lists and dicts of rows, whose place the Descs of what they
        hold take in the answer."""
        self.enter(world)
        program, calls = self.program(code, letters)
        self.calling = host_for(self.printer, calls)
        segments = _attached(specs)
        self.changed = []
        self.printer.at = time.monotonic()  # a short call flushes once, at its end
        values = [self.argument(s, segments) for s in specs]
        slots = program.run(values, self.calling, True, self.abort, False)
        self.sent[code[0] if isinstance(code, tuple) else code] = self.core.moved()
        for array, memory, place, row in self.changed:
            self.core.put(array, memory, place, row, 0, 0)
        self.changed = []
        if row_lists:
            from ._rowlists import expand

            for d in row_lists:
                slots[d.slot] = expand(d, slots)
        plain, arrays = [], []
        for i, v in enumerate(slots):
            if type(v) is self.core.Array:
                arrays.append((i, len(v), v.type, v.promoted, v.tz))
                plain.append(None)
            else:
                plain.append(v)
        if keep and arrays:
            self.results[number] = slots
        return plain, arrays

    def measure(self, number, slots):
        """Sizes of kept columns, for a segment to be planned."""
        from ._wire import more_of

        held = self.results[number]
        out = []
        for i in slots:
            a = held[i]
            out.append((*self.core.measure(a), a.type, a.promoted, more_of(a)))
        return out

    def put(self, number, path, jobs):
        """Write this rank's rows of kept columns into a segment."""
        from ._wire import attach

        memory = attach(path, True)
        held = self.results[number]
        for slot, placement, row, byte, piece, start, n in jobs:
            a = held[slot]
            if n >= 0:
                a = a.slice(start, n)
            self.core.put(a, memory, placement, row, byte, piece)
        memory.close()

    def measure_head(self, number, takes):
        """Sizes of the first rows of kept columns: takes is (slot, rows) of this rank."""
        from ._wire import more_of

        held = self.results[number]
        out = []
        for i, n in takes:
            a = held[i].slice(0, n)
            out.append((*self.core.measure(a), a.type, a.promoted, more_of(a)))
        return out

    def drop(self, numbers):
        for n in numbers:
            self.results.pop(n, None)

    def kept(self):
        """Number of results that are kept."""
        return len(self.results)

    def ping(self):
        return self.core.live()

    def moved(self, code):
        """What the last run of a program has sent, by site."""
        return self.sent.get(code, [])

    def traffic(self):
        """(messages, bytes, rounds) that this rank has sent so far."""
        return self.core.traffic()

    def raised(self, failure: tuple) -> bytes:
        """The exception of a Python function, when that is what failed here."""
        e = self.calling.exception(failure) if self.calling else None
        if e is None:
            return b""
        import traceback

        from ._errors import is_own

        inner = [
            f for f in traceback.extract_tb(e.__traceback__) if not is_own(f.filename)
        ]
        if inner:
            e.add_note("".join(traceback.format_list(inner)).rstrip())
        with contextlib.suppress(Exception):
            import cloudpickle

            return cloudpickle.dumps(e)
        return b""

    def serve(self) -> None:
        """Commands until the driver closes the connection."""
        from ._wire import recv

        while True:
            name, *args = recv(self.sock)
            _times.mark(f"got {name}")
            if name == "drop":
                self.drop(*args)
                continue
            if name == "end":
                return
            try:
                answer = ("done", getattr(self, name)(*args))
            except self.core.Failure as e:
                answer = ("failed", e.args, True, self.raised(e.args))
            except BaseException as e:
                import traceback

                text = "".join(traceback.format_exception_only(e)).strip()
                known = isinstance(e, MemoryError | OSError | ValueError)
                kind = type(e).__name__ if known else "InternalError"
                if not known:
                    text = f"{text}\n{traceback.format_exc()}"
                failure = (
                    kind,
                    str(e) if known else text,
                    0,
                    self.rank,
                    -1,
                    -1,
                    (0,) * 5,
                )
                answer = ("failed", failure, False, b"")
            self.printer.flush()
            _times.mark("answer")
            self.changed = []  # of a call that failed: nobody writes them back
            self.send(answer)


def leave_launcher() -> None:
    """Children of this process must not take themselves for ranks."""
    from ._mpi import of_launcher

    for name in list(os.environ):
        if of_launcher(name):
            del os.environ[name]


def memory_limit(size: int) -> int:
    """Bytes this rank may use: SHOAL_MEMORY, else 80 % of what there is, shared evenly."""
    text = os.environ.get("SHOAL_MEMORY")
    if text:
        units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
        last = text[-1:].upper()
        return int(float(text[:-1]) * units[last]) if last in units else int(text)
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for file in (
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ):
        with contextlib.suppress(OSError, ValueError), open(file) as f:
            total = min(total, int(f.read()))
    return int(total * 0.8) // max(size, 1)


def warm_up() -> None:
    """Load what the first call is known to need, in a thread beside the start of MPI,
    which waits for the other ranks, and the wait for the call, which may be compiled
    still. A module that the call needs before it is loaded here is waited for by Python."""
    wanted = os.environ.get("SHOAL_POOL_WARM")
    # What is wrong shows when it is needed.
    if wanted:
        with contextlib.suppress(Exception):
            from . import _core
            from ._native import LLVM

            _core.codegen_info(LLVM)
            _times.mark("linker loaded")
    if wanted == "pyarrow":
        with contextlib.suppress(Exception):
            import pyarrow.parquet  # noqa: F401

            _times.mark("reader loaded")


def main() -> None:
    from . import _core, _mpi, _spmd
    from ._wire import attach, encode

    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as f:
        f.write("500")
    rank = next((int(os.environ[n]) for n in _mpi.RANK_NAMES if n in os.environ), 0)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(os.environ["SHOAL_POOL_SOCKET"])
        _times.name(f"rank-{rank}")
        _times.mark("worker is there")
        sock.sendall(encode(("hello", rank, os.getpid())))
    except (ConnectionError, FileNotFoundError):
        os._exit(75)  # the program has ended before its ranks were there: as below
    _thread.start_new_thread(warm_up, ())
    try:
        rank, size = _core.open_comm(_mpi.load_plugin())
        _times.mark("MPI is there")
    except _core.Failure as e:
        sock.sendall(encode(("broken", e.args)))
        sys.exit(1)
    leave_launcher()
    _core.set_memory_limit(memory_limit(size))
    abort = attach(os.environ["SHOAL_POOL_ABORT"], False)
    sock.sendall(encode(("ready", rank, size)))
    try:
        _spmd.be_worker(rank, size)
        Worker(sock, rank, size, abort).serve()
    except (EOFError, ConnectionError):
        # The driver is gone; MPI may wait for ranks that are gone too. The supervisor
        # knows the code (GONE in supervise.c) and tidies up, if it has not seen it itself.
        os._exit(75)
    _core.close_comm()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
