/* SPDX-License-Identifier: Apache-2.0
 * Functions nobody may call: a use is a compile error that says what to use instead.
 *
 * The build includes this file before every source of src/ (-include), so nobody can
 * forget it. It includes the headers that declare the functions first, then hides them
 * behind macros. base/arena.c and array/buf.c own the heap and are built with
 * SHOAL_ALLOCATES; programs of their own (the supervisor) are built without this file.
 */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define BANNED(name, instead) banned_##name##_use_##instead

#undef strcpy
#define strcpy(...) BANNED(strcpy, memcpy)
#undef strcat
#define strcat(...) BANNED(strcat, snprintf)
#undef strncpy
#define strncpy(...) BANNED(strncpy, memcpy)
#undef strncat
#define strncat(...) BANNED(strncat, snprintf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef strtok
#define strtok(...) BANNED(strtok, strtok_r)
#undef atoi
#define atoi(...) BANNED(atoi, strtol)
#undef atol
#define atol(...) BANNED(atol, strtol)
#undef atof
#define atof(...) BANNED(atof, strtod)
#undef alloca
#define alloca(...) BANNED(alloca, arena)
#undef rand
#define rand(...) BANNED(rand, counter_based_numbers)
#undef gmtime
#define gmtime(...) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(...) BANNED(localtime, localtime_r)
#undef ctime
#define ctime(...) BANNED(ctime, strftime)
#undef asctime
#define asctime(...) BANNED(asctime, strftime)

#ifndef SHOAL_ALLOCATES
#    undef malloc
#    define malloc(...) BANNED(malloc, arena_or_buf)
#    undef calloc
#    define calloc(...) BANNED(calloc, arena_or_buf)
#    undef realloc
#    define realloc(...) BANNED(realloc, arena_or_buf)
#    undef free
#    define free(...) BANNED(free, arena_or_buf)
#    undef strdup
#    define strdup(...) BANNED(strdup, arena_or_buf)
#    undef strndup
#    define strndup(...) BANNED(strndup, arena_or_buf)
#endif
