"""TPC-H query 3: shipping priority."""

import pandas as pd


def q3(root):
    customer = pd.read_parquet(root + "/customer.parquet")
    orders = pd.read_parquet(root + "/orders.parquet")
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    day = pd.Timestamp("1995-03-15")
    building = customer[customer.c_mktsegment == "BUILDING"]
    before = orders[orders.o_orderdate < day]
    after = lineitem[lineitem.l_shipdate > day]
    joined = building.merge(before, left_on="c_custkey", right_on="o_custkey")
    joined = joined.merge(after, left_on="o_orderkey", right_on="l_orderkey")
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    keys = ["l_orderkey", "o_orderdate", "o_shippriority"]
    total = joined.groupby(keys, as_index=False)["revenue"].sum()
    top = total.sort_values(["revenue", "o_orderdate"], ascending=[False, True])
    return top[["l_orderkey", "revenue", "o_orderdate", "o_shippriority"]].head(10)
