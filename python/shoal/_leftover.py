"""What a pool leaves behind when its driver is killed before any supervisor is there.

Every file of a pool has its id in its name: shoal-<id>-abort, the page that all ranks map,
shoal-<id>-<number>, segments of columns, and shoal-<id>, the folder of its socket. The driver
holds a lock on the page, which ends with the driver in whatever way that ends. So a page
whose lock is free belongs to nobody, and the next pool removes what has its id.
"""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
import time

PAGE = re.compile(r"shoal-([0-9a-f]{16})-abort")
YOUNG = 60  # seconds: a page without a lock may be about to be locked


def hold(page: str) -> int:
    """The descriptor of the lock that says that the pool's driver lives."""
    fd = os.open(page, os.O_RDWR | os.O_CLOEXEC)
    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return fd


def _abandoned(page: str) -> bool:
    """Whether this user's page is old enough and nobody's."""
    try:
        fd = os.open(page, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        state = os.fstat(fd)
        if state.st_uid != os.geteuid() or time.time() - state.st_mtime < YOUNG:
            return False
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(fd)


def sweep() -> None:
    """Remove what pools of drivers that are no more have left."""
    folders = "/dev/shm", tempfile.gettempdir()
    found = [(f, name) for f in folders for name in _names(f) if "shoal-" in name]
    for folder, name in found:
        page = PAGE.fullmatch(name)
        if page and _abandoned(os.path.join(folder, name)):
            _remove(page[1], found)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _remove(pool: str, found: list) -> None:
    for folder, name in found:
        path = os.path.join(folder, name)
        if name == f"shoal-{pool}":
            shutil.rmtree(path, ignore_errors=True)
        elif name.startswith(f"shoal-{pool}-"):
            with contextlib.suppress(OSError):
                os.unlink(path)
