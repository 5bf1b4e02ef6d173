"""TPC-H query 6: forecasting revenue change."""

import pandas as pd


def q6(root):
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    line = lineitem[
        (lineitem.l_shipdate >= pd.Timestamp("1994-01-01"))
        & (lineitem.l_shipdate < pd.Timestamp("1995-01-01"))
        & (lineitem.l_discount >= 0.05)
        & (lineitem.l_discount <= 0.07)
        & (lineitem.l_quantity < 24)
    ]
    return (line.l_extendedprice * line.l_discount).sum()
