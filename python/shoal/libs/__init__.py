"""Where programs of another system look for names of its own (see _dropin.py)."""

from shoal.libs import distributed_api as distributed_api
