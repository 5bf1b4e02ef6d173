/* SPDX-License-Identifier: Apache-2.0
 * Objects on disk, shared by all processes of a user. Linked into the compiler proper,
 * not into the LLVM module: a hit needs no LLVM. Nothing here fails a compile: what
 * cannot be read is compiled, what cannot be written is not kept.
 *
 * SHOAL_CACHE=0 turns it off; SHOAL_CACHE_DIR is the folder (default ~/.cache/shoal),
 * which must belong to the user and be writable by nobody else; SHOAL_CACHE_SIZE its
 * limit in bytes (default 256 MB), kept by removing what was used longest ago.
 */
#pragma once
#include "codegen/codegen.h"

typedef struct CacheKey {
    uint64_t h[2];
} CacheKey;

/* Of everything an object depends on: the lowered function with its sites, the level of
 * optimisation, this processor, and the sources that decide about objects. */
CacheKey cache_key(Fn *fn, int opt);
/* Of a plan: what the face keeps of a compile (_kept.py) under a text that names
 * function and types. It holds for one version of the compiler's sources. */
CacheKey cache_plan_key(const char *text, size_t n);
/* Of late code's object. */
CacheKey cache_late_key(const LateCode *code);
/* The object under key, in the arena; false when there is none or it is damaged. */
bool cache_get(Arena *arena, CacheKey key, Object *out);
void cache_put(Arena *arena, CacheKey key, const Object *object);
/* Removes the files used longest ago until at most limit bytes are left. */
void cache_trim(const char *dir, int64_t limit);
/* The folder in use, made when it is not there; NULL when the cache is off. */
const char *cache_dir(Arena *arena);
