"""TPC-H query 4: order priority checking."""

import pandas as pd


def q4(root):
    orders = pd.read_parquet(root + "/orders.parquet")
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    start = pd.Timestamp("1993-07-01")
    end = pd.Timestamp("1993-10-01")
    late = lineitem[lineitem.l_commitdate < lineitem.l_receiptdate]
    quarter = orders[(orders.o_orderdate >= start) & (orders.o_orderdate < end)]
    delayed = quarter[quarter.o_orderkey.isin(late.l_orderkey)]
    return delayed.groupby("o_orderpriority", as_index=False).agg(
        order_count=("o_orderkey", "count")
    )
