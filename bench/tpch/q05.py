"""TPC-H query 5: local supplier volume."""

import pandas as pd


def q5(root):
    region = pd.read_parquet(root + "/region.parquet")
    nation = pd.read_parquet(root + "/nation.parquet")
    customer = pd.read_parquet(root + "/customer.parquet")
    orders = pd.read_parquet(root + "/orders.parquet")
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    supplier = pd.read_parquet(root + "/supplier.parquet")
    start = pd.Timestamp("1994-01-01")
    end = pd.Timestamp("1995-01-01")
    year = orders[(orders.o_orderdate >= start) & (orders.o_orderdate < end)]
    asia = region[region.r_name == "ASIA"]
    joined = asia.merge(nation, left_on="r_regionkey", right_on="n_regionkey")
    joined = joined.merge(customer, left_on="n_nationkey", right_on="c_nationkey")
    joined = joined.merge(year, left_on="c_custkey", right_on="o_custkey")
    joined = joined.merge(lineitem, left_on="o_orderkey", right_on="l_orderkey")
    joined = joined.merge(
        supplier,
        left_on=["l_suppkey", "n_nationkey"],
        right_on=["s_suppkey", "s_nationkey"],
    )
    joined["revenue"] = joined.l_extendedprice * (1 - joined.l_discount)
    total = joined.groupby("n_name", as_index=False)["revenue"].sum()
    return total.sort_values("revenue", ascending=False)
