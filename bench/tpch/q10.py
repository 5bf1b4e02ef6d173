"""TPC-H query 10: returned item reporting."""

import pandas as pd


def q10(root):
    customer = pd.read_parquet(root + "/customer.parquet")
    orders = pd.read_parquet(root + "/orders.parquet")
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    nation = pd.read_parquet(root + "/nation.parquet")
    start = pd.Timestamp("1993-10-01")
    end = pd.Timestamp("1994-01-01")
    quarter = orders[(orders.o_orderdate >= start) & (orders.o_orderdate < end)]
    returned = lineitem[lineitem.l_returnflag == "R"]
    joined = customer.merge(quarter, left_on="c_custkey", right_on="o_custkey")
    joined = joined.merge(returned, left_on="o_orderkey", right_on="l_orderkey")
    joined = joined.merge(nation, left_on="c_nationkey", right_on="n_nationkey")
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    keys = [
        "c_custkey",
        "c_name",
        "c_acctbal",
        "c_phone",
        "n_name",
        "c_address",
        "c_comment",
    ]
    total = joined.groupby(keys, as_index=False).agg(revenue=("revenue", "sum"))
    return total.sort_values("revenue", ascending=False).head(20)
