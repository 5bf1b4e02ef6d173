/* SPDX-License-Identifier: Apache-2.0
 * Among several ranks what every call sends is counted (moved.h). In debug builds, and
 * where SHOAL_CHECK=1 is set, every round of agreement also
 * compares which runtime call the ranks are in: those that are not at the same
 * operation stop with a message that names both, though their collectives are of one
 * kind.
 */
#pragma once
#include "rt/rt.h"

/* The table of calls to give to compiled code: rt_calls, or one that counts and says
 * where it is. */
RtCall *const *check_calls(Cx *cx);
