"""Where programs of another system look for names of its own (see _dropin.py)."""

from shoal.utils import typing as typing
