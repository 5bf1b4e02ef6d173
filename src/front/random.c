/* SPDX-License-Identifier: Apache-2.0
 * States of random generators: see random.h. Numbers of blocks count up from 0; arrays
 * and loops mark theirs with a high bit, so that no block is used twice.
 */
#include "base/base.h"

#include "front/random.h"

static const int64_t OWN_KEY = INT64_C(1) << 62;

static AVal *state(Front *f, int32_t cell)
{
    AVal *v = heap_var(f, cell);
    if (!v || v->kind != A_TUPLE)
        front_unsup(f, UNSUP_VALUE,
                    "this random generator differs between the paths that lead here");
    return v;
}

static void set_state(Front *f, int32_t cell, const AVal *old, int at, AVal *v)
{
    AVal *s = av_tuple(f, old->item, old->n);
    s->item[at] = v;
    heap_set_var(f, cell, s);
}

/* -- Seeds ------------------------------------------------------------------------- */
/* The node stands first in the function, whatever branch asks for it first. */
static Val *entropy(Front *f)
{
    Rngs *r = f->rng;
    if (r->placed) return r->entropy;
    Region *body = f->fn->body;
    Loc none = {0};
    Node *n = node_new(f->fn, OP_ENTROPY, none, 0, NULL, 0);
    n->inlined_at = -1;
    n->nres = 1;
    n->res = r->entropy;
    val_init(f->fn, r->entropy, r->entropy->type, NULL);
    r->entropy->def = n;
    if (body->first)
        node_insert_before(body->first, n);
    else
        node_append(body, n);
    r->placed = true;
    return r->entropy;
}

static AVal *fresh_state(Front *f, Val *key, int64_t row, int n)
{
    AVal *item[RNG_PCG];
    for (int i = 0; i < n; i++)
        item[i] = av_int(f, 0);
    item[RNG_KEY] = av_scalar(f, key);
    item[RNG_ROW] = av_int(f, row);
    return av_tuple(f, item, n);
}

static int32_t add_cell(Front *f, AVal *s)
{
    int32_t cell = heap_cell(f, C_VAR, s);
    vec_push(f->arena, &f->rng->cell, cell);
    return cell;
}

void rng_init(Front *f)
{
    Rngs *r = f->rng = ARENA_NEW(f->arena, Rngs);
    r->entropy = ARENA_NEW(f->arena, Val);
    r->entropy->type = type_scalar(DT_I64);
    r->legacy = add_cell(f, fresh_state(f, r->entropy, 0, RNG_LEGACY));
    r->fresh = add_cell(f, fresh_state(f, r->entropy, 1, RNG_LEGACY));
}

static Node *seeded(Front *f, Val *seed)
{
    f->rng->ndraw++;
    entropy(f);
    Node *n = node_put(f, f->at, OP_RANDSEED, &seed, 1, 5);
    for (int i = 0; i < 5; i++)
        n->res[i].type = type_scalar(DT_I64);
    return n;
}

void rng_reseed(Front *f, int32_t cell, Val *seed)
{
    Val *key = seed ? &seeded(f, seed)->res[0] : rng_key(f, f->rng->fresh);
    heap_set_var(f, cell, fresh_state(f, key, 0, RNG_LEGACY));
}

AVal *rng_new(Front *f, Val *seed)
{
    if (!seed) seed = rng_word(f, f->rng->fresh);
    Node *n = seeded(f, seed);
    AVal *s = fresh_state(f, &n->res[0], 0, RNG_PCG);
    for (int i = 0; i < 4; i++)
        s->item[RNG_HI + i] = av_scalar(f, &n->res[1 + i]);
    AVal *v = av_new_kind(f, A_RNG);
    v->obj = add_cell(f, s);
    return v;
}

/* -- Words ------------------------------------------------------------------------- */
static Val *as_i64(Front *f, AVal *v)
{
    return front_cast(f, front_val(f, v), type_scalar(DT_I64));
}

static Val *word(Front *f, const AVal *s, AVal *block, int half)
{
    Val *in[3] = {as_i64(f, s->item[RNG_KEY]), as_i64(f, s->item[RNG_ROW]),
                  as_i64(f, block)};
    Val *v = val_put(f, OP_RANDWORD, in, 3, type_scalar(DT_I64), NULL);
    node_set_int(f->fn, v->def, "half", half);
    return v;
}

static AVal *plus(Front *f, AVal *a, AVal *b)
{
    AVal *v = lower_binop(f, AST_Add, a, b);
    if (v->kind == A_SCALAR) v->i = 1;
    return v;
}

