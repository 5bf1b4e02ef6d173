/* SPDX-License-Identifier: Apache-2.0
 * Large pieces of memory, kept for a while when they are given back: the kernel clears
 * every page it hands out, and a query that takes and returns its columns anew at each
 * call spends a third of its time on that (perf: clear_page_erms). Pieces are mappings
 * of whole huge pages. Safe to call from several threads.
 *
 * Keeping costs no memory at the peak: a request is served from all that is kept before
 * the system is asked, so what is kept and what is in use together are never more than
 * what was in use at once. pages_settle() lets go what the last calls did not need.
 */
#pragma once
#include "base/base.h"

enum { HUGE_PAGE = 2 << 20 };

/* A piece of at least size bytes (> 0); *got is its real size, to be given back. The
 * first size bytes are zero when zero is true; else undefined. NULL when there is no
 * memory. */
void *pages_take(size_t size, bool zero, size_t *got);
/* A larger piece with p's bytes at its start, moved there page by page without a copy;
 * p is given up. have is p's real size, size > have. NULL when there is no memory: p
 * stays. */
void *pages_grow(void *p, size_t have, size_t size, size_t *got);
void pages_give(void *p, size_t size);
/* Bytes that may be kept; what is above goes back to the system. 0: nothing is kept. */
void pages_keep(size_t bytes);
/* A call has ended: of what is kept, only as much stays as one of the last calls had
 * in use at once. */
void pages_settle(void);
/* Returns everything that is kept to the system. For a process that goes idle. */
void pages_trim(void);
size_t pages_kept(void); /* bytes kept now */
