/* SPDX-License-Identifier: Apache-2.0
 * Shared by rt.c and rt_core.c only: what a running call owns.
 */
#pragma once
#include "rt/rt.h"

/* Takes an array of the call out of its list and drops the call's reference. */
void rt_disown(Cx *cx, Array *a);
/* Frees the text builders that a failed call left behind. */
void builders_clear(Cx *cx);
