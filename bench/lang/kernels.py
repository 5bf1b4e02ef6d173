"""The functions that are measured, as a user writes them.

Each is compiled by Shoal and by Numba as it stands, and run by CPython; kernels.c has the
same loops as a C programmer writes them.
"""

import math

import numpy as np

# ruff: noqa: SIM108


def mandelbrot(width, height, x0, limit):
    counts = np.zeros(width * height, np.int64)
    for row in range(height):
        ci = 2.0 * row / height - 1.0
        for col in range(width):
            cr = 3.0 * col / width + x0
            zr = 0.0
            zi = 0.0
            n = 0
            while n < limit and zr * zr + zi * zi < 4.0:
                t = zr * zr - zi * zi + cr
                zi = 2.0 * zr * zi + ci
                zr = t
                n += 1
            counts[row * width + col] = n
    return counts


def nbody(steps, dt, x, y, z, vx, vy, vz, mass):
    n = len(x)
    for _ in range(steps):
        for i in range(n):
            for j in range(i + 1, n):
                dx = x[i] - x[j]
                dy = y[i] - y[j]
                dz = z[i] - z[j]
                d2 = dx * dx + dy * dy + dz * dz
                mag = dt / (d2 * math.sqrt(d2))
                vx[i] -= dx * mass[j] * mag
                vy[i] -= dy * mass[j] * mag
                vz[i] -= dz * mass[j] * mag
                vx[j] += dx * mass[i] * mag
                vy[j] += dy * mass[i] * mag
                vz[j] += dz * mass[i] * mag
        for i in range(n):
            x[i] += dt * vx[i]
            y[i] += dt * vy[i]
            z[i] += dt * vz[i]
    energy = 0.0
    for i in range(n):
        energy += 0.5 * mass[i] * (vx[i] ** 2 + vy[i] ** 2 + vz[i] ** 2)
        for j in range(i + 1, n):
            dx = x[i] - x[j]
            dy = y[i] - y[j]
            dz = z[i] - z[j]
            energy -= mass[i] * mass[j] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return energy


def cdf(x):
    k = 1.0 / (1.0 + 0.2316419 * abs(x))
    poly = k * (
        0.319381530
        + k * (-0.356563782 + k * (1.781477937 + k * (-1.821255978 + k * 1.330274429)))
    )
    tail = 0.3989422804014327 * math.exp(-0.5 * x * x) * poly
    return 1.0 - tail if x >= 0.0 else tail


def black_scholes(price, strike, years, rate, sigma):
    call = np.empty(len(price))
    put = np.empty(len(price))
    for i in range(len(price)):
        root = math.sqrt(years[i])
        d1 = (
            math.log(price[i] / strike[i]) + (rate + 0.5 * sigma * sigma) * years[i]
        ) / (sigma * root)
        d2 = d1 - sigma * root
        discounted = strike[i] * math.exp(-rate * years[i])
        call[i] = price[i] * cdf(d1) - discounted * cdf(d2)
        put[i] = discounted * cdf(-d2) - price[i] * cdf(-d1)
    return call, put


def monte_carlo_pi(n, seed):
    state = seed
    inside = 0
    for _ in range(n):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        x = state / 2147483648.0
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        y = state / 2147483648.0
        if x * x + y * y < 1.0:
            inside += 1
    return 4.0 * inside / n


def life(board, steps):
    rows, cols = board.shape
    now = board.copy()
    after = np.zeros_like(now)
    for _ in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                around = (
                    now[i - 1, j - 1]
                    + now[i - 1, j]
                    + now[i - 1, j + 1]
                    + now[i, j - 1]
                    + now[i, j + 1]
                    + now[i + 1, j - 1]
                    + now[i + 1, j]
                    + now[i + 1, j + 1]
                )
                lives = around == 3 or (around == 2 and now[i, j] == 1)
                after[i, j] = 1 if lives else 0
        now, after = after, now
    return now


def stencil(grid, steps):
    rows, cols = grid.shape
    now = grid.copy()
    after = grid.copy()
    for _ in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                after[i, j] = 0.2 * (
                    now[i, j]
                    + now[i - 1, j]
                    + now[i + 1, j]
                    + now[i, j - 1]
                    + now[i, j + 1]
                )
        now, after = after, now
    return now


