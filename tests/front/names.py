def f(a: int):
    return a + foo
# ----
def f(value: int):
    return valeu
