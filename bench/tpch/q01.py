"""TPC-H query 1: pricing summary report."""

import pandas as pd


def q1(root):
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    line = lineitem[lineitem.l_shipdate <= pd.Timestamp("1998-09-02")]
    line["disc_price"] = line.l_extendedprice * (1 - line.l_discount)
    line["charge"] = line.disc_price * (1 + line.l_tax)
    result = line.groupby(["l_returnflag", "l_linestatus"], as_index=False).agg(
        sum_qty=("l_quantity", "sum"),
        sum_base_price=("l_extendedprice", "sum"),
        sum_disc_price=("disc_price", "sum"),
        sum_charge=("charge", "sum"),
        avg_qty=("l_quantity", "mean"),
        avg_price=("l_extendedprice", "mean"),
        avg_disc=("l_discount", "mean"),
        count_order=("l_orderkey", "count"),
    )
    return result.sort_values(["l_returnflag", "l_linestatus"], ignore_index=True)
