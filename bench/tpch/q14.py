"""TPC-H query 14: promotion effect."""

import pandas as pd


def q14(root):
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    part = pd.read_parquet(root + "/part.parquet")
    start = pd.Timestamp("1995-09-01")
    end = pd.Timestamp("1995-10-01")
    month = lineitem[(lineitem.l_shipdate >= start) & (lineitem.l_shipdate < end)]
    joined = month.merge(part, left_on="l_partkey", right_on="p_partkey")
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    promo = joined[joined.p_type.str.startswith("PROMO")]
    return 100.0 * promo.revenue.sum() / joined.revenue.sum()
