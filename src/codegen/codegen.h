/* SPDX-License-Identifier: Apache-2.0
 * IR in, object bytes out; object bytes in, a function pointer out. The only folder
 * that knows LLVM; built as shoal_llvm.so, loaded when first needed, one symbol
 * exported.
 *
 * The object defines one function `shoal_main` of type ShoalMain (rt/slot.h): no
 * external relocations: runtime calls go through the table argument by their row in
 * rt/calls.def, constants and attribute blobs are in the object.
 */
#pragma once
#include "base/host.h"
#include "ir/ir.h"

typedef struct Object {
    uint8_t *bytes; /* relocatable ELF, in the arena */
    size_t size;
} Object;

/* Of CodegenOptions.opt: the level, 0: no optimisation, 1: the slim pass list, 2:
 * default<O2>; and whether bounds that are not proved are left unchecked. */
enum { CG_LEVEL = 15, CG_UNCHECKED = 16 };

typedef struct CodegenOptions {
    int opt;   /* a level, | CG_UNCHECKED */
    bool dump; /* LLVM IR to stderr */
} CodegenOptions;

struct ShoalCode; /* linked code; freed by unload */

typedef struct CodegenApi {
    /* Throws through fn->err/fn->catch_ on failure. fn is lowered: see pass/pass.h. */
    Object (*emit)(Fn *fn, const CodegenOptions *opt);
    /* Link an object in this process with LLVM's linker; link.h does it without.
     * Returns the ShoalMain, NULL and *err on failure.
     */
    void *(*load)(const uint8_t *bytes, size_t size, struct ShoalCode **code, Err *err);
    void (*unload)(struct ShoalCode *code);
    /* Late code to an object in the arena, of which shoal_main is the function; false
     * and *err on failure. */
    bool (*late)(Arena *arena, const LateCode *code, Object *out, Err *err);
    const char *(*cpu_key)(
        void); /* CPU name and features: objects of another key don't run */
    const char *(*version)(void); /* "19.1.7" */
} CodegenApi;

/* The module's only exported symbol. */
const CodegenApi *shoal_codegen_api(void);
