/* SPDX-License-Identifier: Apache-2.0
 * Byte offsets of the fields of an Array that compiled code reads. Included by codegen,
 * which knows no other header of this folder; array.c asserts that they are right.
 */
#pragma once

enum {
    ARRAY_AT_N = 0,
    ARRAY_AT_DATA = 8,
    ARRAY_AT_VALID = 16,
    ARRAY_AT_OFF = 24,
    ARRAY_AT_BYTES = 32,
    ARRAY_AT_DICT = 40,
    ARRAY_AT_PROMOTED = 48,
};
