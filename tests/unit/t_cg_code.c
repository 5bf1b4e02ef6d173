/* SPDX-License-Identifier: Apache-2.0
 * What the machine code looks like: loops over columns use vector registers, objects
 * need no symbol from outside, and loading and unloading leaves nothing behind.
 */
#include "cg_unit.h"

#include "codegen/link.h"

#include <llvm-c/Core.h>
#include <llvm-c/Disassembler.h>
#include <llvm-c/Object.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>

/* Calls see(line) for each instruction of the object's text. */
static void disassemble(const Object *o, void (*see)(const char *line, void *),
                        void *data)
{
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeDisassembler();
    char *triple = LLVMGetDefaultTargetTriple(), *cpu = LLVMGetHostCPUName();
    LLVMDisasmContextRef d = LLVMCreateDisasmCPU(triple, cpu, NULL, 0, NULL, NULL);
    assert_non_null(d);
    LLVMMemoryBufferRef buf = LLVMCreateMemoryBufferWithMemoryRangeCopy(
        (const char *)o->bytes, o->size, "object");
    char *bad = NULL;
    LLVMBinaryRef bin = LLVMCreateBinary(buf, NULL, &bad);
    assert_non_null(bin);
    LLVMSectionIteratorRef s = LLVMObjectFileCopySectionIterator(bin);
    for (; !LLVMObjectFileIsSectionIteratorAtEnd(bin, s); LLVMMoveToNextSection(s)) {
        const char *name = LLVMGetSectionName(s);
        if (!name || strcmp(name, ".text") != 0) continue;
        uint8_t code[1 << 16];
        size_t n = LLVMGetSectionSize(s), at = 0;
        assert_true(n <= sizeof code);
        memcpy(code, LLVMGetSectionContents(s), n);
        while (at < n) {
            char line[256];
            size_t k =
                LLVMDisasmInstruction(d, code + at, n - at, at, line, sizeof line);
            if (k) see(line, data);
            at += k ? k : 1;
        }
    }
    LLVMDisposeSectionIterator(s);
    LLVMDisposeBinary(bin);
    LLVMDisposeMemoryBuffer(buf);
    LLVMDisasmDispose(d);
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
}

typedef struct Seen {
    int wide_mul, wide_add, lines;
} Seen;

/* Packed arithmetic on doubles: mulpd, vmulpd, vfmadd..pd; fmul v0.2d on ARM. */
static void see(const char *line, void *data)
{
    Seen *s = data;
    bool packed = strstr(line, "pd\t") || strstr(line, ".2d");
    s->lines++;
    if (packed && (strstr(line, "mul") || strstr(line, "fm"))) s->wide_mul++;
    if (packed && (strstr(line, "add") || strstr(line, "fmadd"))) s->wide_add++;
}

static Seen code_of(CgTest *t, int opt)
{
    Seen s = {0, 0, 0};
    cgt_compile(t, opt);
    disassemble(&t->object, see, &s);
    cgt_unload(t);
    assert_true(s.lines > 20);
    return s;
}

static void test_axpy_vectorises(void **state)
{
    (void)state;
    CgTest t;
    Type f = type_scalar(DT_F64), c = type_col(DT_F64);
    cgt_begin(&t, 3, (Type[]){c, c, c});
    Region *r = cgt_map(&t, 3, 1, &c, "c");
    Val *m = cgt_op(&t, r, OP_MUL, f, 2, &r->param[0], &r->param[1]);
    cgt_end(&t, r, OP_YIELD, 1, cgt_op(&t, r, OP_ADD, f, 2, m, &r->param[2]));
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    Seen s = code_of(&t, 1);
    assert_true(s.wide_mul > 0 && s.wide_add > 0);
    s = code_of(&t, 0);
    assert_int_equal(s.wide_mul, 0);
    cgt_free(&t);
}

/* A masked sum over columns with bitmaps: predicate, validity and sum in vectors. */
static void test_masked_sum_vectorises(void **state)
{
    (void)state;
    CgTest t;
    Type f = type_scalar(DT_F64), m = f;
    m.null = NULL_MASK;
    Type c = type_with(m, TY_COL), flag = type_scalar(DT_BOOL);
    flag.null = NULL_MASK;
    cgt_begin(&t, 2, (Type[]){c, c});
    Region *r = cgt_map(&t, 2, 1, &m, "+");
    node_set_int(t.fn, t.map, "mask", 1);
    Val *k = cgt_op(&t, r, OP_CAST, m, 1, ir_const_float(t.fn, r, (Loc){0}, f, 5));
    Val *p = cgt_op(&t, r, OP_GT, flag, 2, &r->param[1], k);
    Val *v = cgt_op(&t, r, OP_MUL, m, 2, &r->param[0], &r->param[1]);
    cgt_end(&t, r, OP_YIELD, 2, p, v);
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    Seen s = code_of(&t, 1);
    assert_true(s.wide_mul > 0 && s.wide_add > 0);
    cgt_free(&t);
}

