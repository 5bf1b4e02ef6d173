"""Names of the other system that exist here, so that programs can import them, and that say
what they are when they are used."""

from ._errors import UnsupportedError


class Absent:
    """Stands for a function or type that is not supported; instead: what to write."""

    __slots__ = ("instead", "name")

    def __init__(self, name: str, instead: str = ""):
        self.name, self.instead = name, instead

    def refusal(self) -> UnsupportedError:
        """The exception of whoever uses it."""
        way = f"; instead: {self.instead}" if self.instead else ""
        return UnsupportedError(f"{self.name} is not supported{way}")

    def __call__(self, *args, **kwargs):
        raise self.refusal()

    def __getitem__(self, key):
        raise self.refusal()

    def __repr__(self) -> str:
        return f"<{self.name}, not supported>"
