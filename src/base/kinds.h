/* SPDX-License-Identifier: Apache-2.0
 * Kinds that both the compiler's attributes and the kernels name: aggregates (agg.def),
 * fields of a timestamp (dt_part.def), ways of joining.
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
