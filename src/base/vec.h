/* SPDX-License-Identifier: Apache-2.0
 * Typed growable arrays in an arena. `VEC(Node *) nodes;` declares one (zeroed is
 * empty); vec_push(arena, &v, item) appends; v.at[i] reads; v.n counts. Old storage
 * stays in the arena until it is released.
 */
#pragma once
#include "base/arena.h"
#include <string.h>

#define VEC(T)                                                                         \
    struct {                                                                           \
        T *at;                                                                         \
        idx n, cap;                                                                    \
    }

#define vec_push(arena, v, item)                                                       \
    do {                                                                               \
        if ((v)->n == (v)->cap) {                                                      \
            idx vec_cap_ = (v)->cap ? 2 * (v)->cap : 4;                                \
            void *vec_new_ =                                                           \
                arena_alloc_n((arena), (size_t)vec_cap_, sizeof *(v)->at);             \
            if ((v)->n) memcpy(vec_new_, (v)->at, (size_t)(v)->n * sizeof *(v)->at);   \
            (v)->at = vec_new_;                                                        \
            (v)->cap = vec_cap_;                                                       \
        }                                                                              \
        (v)->at[(v)->n++] = (item);                                                    \
    } while (0)

#define vec_each(i, v) for (idx i = 0; i < (v)->n; i++)
