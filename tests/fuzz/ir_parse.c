/* SPDX-License-Identifier: Apache-2.0
 * IR text: whatever is parsed prints to text that parses again, to the same text.
 */
#include "fuzz.h"
#include "ir/ir.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* Text of the function that the source stands for; NULL when it is refused. */
static char *round_trip(Arena *arena, const char *source)
{
    jmp_buf catch_;
    Err err = {0};
    if (setjmp(catch_)) return NULL;
    return ir_print(ir_parse(arena, source, &err, &catch_), arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *arena = arena_new();
    if (!arena) return 0;
    char *source = arena_strndup(arena, (const char *)data, size);
    char *first = round_trip(arena, source);
    if (first) {
        char *second = round_trip(arena, first);
        if (!second || strcmp(first, second) != 0) abort();
    }
    arena_free(arena);
    return 0;
}
