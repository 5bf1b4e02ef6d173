"""TPC-H queries as plain pandas functions, one a file, and the same for the peers.

QUERIES maps a query's number to its pandas function; `polars_queries.QUERIES` and
`duckdb_queries.QUERIES` are the same queries in the peers' own idiom. Every function takes
the data folder and gives a frame, or a number where the query has one.
"""

from bench.tpch.q01 import q1
from bench.tpch.q03 import q3
from bench.tpch.q04 import q4
from bench.tpch.q05 import q5
from bench.tpch.q06 import q6
from bench.tpch.q10 import q10
from bench.tpch.q12 import q12
from bench.tpch.q14 import q14
from bench.tpch.q19 import q19

QUERIES = {1: q1, 3: q3, 4: q4, 5: q5, 6: q6, 10: q10, 12: q12, 14: q14, 19: q19}