Val *rng_word(Front *f, int32_t cell)
{
    f->rng->ndraw++;
    entropy(f);
    AVal *s = state(f, cell), *half = s->item[RNG_HALF], *block = s->item[RNG_BLOCK];
    Val *v;
    if (half->kind == A_CONST) {
        v = word(f, s, block, half->i != 0);
        set_state(f, cell, s, RNG_HALF, av_int(f, !half->i));
        if (half->i)
            set_state(f, cell, state(f, cell), RNG_BLOCK, plus(f, block, av_int(f, 1)));
        return v;
    }
    AVal *second = front_elem(f, OP_NE, (AVal *[]){half, av_int(f, 0)}, 2);
    AVal *two[3] = {second, av_scalar(f, word(f, s, block, 1)),
                    av_scalar(f, word(f, s, block, 0))};
    v = front_val(f, front_elem(f, OP_SELECT, two, 3));
    AVal *other = lower_binop(f, AST_Sub, av_int(f, 1), half);
    other->i = 1;
    set_state(f, cell, s, RNG_BLOCK, plus(f, block, half));
    set_state(f, cell, state(f, cell), RNG_HALF, other);
    return v;
}

/* Moves on to an unused block and gives a key made from the one left behind. */
static Val *take_key(Front *f, int32_t cell)
{
    AVal *s = state(f, cell), *block = s->item[RNG_BLOCK];
    Val *key = word(f, s, plus(f, block, av_int(f, OWN_KEY)), 0);
    set_state(f, cell, s, RNG_BLOCK, plus(f, block, av_int(f, 1)));
    set_state(f, cell, state(f, cell), RNG_HALF, av_int(f, 0));
    return key;
}

Val *rng_key(Front *f, int32_t cell)
{
    f->rng->ndraw++;
    entropy(f);
    return take_key(f, cell);
}

/* -- PCG64 ------------------------------------------------------------------------- */
static bool pcg_words(Front *f, const AVal *s, Val *out[4])
{
    if (s->n < RNG_PCG) return false;
    for (int i = 0; i < 4; i++)
        out[i] = as_i64(f, s->item[RNG_HI + i]);
    return true;
}

static void set_pcg(Front *f, int32_t cell, Val *hi, Val *lo)
{
    AVal *s = state(f, cell);
    AVal *v = av_tuple(f, s->item, s->n);
    v->item[RNG_HI] = av_scalar(f, hi);
    v->item[RNG_LO] = av_scalar(f, lo);
    heap_set_var(f, cell, v);
}

static Val *pcg_step(Front *f, Val *const *in, int part)
{
    Val *v = val_put(f, OP_PCGSTEP, in, 4, type_scalar(DT_I64), NULL);
    node_set_int(f->fn, v->def, "part", part);
    return v;
}

Val *rng_unit(Front *f, int32_t cell)
{
    Val *in[4];
    Type real = type_scalar(DT_F64);
    if (!pcg_words(f, state(f, cell), in)) {
        Val *w = rng_word(f, cell);
        return val_put(f, OP_RANDUNIT, &w, 1, real, NULL);
    }
    f->rng->ndraw++;
    Val *w = pcg_step(f, in, 2);
    set_pcg(f, cell, pcg_step(f, in, 0), pcg_step(f, in, 1));
    return val_put(f, OP_PCGUNIT, &w, 1, real, NULL);
}

bool rng_pcg(Front *f, int32_t cell, Val *n, Val *out[4])
{
    if (!pcg_words(f, state(f, cell), out)) return false;
    f->rng->ndraw++;
    Val *in[5] = {out[0], out[1], out[2], out[3], n};
    Node *j = node_put(f, f->at, OP_PCGJUMP, in, 5, 2);
    for (int i = 0; i < 2; i++)
        j->res[i].type = type_scalar(DT_I64);
    set_pcg(f, cell, &j->res[0], &j->res[1]);
    return true;
}

/* -- Parallel bodies --------------------------------------------------------------- */
void rng_enter(Front *f, Val *index)
{
    entropy(f);
    idx n = f->rng->cell.n; /* states of an inner body have no PCG64 of their own */
    for (idx i = 0; i < n; i++) {
        int32_t cell = f->rng->cell.at[i];
        AVal *s = heap_var(f, cell);
        if (!s || s->kind != A_TUPLE) continue;
        AVal *in = fresh_state(f, take_key(f, cell), 0, RNG_LEGACY);
        in->item[RNG_ROW] = av_scalar(f, index);
        in->item[RNG_ROW]->i = 1;
        heap_set_var(f, cell, in);
    }
}

void rng_leave(Front *f)
{
    for (idx i = 0; i < f->rng->cell.n; i++) {
        int32_t cell = f->rng->cell.at[i];
        AVal *s = heap_var(f, cell);
        if (!s || s->kind != A_TUPLE) continue;
        set_state(f, cell, s, RNG_BLOCK, plus(f, s->item[RNG_BLOCK], av_int(f, 1)));
        set_state(f, cell, state(f, cell), RNG_HALF, av_int(f, 0));
    }
}
