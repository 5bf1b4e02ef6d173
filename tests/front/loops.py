def f(n: int):
    s = 0.0
    for i in range(n):
        s += i * 0.5
    return s
# ----
def f(n: int):
    k = 0
    while n > 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        k += 1
        if k > 1000: break
    return k
# ----
def f(n: int):
    for i in range(n):
        if i * i > n:
            return i
    return -1
# ----
def f(h: int):
    t = 0
    for a in (1, 2, 3):
        if h == a: break
        t += a
    return t, [a for a in range(3)], {"x": h}
