"""Where a call runs: in this process, on the ranks that this process is one of, or on the
pool. A place has size(), prepare() and run()."""

import os


class Here:
    """In the user's process, alone."""

    def size(self) -> int:
        return 1

    def prepare(self) -> None:
        pass

    def run(self, c, leaves, start):
        from ._call import run_here

        return run_here(c, leaves, False)


class Spmd:
    """On the ranks of the launcher that started this program."""

    def size(self) -> int:
        from . import _spmd

        return _spmd.get_size()

    def prepare(self) -> None:
        from . import _spmd

        _spmd.open_ranks()

    def run(self, c, leaves, start):
        from ._call import run_here

        return run_here(c, leaves, True)


class Pool:
    """On worker processes, unless the code asks for no ranks."""

    def size(self) -> int:
        from . import _pool

        return _pool.workers()

    def prepare(self) -> None:
        """Ranks will be needed, it seems: let them start while the compiler works."""
        from . import _pool

        _pool.start_soon()

    def run(self, c, leaves, start):
        if not c.needs_ranks:
            from ._call import run_here

            return run_here(c, leaves, False)
        from . import _pool

        return _pool.call(c, leaves, start)


HERE, SPMD, POOL = Here(), Spmd(), Pool()


def choose(options: dict):
    """The place of a function with these options."""
    from . import _spmd

    if options.get("distributed") is False or options.get("replicated") is True:
        return HERE
    if _spmd.launched():
        return SPMD
    spawn = options.get("spawn")
    if spawn is None:
        spawn = os.environ.get("SHOAL_SPAWN_MODE", "1") != "0"
    return POOL if spawn and not _spmd.is_worker() else HERE
