/* SPDX-License-Identifier: Apache-2.0
 * Reads a module as Python's ast.dump writes it (with attributes) from the standard
 * input, evaluates its last function and prints the IR, or the error with its place.
 * For tests/front: tests/test_front.py dumps the modules.
 */
#include "base/base.h"

#include "../tests/unit/front_host.h"

#include <setjmp.h>

static char *read_all(Arena *a)
{
    VEC(char) text = {0};
    for (int c; (c = getchar()) != EOF;)
        vec_push(a, &text, (char)c);
    vec_push(a, &text, (char)0);
    return text.at;
}

int main(void)
{
    Arena *a = arena_new();
    Err err = {0};
    jmp_buf env;
    Fn *fn = fn_new(a, "main", &err, &env);
    FakeHost h = {.arena = a, .names = fn->names};
    h.module = ast_read(a, fn->names, read_all(a));
    Desc **arg;
    idx narg;
    int root = h.module ? fake_root(&h, &arg, &narg) : -1;
    if (root < 0) {
        puts("malformed");
        return 2;
    }
    if (setjmp(env)) {
        printf("%d:%d: %s: %s\n", err.loc.line, err.loc.col, err_exception(err.code),
               err.text);
    } else {
        front_run(fn, &fake_host, &h, root, arg, narg, NULL);
        ir_verify(fn);
        fputs(ir_print(fn, a), stdout);
    }
    arena_free(a);
    return 0;
}
