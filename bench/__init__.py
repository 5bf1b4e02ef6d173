"""The benchmark and the demo. `make bench`, `make demo`; README.md has the figures."""
