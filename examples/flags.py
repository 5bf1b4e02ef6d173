import pandas as pd

import shoal as bodo


@bodo.jit(distributed=["df"])
def f():
    df = pd.read_parquet("pd_example.pq")
    return df


@bodo.jit(distributed=["df", "df2"])
def h(df):
    df2 = df.groupby("A").sum()
    return df2


@bodo.jit(distributed=["df", "df3"])
def g(df):
    df3 = h(df)
    return df3


df = f()
df3 = g(df)
