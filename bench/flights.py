"""The example function: which carriers leave late, in which part of the day, in rain or not."""

import pandas as pd


def delays(flights, weather, out):
    f = pd.read_parquet(flights)
    w = pd.read_csv(weather)
    f = f[f.dep_delay.notna() & (f.distance > 200)]
    j = f.merge(w, on=["origin", "year", "month", "day", "hour"], how="left")
    j["wet"] = j.precip > 0.01

    def part_of_day(h):
        if h < 6:
            return "night"
        elif h < 12:
            return "morning"
        elif h < 18:
            return "afternoon"
        return "evening"

    j["part"] = j.hour.map(part_of_day)
    r = j.groupby(["carrier", "part", "wet"], as_index=False).agg(
        {"dep_delay": "mean", "distance": "sum", "flight": "count"}
    )
    r = r.sort_values(["dep_delay", "carrier"], ascending=[False, True]).rename(
        columns={"flight": "flights"}
    )
    r.to_parquet(out)
    return r
