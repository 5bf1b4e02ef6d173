/* SPDX-License-Identifier: Apache-2.0
 * Objects into this process. One LLJIT for the process, made at the first load; each
 * object gets a JITDylib of its own, because all define shoal_main, and a resource
 * tracker by which its memory is freed. Emptied dylibs are used again.
 *
 * Objects have no external symbols but the few that LLVM's code generator may call by
 * itself (memcpy and the like): each dylib defines them as absolute addresses. Nothing
 * of the process is searched, so another LLVM in it is never met.
 */
#include "codegen/cg.h"

#include "base/cx.h"

#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { MAX_CODE = 4096 };

struct ShoalCode {
    LLVMOrcJITDylibRef dylib;
    LLVMOrcResourceTrackerRef tracker; /* NULL: free */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static LLVMOrcLLJITRef jit;
static struct ShoalCode codes[MAX_CODE]; /* slots of dylibs, reused */
static int ncode;

/* -- The machine ---------------------------------------------------------------- */

/* The reduction of strength in loops takes up to a third of the code generation; it
 * makes of addresses like a[i] and a[i + 1] one pointer each, which is slower. */
static void init_llvm(void)
{
    static const char *const options[] = {"shoal", "-disable-lsr"};
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    LLVMParseCommandLineOptions(COUNT_OF(options), options, NULL);
}

static LLVMTargetMachineRef new_machine(int opt, Err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_llvm);
    char *triple = LLVMGetDefaultTargetTriple(), *bad = NULL;
    char *cpu = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures();
    LLVMTargetRef target;
    LLVMTargetMachineRef tm = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &bad)) {
        (void)err_set(err, E_INTERNAL, "no LLVM target %s: %s", triple, bad);
        LLVMDisposeMessage(bad);
    } else {
        LLVMCodeGenOptLevel level =
            opt ? LLVMCodeGenLevelDefault : LLVMCodeGenLevelNone;
        tm = LLVMCreateTargetMachine(target, triple, cpu, features, level, LLVMRelocPIC,
                                     LLVMCodeModelSmall);
        if (!tm) (void)err_set(err, E_INTERNAL, "no LLVM machine for %s", triple);
    }
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    return tm;
}

/* What it learns of the processor, when it compiles its first function, takes 0.6 ms:
 * one of each kind waits to be used again. */
static _Atomic(LLVMTargetMachineRef) waiting[2];

LLVMTargetMachineRef cg_machine_take(int opt, Err *err)
{
    LLVMTargetMachineRef tm = atomic_exchange(&waiting[opt != 0], NULL);
    return tm ? tm : new_machine(opt, err);
}

void cg_machine_put(int opt, LLVMTargetMachineRef tm)
{
    tm = atomic_exchange(&waiting[opt != 0], tm);
    if (tm) LLVMDisposeTargetMachine(tm);
}

/* -- Loading -------------------------------------------------------------------- */

static bool failed(LLVMErrorRef e, const char *what, Err *err)
{
    if (!e) return false;
    char *m = LLVMGetErrorMessage(e);
    (void)err_set(err, E_INTERNAL, "%s: %s", what, m);
    LLVMDisposeErrorMessage(m);
    return true;
}

static LLVMOrcCSymbolMapPair symbol(LLVMOrcExecutionSessionRef es, const char *name,
                                    uint64_t at)
{
    LLVMOrcCSymbolMapPair p = {0};
    p.Name = LLVMOrcExecutionSessionIntern(es, name);
    p.Sym.Address = at;
    p.Sym.Flags.GenericFlags =
        LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable;
    return p;
}

#define AT(f) (uint64_t)(uintptr_t)(f)

static LLVMErrorRef define_libc(LLVMOrcExecutionSessionRef es, LLVMOrcJITDylibRef jd)
{
    LLVMOrcCSymbolMapPair pair[] = {
        symbol(es, "memcpy", AT(memcpy)),   symbol(es, "memset", AT(memset)),
        symbol(es, "memmove", AT(memmove)), symbol(es, "floor", AT(floor)),
        symbol(es, "ceil", AT(ceil)),       symbol(es, "trunc", AT(trunc)),
        symbol(es, "rint", AT(rint)),       symbol(es, "floorf", AT(floorf)),
        symbol(es, "ceilf", AT(ceilf)),     symbol(es, "truncf", AT(truncf)),
        symbol(es, "rintf", AT(rintf)),
    };
    return LLVMOrcJITDylibDefine(
        jd, LLVMOrcAbsoluteSymbols(pair, sizeof pair / sizeof *pair));
}