/* A user's function of one element with nested ifs becomes selects. */
static void test_ifs_vectorise(void **state)
{
    (void)state;
    CgTest t;
    Type f = type_scalar(DT_F64), c = type_col(DT_F64), flag = type_scalar(DT_BOOL);
    cgt_begin(&t, 2, (Type[]){c, c});
    Region *r = cgt_map(&t, 2, 1, &c, "c");
    Val *a = &r->param[0], *b = &r->param[1];
    Val *lt = cgt_op(&t, r, OP_LT, flag, 2, a, b);
    Node *n = node_new(t.fn, OP_IF, (Loc){0}, 1, &lt, 1);
    n->res[0].type = f;
    node_append(r, n);
    Region *yes = node_add_region(t.fn, n, 0), *no = node_add_region(t.fn, n, 0);
    cgt_end(&t, yes, OP_YIELD, 1, cgt_op(&t, yes, OP_MUL, f, 2, a, b));
    cgt_end(&t, no, OP_YIELD, 1, cgt_op(&t, no, OP_ADD, f, 2, a, b));
    cgt_end(&t, r, OP_YIELD, 1, n->res);
    cgt_end(&t, t.fn->body, OP_RETURN, 1, t.map->res);
    Seen s = code_of(&t, 1);
    assert_true(s.wide_mul > 0 && s.wide_add > 0);
    cgt_free(&t);
}

static void build_scalar(CgTest *t)
{
    Type i = type_scalar(DT_I64);
    cgt_begin(t, 1, &i);
    Region *r = t->fn->body;
    cgt_end(t, r, OP_RETURN, 1, cgt_op(t, r, OP_MUL, i, 2, &r->param[0], &r->param[0]));
}

/* Many objects live at once and go in any order; each keeps its own code. */
static void test_load_unload(void **state)
{
    (void)state;
    enum { LIVE = 50 };
    CgTest t;
    build_scalar(&t);
    cgt_compile(&t, 1);
    struct ShoalCode *code[LIVE] = {0};
    void *at[LIVE];
    Rng rng = {4};
    for (int k = 0; k < 2000; k++) {
        idx i = rng_below(&rng, LIVE);
        if (code[i]) {
            shoal_codegen_api()->unload(code[i]);
            code[i] = NULL;
            continue;
        }
        at[i] =
            shoal_codegen_api()->load(t.object.bytes, t.object.size, &code[i], &t.err);
        assert_non_null(at[i]);
        t.in[0].i = k;
        memcpy(&t.code, &at[i], sizeof t.code);
        assert_int_equal(cgt_run(&t), OK);
        assert_int_equal(t.out[0].i, (int64_t)k * k);
    }
    for (int i = 0; i < LIVE; i++)
        shoal_codegen_api()->unload(code[i]);
    cgt_unload(&t);
    cgt_free(&t);
}

/* The linker that does without LLVM: the same code runs, many live at once. */
static void test_link(void **state)
{
    (void)state;
    enum { LIVE = 50 };
    CgTest t;
    build_scalar(&t);
    cgt_compile(&t, 1);
    Linked *code[LIVE] = {0};
    for (int k = 0; k < LIVE; k++) {
        void *at = link_load(t.object.bytes, t.object.size, &code[k]);
        assert_non_null(at);
        t.in[0].i = k;
        memcpy(&t.code, &at, sizeof t.code);
        assert_int_equal(cgt_run(&t), OK);
        assert_int_equal(t.out[0].i, (int64_t)k * k);
    }
    for (int k = 0; k < LIVE; k++)
        link_free(code[k]);
    cgt_unload(&t);
    cgt_free(&t);
}

/* What is cut short or not an object is left to LLVM, which says what is wrong. */
static void test_link_refuses(void **state)
{
    (void)state;
    CgTest t;
    Linked *code;
    build_scalar(&t);
    cgt_compile(&t, 1);
    uint8_t *bytes = arena_alloc(t.fn->arena, t.object.size);
    for (size_t n = 0; n < t.object.size; n += 8) {
        memcpy(bytes, t.object.bytes, n);
        assert_null(link_load(bytes, n, &code));
        assert_null(code);
    }
    link_free(NULL);
    cgt_unload(&t);
    cgt_free(&t);
}

static void test_bad_object(void **state)
{
    (void)state;
    struct ShoalCode *code;
    Err err;
    err_clear(&err);
    uint8_t bytes[64] = "this is no object";
    assert_null(shoal_codegen_api()->load(bytes, sizeof bytes, &code, &err));
    assert_int_equal(err.code, E_INTERNAL);
    assert_null(code);
}

/* An op that is not lowered is a compile error, and the next compile works. */
static void test_compile_error(void **state)
{
    (void)state;
    CgTest t;
    Type c = type_col(DT_F64);
    cgt_begin(&t, 1, &c);
    Region *r = t.fn->body;
    Val *v = cgt_op(&t, r, OP_NEG, c, 1, &r->param[0]);
    v->axis = r->param[0].axis;
    cgt_end(&t, r, OP_RETURN, 1, v);
    if (setjmp(t.env) == 0) {
        CodegenOptions o = {.opt = 1};
        (void)shoal_codegen_api()->emit(t.fn, &o);
        fail_msg("no error");
    }
    assert_int_equal(t.err.code, E_INTERNAL);
    cgt_free(&t);
    build_scalar(&t);
    cgt_compile(&t, 1);
    cgt_unload(&t);
    cgt_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_axpy_vectorises),
        cmocka_unit_test(test_masked_sum_vectorises),
        cmocka_unit_test(test_ifs_vectorise),
        cmocka_unit_test(test_load_unload),
        cmocka_unit_test(test_link),
        cmocka_unit_test(test_link_refuses),
        cmocka_unit_test(test_bad_object),
        cmocka_unit_test(test_compile_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
