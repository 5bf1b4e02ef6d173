import pandas as pd

import shoal as bodo


@bodo.jit(distributed=["df1"], replicated=["df2"])
def load_data():
    df1 = pd.read_parquet("my_large_data.pq")
    df2 = pd.read_parquet("my_tiny_data.pq")
    return df1, df2


@bodo.jit
def merge_data():
    df1, df2 = load_data()
    df3 = df1.merge(df2, on="id")
    df3.to_parquet("my_merged_data.pq")


merge_data()
