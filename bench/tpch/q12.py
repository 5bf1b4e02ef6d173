"""TPC-H query 12: shipping modes and order priority."""

import pandas as pd


def q12(root):
    orders = pd.read_parquet(root + "/orders.parquet")
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    line = lineitem[
        lineitem.l_shipmode.isin(["MAIL", "SHIP"])
        & (lineitem.l_commitdate < lineitem.l_receiptdate)
        & (lineitem.l_shipdate < lineitem.l_commitdate)
        & (lineitem.l_receiptdate >= pd.Timestamp("1994-01-01"))
        & (lineitem.l_receiptdate < pd.Timestamp("1995-01-01"))
    ]
    joined = orders.merge(line, left_on="o_orderkey", right_on="l_orderkey")
    urgent = joined.o_orderpriority.isin(["1-URGENT", "2-HIGH"])
    joined["high_line_count"] = urgent.astype("int64")
    joined["low_line_count"] = (~urgent).astype("int64")
    return joined.groupby("l_shipmode", as_index=False)[
        ["high_line_count", "low_line_count"]
    ].sum()
