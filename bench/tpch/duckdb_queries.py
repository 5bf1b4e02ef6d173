"""The TPC-H queries for DuckDB: SQL over the Parquet files, in its own words.

{table} in the text stands for that table's file. A query of one number gives the number,
the others a pandas frame with the same columns in the same order as the pandas version.
"""

from functools import partial

import duckdb

TABLES = ("customer", "lineitem", "nation", "orders", "part", "region", "supplier")
REVENUE = "sum(l_extendedprice * (1 - l_discount))"

SQL = {
    1: f"""
        SELECT l_returnflag, l_linestatus, sum(l_quantity) AS sum_qty,
               sum(l_extendedprice) AS sum_base_price, {REVENUE} AS sum_disc_price,
               sum(l_extendedprice * (1 - l_discount) * (1 + l_tax)) AS sum_charge,
               avg(l_quantity) AS avg_qty, avg(l_extendedprice) AS avg_price,
               avg(l_discount) AS avg_disc, count(*) AS count_order
        FROM {{lineitem}} WHERE l_shipdate <= TIMESTAMP '1998-09-02'
        GROUP BY ALL ORDER BY ALL""",
    3: f"""
        SELECT l_orderkey, {REVENUE} AS revenue, o_orderdate, o_shippriority
        FROM {{customer}}, {{orders}}, {{lineitem}}
        WHERE c_mktsegment = 'BUILDING' AND c_custkey = o_custkey
          AND l_orderkey = o_orderkey AND o_orderdate < TIMESTAMP '1995-03-15'
          AND l_shipdate > TIMESTAMP '1995-03-15'
        GROUP BY ALL ORDER BY revenue DESC, o_orderdate LIMIT 10""",
    4: """
        SELECT o_orderpriority, count(*) AS order_count FROM {orders}
        WHERE o_orderdate >= TIMESTAMP '1993-07-01'
          AND o_orderdate < TIMESTAMP '1993-10-01'
          AND EXISTS (SELECT * FROM {lineitem}
                      WHERE l_orderkey = o_orderkey AND l_commitdate < l_receiptdate)
        GROUP BY ALL ORDER BY ALL""",
    5: f"""
        SELECT n_name, {REVENUE} AS revenue
        FROM {{customer}}, {{orders}}, {{lineitem}}, {{supplier}}, {{nation}}, {{region}}
        WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey
          AND l_suppkey = s_suppkey AND c_nationkey = s_nationkey
          AND s_nationkey = n_nationkey AND n_regionkey = r_regionkey
          AND r_name = 'ASIA' AND o_orderdate >= TIMESTAMP '1994-01-01'
          AND o_orderdate < TIMESTAMP '1995-01-01'
        GROUP BY ALL ORDER BY revenue DESC""",
    6: """
        SELECT sum(l_extendedprice * l_discount) FROM {lineitem}
        WHERE l_shipdate >= TIMESTAMP '1994-01-01'
          AND l_shipdate < TIMESTAMP '1995-01-01'
          AND l_discount BETWEEN 0.05::DOUBLE AND 0.07::DOUBLE AND l_quantity < 24""",
    10: f"""
        SELECT c_custkey, c_name, c_acctbal, c_phone, n_name, c_address, c_comment,
               {REVENUE} AS revenue
        FROM {{customer}}, {{orders}}, {{lineitem}}, {{nation}}
        WHERE c_custkey = o_custkey AND l_orderkey = o_orderkey
          AND o_orderdate >= TIMESTAMP '1993-10-01'
          AND o_orderdate < TIMESTAMP '1994-01-01'
          AND l_returnflag = 'R' AND c_nationkey = n_nationkey
        GROUP BY ALL ORDER BY revenue DESC LIMIT 20""",
    12: """
        SELECT l_shipmode,
               count(*) FILTER (o_orderpriority IN ('1-URGENT', '2-HIGH'))
                   AS high_line_count,
               count(*) FILTER (o_orderpriority NOT IN ('1-URGENT', '2-HIGH'))
                   AS low_line_count
        FROM {orders}, {lineitem}
        WHERE o_orderkey = l_orderkey AND l_shipmode IN ('MAIL', 'SHIP')
          AND l_commitdate < l_receiptdate AND l_shipdate < l_commitdate
          AND l_receiptdate >= TIMESTAMP '1994-01-01'
          AND l_receiptdate < TIMESTAMP '1995-01-01'
        GROUP BY ALL ORDER BY ALL""",
    14: f"""
        SELECT 100.0 * {REVENUE} FILTER (p_type LIKE 'PROMO%') / {REVENUE}
        FROM {{lineitem}}, {{part}}
        WHERE l_partkey = p_partkey AND l_shipdate >= TIMESTAMP '1995-09-01'
          AND l_shipdate < TIMESTAMP '1995-10-01'""",
    19: f"""
        SELECT {REVENUE} FROM {{lineitem}}, {{part}}
        WHERE p_partkey = l_partkey AND l_shipmode IN ('AIR', 'AIR REG')
          AND l_shipinstruct = 'DELIVER IN PERSON'
          AND ((p_brand = 'Brand#12' AND l_quantity BETWEEN 1 AND 11
                AND p_size BETWEEN 1 AND 5
                AND p_container IN ('SM CASE', 'SM BOX', 'SM PACK', 'SM PKG'))
            OR (p_brand = 'Brand#23' AND l_quantity BETWEEN 10 AND 20
                AND p_size BETWEEN 1 AND 10
                AND p_container IN ('MED BAG', 'MED BOX', 'MED PKG', 'MED PACK'))
            OR (p_brand = 'Brand#34' AND l_quantity BETWEEN 20 AND 30
                AND p_size BETWEEN 1 AND 15
                AND p_container IN ('LG CASE', 'LG BOX', 'LG PACK', 'LG PKG')))""",
}


def query(sql: str, root: str):
    files = {name: f"read_parquet('{root}/{name}.parquet')" for name in TABLES}
    frame = duckdb.sql(sql.format(**files)).df()
    return frame.iloc[0, 0] if frame.shape == (1, 1) else frame


QUERIES = {number: partial(query, sql) for number, sql in SQL.items()}
