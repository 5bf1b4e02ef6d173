/* SPDX-License-Identifier: Apache-2.0
 * The user's flags of one jit function: of distribution, constraints for front/ and
 * pass/dist.c, and of what errors are.
 */
#pragma once
#include "base/base.h"

/* A variable whose type the user declares: jit(locals={"x": float64}). */
typedef struct Local {
    const char *name, *text; /* of the variable; the type as the user reads it */
    const struct Desc *type; /* D_SCALAR, D_ARRAY, D_SERIES or D_FRAME */
} Local;

/* What pass/dist.c and front/ take as constraints; names as the user wrote them. */
typedef struct DistFlags {
    const char *const *distributed, *const *distributed_block, *const *replicated;
    idx ndistributed, ndistributed_block, nreplicated;
    bool off; /* distributed=False: everything replicated, no ranks */
    bool all_args_distributed_block, all_args_distributed_varlength,
        all_returns_distributed, no_args_maybe, no_returns_maybe;
    bool all_replicated, all_distributed; /* flags given as True */
    const Local *local;
    idx nlocal;
    bool numpy_errors; /* error_model="numpy": numbers divide by zero as NumPy's do */
} DistFlags;
