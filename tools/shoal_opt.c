/* SPDX-License-Identifier: Apache-2.0
 * IR text in, passes, IR text out: `shoal_opt [--size N] pass,pass... < in.ir`. For the
 * tests in tests/ir and for looking at one pass. Pass "none" only reads and prints.
 */
#include "base/base.h"

#include "pass/pass.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_all(FILE *f, Arena *a)
{
    VEC(char) text = {0};
    for (int c; (c = getc(f)) != EOF;)
        vec_push(a, &text, (char)c);
    vec_push(a, &text, '\0');
    return text.at;
}

static int run(Arena *arena, char *passes, int size)
{
    jmp_buf catch_;
    Err err = {0};
    if (setjmp(catch_)) {
        printf("%s: %s\n", err_exception(err.code), err.text);
        return 1;
    }
    Fn *fn = ir_parse(arena, read_all(stdin, arena), &err, &catch_);
    PassCx cx = {.fn = fn, .size = size};
    ir_verify(fn);
    for (char *p = strtok_r(passes, ",", &passes); p;
         p = strtok_r(NULL, ",", &passes)) {
        if (strcmp(p, "none") && !pass_run_one(&cx, p)) {
            fprintf(stderr, "shoal_opt: no pass '%s'\n", p);
            return 2;
        }
        ir_verify(fn);
    }
    fputs(ir_print(fn, arena), stdout);
    return 0;
}

int main(int argc, char **argv)
{
    int i = 1, size = 1;
    if (argc > 2 && !strcmp(argv[1], "--size")) {
        size = (int)strtol(argv[2], NULL, 10);
        i = 3;
    }
    if (i != argc - 1) {
        fprintf(stderr, "usage: shoal_opt [--size N] pass[,pass..] < in.ir\n");
        return 2;
    }
    Arena *arena = arena_new();
    if (!arena) return 2;
    int status = run(arena, argv[i], size);
    arena_free(arena);
    return status;
}
