"""Ctrl-C while something is under way that has to be whole.

Python raises KeyboardInterrupt between any two instructions of the main thread: when a file
has been made and nobody knows its name yet, or half of a message has been read. In a section
(`with uninterrupted():`) a Ctrl-C is counted instead. It is raised where the outermost one ends,
or before by what waits in it (`check`), by the handler that the program has set.
"""

import signal
import threading


class Section:
    """The main thread's sections, of which the outermost does the work."""

    def __init__(self):
        self.depth = 0
        self.count = 0  # how often Ctrl-C was pressed since the outermost began
        self.told = None  # called at each of them
        self.old = None  # the program's handler; None: nothing is held back

    def __enter__(self):
        if self.depth == 0:
            self._begin()
        self.depth += 1
        return self

    def _begin(self) -> None:
        self.count, self.told, self.old = 0, None, None
        old = signal.getsignal(signal.SIGINT)
        if old is None or old is signal.SIG_IGN:
            return
        signal.signal(signal.SIGINT, self._hit)  # the last that can be interrupted
        self.old = old

    def _hit(self, _sig, _frame) -> None:
        self.count += 1
        if self.told is not None:
            self.told()

    def check(self) -> None:
        """Raise the KeyboardInterrupt that is due."""
        if self.count:
            raise KeyboardInterrupt

    def __exit__(self, kind, _error, _tb) -> bool:
        self.depth -= 1
        if self.depth or self.old is None:
            return False
        signal.signal(signal.SIGINT, self.old)
        raised = kind is not None and issubclass(kind, KeyboardInterrupt)
        if self.count and not (raised and self.old is signal.default_int_handler):
            signal.raise_signal(signal.SIGINT)
        return False


class Elsewhere:
    """Other threads: Python raises KeyboardInterrupt in the main one alone."""

    count = 0
    told = None

    def __enter__(self):
        return self

    def __exit__(self, *exc) -> bool:
        return False

    def check(self) -> None:
        """Nothing is due here."""


_main = Section()


def uninterrupted():
    """A section of the thread that calls."""
    main = threading.get_ident() == threading.main_thread().ident
    return _main if main else Elsewhere()
