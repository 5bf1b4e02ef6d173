/* SPDX-License-Identifier: Apache-2.0
 * Random generators while the function is evaluated. A generator is a cell of the heap
 * that holds the values of its state, so that branches and loops join them like any
 * variables:
 *   key, row, block, half      what the next word is made of (kernel/random.h)
 *   hi, lo, inc_hi, inc_lo     PCG64's state, of default_rng only
 * A single draw takes a half of a block, an array or a prange takes a block and makes a
 * key of its own from it. In a prange the state is private: row is the loop's index, so
 * that the numbers of an iteration do not depend on who runs it.
 */
#pragma once
#include "front/front_int.h"

enum { RNG_KEY, RNG_ROW, RNG_BLOCK, RNG_HALF, RNG_HI, RNG_LO, RNG_INC_HI, RNG_INC_LO };
enum { RNG_LEGACY = 4, RNG_PCG = 8 }; /* items of a state */

typedef struct Rngs {
    VEC(int32_t) cell; /* of all generators */
    int32_t legacy;    /* np.random's own */
    int32_t fresh;     /* seeds of unseeded default_rng() */
    Val *entropy;      /* equal on all ranks; its node is made when it is used */
    bool placed;
    int64_t ndraw; /* draws evaluated so far: tells whether a body draws */
} Rngs;

void rng_init(Front *f);
AVal *rng_new(Front *f, Val *seed); /* of default_rng; seed NULL: unseeded */
void rng_reseed(Front *f, int32_t cell, Val *seed);
/* The next word of the generator (int64). */
Val *rng_word(Front *f, int32_t cell);
/* A key that nothing else uses, for the rows of an array or a draw of many words. */
Val *rng_key(Front *f, int32_t cell);
/* A float64 in [0, 1): of default_rng outside of pranges NumPy's own. */
Val *rng_unit(Front *f, int32_t cell);
/* PCG64's state before the next number, moved on by n steps; false: it has none here.
 */
bool rng_pcg(Front *f, int32_t cell, Val *n, Val *out[4]);

/* Around the body of a prange or of a function of each row. */
void rng_enter(Front *f, Val *index); /* states are those of iteration `index` */
void rng_leave(Front *f);             /* the outer states move on */
