"""utils.typing.BodoError and BodoWarning."""

from shoal._errors import ShoalError as BodoError
from shoal._errors import ShoalWarning as BodoWarning

__all__ = ["BodoError", "BodoWarning"]
