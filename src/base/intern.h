/* SPDX-License-Identifier: Apache-2.0
 * Names to pointers: equal names give the same pointer within one table, so that the
 * compiler compares names with ==.
 */
#pragma once
#include "base/arena.h"

typedef struct Intern Intern;

Intern *intern_new(Arena *a);
const char *intern(Intern *t, const char *s);
const char *intern_n(Intern *t, const char *s, size_t n);
