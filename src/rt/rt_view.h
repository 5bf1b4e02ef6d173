/* SPDX-License-Identifier: Apache-2.0
 * Views of arrays as they come in slots: a buffer, an offset, strides, lengths (see
 * ir/ops.def). Implemented in rt_nd.c.
 */
#pragma once
#include "kernel/nd.h"
#include "rt/rt_int.h"

/* The view of nd dimensions in the slots; the rest of them. */
const Slot *rt_view_read(const Slot *in, int nd, NdView *v);
/* The view's elements one after the other: its memory itself, or a copy; owned. */
MUST_USE Status rt_contiguous(Cx *cx, const NdView *v, Array *base, Array **out);
idx rt_row_width(const NdView *v); /* elements of a row */
