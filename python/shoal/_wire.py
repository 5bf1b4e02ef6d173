"""Messages between driver and workers, and shared memory.

A message is 8 bytes of length and a pickle of plain tuples. The first bytes that a peer
sends say what it is: a worker's greeting is a message like all others, a supervisor speaks
lines of text ("SUP", "END").
"""

import mmap
import os
import pickle
import struct

LENGTH = struct.Struct("<Q")


def encode(message) -> bytes:
    """A message as bytes."""
    data = pickle.dumps(message, protocol=5)
    return LENGTH.pack(len(data)) + data


def recv_exactly(sock, n: int) -> bytes:
    """n bytes; EOFError when the peer is gone."""
    parts = bytearray()
    while len(parts) < n:
        data = sock.recv(min(n - len(parts), 1 << 20))
        if not data:
            raise EOFError
        parts += data
    return bytes(parts)


def recv(sock):
    """The next message of a blocking socket."""
    (n,) = LENGTH.unpack(recv_exactly(sock, LENGTH.size))
    return pickle.loads(recv_exactly(sock, n))


class Inbox:
    """Bytes as they come, cut into messages."""

    def __init__(self):
        self.data = bytearray()

    def feed(self, data: bytes) -> list:
        self.data += data
        out = []
        while len(self.data) >= LENGTH.size:
            (n,) = LENGTH.unpack_from(self.data)
            if len(self.data) < LENGTH.size + n:
                break
            out.append(pickle.loads(bytes(self.data[LENGTH.size : LENGTH.size + n])))
            del self.data[: LENGTH.size + n]
        return out


# -- Shared memory -----------------------------------------------------------------------


def align(n: int) -> int:
    """n rounded up to where a buffer may begin."""
    return (n + 63) & ~63


def create(name: str, size: int) -> tuple[str, mmap.mmap]:
    """A new segment of size bytes: in memory, or on disk when /dev/shm is too small."""
    import tempfile

    for folder in ("/dev/shm", tempfile.gettempdir()):
        path = os.path.join(folder, name)
        try:
            fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            continue
        try:
            os.posix_fallocate(fd, 0, max(size, 1))
            return path, mmap.mmap(fd, max(size, 1))
        except OSError:
            os.unlink(path)
        finally:
            os.close(fd)
    raise MemoryError(
        f"no room for {size} bytes in /dev/shm or {tempfile.gettempdir()}"
    )


def attach(path: str, write: bool) -> mmap.mmap:
    """A segment that another process made."""
    fd = os.open(path, (os.O_RDWR if write else os.O_RDONLY) | os.O_CLOEXEC)
    try:
        return mmap.mmap(fd, 0, access=mmap.ACCESS_WRITE if write else mmap.ACCESS_READ)
    finally:
        os.close(fd)


def remove(path: str) -> None:
    """The name goes; the memory stays as long as somebody has it mapped."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


class Layout:
    """Where the buffers of columns go in a segment that is being planned."""

    def __init__(self):
        self.size = 0

    def take(self, n: int) -> int:
        at = self.size
        self.size = align(at + max(n, 1))
        return at

    def place(
        self, type_: tuple, tz, promoted: bool, pieces: list, width: int
    ) -> tuple:
        """A column made of pieces (rows, text bytes, has bitmap): its placement and, for
        every piece, (first row, first byte)."""
        rows = sum(p[0] for p in pieces)
        nbytes = sum(p[1] for p in pieces)
        text = type_[0] == "str"
        data = -1 if text else self.take(rows * width)
        off = self.take(8 * (rows + 1)) if text else -1
        at = self.take(nbytes) if text else -1
        valid, starts, row, byte = [], [], 0, 0
        for n, b, _ in pieces:
            starts.append((row, byte))
            if any(p[2] for p in pieces):
                valid.append((self.take(8 * ((n + 63) // 64)), row, n))
            row, byte = row + n, byte + b
        place = (*type_, tz, promoted, rows, data, off, at, nbytes, tuple(valid))
        return place, starts


def width(type_: tuple) -> int:
    """Bytes of a value in memory."""
    return 4 if type_[0].startswith("category") else WIDTH[type_[0]]


def more_of(a):
    """What a placement has in the place of the time zone: that, or the categories, which
    are few, as bytes and their placement."""
    if a.categories is None:
        return a.tz
    from . import _core

    cats, layout = a.categories, Layout()
    place, _ = layout.place(
        cats.type, None, False, [_core.measure(cats)], width(cats.type)
    )
    memory = bytearray(layout.size)
    _core.put(cats, memory, place, 0, 0, 0)
    return bytes(memory), place, a.ordered


def view(memory, place: tuple, readonly: bool):
    """The column of a placement."""
    from . import _core

    a, more = _core.view(memory, place, readonly), place[3]
    if type(more) is not tuple:
        return a
    kept, inner, ordered = more
    return a.with_categories(_core.view(kept, inner, True), ordered)


WIDTH = {
    "bool": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "uint8": 1, "uint16": 2,
    "uint32": 4, "uint64": 8, "float32": 4, "float64": 8, "str": 8, "date": 4,
    "str_": 4, "complex64": 8, "complex128": 16,
    "datetime64": 8, "timedelta64": 8,
}  # fmt: skip
