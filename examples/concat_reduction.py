import numpy as np
import pandas as pd

import shoal as bodo


@bodo.jit
def impl(n):
    df = pd.DataFrame()
    for i in bodo.prange(n):
        df = pd.concat([df, pd.DataFrame({"A": np.arange(i)})], ignore_index=True)

    return df


df = impl(7)
