"""Loops of users, compiled by Shoal, Numba and C compilers, side by side."""
