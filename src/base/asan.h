/* SPDX-License-Identifier: Apache-2.0
 * What allocators tell the address sanitizer: memory that nobody may touch now. Nothing
 * in other builds.
 */
#pragma once

#if defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define SHOAL_ASAN 1
#    endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#    define SHOAL_ASAN 1
#endif

#ifdef SHOAL_ASAN
#    include <sanitizer/asan_interface.h>
#    define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#    define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#    define SHOAL_ASAN     0
#    define POISON(p, n)   ((void)(p), (void)(n))
#    define UNPOISON(p, n) ((void)(p), (void)(n))
#endif
