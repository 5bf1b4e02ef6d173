"""A module of another system that is not supported: whoever asks it for something is told."""


def __getattr__(name: str):
    if name.startswith("__"):
        raise AttributeError(f"module 'shoal.numba_compat' has no attribute {name!r}")
    from shoal._absent import Absent

    raise Absent(f"shoal.numba_compat.{name}").refusal()
