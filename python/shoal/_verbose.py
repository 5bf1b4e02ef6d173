"""set_verbose_level(): a log of what compiling found, through Python's logging."""

import logging

level = 0
_logger = logging.getLogger("shoal")


def set_verbose_level(verbose_level: int) -> None:
    """From 1 on, what every read takes of its file is logged when a function is compiled
    (which columns, which row groups), from 2 on all of explain()."""
    global level
    if not isinstance(verbose_level, int) or verbose_level < 0:
        raise TypeError(
            f"set_verbose_level(): takes an integer of at least 0, not {verbose_level!r}"
        )
    level = int(verbose_level)
    if level and not _logger.hasHandlers():
        _logger.addHandler(logging.StreamHandler())
    if level and _logger.level == logging.NOTSET:
        _logger.setLevel(logging.INFO)


def set_bodo_verbose_logger(logger: logging.Logger) -> None:
    """Where it is logged; the logger "shoal" unless this is called."""
    global _logger
    if not isinstance(logger, logging.Logger):
        raise TypeError(
            f"set_bodo_verbose_logger(): takes a logging.Logger, not {logger!r}"
        )
    _logger = logger


def compiled(c) -> None:
    """Log what there is to say of a compiled form (_call.Compiled)."""
    from . import _spmd

    if not level or (_spmd.launched() and _spmd.get_rank() != 0):
        return
    text = c.explain or ""
    if level == 1:
        text = "\n".join(_reads(text.splitlines()))
    if text:
        _logger.info("%s%s: compiled\n%s", c.name, c.signature, text)


def _reads(lines: list):
    """The reads among the lines of explain(), each below the source that it belongs to."""
    source, shown = "", None
    for line in lines:
        operation = line.lstrip().removeprefix("|").lstrip()
        if not line.lstrip().startswith("|"):
            source = line
        elif operation.startswith("READ "):
            if shown != source:
                yield source
            shown = source
            yield line
