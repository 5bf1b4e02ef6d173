/* SPDX-License-Identifier: Apache-2.0
 * The code generator's module, and code that is compiled while a program runs
 * (Host.late). Each late function is compiled once in a process, or found in the disk
 * cache, and stays until the process ends: a function that is dropped and compiled anew
 * meets its own again. Knows no Python but through its caller.
 */
#include "codegen/cache.h"
#include "codegen/link.h"
#include "py/py.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

typedef struct Known {
    CacheKey key;
    void *at;
} Known;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const CodegenApi *api;
static char path_of[4096];
static VEC(Known) known; /* in memory, as the functions */
static Arena *memory;

/* -- The module ----------------------------------------------------------------------
 */

static const CodegenApi *load_locked(const char *path, const char **why)
{
    if (api) return api;
    void *so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *sym = so ? dlsym(so, "shoal_codegen_api") : NULL;
    if (!sym) {
        *why = dlerror();
        return NULL;
    }
    const CodegenApi *(*get)(void);
    memcpy(&get, &sym, sizeof get);
    return api = get();
}

const CodegenApi *py_codegen(const char *path, const char **why)
{
    pthread_mutex_lock(&lock);
    const CodegenApi *found = load_locked(path, why);
    pthread_mutex_unlock(&lock);
    return found;
}

void py_codegen_at(const char *path)
{
    pthread_mutex_lock(&lock);
    if (!*path_of) snprintf(path_of, sizeof path_of, "%s", path);
    pthread_mutex_unlock(&lock);
}

/* -- Late functions ---------------------------------------------------------------- */

static void *link_object(const Object *o, Err *err)
{
    Linked *linked;
    struct ShoalCode *code;
    void *at = link_load(o->bytes, o->size, &linked);
    const char *why = "";
    if (at) return at;
    if (load_locked(path_of, &why)) return api->load(o->bytes, o->size, &code, err);
    (void)err_set(err, E_RUNTIME, "cannot load the code generator: %s", why);
    return NULL;
}

static void *compile(Arena *a, CacheKey key, const LateCode *code, Err *err)
{
    Object o;
    const char *why = "";
    if (cache_get(a, key, &o)) return link_object(&o, err);
    if (!load_locked(path_of, &why)) {
        (void)err_set(err, E_RUNTIME, "cannot load the code generator: %s", why);
        return NULL;
    }
    if (!api->late(a, code, &o, err)) return NULL;
    cache_put(a, key, &o);
    return link_object(&o, err);
}

static void *find(CacheKey key)
{
    vec_each (i, &known)
        if (memcmp(&known.at[i].key, &key, sizeof key) == 0) return known.at[i].at;
    return NULL;
}

static void *late_locked(const LateCode *code, Err *err)
{
    CacheKey key = {
        {code->key[0], code->key[1]}
    };
    void *at = find(key);
    if (at) return at;
    if (!memory) memory = arena_new();
    Arena *a = arena_new();
    if (a && memory) {
        at = compile(a, cache_late_key(code), code, err);
    } else {
        (void)err_set(err, E_MEMORY, "no memory to compile");
    }
    if (a) arena_free(a);
    Known k = {key, at};
    if (at) vec_push(memory, &known, k);
    return at;
}

Status py_late(void *data, const LateCode *code, void **out, Err *err)
{
    (void)data;
    pthread_mutex_lock(&lock);
    *out = late_locked(code, err);
    pthread_mutex_unlock(&lock);
    return err->code;
}
