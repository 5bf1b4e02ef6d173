/* SPDX-License-Identifier: Apache-2.0
 * Hash join. The build side's keys are numbered by a key table (a plain array when
 * their range is small); rows with the same number are listed together:
 *
 *     number -> start[number] .. start[number + 1] -> row[]     rows of a key,
 * ascending
 *
 * When every build row has a key of its own, the number is the row, and neither list
 * exists. Probing looks all keys up first and counts the pairs, so the result is
 * allocated once.
 */
#include "kernel/kernel.h"
#include "kernel/keytab.h"
#include "kernel/scratch.h"

struct JoinTab {
    KeyTab *keys;     /* the build keys */
    idx n;            /* build rows */
    idx nkey;         /* different build keys */
    bool unique;      /* a key is one row, and its number is the row's */
    Buf *list_buf;    /* start, then row */
    int64_t *start;   /* nkey + 1 places in row */
    uint32_t *row;    /* build rows by key */
    bool mark;        /* probes mark what they match */
    Buf *matched_buf; /* one byte per key */
    uint8_t *matched;
    Buf *
        row_matched_buf; /* not unique: one byte per build row, filled when asked for */
    uint8_t *row_matched;
};

/* Numbers of all build rows. */
static Status number_build(Cx *cx, JoinTab *j, const Table *keys, uint32_t *id)
{
    KeyBatch b;
    TRY(keytab_prepare(cx, j->keys, keys));
    for (idx at = 0; at < keys->n; at += BATCH) {
        idx n = idx_min(BATCH, keys->n - at);
        TRY(keytab_encode(cx, j->keys, keys, at, n, NULL, &b));
        TRY(keytab_add(cx, j->keys, b.word, b.n, id + at));
        TRY(cx_check(cx));
    }
    return OK;
}

/* Counts rows of each key, sums up, scatters: rows of a key stay in order. */
static Status list_rows(Cx *cx, JoinTab *j, const uint32_t *id)
{
    size_t starts = (size_t)(j->nkey + 1) * sizeof *j->start;
    TRY(buf_new(cx, starts + (size_t)j->n * sizeof *j->row, false, &j->list_buf));
    j->start = (int64_t *)(void *)j->list_buf->data;
    j->row = (uint32_t *)(void *)(j->list_buf->data + starts);
    memset(j->start, 0, starts);
    for (idx i = 0; i < j->n; i++)
        j->start[id[i]]++;
    int64_t at = 0;
    for (idx k = 0; k <= j->nkey; k++) { /* start[k]: end of key k - 1 so far */
        int64_t count = k < j->nkey ? j->start[k] : 0;
        j->start[k] = at;
        at += count;
    }
    for (idx i = 0; i < j->n; i++)
        j->row[j->start[id[i]]++] = (uint32_t)i;
    for (idx k = j->nkey; k > 0; k--)
        j->start[k] = j->start[k - 1];
    j->start[0] = 0;
    return OK;
}

static Status build(Cx *cx, JoinTab *j, const Table *keys)
{
    Scratch mem = {0};
    uint32_t *id = NULL;
    if (keys->n >= KEY_NONE)
        return fail(cx, E_OVERFLOW, "more than 4e9 rows to join with on one rank");
    TRY(keytab_new(cx, keys, false, keys->n, &j->keys));
    Status st = scratch_new(cx, &mem, keys->n, sizeof *id, false, &id);
    if (!st) st = number_build(cx, j, keys, id);
    if (!st) {
        j->nkey = keytab_count(j->keys);
        j->unique = j->nkey == j->n;
        if (!j->unique) st = list_rows(cx, j, id);
    }
    if (!st) st = buf_new(cx, (size_t)j->nkey, true, &j->matched_buf);
    if (!st && !j->unique) st = buf_new(cx, (size_t)j->n, true, &j->row_matched_buf);
    if (!st) j->matched = j->matched_buf->data;
    if (!st && !j->unique) j->row_matched = j->row_matched_buf->data;
    scratch_clear(&mem);
    return st;
}

Status join_build(Cx *cx, const Table *keys, JoinTab **out)
{
    JoinTab *j;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *j, true, &j));
    j->n = keys->n;
    j->mark = true;
    Status st = build(cx, j, keys);
    if (st)
        join_free(j);
    else
        *out = j;
    return st;
}

void join_free(JoinTab *j)
{
    if (!j) return;
    keytab_free(j->keys);
    buf_unref(j->list_buf);
    buf_unref(j->matched_buf);
    buf_unref(j->row_matched_buf);
    mem_free(j);
}

void join_mark(JoinTab *j, bool mark)
{
    j->mark = mark;
}