def stencil_1d(grid, steps):
    n = len(grid)
    now = grid + 0.0
    after = grid + 0.0
    for _ in range(steps // 2):
        for i in range(1, n - 1):
            after[i] = 0.25 * now[i - 1] + 0.5 * now[i] + 0.25 * now[i + 1]
        for i in range(1, n - 1):
            now[i] = 0.25 * after[i - 1] + 0.5 * after[i] + 0.25 * after[i + 1]
    return now


def logistic(points, labels, steps, rate):
    n, d = points.shape
    w = np.zeros(d)
    slope = np.zeros(d)
    for _ in range(steps):
        for k in range(d):
            slope[k] = 0.0
        for i in range(n):
            t = 0.0
            for k in range(d):
                t += points[i, k] * w[k]
            err = 1.0 / (1.0 + math.exp(-t)) - labels[i]
            for k in range(d):
                slope[k] += err * points[i, k]
        for k in range(d):
            w[k] -= rate * slope[k] / n
    return w


def kmeans(points, k, steps):
    n, d = points.shape
    centers = points[:k].copy()
    label = np.zeros(n, np.int64)
    sums = np.zeros((k, d))
    counts = np.zeros(k, np.int64)
    for _ in range(steps):
        sums[:] = 0.0
        counts[:] = 0
        for i in range(n):
            best = -1
            least = np.inf
            for c in range(k):
                far = 0.0
                for j in range(d):
                    diff = points[i, j] - centers[c, j]
                    far += diff * diff
                if far < least:
                    least = far
                    best = c
            label[i] = best
            counts[best] += 1
            for j in range(d):
                sums[best, j] += points[i, j]
        for c in range(k):
            if counts[c] > 0:
                for j in range(d):
                    centers[c, j] = sums[c, j] / counts[c]
    return centers, label


def matmul(a, b):
    n, m = a.shape
    p = b.shape[1]
    c = np.zeros((n, p))
    for i in range(n):
        for k in range(m):
            x = a[i, k]
            for j in range(p):
                c[i, j] += x * b[k, j]
    return c


def matmul_flat(a, b, n, m, p):
    c = np.zeros(n * p)
    for i in range(n):
        for k in range(m):
            x = a[i * m + k]
            for j in range(p):
                c[i * p + j] += x * b[k * p + j]
    return c


def distance(a, b):
    before = list(range(len(b) + 1))
    for i in range(len(a)):
        now = [i + 1]
        for j in range(len(b)):
            cost = 0 if a[i] == b[j] else 1
            least = before[j] + cost
            if before[j + 1] + 1 < least:
                least = before[j + 1] + 1
            if now[j] + 1 < least:
                least = now[j] + 1
            now.append(least)
        before = now
    return before[len(b)]


def levenshtein(words, pattern):
    total = 0
    for word in words:
        total += distance(word, pattern)
    return total


def word_count(text):
    counts = {}
    for word in text.split():
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 1
    return counts


def sieve(n):
    is_prime = np.ones(n + 1, np.bool_)
    is_prime[0] = False
    is_prime[1] = False
    i = 2
    while i * i <= n:
        if is_prime[i]:
            for j in range(i * i, n + 1, i):
                is_prime[j] = False
        i += 1
    total = 0
    for k in range(n + 1):
        if is_prime[k]:
            total += 1
    return total


def collatz(first, last):
    best = 0
    at = 0
    for start in range(first, last):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > best:
            best = steps
            at = start
    return at, best


def insertion_sort(values):
    a = values + 0.0
    for i in range(1, len(a)):
        x = a[i]
        j = i - 1
        while j >= 0 and a[j] > x:
            a[j + 1] = a[j]
            j -= 1
        a[j + 1] = x
    return a


def heap_sort(values):
    a = values + 0.0
    n = len(a)
    start = n // 2
    end = n
    while end > 1:
        if start > 0:
            start -= 1
        else:
            end -= 1
            t = a[0]
            a[0] = a[end]
            a[end] = t
        root = start
        while 2 * root + 1 < end:
            child = 2 * root + 1
            if child + 1 < end and a[child] < a[child + 1]:
                child += 1
            if a[root] < a[child]:
                t = a[root]
                a[root] = a[child]
                a[child] = t
                root = child
            else:
                break
    return a


def partition_sort(a, low, high):
    while low < high:
        pivot = a[(low + high) // 2]
        i = low
        j = high
        while i <= j:
            while a[i] < pivot:
                i += 1
            while a[j] > pivot:
                j -= 1
            if i <= j:
                t = a[i]
                a[i] = a[j]
                a[j] = t
                i += 1
                j -= 1
        if j - low < high - i:
            partition_sort(a, low, j)
            low = i
        else:
            partition_sort(a, i, high)
            high = j


def quick_sort(values):
    a = values + 0.0
    partition_sort(a, 0, len(a) - 1)
    return a
