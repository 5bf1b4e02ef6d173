"""Write the files that the examples read into the current folder."""

import os

import numpy as np
import pandas as pd

rng = np.random.default_rng(1)
n = 2000
pd.DataFrame({"A": np.arange(100) % 7, "B": np.arange(100) * 0.5}).to_parquet(
    "pd_example.pq"
)
pd.DataFrame(
    {"id": np.arange(n) % 50, "B": np.arange(n) % 97, "x": rng.random(n)}
).to_parquet("my_large_data.pq")
pd.DataFrame({"id": np.arange(50), "y": np.arange(50) * 2}).to_parquet(
    "my_tiny_data.pq"
)
os.makedirs("data/data.pq", exist_ok=True)
