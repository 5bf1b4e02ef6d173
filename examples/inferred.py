import pandas as pd

import shoal as bodo


@bodo.jit
def f():
    df = pd.read_parquet("pd_example.pq")
    return df


@bodo.jit
def h(df):
    df2 = df.groupby("A").sum()
    return df2


@bodo.jit
def g(df):
    df3 = h(df)
    return df3


df = f()
df3 = g(df)
