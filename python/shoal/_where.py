"""Where a call runs: in this process, on the ranks that this process is one of, or on the
pool. A place says how many ranks there are, what the arguments' distribution is, how the
compiled form is found, and runs it."""

import os

from . import _spmd


class Here:
    """In the user's process, alone."""

    def size(self) -> int:
        return 1

    def prepare(self, files: bool = False) -> None:
        """Called when the compiler finds that ranks, or their readers, will be needed."""

    def mark(self, state, descs: list, pieces: list) -> list:
        """The descriptors with the distribution that the arguments have."""
        return descs

    def find(self, state, values, descs, size, leaves):
        """(the compiled form, the sources of its slots, the pieces of the arguments)"""
        from . import _rowlists
        from ._call import find_here

        def found(descs, leaves, _slots=None):
            c = find_here(state, descs, size, self.prepare)
            return c, leaves.at, leaves.pieces

        if _rowlists.has_lists(descs):
            return _rowlists.find(state, descs, leaves, size, None, found)
        return found(descs, leaves)

    def run(self, c, leaves, start):
        from ._call import run_here

        return run_here(c, leaves)

    def chunks(self, sources) -> set:
        """Numbers of the pieces of the arguments of which this process has a chunk."""
        return set()

    def whole(self, target, new, chunk: bool):
        """A changed Series or array as target has it."""
        return new

    def whole_items(self, target, new):
        """Changed contents of a list or dict as target has them."""
        return new

    def joining(self, df, parts, chunk: bool) -> tuple:
        """(what makes of this process's rows of a changed column those of df, or None;
        how many rows of n are before them)."""
        return None, lambda n: 0

    def keep_mark(self, df, dist: str) -> None:
        """df was changed: remember how its rows are distributed."""


class Spmd(Here):
    """On the ranks of the launcher that started this program."""

    def size(self) -> int:
        return _spmd.get_size()

    def mark(self, state, descs, pieces):
        from . import _agree

        return _agree.mark(state, descs, pieces)

    def find(self, state, values, descs, size, leaves):
        from . import _ranks

        return _ranks.find(state, values, descs, leaves)

    def run(self, c, leaves, start):
        from . import _ranks

        return _ranks.run(c, leaves)

    def chunks(self, sources):
        return sources.pieces

    def whole(self, target, new, chunk):
        from . import _ranks

        return _ranks.whole(target, new, chunk)

    def whole_items(self, target, new):
        from . import _ranks

        return _ranks.whole_items(target, new)

    def joining(self, df, parts, chunk):
        from . import _ranks

        return _ranks.joining(df, parts, chunk)

    def keep_mark(self, df, dist):
        from . import _ranks

        _ranks.keep_mark(df, dist)


class Pool(Here):
    """On worker processes, unless the code asks for no ranks."""

    def size(self) -> int:
        from . import _pool

        return _pool.workers()

    def prepare(self, files: bool = False) -> None:
        """Let the workers start while the compiler works."""
        from . import _pool

        _pool.start_soon(files)

    def run(self, c, leaves, start):
        if not c.needs_ranks:
            return super().run(c, leaves, start)
        from . import _pool

        return _pool.call(c, leaves, start)


HERE, SPMD, POOL = Here(), Spmd(), Pool()


def choose(options: dict):
    """The place of a function with these options."""
    if options.get("distributed") is False or options.get("replicated") is True:
        return HERE
    if _spmd.calls:  # compiled code calls Python, on this rank
        return HERE
    if _spmd.launched():
        return SPMD
    spawn = options.get("spawn")
    if spawn is None:
        spawn = os.environ.get("SHOAL_SPAWN_MODE", "1") != "0"
    return POOL if spawn and not _spmd.is_worker() else HERE
