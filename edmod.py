import shoal
# moved

@shoal.jit
def f(x):
    return x+1
