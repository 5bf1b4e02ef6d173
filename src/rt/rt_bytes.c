/* SPDX-License-Identifier: Apache-2.0
 * Calls on bytes that compiled code owns; see rt_string.c. What is the same for text
 * and bytes (joining, searching, cutting) is there, with positions in bytes ({raw}).
 */
#include "rt/rt_obj.h"

#include <string.h>

#define T(k) rt_text3(in, k)
#define GIVE(call)                                                                     \
    Text3 r = {0};                                                                     \
    TRY(call);                                                                         \
    rt_text_out(out, 0, r);                                                            \
    return OK

int32_t rt_bytes_strip(OBJ_ARGS)
{
    Text3 chars = nin > 2 ? T(2) : (Text3){.n = -1};
    GIVE(bytes_strip(cx, T(0), (char)attr_int(at, "side", 'b'), chars, &r));
}

int32_t rt_bytes_split(OBJ_ARGS) /* bytes, most */
{
    const ObjType *lt;
    List *l;
    TRY(rt_objtype(cx, at, &lt));
    TRY(bytes_split(cx, T(0), in[2].i, attr_int(at, "right", 0) != 0, lt, &l));
    out[0].ptr = l;
    return OK;
}

int32_t rt_bytes_replace(OBJ_ARGS)
{
    GIVE(bytes_replace(cx, T(0), T(2), T(4), in[6].i, &r));
}

int32_t rt_bytes_case(OBJ_ARGS)
{
    GIVE(bytes_case(cx, T(0), (char)attr_int(at, "what", 'u'), &r));
}

int32_t rt_bytes_is(OBJ_ARGS)
{
    out[0].i = bytes_kind(T(0), (char)attr_int(at, "what", 'a'));
    return OK;
}

int32_t rt_bytes_hex(OBJ_ARGS)
{
    GIVE(bytes_hex(cx, T(0), &r));
}

int32_t rt_bytes_fromhex(OBJ_ARGS)
{
    GIVE(bytes_unhex(cx, T(0), &r));
}

int32_t rt_bytes_decode(OBJ_ARGS)
{
    GIVE(bytes_decode(cx, T(0), (char)attr_int(at, "as", 'u'),
                      (char)attr_int(at, "how", 's'), &r));
}

int32_t rt_bytes_encode(OBJ_ARGS)
{
    GIVE(bytes_encode(cx, T(0), (char)attr_int(at, "as", 'u'),
                      (char)attr_int(at, "how", 's'), &r));
}

int32_t rt_bytes_list(OBJ_ARGS) /* list of int64 */
{
    const List *l = in[0].ptr;
    GIVE(bytes_of_ints(cx, (const int64_t *)(const void *)l->data, l->n, &r));
}

int32_t rt_bytes_zeros(OBJ_ARGS) /* n */
{
    Text3 zero = {(const uint8_t *)"", 1, NULL};
    if (in[0].i < 0) return fail(cx, E_VALUE, "negative count");
    GIVE(text_repeat(cx, zero, in[0].i, &r));
}
