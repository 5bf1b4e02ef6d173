/* SPDX-License-Identifier: Apache-2.0
 * The words every file uses: row counts, status codes, attributes and the two
 * kinds of assertion. Stays below 200 lines and includes no project header but
 * banned.h, which is included by the .c files' build flags (-include).
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t idx; /* a number of rows, or a row's number; signed */
typedef int Status;  /* OK or an error code of errors.def */

#define MUST_USE     __attribute__((warn_unused_result))
#define NORETURN     __attribute__((noreturn))
#define NONNULL      __attribute__((returns_nonnull))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))
#define COLD         __attribute__((cold, noinline))
#define UNUSED       __attribute__((unused))
#define LIKELY(x)    __builtin_expect(!!(x), 1)
#define UNLIKELY(x)  __builtin_expect(!!(x), 0)
#define COUNT_OF(a)  ((idx)(sizeof(a) / sizeof((a)[0])))

/* Return the callee's status when it failed. For functions that own nothing yet. */
#define TRY(call)                                                                      \
    do {                                                                               \
        Status try_status_ = (call);                                                   \
        if (UNLIKELY(try_status_ != 0)) return try_status_;                            \
    } while (0)

/* ASSERT is for our mistakes and only on in debug builds; BUG is always on. */
NORETURN COLD void bug_at(const char *file, int line, const char *fmt, ...)
    PRINTF(3, 4);
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
#ifdef NDEBUG
#    define ASSERT(cond) ((void)0)
#else
#    define ASSERT(cond)                                                               \
        do {                                                                           \
            if (UNLIKELY(!(cond))) BUG("assertion failed: %s", #cond);                 \
        } while (0)
#endif

static inline idx idx_min(idx a, idx b)
{
    return a < b ? a : b;
}
static inline idx idx_max(idx a, idx b)
{
    return a > b ? a : b;
}
