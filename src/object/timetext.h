/* SPDX-License-Identifier: Apache-2.0
 * Times as Python knows them: text of dates, datetimes, time differences, and back.
 * Which class is meant follows from the type: DATE is datetime.date; of TS and TD the
 * null form says it: NULL_NONE datetime.datetime and datetime.timedelta (microseconds),
 * NULL_NAT pd.Timestamp and pd.Timedelta, NULL_NAN np.datetime64 and np.timedelta64.
 */
#pragma once
#include "object/text.h"

typedef struct TimeType {
    DType dt;
    NullForm null;
    Unit unit;
} TimeType;

/* what: 's' str(), 'r' repr(), 'i' isoformat() */
MUST_USE Status time_put(Cx *cx, Str *s, TimeType t, int64_t v, char what);
/* strftime of a date or timestamp; ValueError for NaT. */
MUST_USE Status time_format(Cx *cx, Str *s, TimeType t, int64_t v, const char *fmt,
                            idx n);
/* Reads ISO 8601. what: 'd' date.fromisoformat (days), 't' datetime.fromisoformat,
 * 'p' pd.Timestamp (microseconds). ValueError. */
MUST_USE Status time_parse(Cx *cx, Text3 text, char what, int64_t *out);
/* Microseconds of year, month, day, hour, minute, second, microsecond, or with n = 3
 * the day number of a date; ValueError as Python words it. */
MUST_USE Status time_make(Cx *cx, const int64_t *part, int n, int64_t *out);
/* ticks op number for op '*', '/', '|' (floor division). python: rounded half to even
 * as timedelta does, else cut off as Timedelta does. NaN gives NaT or ValueError. */
MUST_USE Status time_scale(Cx *cx, char op, bool python, int64_t ticks, int64_t by,
                           int64_t *out);
MUST_USE Status time_scale_float(Cx *cx, char op, bool python, int64_t ticks, double by,
                                 int64_t *out);
/* ticks to a multiple of step: 'f' floor, 'c' ceil, 'r' nearest, halves to even */
int64_t time_step(char how, int64_t ticks, int64_t step);
