"""TPC-H query 19: discounted revenue."""

import pandas as pd


def q19(root):
    lineitem = pd.read_parquet(root + "/lineitem.parquet")
    part = pd.read_parquet(root + "/part.parquet")
    line = lineitem[
        lineitem.l_shipmode.isin(["AIR", "AIR REG"])
        & (lineitem.l_shipinstruct == "DELIVER IN PERSON")
    ]
    j = line.merge(part, left_on="l_partkey", right_on="p_partkey")
    small = (
        (j.p_brand == "Brand#12")
        & j.p_container.isin(["SM CASE", "SM BOX", "SM PACK", "SM PKG"])
        & (j.l_quantity >= 1)
        & (j.l_quantity <= 11)
        & (j.p_size >= 1)
        & (j.p_size <= 5)
    )
    medium = (
        (j.p_brand == "Brand#23")
        & j.p_container.isin(["MED BAG", "MED BOX", "MED PKG", "MED PACK"])
        & (j.l_quantity >= 10)
        & (j.l_quantity <= 20)
        & (j.p_size >= 1)
        & (j.p_size <= 10)
    )
    large = (
        (j.p_brand == "Brand#34")
        & j.p_container.isin(["LG CASE", "LG BOX", "LG PACK", "LG PKG"])
        & (j.l_quantity >= 20)
        & (j.l_quantity <= 30)
        & (j.p_size >= 1)
        & (j.p_size <= 15)
    )
    chosen = j[small | medium | large]
    return (chosen.l_extendedprice * (1 - chosen.l_discount)).sum()
