/* SPDX-License-Identifier: Apache-2.0
 * Byte offsets of what compiled code reads and writes in objects; object.c asserts that
 * they are right. Included by codegen, which knows no other header of this folder.
 *
 * An element of a container is its leaves (ir.h, comp_leaves) one behind the other,
 * each aligned to its own size, at most to 8: bool one byte, numbers their size, text
 * three words (pointer, length, owner), objects and arrays one pointer.
 */
#pragma once

enum {
    OBJ_IMMORTAL = 1, /* in place of an owner: text that is never freed */
    TEXT_NAN = -2,    /* length of text that is missing in a column: NaN for Python;
                       * any other negative length is None */
    OBJ_AT_REFS = 0,
    OBJ_AT_TYPE = 8,
    OBJ_AT_N = 24,    /* list, dict, set: number of elements */
    OBJ_AT_DATA = 32, /* list: elements; dict, set: entries */
    LIST_AT_CAP = 40,
    DICT_AT_USED = 40, /* entries in use, deleted ones too */
    ENTRY_AT_KEY = 8,  /* an entry: hash (0: deleted), key leaves, value leaves */
    TEXT_AT_BYTES = 24,
    NODE_AT_BODY = 32, /* the fields, as an element that is the tuple of them */
};
