"""The TPC-H queries for Polars: lazy scans, collected at the end.

A frame comes back as pandas, with the same columns in the same order as the pandas version.
"""

from datetime import datetime

import polars as pl


def scan(root: str, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(f"{root}/{table}.parquet")


def revenue() -> pl.Expr:
    return pl.col("l_extendedprice") * (1 - pl.col("l_discount"))


def number(frame: pl.LazyFrame) -> float:
    return frame.collect().item()


def q1(root):
    price = revenue()
    return (
        scan(root, "lineitem")
        .filter(pl.col("l_shipdate") <= datetime(1998, 9, 2))
        .group_by("l_returnflag", "l_linestatus")
        .agg(
            pl.sum("l_quantity").alias("sum_qty"),
            pl.sum("l_extendedprice").alias("sum_base_price"),
            price.sum().alias("sum_disc_price"),
            (price * (1 + pl.col("l_tax"))).sum().alias("sum_charge"),
            pl.mean("l_quantity").alias("avg_qty"),
            pl.mean("l_extendedprice").alias("avg_price"),
            pl.mean("l_discount").alias("avg_disc"),
            pl.len().cast(pl.Int64).alias("count_order"),
        )
        .sort("l_returnflag", "l_linestatus")
        .collect()
        .to_pandas()
    )


def q3(root):
    day = datetime(1995, 3, 15)
    return (
        scan(root, "customer")
        .filter(pl.col("c_mktsegment") == "BUILDING")
        .join(
            scan(root, "orders").filter(pl.col("o_orderdate") < day),
            left_on="c_custkey",
            right_on="o_custkey",
        )
        .join(
            scan(root, "lineitem").filter(pl.col("l_shipdate") > day),
            left_on="o_orderkey",
            right_on="l_orderkey",
        )
        .group_by("o_orderkey", "o_orderdate", "o_shippriority")
        .agg(revenue().sum().alias("revenue"))
        .sort("revenue", "o_orderdate", descending=[True, False])
        .head(10)
        .select(
            pl.col("o_orderkey").alias("l_orderkey"),
            "revenue",
            "o_orderdate",
            "o_shippriority",
        )
        .collect()
        .to_pandas()
    )


def q4(root):
    start, end = datetime(1993, 7, 1), datetime(1993, 10, 1)
    late = scan(root, "lineitem").filter(
        pl.col("l_commitdate") < pl.col("l_receiptdate")
    )
    return (
        scan(root, "orders")
        .filter(pl.col("o_orderdate").is_between(start, end, closed="left"))
        .join(late, left_on="o_orderkey", right_on="l_orderkey", how="semi")
        .group_by("o_orderpriority")
        .agg(pl.len().cast(pl.Int64).alias("order_count"))
        .sort("o_orderpriority")
        .collect()
        .to_pandas()
    )


def q5(root):
    start, end = datetime(1994, 1, 1), datetime(1995, 1, 1)
    year = scan(root, "orders").filter(
        pl.col("o_orderdate").is_between(start, end, closed="left")
    )
    return (
        scan(root, "region")
        .filter(pl.col("r_name") == "ASIA")
        .join(scan(root, "nation"), left_on="r_regionkey", right_on="n_regionkey")
        .join(scan(root, "customer"), left_on="n_nationkey", right_on="c_nationkey")
        .join(year, left_on="c_custkey", right_on="o_custkey")
        .join(scan(root, "lineitem"), left_on="o_orderkey", right_on="l_orderkey")
        .join(
            scan(root, "supplier"),
            left_on=["l_suppkey", "n_nationkey"],
            right_on=["s_suppkey", "s_nationkey"],
        )
        .group_by("n_name")
        .agg(revenue().sum().alias("revenue"))
        .sort("revenue", descending=True)
        .collect()
        .to_pandas()
    )


def q6(root):
    start, end = datetime(1994, 1, 1), datetime(1995, 1, 1)
    return number(
        scan(root, "lineitem")
        .filter(
            pl.col("l_shipdate").is_between(start, end, closed="left"),
            pl.col("l_discount").is_between(0.05, 0.07),
            pl.col("l_quantity") < 24,
        )
        .select((pl.col("l_extendedprice") * pl.col("l_discount")).sum())
    )


def q10(root):
    start, end = datetime(1993, 10, 1), datetime(1994, 1, 1)
    quarter = scan(root, "orders").filter(
        pl.col("o_orderdate").is_between(start, end, closed="left")
    )
    returned = scan(root, "lineitem").filter(pl.col("l_returnflag") == "R")
    return (
        scan(root, "customer")
        .join(quarter, left_on="c_custkey", right_on="o_custkey")
        .join(returned, left_on="o_orderkey", right_on="l_orderkey")
        .join(scan(root, "nation"), left_on="c_nationkey", right_on="n_nationkey")
        .group_by(
            "c_custkey",
            "c_name",
            "c_acctbal",
            "c_phone",
            "n_name",
            "c_address",
            "c_comment",
        )
        .agg(revenue().sum().alias("revenue"))
        .sort("revenue", descending=True)
        .head(20)
        .collect()
        .to_pandas()
    )


def q12(root):
    start, end = datetime(1994, 1, 1), datetime(1995, 1, 1)
    urgent = pl.col("o_orderpriority").is_in(["1-URGENT", "2-HIGH"])
    line = scan(root, "lineitem").filter(
        pl.col("l_shipmode").is_in(["MAIL", "SHIP"]),
        pl.col("l_commitdate") < pl.col("l_receiptdate"),
        pl.col("l_shipdate") < pl.col("l_commitdate"),
        pl.col("l_receiptdate").is_between(start, end, closed="left"),
    )
    return (
        scan(root, "orders")
        .join(line, left_on="o_orderkey", right_on="l_orderkey")
        .group_by("l_shipmode")
        .agg(
            urgent.cast(pl.Int64).sum().alias("high_line_count"),
            (~urgent).cast(pl.Int64).sum().alias("low_line_count"),
        )
        .sort("l_shipmode")
        .collect()
        .to_pandas()
    )


def q14(root):
    start, end = datetime(1995, 9, 1), datetime(1995, 10, 1)
    promo = pl.col("p_type").str.starts_with("PROMO")
    return number(
        scan(root, "lineitem")
        .filter(pl.col("l_shipdate").is_between(start, end, closed="left"))
        .join(scan(root, "part"), left_on="l_partkey", right_on="p_partkey")
        .select(100.0 * revenue().filter(promo).sum() / revenue().sum())
    )


def q19(root):
    def part(brand, containers, least, most, size):
        return (
            (pl.col("p_brand") == brand)
            & pl.col("p_container").is_in(containers)
            & pl.col("l_quantity").is_between(least, most)
            & pl.col("p_size").is_between(1, size)
        )

    return number(
        scan(root, "lineitem")
        .filter(
            pl.col("l_shipmode").is_in(["AIR", "AIR REG"]),
            pl.col("l_shipinstruct") == "DELIVER IN PERSON",
        )
        .join(scan(root, "part"), left_on="l_partkey", right_on="p_partkey")
        .filter(
            part("Brand#12", ["SM CASE", "SM BOX", "SM PACK", "SM PKG"], 1, 11, 5)
            | part(
                "Brand#23", ["MED BAG", "MED BOX", "MED PKG", "MED PACK"], 10, 20, 10
            )
            | part("Brand#34", ["LG CASE", "LG BOX", "LG PACK", "LG PKG"], 20, 30, 15)
        )
        .select(revenue().sum())
    )


QUERIES = {1: q1, 3: q3, 4: q4, 5: q5, 6: q6, 10: q10, 12: q12, 14: q14, 19: q19}
