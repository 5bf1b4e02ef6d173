/* SPDX-License-Identifier: Apache-2.0
 * Days since 1970-01-01 to dates of the proleptic Gregorian calendar and back, without
 * a branch, so that loops over them vectorise. The method is that of Neri and Schneider
 * ("Euclidean affine functions and their application to calendar algorithms", 2022):
 * years begin in March, and each division is one multiplication.
 */
#pragma once
#include "base/base.h"

typedef struct Civil {
    int32_t year, month, day; /* month and day from 1 */
    int32_t yday;             /* day of the year from 1 */
} Civil;

/* Days for which civil_from_days is right: years -1,468,000 to 1,471,805. */
enum { CIVIL_MIN = -536895458, CIVIL_MAX = 536846365 };

static inline bool year_is_leap(int32_t y)
{
    return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

static inline Civil civil_from_days(int32_t days)
{
    const uint32_t cycles = 3670; /* of 400 years, so that numbers are not negative */
    uint32_t n = (uint32_t)days + 719468u + 146097u * cycles; /* since 0000-03-01 */
    uint32_t n1 = 4 * n + 3, century = n1 / 146097, in_century = n1 % 146097 / 4;
    uint64_t p = (uint64_t)2939745 * (4 * in_century + 3);
    uint32_t year = 100 * century + (uint32_t)(p >> 32);
    uint32_t yday = (uint32_t)p / 2939745 / 4; /* since March 1st */
    uint32_t n3 = 2141 * yday + 197913, month = n3 >> 16;
    uint32_t next = yday >= 306; /* January and February belong to the next year */
    int32_t y = (int32_t)(year + next) - 400 * (int32_t)cycles;
    uint32_t leap = year_is_leap(y);
    return (Civil){
        .year = y,
        .month = (int32_t)(month - 12 * next),
        .day = (int32_t)((n3 & 0xffff) / 2141 + 1),
        .yday = (int32_t)(next ? yday - 305 : yday + 60 + leap),
    };
}

/* Days of a month, 1..12. */
static inline int32_t month_days(int32_t month, bool leap)
{
    return month == 2 ? 28 + leap : 30 | (month ^ month >> 3);
}

/* The inverse; month and day must exist, the year be -1,468,000 to 1,471,744. */
static inline int32_t days_from_civil(int32_t year, int32_t month, int32_t day)
{
    const uint32_t cycles = 3670;
    uint32_t early = month <= 2;
    uint32_t y = (uint32_t)year + 400 * cycles - early;
    uint32_t m = (uint32_t)month + 12 * early;
    uint32_t century = y / 100;
    uint32_t days = 1461 * y / 4 - century + century / 4;
    days += (979 * m - 2919) / 32 + (uint32_t)day - 1;
    return (int32_t)(days - 719468u - 146097u * cycles);
}
