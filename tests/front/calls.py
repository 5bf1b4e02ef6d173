def g(x, y=3):
    return x * y + y
def f(a: int):
    return g(a) + g(a, y=4)
