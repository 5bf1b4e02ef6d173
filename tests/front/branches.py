def f(a: int, b: float):
    c = a + 1
    if c > 3:
        x = b * 2
    else:
        x = a
    return x + c
# ----
def f(a: int, b: float):
    if a < 3: return 1
    elif a < 5: return 2
    return b
# ----
def f(a: int, b: int):
    x = 1 < a < 5 and b > 2 or a == b
    y = a if b else 3
    return x, y, not x
# ----
def f(a: int):
    if a > 2:
        q = 1
    return q
# ----
def f(a: int):
    if a > 2:
        q = 1
    else:
        q = "a"
    return q
