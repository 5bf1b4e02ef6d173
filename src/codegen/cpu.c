/* SPDX-License-Identifier: Apache-2.0
 * A text that is equal on machines that can run each other's objects: the raw feature
 * words of the processor. Knows nothing of LLVM, so that the disk cache can be asked
 * without it.
 */
#include "base/base.h"

#include "codegen/cpu.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#    include <cpuid.h>
#else
#    include <sys/auxv.h>
#    include <sys/utsname.h>
#endif

static char key[256];

#if defined(__x86_64__)
static void put_leaf(unsigned leaf, unsigned sub, unsigned mask)
{
    unsigned r[4] = {0};
    if (!__get_cpuid_count(leaf, sub, &r[0], &r[1], &r[2], &r[3]))
        memset(r, 0, sizeof r);
    size_t n = strlen(key);
    for (int i = 0; i < 4; i++) {
        if (!(mask >> i & 1)) continue;
        n += (size_t)snprintf(key + n, sizeof key - n, "-%x", r[i]);
    }
}

/* Which register states the system saves: without it wide vectors must not be used. */
static unsigned saved_states(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return 0;
    __asm__("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
    return a;
}

static void make_key(void)
{
    snprintf(key, sizeof key, "x86_64-%x", saved_states());
    put_leaf(0, 0, 2 | 4 | 8); /* vendor */
    put_leaf(1, 0, 1 | 4 | 8); /* model; features */
    put_leaf(7, 0, 2 | 4 | 8);
    put_leaf(7, 1, 1);
    put_leaf(0xd, 1, 1);
    put_leaf(0x80000001, 0, 4 | 8);
}
#else
static void make_key(void)
{
    struct utsname u;
    if (uname(&u)) memset(&u, 0, sizeof u);
    snprintf(key, sizeof key, "%.64s-%lx-%lx", u.machine, getauxval(AT_HWCAP),
             getauxval(AT_HWCAP2));
}
#endif

const char *shoal_cpu_key(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_key);
    return key;
}