static LLVMOrcExecutionSessionRef session(void)
{
    return LLVMOrcLLJITGetExecutionSession(jit);
}

static bool open_jit(Err *err)
{
    Err unused;
    err_clear(&unused);
    if (jit) return true;
    LLVMTargetMachineRef tm = cg_machine_take(1, err); /* initialises the target */
    if (!tm) return false;
    cg_machine_put(1, tm);
    return !failed(LLVMOrcCreateLLJIT(&jit, NULL), "LLVM's linker", err);
}

/* A slot with an empty dylib. */
static struct ShoalCode *take_code(Err *err)
{
    for (int i = 0; i < ncode; i++)
        if (!codes[i].tracker) return &codes[i];
    if (ncode == MAX_CODE) {
        (void)err_set(err, E_INTERNAL, "more than %d compiled functions", MAX_CODE);
        return NULL;
    }
    char name[32];
    snprintf(name, sizeof name, "shoal.%d", ncode);
    struct ShoalCode *c = &codes[ncode];
    c->dylib = LLVMOrcExecutionSessionCreateBareJITDylib(session(), name);
    if (failed(define_libc(session(), c->dylib), "LLVM's linker", err)) return NULL;
    ncode++;
    return c;
}

typedef struct Found {
    void *at;
    Err *err;
} Found;

static void on_found(LLVMErrorRef e, LLVMOrcCSymbolMapPairs result, size_t n,
                     void *data)
{
    Found *f = data;
    if (failed(e, "linking compiled code", f->err)) return;
    if (n) f->at = (void *)(uintptr_t)result[0].Sym.Address; // NOLINT
}

static void *find_main(LLVMOrcJITDylibRef jd, Err *err)
{
    Found f = {NULL, err};
    LLVMOrcCJITDylibSearchOrderElement in = {jd,
                                             LLVMOrcJITDylibLookupFlagsMatchAllSymbols};
    LLVMOrcCLookupSetElement want = {
        LLVMOrcExecutionSessionIntern(session(), "shoal_main"),
        LLVMOrcSymbolLookupFlagsRequiredSymbol};
    LLVMOrcExecutionSessionLookup(session(), LLVMOrcLookupKindStatic, &in, 1, &want, 1,
                                  on_found, &f);
    return f.at;
}

static void drop(struct ShoalCode *c)
{
    Err unused;
    err_clear(&unused);
    (void)failed(LLVMOrcResourceTrackerRemove(c->tracker), "unload", &unused);
    LLVMOrcReleaseResourceTracker(c->tracker);
    c->tracker = NULL;
}

static void *load_locked(const uint8_t *bytes, size_t size, struct ShoalCode **code,
                         Err *err)
{
    if (!open_jit(err)) return NULL;
    struct ShoalCode *c = take_code(err);
    if (!c) return NULL;
    LLVMMemoryBufferRef buf =
        LLVMCreateMemoryBufferWithMemoryRangeCopy((const char *)bytes, size, "shoal.o");
    c->tracker = LLVMOrcJITDylibCreateResourceTracker(c->dylib);
    if (failed(LLVMOrcLLJITAddObjectFileWithRT(jit, c->tracker, buf), "compiled code",
               err)) {
        drop(c);
        return NULL;
    }
    void *at = find_main(c->dylib, err);
    if (!at) {
        if (err->code == OK) (void)err_set(err, E_INTERNAL, "compiled code is empty");
        drop(c);
        return NULL;
    }
    *code = c;
    return at;
}

void *jit_load(const uint8_t *bytes, size_t size, struct ShoalCode **code, Err *err)
{
    *code = NULL;
    pthread_mutex_lock(&lock);
    void *at = load_locked(bytes, size, code, err);
    pthread_mutex_unlock(&lock);
    return at;
}

void jit_unload(struct ShoalCode *code)
{
    if (!code) return;
    pthread_mutex_lock(&lock);
    drop(code);
    pthread_mutex_unlock(&lock);
}

/* -- The module's face ---------------------------------------------------------- */

static const char *llvm_version(void)
{
    static char text[32];
    unsigned a, b, c;
    LLVMGetVersion(&a, &b, &c);
    snprintf(text, sizeof text, "%u.%u.%u", a, b, c);
    return text;
}

__attribute__((visibility("default"))) const CodegenApi *shoal_codegen_api(void)
{
    static const CodegenApi api = {cg_emit,      jit_load,      jit_unload,
                                   cg_late_emit, shoal_cpu_key, llvm_version};
    return &api;
}
