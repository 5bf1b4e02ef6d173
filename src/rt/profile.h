/* SPDX-License-Identifier: Apache-2.0
 * SHOAL_PROFILE=<file>: each rank writes a line for every runtime call to
 * <file>.<rank>: milliseconds of wall clock and of this rank's own CPU time, megabytes
 * of columns alive afterwards, the process's resident set at its highest during the
 * call, rows out and the name. Time between the calls is the compiled loops'
 * ("code"). Costs nothing when the variable is not set.
 */
#pragma once
#include "rt/rt.h"

/* The table of calls to give to compiled code: one that measures, or check_calls(). */
RtCall *const *profile_calls(Cx *cx);
/* A run begins or ends: a line of its own when measuring. */
void profile_begin(Cx *cx);
void profile_end(void);
