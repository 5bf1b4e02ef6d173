/* SPDX-License-Identifier: Apache-2.0
 * Philox 4x32-10. Each round multiplies two of four words by constants and mixes the
 * halves of the products with the others and the key; the key goes up by a Weyl
 * sequence. Blocks of many counters are made side by side, so that the multiplications
 * of a round become vector instructions.
 */
#include "kernel/random.h"

enum { ROUNDS = 10, LANES = 16, WORDS = 2 * LANES };
#define MUL0  0xD2511F53u
#define MUL1  0xCD9E8D57u
#define WEYL0 0x9E3779B9u
#define WEYL1 0xBB67AE85u

void philox_block(uint64_t key, uint64_t row, uint64_t block, uint64_t out[2])
{
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    uint32_t a = (uint32_t)row, b = (uint32_t)(row >> 32), c = (uint32_t)block,
             d = (uint32_t)(block >> 32);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t p = (uint64_t)MUL0 * a, q = (uint64_t)MUL1 * c;
        a = (uint32_t)(q >> 32) ^ b ^ k0;
        c = (uint32_t)(p >> 32) ^ d ^ k1;
        b = (uint32_t)q;
        d = (uint32_t)p;
        k0 += WEYL0;
        k1 += WEYL1;
    }
    out[0] = a | (uint64_t)b << 32;
    out[1] = c | (uint64_t)d << 32;
}

/* Blocks (row, 0) .. (row + LANES - 1, 0), all words of one kind beside each other. */
static void philox_lanes(uint64_t key, uint64_t row, uint64_t *out)
{
    uint32_t a[LANES], b[LANES], c[LANES], d[LANES];
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int i = 0; i < LANES; i++) {
        a[i] = (uint32_t)(row + (uint64_t)i);
        b[i] = (uint32_t)((row + (uint64_t)i) >> 32);
        c[i] = d[i] = 0;
    }
    for (int r = 0; r < ROUNDS; r++) {
        for (int i = 0; i < LANES; i++) {
            uint64_t p = (uint64_t)MUL0 * a[i], q = (uint64_t)MUL1 * c[i];
            uint32_t x = (uint32_t)(q >> 32) ^ b[i] ^ k0;
            uint32_t y = (uint32_t)(p >> 32) ^ d[i] ^ k1;
            b[i] = (uint32_t)q;
            d[i] = (uint32_t)p;
            a[i] = x;
            c[i] = y;
        }
        k0 += WEYL0;
        k1 += WEYL1;
    }
    for (idx i = 0; i < LANES; i++) {
        out[2 * i] = a[i] | (uint64_t)b[i] << 32;
        out[2 * i + 1] = c[i] | (uint64_t)d[i] << 32;
    }
}

void philox_words(uint64_t key, uint64_t first, idx n, uint64_t *out)
{
    idx i = 0;
    uint64_t pair[2];
    if (n > 0 && (first & 1)) {
        philox_block(key, first >> 1, 0, pair);
        out[i++] = pair[1];
    }
    for (; i + WORDS <= n; i += WORDS)
        philox_lanes(key, (first + (uint64_t)i) >> 1, out + i);
    for (; i < n; i += 2) {
        philox_block(key, (first + (uint64_t)i) >> 1, 0, pair);
        out[i] = pair[0];
        if (i + 1 < n) out[i + 1] = pair[1];
    }
}
