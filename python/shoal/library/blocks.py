"""The block rule: which rows of `total` lie on a rank, here and in src/comm/comm.h."""


def get_start(total: int, size: int, rank: int) -> int:
    """First row of a rank's block."""
    return rank * (total // size) + min(rank, total % size)


def get_end(total: int, size: int, rank: int) -> int:
    """One behind the last row of a rank's block."""
    return get_start(total, size, rank) + total // size + (rank < total % size)
