def part(h):
    if h < 6: return "night"
    elif h < 12: return "morning"
    elif h < 18: return "afternoon"
    return "evening"
def f(df: "frame(h: int64, B: float64)"):
    df["p"] = df.h.map(part)
    return df
