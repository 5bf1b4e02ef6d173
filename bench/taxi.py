"""A trip-record pipeline: 5 of 20 columns, daily weather, six keys, a sorted file."""

import pandas as pd


def taxi(trips, weather, out):
    w = pd.read_csv(weather, parse_dates=["date"])
    w["date"] = w.date.dt.date
    w["wet"] = w.rain > 0.1
    t = pd.read_parquet(trips)
    t["date"] = t.pickup_at.dt.date
    t["month"] = t.pickup_at.dt.month
    t["hour"] = t.pickup_at.dt.hour
    t["weekday"] = t.pickup_at.dt.day_of_week
    j = t.merge(w, on="date")

    def part_of_day(hour):
        if hour in (7, 8, 9):
            return "morning rush"
        elif hour in (10, 11, 12, 13, 14, 15):
            return "midday"
        elif hour in (16, 17, 18, 19):
            return "evening rush"
        return "night"

    j["part"] = j.hour.map(part_of_day)
    keys = ["pickup_zone", "dropoff_zone", "month", "weekday", "wet", "part"]
    r = j.groupby(keys, as_index=False).agg(
        trips=("operator", "count"), miles=("miles", "mean")
    )
    r = r.sort_values(keys)
    r.to_parquet(out)
    return len(r)
