def f(df: "frame(A: int64, B: float64)", c: bool):
    if c:
        df = df[df.A > 3]
    else:
        df = df[df.B < 0.5]
    df["C"] = df.A + df.B
    return df
