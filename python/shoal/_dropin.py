"""Names of the system whose programs run with `import shoal as bodo`: what is the same thing
under another name here, and what is known there but not supported."""

import types
from typing import NoReturn

from ._errors import ShoalError, ShoalWarning, UnsupportedError

NOT_SUPPORTED = (
    "jitclass get_gpu_ranks set_verbose_level set_bodo_verbose_logger "
    "spawn_process_on_nodes stop_process_on_nodes numba_compat pandas"
).split()


def refuse(name: str) -> NoReturn:
    """Raise for a name that is known and not supported."""
    raise UnsupportedError(f"shoal.{name} is not supported")


def utils() -> types.ModuleType:
    """The module `utils`, with utils.typing.BodoError and BodoWarning."""
    module = types.ModuleType("shoal.utils")
    module.typing = types.ModuleType("shoal.utils.typing")
    module.typing.BodoError, module.typing.BodoWarning = ShoalError, ShoalWarning
    return module


def libs() -> types.ModuleType:
    """The module `libs`, with libs.distributed_api.get_start and get_end."""
    from ._spmd import get_end, get_start

    module = types.ModuleType("shoal.libs")
    module.distributed_api = types.ModuleType("shoal.libs.distributed_api")
    module.distributed_api.get_start = get_start
    module.distributed_api.get_end = get_end
    return module


def spawn_mode() -> bool:
    """Whether functions run on a pool unless they say otherwise."""
    import os

    return os.environ.get("SHOAL_SPAWN_MODE", "1") != "0"
