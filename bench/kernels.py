"""Single operators on data that is already loaded: group-by, join, sort.

The pandas functions are what Shoal compiles; its tables stay on the ranks between calls. The
peers hold their own tables in memory. Figures are seconds a call; the table shows ns a row.
"""

import pandas as pd


def load(path):
    return pd.read_parquet(path)


def group_sum(pairs):
    return pairs.groupby("k", as_index=False).agg(total=("v", "sum"))


def join(pairs, other):
    return pairs.merge(other, on="k")


def sort(pairs):
    return pairs.sort_values("k")


FUNCTIONS = {"group": group_sum, "join": join, "sort": sort}


def polars_functions() -> dict:
    import polars as pl

    return {
        "load": pl.read_parquet,
        "group": lambda t: t.lazy().group_by("k").agg(pl.sum("v")).collect(),
        "join": lambda t, o: t.lazy().join(o.lazy(), on="k").collect(),
        "sort": lambda t: t.lazy().sort("k").collect(),
    }


def duckdb_functions() -> dict:
    import duckdb

    db = duckdb.connect()
    names = iter(f"t{number}" for number in range(1_000))

    def make(sql: str) -> str:
        db.execute(f"CREATE OR REPLACE TABLE result AS {sql}")
        return "result"

    def load(path: str) -> str:
        name = next(names)
        db.execute(f"CREATE TABLE {name} AS FROM read_parquet('{path}')")
        return name

    return {
        "load": load,
        "group": lambda t: make(f"SELECT k, sum(v) AS total FROM {t} GROUP BY k"),
        "join": lambda t, o: make(
            f"SELECT k, {t}.v, {o}.v AS w FROM {t} JOIN {o} USING (k)"
        ),
        "sort": lambda t: make(f"FROM {t} ORDER BY k"),
    }
