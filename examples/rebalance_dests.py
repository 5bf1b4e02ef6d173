import numpy as np
import pandas as pd

import shoal as bodo


@bodo.jit(distributed={"df"})
def rebalance_example(df):
    df = df[df["A"] > 3]
    df = bodo.rebalance(df, dests=[0, 1])
    return df.sum()


df = pd.DataFrame({"A": np.arange(10), "B": np.arange(10) * 0.5})
if bodo.get_size() > 1:  # the ranks of a launcher pass their chunks
    df = bodo.scatterv(df)
total = rebalance_example(df)
