/* SPDX-License-Identifier: Apache-2.0
 * Bytes as the dump of a module: read, and if that succeeds evaluated with a host that
 * knows the module alone. Whatever the tree, the result is valid IR or an error with a
 * code.
 */
#include "base/base.h"

#include "../unit/front_host.h"

#include <setjmp.h>

static void lower(Arena *a, const char *text)
{
    Err err = {0};
    jmp_buf env;
    Fn *fn = fn_new(a, "main", &err, &env);
    FakeHost h = {.arena = a, .names = fn->names};
    h.module = ast_read(a, fn->names, text);
    if (!h.module) return;
    (void)ast_print(a, h.module);
    Desc **arg;
    idx narg;
    int root = fake_root(&h, &arg, &narg);
    if (root < 0) return;
    if (setjmp(env)) {
        if (err.code == OK) abort();
        return;
    }
    front_run(fn, &fake_host, &h, root, arg, narg, NULL);
    ir_verify(fn);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Arena *a = arena_new();
    lower(a, arena_strndup(a, (const char *)data, size));
    arena_free(a);
    return 0;
}
