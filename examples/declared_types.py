import pandas as pd

import shoal as bodo


@bodo.jit(
    locals={
        "df": {"zone": bodo.types.string_array_type, "sold": bodo.types.int64[:]},
        "most": bodo.types.float64,
    }
)
def best_zone(months):
    most = 0
    best = ""
    for month in range(1, months + 1):
        df = pd.read_parquet("sales-" + str(month) + ".parquet")
        sums = df.groupby("zone").sold.sum()
        if sums.max() > most:
            most = float(sums.max())
            best = sums.idxmax()
    return best, most


@bodo.wrap_python(bodo.types.none)
def write(months):
    for month in range(1, months + 1):
        sold = [month * k % 7 for k in range(20)]
        zones = ["north", "east", "south", "west"] * 5
        pd.DataFrame({"zone": zones, "sold": sold}).to_parquet(
            "sales-" + str(month) + ".parquet"
        )


@bodo.jit
def prepare(months):
    if bodo.get_rank() == 0:
        write(months)
    bodo.barrier()


prepare(3)
zone, most = best_zone(3)
