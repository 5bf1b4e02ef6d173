"""The Mandelbrot set and the game of life: loops over two dimensions."""

import numpy as np

from shoal import jit, prange


@jit(nopython=True)
def escapes(cr, ci, limit):
    zr = zi = 0.0
    for k in range(limit):
        zr, zi = zr * zr - zi * zi + cr, 2.0 * zr * zi + ci
        if zr * zr + zi * zi > 4.0:
            return k
    return limit


@jit(nopython=True, parallel=True)
def mandelbrot(height, width, limit):
    image = np.zeros((height, width), dtype=np.uint8)
    for y in prange(height):
        for x in range(width):
            image[y, x] = escapes(-2.0 + 3.0 * x / width, -1.0 + 2.0 * y / height, limit)
    return image


@jit(nopython=True)
def life(board):
    n, m = board.shape
    out = np.empty_like(board)
    for i in range(n):
        for j in range(m):
            alive = 0
            for di in (-1, 0, 1):
                for dj in (-1, 0, 1):
                    if (di, dj) != (0, 0):
                        alive += board[(i + di) % n, (j + dj) % m]
            out[i, j] = 1 if alive == 3 or (alive == 2 and board[i, j] == 1) else 0
    return out


def main():
    image = mandelbrot(24, 40, 100)
    print(image.dtype, image.shape, int(image.sum()))
    board = np.zeros((8, 8), dtype=np.int64)
    board[1, 2] = board[2, 3] = board[3, 1] = board[3, 2] = board[3, 3] = 1
    for _ in range(4):
        board = life(board)
    print(board.sum(), np.argwhere(board == 1).tolist())


if __name__ == "__main__":
    main()
