/* SPDX-License-Identifier: Apache-2.0
 * Our own objects into this process, without LLVM: loading its library takes longer
 * than everything else that a call with a cached object does.
 */
#pragma once
#include "base/err.h"

typedef struct Linked Linked;

/* The object's shoal_main, NULL where it has something that is not linked here (then
 * LLVM's linker is the one to ask) or there is no memory. *code is to be freed. */
void *link_load(const uint8_t *bytes, size_t size, Linked **code);
void link_free(Linked *code);
