/* SPDX-License-Identifier: Apache-2.0
 * Kinds that both the compiler's attributes and the kernels name: aggregates (agg.def),
 * fields of a timestamp (dt_part.def), ways of joining, random draws.
 */
#pragma once

typedef enum AggKind {
#define AGG(id, name, states, holistic) AGG_##id,
#include "base/agg.def"
#undef AGG
    AGG_KINDS
} AggKind;

typedef enum DtPart {
#define DTPART(id, name) DTP_##id,
#include "base/dt_part.def"
#undef DTPART
    DTP_KINDS
} DtPart;

typedef enum JoinHow {
    JOIN_INNER,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_OUTER,
    JOIN_SEMI,
    JOIN_ANTI,
    JOIN_CROSS,
} JoinHow;

/* Rows of a column of random numbers: kernel/random.h */
typedef enum RandomKind {
    RANDOM_WORD,     /* int64: 64 bits */
    RANDOM_UNIT,     /* float64 in [0, 1) */
    RANDOM_PCG,      /* float64 in [0, 1): NumPy's own */
    RANDOM_NORMAL,   /* float64 */
    RANDOM_INTEGER,  /* int64 in [a, a + n): n a word, 0: all of them */
    RANDOM_GAMMA,    /* float64: shape a */
    RANDOM_POISSON,  /* int64: mean a */
    RANDOM_BINOMIAL, /* int64: n trials of probability a */
} RandomKind;

/* Ways of np.quantile to choose between neighbours; MIDDLE is the median's. */
#define QUANTILE_METHODS(X)                                                            \
    X(inverted_cdf)                                                                    \
    X(averaged_inverted_cdf)                                                           \
    X(closest_observation)                                                             \
    X(interpolated_inverted_cdf)                                                       \
    X(hazen)                                                                           \
    X(weibull)                                                                         \
    X(linear)                                                                          \
    X(median_unbiased)                                                                 \
    X(normal_unbiased)                                                                 \
    X(lower)                                                                           \
    X(higher)                                                                          \
    X(midpoint)                                                                        \
    X(nearest)                                                                         \
    X(middle)
typedef enum QuantileMethod {
#define QUANTILE_ENUM(name) QUANTILE_##name,
    QUANTILE_METHODS(QUANTILE_ENUM)
#undef QUANTILE_ENUM
        QUANTILE_COUNT
} QuantileMethod;

/* Reductions of arrays of n dimensions (NDREDUCE's attribute agg). */
typedef enum NdAgg {
    ND_SUM,
    ND_PROD,
    ND_MIN,
    ND_MAX,
    ND_ANY,
    ND_ALL,
    ND_COUNT, /* of what is not zero */
    ND_ARGMIN,
    ND_ARGMAX,
    ND_NANSUM, /* the nan*: values that are NaN take no part */
    ND_NANPROD,
    ND_NANMIN,
    ND_NANMAX,
    ND_NANARGMIN,
    ND_NANARGMAX,
    ND_NANCOUNT, /* of what is not NaN */
    ND_AGGS
} NdAgg;
