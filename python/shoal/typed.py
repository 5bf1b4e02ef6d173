"""Numba's typed containers, for programs that make them: here Python's own lists and dicts have
the types of what they hold."""


def List(items=None) -> list:
    """A list, empty or of items."""
    return [] if items is None else list(items)


def Dict(items=None) -> dict:
    """A dict, empty or of pairs or of another dict."""
    return {} if items is None else dict(items)


List.empty_list = lambda item_type=None, allocated=0: []
Dict.empty = lambda key_type=None, value_type=None, n_keys=0: {}
