"""The flights and taxi pipelines for Polars and DuckDB, each in its own idiom.

Like the pandas functions they write their result to a Parquet file; `delays` also gives it
as a pandas frame, `taxi` its number of rows.
"""


def delays_polars(flights, weather, out):
    import polars as pl

    hour = pl.col("hour")
    w = pl.scan_csv(weather, null_values="NA", infer_schema_length=None)
    r = (
        pl.scan_parquet(flights)
        .filter(pl.col("dep_delay").is_not_null() & (pl.col("distance") > 200))
        .join(w, on=["origin", "year", "month", "day", "hour"], how="left")
        .with_columns(
            (pl.col("precip") > 0.01).fill_null(False).alias("wet"),
            pl.when(hour < 6)
            .then(pl.lit("night"))
            .when(hour < 12)
            .then(pl.lit("morning"))
            .when(hour < 18)
            .then(pl.lit("afternoon"))
            .otherwise(pl.lit("evening"))
            .alias("part"),
        )
        .group_by("carrier", "part", "wet")
        .agg(
            pl.mean("dep_delay"),
            pl.sum("distance"),
            pl.count("flight").cast(pl.Int64).alias("flights"),
        )
        .sort("dep_delay", "carrier", descending=[True, False])
        .collect()
    )
    r.write_parquet(out)
    return r.to_pandas()


def delays_duckdb(flights, weather, out):
    import duckdb

    duckdb.execute(f"""
        CREATE OR REPLACE TABLE r AS
        SELECT f.carrier,
               CASE WHEN f.hour < 6 THEN 'night' WHEN f.hour < 12 THEN 'morning'
                    WHEN f.hour < 18 THEN 'afternoon' ELSE 'evening' END AS part,
               coalesce(w.precip > 0.01, false) AS wet,
               avg(f.dep_delay) AS dep_delay, sum(f.distance)::BIGINT AS distance,
               count(f.flight) AS flights
        FROM read_parquet('{flights}') f
        LEFT JOIN read_csv('{weather}', nullstr = 'NA') w
        USING (origin, year, month, day, hour)
        WHERE f.dep_delay IS NOT NULL AND f.distance > 200
        GROUP BY ALL ORDER BY dep_delay DESC, f.carrier""")
    duckdb.execute(f"COPY r TO '{out}' (FORMAT parquet)")
    return duckdb.sql("FROM r").df()


def taxi_polars(trips, weather, out):
    import polars as pl

    hour = pl.col("hour")
    keys = ["pickup_zone", "dropoff_zone", "month", "weekday", "wet", "part"]
    w = pl.scan_csv(weather, try_parse_dates=True).select(
        "date", (pl.col("rain") > 0.1).alias("wet")
    )
    r = (
        pl.scan_parquet(trips)
        .with_columns(
            pl.col("pickup_at").dt.date().alias("date"),
            pl.col("pickup_at").dt.month().cast(pl.Int32).alias("month"),
            pl.col("pickup_at").dt.hour().alias("hour"),
            (pl.col("pickup_at").dt.weekday() - 1).cast(pl.Int32).alias("weekday"),
        )
        .join(w, on="date")
        .with_columns(
            pl.when(hour.is_between(7, 9))
            .then(pl.lit("morning rush"))
            .when(hour.is_between(10, 15))
            .then(pl.lit("midday"))
            .when(hour.is_between(16, 19))
            .then(pl.lit("evening rush"))
            .otherwise(pl.lit("night"))
            .alias("part")
        )
        .group_by(keys)
        .agg(
            pl.count("operator").cast(pl.Int64).alias("trips"),
            pl.mean("miles").alias("miles"),
        )
        .sort(keys)
        .collect()
    )
    r.write_parquet(out)
    return len(r)


def taxi_duckdb(trips, weather, out):
    import duckdb

    duckdb.execute(f"""
        CREATE OR REPLACE TABLE r AS
        SELECT pickup_zone, dropoff_zone, month(pickup_at)::INT AS month,
               isodow(pickup_at)::INT - 1 AS weekday, rain > 0.1 AS wet,
               CASE WHEN hour(pickup_at) BETWEEN 7 AND 9 THEN 'morning rush'
                    WHEN hour(pickup_at) BETWEEN 10 AND 15 THEN 'midday'
                    WHEN hour(pickup_at) BETWEEN 16 AND 19 THEN 'evening rush'
                    ELSE 'night' END AS part,
               count(operator) AS trips, avg(miles) AS miles
        FROM read_parquet('{trips}') t
        JOIN read_csv('{weather}') w ON t.pickup_at::DATE = w.date
        GROUP BY ALL ORDER BY 1, 2, 3, 4, 5, 6""")
    duckdb.execute(f"COPY r TO '{out}' (FORMAT parquet)")
    return duckdb.sql("SELECT count(*) FROM r").fetchall()[0][0]
