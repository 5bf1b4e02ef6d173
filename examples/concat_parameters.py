import numpy as np
import pandas as pd

import shoal as bodo


@bodo.jit
def get_result(p):
    n = int(p * 2)
    return pd.DataFrame({"step": np.arange(n), "value": p * np.arange(n)})


@bodo.jit
def impl():
    params = np.array([0.1, 0.2, 0.5, 1.0, 1.2, 1.5, 2.0, 7.5, 30.0, 100])
    params = bodo.scatterv(params)
    df = pd.DataFrame()
    for i in bodo.prange(len(params)):
        df = pd.concat([df, get_result(params[i])], ignore_index=True)

    return df


df = impl()