/* Numbers of all probe rows, and how many pairs they make. */
static Status number_probe(Cx *cx, JoinTab *j, const Table *keys, bool keep_probe,
                           uint32_t *id, idx *pairs)
{
    idx total = 0;
    for (idx at = 0; at < keys->n; at += BATCH) {
        idx n = idx_min(BATCH, keys->n - at), count = 0;
        uint32_t *d = id + at;
        TRY(keytab_find(cx, j->keys, keys, at, n, d));
        if (j->unique)
            for (idx i = 0; i < n; i++)
                count += (d[i] != KEY_NONE) | keep_probe;
        else
            for (idx i = 0; i < n; i++)
                count +=
                    d[i] == KEY_NONE ? keep_probe : j->start[d[i] + 1] - j->start[d[i]];
        if (__builtin_add_overflow(total, count, &total))
            return fail(cx, E_OVERFLOW, "the joined rows are too many");
        for (idx i = 0; i < n && j->mark; i++)
            if (d[i] != KEY_NONE) j->matched[d[i]] = 1;
        TRY(cx_check(cx));
    }
    *pairs = total;
    return OK;
}

/* l is NULL where every probe row makes one pair. */
static void fill_unique(const uint32_t *id, idx n, idx *l, idx *r)
{
    idx o = 0;
    if (!l) {
        for (idx i = 0; i < n; i++)
            r[i] = id[i] == KEY_NONE ? -1 : (idx)id[i];
        return;
    }
    for (idx i = 0; i < n; i++) {
        if (id[i] == KEY_NONE) continue;
        l[o] = i;
        r[o++] = id[i];
    }
}

enum { PAIRS_UNASKED = 1 << 20 }; /* between two looks at the abort word */

static Status fill_listed(Cx *cx, const JoinTab *j, const uint32_t *id, idx n,
                          bool keep_probe, idx *l, idx *r)
{
    idx o = 0, asked = 0;
    for (idx i = 0; i < n; i++) {
        if (i % BATCH == 0 || o - asked > PAIRS_UNASKED) {
            TRY(cx_check(cx));
            asked = o;
        }
        if (id[i] == KEY_NONE) {
            if (keep_probe) {
                l[o] = i;
                r[o++] = -1;
            }
            continue;
        }
        for (int64_t k = j->start[id[i]]; k < j->start[id[i] + 1]; k++) {
            l[o] = i;
            r[o++] = j->row[k];
        }
    }
    return OK;
}

Status join_probe(Cx *cx, JoinTab *j, const Table *keys, bool keep_probe, idx **lpos,
                  idx **rpos, idx *n)
{
    Scratch mem = {0};
    uint32_t *id = NULL;
    idx pairs = 0;
    *lpos = *rpos = NULL;
    *n = 0;
    Status st = scratch_new(cx, &mem, keys->n, sizeof *id, false, &id);
    if (!st) st = number_probe(cx, j, keys, keep_probe, id, &pairs);
    bool all = j->unique && pairs == keys->n; /* each row once: l[i] would be i */
    /* one row more: the loops may write where a pair would come next */
    if (!st && !all) st = mem_new(cx, pairs + 1, sizeof **lpos, false, lpos);
    if (!st) st = mem_new(cx, pairs + 1, sizeof **rpos, false, rpos);
    if (!st) {
        if (j->unique)
            fill_unique(id, keys->n, *lpos, *rpos);
        else
            st = fill_listed(cx, j, id, keys->n, keep_probe, *lpos, *rpos);
    }
    scratch_clear(&mem);
    if (st) {
        mem_free(*lpos);
        mem_free(*rpos);
        *lpos = *rpos = NULL;
        return st;
    }
    *n = pairs;
    return OK;
}

Status join_semi(Cx *cx, JoinTab *j, const Table *keys, bool anti, Array **mask)
{
    uint32_t id[BATCH];
    Status st = OK;
    TRY(array_new(cx, DT_BOOL, NULL_NONE, UNIT_NONE, keys->n, false, mask));
    uint8_t *out = (*mask)->data;
    for (idx at = 0; at < keys->n && !st; at += BATCH) {
        idx n = idx_min(BATCH, keys->n - at);
        st = keytab_find(cx, j->keys, keys, at, n, id);
        for (idx i = 0; i < n && !st; i++) {
            out[at + i] = (id[i] != KEY_NONE) != anti;
            if (j->mark && id[i] != KEY_NONE) j->matched[id[i]] = 1;
        }
        if (!st) st = cx_check(cx);
    }
    if (st) {
        array_unref(*mask);
        *mask = NULL;
    }
    return st;
}

const uint8_t *join_matched(const JoinTab *j)
{
    if (j->unique) return j->matched;
    for (idx k = 0; k < j->nkey; k++)
        for (int64_t i = j->start[k]; i < j->start[k + 1]; i++)
            j->row_matched[j->row[i]] = j->matched[k];
    return j->row_matched;
}
