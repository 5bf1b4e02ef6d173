"""Names of the system whose programs run with `import shoal as bodo`: what is the same thing
under another name here. Others that are known there are refused by name."""

import types

from ._errors import ShoalError, ShoalWarning, UnsupportedError


def _utils() -> types.ModuleType:
    """utils.typing.BodoError and BodoWarning."""
    module = types.ModuleType("shoal.utils")
    module.typing = types.ModuleType("shoal.utils.typing")
    module.typing.BodoError, module.typing.BodoWarning = ShoalError, ShoalWarning
    return module


def _libs() -> types.ModuleType:
    """libs.distributed_api.get_start and get_end."""
    from ._spmd import get_end, get_start

    module = types.ModuleType("shoal.libs")
    module.distributed_api = types.ModuleType("shoal.libs.distributed_api")
    module.distributed_api.get_start = get_start
    module.distributed_api.get_end = get_end
    return module


def _spawn_mode() -> bool:
    """Whether functions run on a pool unless they say otherwise."""
    import os

    return os.environ.get("SHOAL_SPAWN_MODE", "1") != "0"


_MADE = {
    "BodoError": lambda: ShoalError,
    "BodoWarning": lambda: ShoalWarning,
    "utils": _utils,
    "libs": _libs,
    "spawn_mode": _spawn_mode,
}


def get(name: str):
    """The object of a name; UnsupportedError when it has none here."""
    if name not in _MADE:
        raise UnsupportedError(f"shoal.{name} is not supported")
    return _MADE[name]()
