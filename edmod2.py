import shoal

@shoal.jit
def f(x):
    return x+2
