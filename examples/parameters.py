import numpy as np
import pandas as pd

import shoal as bodo


@bodo.jit(distributed=False)
def create_params():
    params = [1, 3, 4, 5, 7, 8, 11, 15, 17, 21]
    params2 = [a * 2 for a in params]
    return np.array(params + params2)


@bodo.jit(distributed=False)
def load_data():
    df = pd.read_parquet("my_large_data.pq")
    return df


@bodo.jit
def run_params():
    params = create_params()
    df = load_data()
    params_dist = bodo.scatterv(params)
    n = len(params_dist)
    res = np.zeros(n)
    for i in bodo.prange(n):
        p = params_dist[i]
        res[i] = df.apply(lambda x, a: x.B % a, axis=1, a=p).sum()
    print(res.max())


run_params()
