/* SPDX-License-Identifier: Apache-2.0
 * Hash aggregation. A batch at a time: the key table numbers the rows' groups, each
 * value column is read once, and each accumulator runs over the whole batch.
 *
 * With very many groups every row would miss the cache several times. Then the rows of
 * a chunk are first partitioned by the place of their keys in the table (encoded key
 * and row number, twelve bytes a row for one-word keys), and worked through a partition
 * at a time: a partition's slots, keys and states fit in the L2 cache.
 */
#include "kernel/group_int.h"
#include "kernel/scratch.h"

enum {
    PART_BITS = 8,            /* 256 partitions */
    PART_GROUPS = 400 * 1000, /* groups from which partitioning pays */
    PART_ROWS = 1000 * 1000,  /* rows of a chunk at least, */
    PART_ROWS_MAX = 32 << 20, /* and at most */
    STATES_BIG = 256 * 1024,  /* bytes of states that are prefetched */
};

static const uint32_t no_groups[BATCH]; /* all rows of group 0 */

/* -- Making -------------------------------------------------------------------- */

static Status more_states(Cx *cx, GroupTab *g, idx ngroup)
{
    size_t size;
    if (ngroup > g->cap) {
        idx cap = idx_max(ngroup, g->cap + g->cap / 2 + 64);
        if (__builtin_mul_overflow((size_t)cap, g->stride, &size))
            return fail(cx, E_OVERFLOW, "too many groups on one rank");
        if (!g->state_buf) TRY(buf_new(cx, size, false, &g->state_buf));
        TRY(buf_grow(cx, &g->state_buf, size));
        g->state = g->state_buf->data;
        g->cap = cap;
    }
    if (g->stride)
        for (idx i = g->ngroup; i < ngroup; i++)
            memcpy(g->state + (size_t)i * g->stride, g->init, g->stride);
    g->ngroup = ngroup;
    return OK;
}

static Status tab_init(Cx *cx, GroupTab *g, const Table *keys, const Table *values,
                       const AggSpec *agg, idx nagg, bool dropna)
{
    TRY(mem_new(cx, values->ncol, sizeof(Array *), true, &g->proto));
    for (; g->nval < values->ncol; g->nval++)
        TRY(array_new_empty(cx, values->col[g->nval], &g->proto[g->nval]));
    TRY(group_plan(cx, g, agg, nagg));
    TRY(mem_new(cx, 1, sizeof *g->loader, false, &g->loader));
    g->nkey = keys->ncol;
    if (g->nkey > 0) return keytab_new(cx, keys, dropna, 0, &g->keys);
    return more_states(cx, g, 1);
}

Status group_init(Cx *cx, const Table *keys, const Table *values, const AggSpec *agg,
                  idx nagg, bool dropna, bool order, GroupTab **out)
{
    GroupTab *g;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *g, true, &g));
    g->order = order;
    Status st = tab_init(cx, g, keys, values, agg, nagg, dropna);
    if (st)
        group_free(g);
    else
        *out = g;
    return st;
}

void group_free(GroupTab *g)
{
    if (!g) return;
    keytab_free(g->keys);
    for (idx i = 0; i < g->nval; i++)
        array_unref(g->proto[i]);
    for (idx i = 0; i < g->nacc && g->seen; i++)
        keytab_free(g->seen[i]);
    for (idx i = 0; i < g->nagg && g->pairs; i++) {
        buf_unref(g->pairs[i].gid_buf);
        buf_unref(g->pairs[i].val_buf);
    }
    text_refs_clear(&g->refs);
    buf_unref(g->state_buf);
    mem_free(g->proto);
    mem_free(g->plan);
    mem_free(g->acc);
    mem_free(g->read);
    mem_free(g->pairs);
    mem_free(g->seen);
    mem_free(g->init);
    mem_free(g->loader);
    mem_free(g);
}

idx group_count(const GroupTab *g)
{
    return g->ngroup;
}

void group_renumber(GroupTab *g, idx by)
{
    if (!g->order || by == 0) return;
    uint8_t *base = g->state + g->acc[g->nacc - 1].off;
    for (idx i = 0; i < g->ngroup; i++) {
        int64_t *s = (int64_t *)(void *)(base + (size_t)i * g->stride);
        if (*s < g->row_end) *s += by; /* else it has no row yet */
    }
    g->row_end += by;
}

/* -- Updating ------------------------------------------------------------------ */

/* Some rows of the values, and their groups. */
typedef struct Rows {
    idx n;
    const uint32_t *gid;
    const idx *row; /* NULL: first + i */
    idx first;
    idx row0; /* global number of row 0 of the values */
} Rows;

static void update_row0(GroupTab *g, const Rows *r)
{
    uint8_t *base = g->state + g->acc[g->nacc - 1].off;
    for (idx i = 0; i < r->n; i++) {
        int64_t *s = (int64_t *)(void *)(base + r->gid[i] * g->stride);
        int64_t number = (r->row ? r->row[i] : r->first + i) + r->row0;
        *s = number < *s ? number : *s;
    }
}

static void update_read(GroupTab *g, const AggRead *rd, const Table *values,
                        const Rows *r)
{
    ValBatch b = {.row0 = r->row0,
                  .state = g->state,
                  .stride = g->stride,
                  .ngroup = g->ngroup,
                  .one = g->nkey == 0,
                  .refs = &g->refs,
                  .text = values->col[rd->col],
                  .text_base = rd->base};
    agg_load(g->loader, values->col[rd->col], rd->view, r->row, r->first, r->n, r->gid,
             &b);
    if (rd->miss >= 0) {
        uint8_t *base = g->state + g->acc[rd->miss].off;
        for (idx i = 0; i < g->loader->ngone; i++)
            *(int64_t *)(void *)(base + g->loader->gone[i] * g->stride) += 1;
    }
    for (idx a = 0; a < g->nacc; a++)
        if (g->acc[a].col == rd->col && acc_info[g->acc[a].kind].view == rd->view)
            acc_update(g->acc[a].kind, &b, g->acc[a].off);
}

static Status update(Cx *cx, GroupTab *g, const Table *values, const Rows *r)
{
    idx before = g->ngroup;
    if (g->keys) TRY(more_states(cx, g, keytab_count(g->keys)));
    if ((size_t)g->ngroup * g->stride > STATES_BIG)
        for (idx i = 0; i < r->n; i++)
            __builtin_prefetch(g->state + r->gid[i] * g->stride, 1);
    if (g->order && (g->ngroup > before || r->row0 < g->row_end || g->nkey == 0))
        update_row0(g, r);
    for (idx a = 0; a < g->nacc; a++) {
        if (g->acc[a].kind != ACC_ROWS) continue;
        ValBatch b = {.n = r->n,
                      .gid = r->gid,
                      .state = g->state,
                      .stride = g->stride,
                      .ngroup = g->ngroup,
                      .one = g->nkey == 0};
        acc_update(ACC_ROWS, &b, g->acc[a].off);
    }
    for (idx i = 0; i < g->nread; i++)
        update_read(g, &g->read[i], values, r);
    return OK;
}

/* -- Holistic aggregates ------------------------------------------------------- */

/* Pairs (group, value) that are new count for their group. */
static Status update_nunique(Cx *cx, GroupTab *g, idx acc, Array *gids, Array *values)
{
    Array *col[2] = {gids, values};
    Table t = {.n = gids->n, .ncol = 2, .col = col};
    KeyBatch b;
    uint32_t id[BATCH];
    uint8_t sel[BATCH];
    const uint32_t *gid = gids->data;
    if (!g->seen[acc]) TRY(keytab_new(cx, &t, true, 0, &g->seen[acc]));
    TRY(keytab_prepare(cx, g->seen[acc], &t));
    for (idx at = 0; at < t.n; at += BATCH) {
        idx n = idx_min(BATCH, t.n - at), next = keytab_count(g->seen[acc]);
        for (idx i = 0; i < n; i++)
            sel[i] = gid[at + i] != KEY_NONE;
        TRY(keytab_encode(cx, g->seen[acc], &t, at, n, sel, &b));
        TRY(keytab_add(cx, g->seen[acc], b.word, b.n, id));
        for (idx i = 0; i < b.n; i++) {
            if (id[i] != next) continue;
            next++;
            uint32_t k = gid[at + (b.all ? i : b.row[i])];
            *(int64_t *)(void *)(g->state + k * g->stride + g->acc[acc].off) += 1;
        }
        TRY(cx_check(cx));
    }
    return OK;
}

static Status update_median(Cx *cx, GroupTab *g, Pairs *p, Array *gids,
                            const Array *values)
{
    if (gids->n == 0) return OK;
    idx room = p->n + gids->n;
    if (room > p->cap) {
        idx cap = idx_max(room, 2 * p->cap);
        if (!p->gid_buf) TRY(buf_new(cx, (size_t)cap * 4, false, &p->gid_buf));
        if (!p->val_buf) TRY(buf_new(cx, (size_t)cap * 8, false, &p->val_buf));
        TRY(buf_grow(cx, &p->gid_buf, (size_t)cap * 4));
        TRY(buf_grow(cx, &p->val_buf, (size_t)cap * 8));
        p->cap = cap;
    }
    uint32_t *gid = (uint32_t *)(void *)p->gid_buf->data;
    double *val = (double *)(void *)p->val_buf->data;
    for (idx at = 0; at < gids->n; at += BATCH) {
        ValBatch b = {0};
        idx n = idx_min(BATCH, gids->n - at);
        agg_load(g->loader, values, VIEW_FLOAT, NULL, at, n,
                 (const uint32_t *)gids->data + at, &b);
        for (idx i = 0; i < b.n; i++) {
            gid[p->n] = b.gid[i];
            val[p->n] = b.f[i];
            p->n += b.gid[i] != KEY_NONE;
        }
        TRY(cx_check(cx));
    }
    return OK;
}

static Status update_holistic(Cx *cx, GroupTab *g, const Table *values, Array *gids)
{
    for (idx a = 0; a < g->nacc; a++)
        if (g->acc[a].kind == ACC_NUNIQUE)
            TRY(update_nunique(cx, g, a, gids, values->col[g->acc[a].col]));
    for (idx k = 0; k < g->nagg; k++)
        if (g->plan[k].spec.kind == AGG_MEDIAN)
            TRY(update_median(cx, g, &g->pairs[k], gids,
                              values->col[g->plan[k].spec.col]));
    return OK;
}

/* -- Consuming ----------------------------------------------------------------- */

/* What one call of group_consume or group_merge works on. */
typedef struct Input {
    const Table *keys, *values; /* merging: values are partial states */
    idx n, row0;
    const Array *sel; /* rows to take, or NULL */
    uint32_t *gids;   /* group of every row, KEY_NONE: none; only for holistic ones */
    const uint64_t
        *base; /* merging: text reference of row 0, an accumulator; else NULL */
} Input;

/* Adds states of groups to those of theirs here. */
static Status merge_rows(Cx *cx, GroupTab *g, const Input *in, const Rows *r)
{
    if (g->keys) TRY(more_states(cx, g, keytab_count(g->keys)));
    if ((size_t)g->ngroup * g->stride > STATES_BIG)
        for (idx i = 0; i < r->n; i++)
            __builtin_prefetch(g->state + r->gid[i] * g->stride, 1);
    ValBatch b = {.n = r->n,
                  .first = r->first,
                  .row = r->row,
                  .gid = r->gid,
                  .state = g->state,
                  .stride = g->stride,
                  .refs = &g->refs};
    for (idx a = 0, c = 0; a < g->nacc; a++) {
        b.text_base = in->base[a];
        acc_merge(g->acc[a].kind, in->values->col + c, &b, g->acc[a].off);
        c += (idx)strlen(acc_info[g->acc[a].kind].parts);
    }
    return OK;
}

static Status apply(Cx *cx, GroupTab *g, const Input *in, const Rows *r)
{
    return in->base ? merge_rows(cx, g, in, r) : update(cx, g, in->values, r);
}

/* Which rows of a batch are taken; NULL: all. */
static const uint8_t *selected(const Array *sel, idx at, idx n, uint8_t *buf)
{
    if (!sel) return NULL;
    const uint8_t *s = (const uint8_t *)sel->data + at;
    if (!sel->valid) return s;
    for (idx i = 0; i < n; i++)
        buf[i] = s[i] && bit_get(sel->valid, at + i);
    return buf;
}

static void list_rows(const KeyBatch *b, idx at, idx *row)
{
    for (idx i = 0; i < b->n; i++)
        row[i] = at + b->row[i];
}

static void note_gids(const Input *in, const KeyBatch *b, idx at, idx n,
                      const uint32_t *gid)
{
    if (!in->gids) return;
    for (idx i = 0; i < n; i++)
        in->gids[at + i] = KEY_NONE;
    for (idx i = 0; i < b->n; i++)
        in->gids[at + (b->all ? i : b->row[i])] = gid[i];
}

static Status consume_batch(Cx *cx, GroupTab *g, const Input *in, idx at, idx n)
{
    uint32_t gid[BATCH];
    idx row[BATCH];
    uint8_t buf[BATCH];
    KeyBatch b = {.n = 0};
    const uint8_t *sel = selected(in->sel, at, n, buf);
    Rows r = {.first = at, .row0 = in->row0, .gid = gid};
    if (g->keys) {
        TRY(keytab_encode(cx, g->keys, in->keys, at, n, sel, &b));
        TRY(keytab_add(cx, g->keys, b.word, b.n, gid));
    } else {
        r.gid = no_groups;
        b.all = !sel;
        b.n = 0;
        for (idx i = 0; i < n; i++) {
            b.row[b.n] = (uint16_t)i;
            b.n += !sel || sel[i];
        }
    }
    if (!b.all) {
        list_rows(&b, at, row);
        r.row = row;
    }
    r.n = b.n;
    note_gids(in, &b, at, n, r.gid);
    TRY(apply(cx, g, in, &r));
    return cx_check(cx);
}

/* Scratch of a partitioned chunk: keys and rows in order of their partition. */
typedef struct Parts {
    idx start[(1 << PART_BITS) + 1];
    uint64_t *word;
    uint32_t *row; /* relative to the chunk */
} Parts;

/* Counts (fill false) or scatters (true) the rows of a chunk by partition. */
static Status part_rows(Cx *cx, GroupTab *g, const Input *in, idx from, idx rows,
                        Parts *p, bool fill)
{
    KeyBatch b;
    uint32_t part[BATCH];
    uint8_t buf[BATCH];
    idx w = keytab_words(g->keys);
    for (idx at = from; at < from + rows; at += BATCH) {
        idx n = idx_min(BATCH, from + rows - at);
        TRY(keytab_encode(cx, g->keys, in->keys, at, n, selected(in->sel, at, n, buf),
                          &b));
        keytab_part(g->keys, b.word, b.n, PART_BITS, part);
        if (!fill) {
            for (idx i = 0; i < b.n; i++)
                p->start[part[i] + 1]++;
        } else {
            for (idx i = 0; i < b.n; i++) {
                idx o = p->start[part[i]]++;
                if (w == 1)
                    p->word[o] = b.word[i];
                else
                    memcpy(p->word + o * w, b.word + i * w, (size_t)w * 8);
                p->row[o] = (uint32_t)(at - from + (b.all ? i : b.row[i]));
            }
        }
        TRY(cx_check(cx));
    }
    return OK;
}

/* Adds the keys of one partition, which `in_part` keys of the table are of already. The
 * table grows when this partition's share of it does: the others' are no fuller. */
static Status update_part(Cx *cx, GroupTab *g, const Input *in, idx from,
                          const Parts *p, idx start, idx end, idx in_part)
{
    uint32_t gid[BATCH];
    idx row[BATCH], w = keytab_words(g->keys);
    for (idx at = start; at < end; at += BATCH) {
        Rows r = {
            .n = idx_min(BATCH, end - at), .gid = gid, .row = row, .row0 = in->row0};
        idx before = keytab_count(g->keys);
        TRY(keytab_part_room(cx, g->keys, PART_BITS, in_part + r.n));
        TRY(keytab_add(cx, g->keys, p->word + at * w, r.n, gid));
        in_part += keytab_count(g->keys) - before;
        for (idx i = 0; i < r.n; i++)
            row[i] = from + p->row[at + i];
        TRY(apply(cx, g, in, &r));
        TRY(cx_check(cx));
    }
    return OK;
}

/* start[k]: by now the end of partition k. */
static Status update_parts(Cx *cx, GroupTab *g, const Input *in, idx from,
                           const Parts *p)
{
    idx count[1 << PART_BITS];
    keytab_part_counts(g->keys, PART_BITS, count);
    for (int k = 0; k < 1 << PART_BITS; k++)
        TRY(update_part(cx, g, in, from, p, k ? p->start[k - 1] : 0, p->start[k],
                        count[k]));
    return OK;
}

/* Rows of a chunk a partition. New texts may lay the keys out anew, and so change what
 * is in which partition: then counting begins again. */
static Status part_counts(Cx *cx, GroupTab *g, const Input *in, idx from, idx rows,
                          Parts *p)
{
    idx layouts;
    do {
        layouts = keytab_layouts(g->keys);
        memset(p->start, 0, sizeof p->start);
        TRY(part_rows(cx, g, in, from, rows, p, false));
    } while (layouts != keytab_layouts(g->keys));
    return OK;
}

static Status consume_parted(Cx *cx, GroupTab *g, const Input *in, idx from, idx rows)
{
    Scratch mem = {0};
    Parts p = {.word = NULL};
    Status st = part_counts(cx, g, in, from, rows, &p);
    for (int i = 0; i < 1 << PART_BITS; i++)
        p.start[i + 1] += p.start[i];
    idx n = p.start[1 << PART_BITS];
    if (!st) st = scratch_new(cx, &mem, n * keytab_words(g->keys), 8, false, &p.word);
    if (!st) st = scratch_new(cx, &mem, n, sizeof *p.row, false, &p.row);
    if (!st) st = part_rows(cx, g, in, from, rows, &p, true);
    if (!st) st = update_parts(cx, g, in, from, &p);
    scratch_clear(&mem);
    return st;
}

static bool wants_parts(const GroupTab *g, const Input *in, idx at)
{
    return g->keys && !g->holistic && g->ngroup >= PART_GROUPS &&
           in->n - at >= PART_ROWS;
}

static Status consume(Cx *cx, GroupTab *g, const Input *in)
{
    for (idx i = 0; i < g->nread && !in->base; i++)
        if (g->read[i].refs)
            TRY(text_refs_add(cx, &g->refs, in->values->col[g->read[i].col],
                              &g->read[i].base));
    if (g->keys) TRY(keytab_prepare(cx, g->keys, in->keys));
    idx at = 0;
    while (at < in->n) {
        if (wants_parts(g, in, at)) {
            idx rows = idx_min(idx_max(2 * g->ngroup, PART_ROWS), PART_ROWS_MAX);
            rows = in->n - at - rows < PART_ROWS ? in->n - at : rows;
            rows = idx_min(rows, UINT32_MAX);
            TRY(consume_parted(cx, g, in, at, rows));
            at += rows;
        } else {
            idx n = idx_min(BATCH, in->n - at);
            TRY(consume_batch(cx, g, in, at, n));
            at += n;
        }
    }
    return OK;
}

Status group_consume(Cx *cx, GroupTab *g, const Table *keys, const Table *values,
                     idx row0, const Array *sel)
{
    Input in = {.keys = keys, .values = values, .row0 = row0, .sel = sel};
    Array *gids = NULL;
    in.n = g->nkey > 0        ? keys->n
           : values->ncol > 0 ? values->n
                              : idx_max(keys->n, values->n);
    Status st = OK;
    if (g->holistic) {
        st = array_new(cx, DT_U32, NULL_NONE, UNIT_NONE, in.n, false, &gids);
        if (!st) in.gids = gids->data;
    }
    if (!st) st = consume(cx, g, &in);
    if (!st && gids) st = update_holistic(cx, g, values, gids);
    array_unref(gids);
    g->row_end = idx_max(g->row_end, row0 + in.n);
    return st;
}

/* -- Partial results ----------------------------------------------------------- */

static idx state_columns(const GroupTab *g)
{
    idx n = 0;
    for (idx a = 0; a < g->nacc; a++)
        n += (idx)strlen(acc_info[g->acc[a].kind].parts);
    return n;
}

static Status decode_keys(Cx *cx, const GroupTab *g, Table *keys)
{
    return g->keys ? keytab_decode(cx, g->keys, keys)
                   : table_init(cx, keys, 0, g->ngroup);
}

Status group_partial(Cx *cx, GroupTab *g, Table *keys, Table *states)
{
    idx c = 0;
    *keys = *states = (Table){0};
    if (g->holistic)
        return fail(cx, E_INTERNAL, "nunique and median have no partial results");
    Status st = decode_keys(cx, g, keys);
    if (!st) st = table_init(cx, states, state_columns(g), g->ngroup);
    for (idx a = 0; a < g->nacc && !st; a++)
        for (int k = 0; acc_info[g->acc[a].kind].parts[k] && !st; k++)
            st = acc_partial(cx, &g->acc[a], k, g->state, g->stride, g->ngroup,
                             &g->refs, &states->col[c++]);
    if (st) {
        table_clear(keys);
        table_clear(states);
    }
    return st;
}

/* References of the texts in the states, an accumulator. */
static Status merge_texts(Cx *cx, GroupTab *g, const Table *states, uint64_t *base)
{
    for (idx a = 0, c = 0; a < g->nacc; a++) {
        const char *parts = acc_info[g->acc[a].kind].parts;
        if (parts[0] == 's') TRY(text_refs_add(cx, &g->refs, states->col[c], &base[a]));
        c += (idx)strlen(parts);
    }
    return OK;
}

static Status merge_all(Cx *cx, GroupTab *g, Input *in)
{
    idx before = group_count(g);
    if (g->keys && before == 0) keytab_expect(g->keys, in->n / 2);
    return consume(cx, g, in);
}

Status group_merge(Cx *cx, GroupTab *g, const Table *keys, const Table *states)
{
    uint64_t *base = NULL;
    if (g->holistic || states->ncol != state_columns(g))
        return fail(cx, E_INTERNAL, "partial results of another group-by");
    TRY(mem_new(cx, g->nacc, sizeof *base, true, &base));
    Input in = {.keys = keys, .values = states, .base = base};
    in.n = g->keys ? keys->n : states->n;
    Status st = merge_texts(cx, g, states, base);
    if (!st) st = merge_all(cx, g, &in);
    mem_free(base);
    g->row_end = INT64_MAX; /* rows of any number may have been in there */
    return st;
}

/* -- Final --------------------------------------------------------------------- */

static Status final_rows(Cx *cx, const GroupTab *g, idx **rows)
{
    if (!g->order) return OK;
    TRY(mem_new(cx, g->ngroup, sizeof **rows, false, rows));
    const uint8_t *base = g->state + g->acc[g->nacc - 1].off;
    for (idx i = 0; i < g->ngroup; i++)
        memcpy(*rows + i, base + (size_t)i * g->stride, sizeof **rows);
    return OK;
}

Status group_final(Cx *cx, GroupTab *g, Table *keys, Table *values, idx **row0s)
{
    idx *rows = NULL;
    *keys = *values = (Table){0};
    if (row0s) *row0s = NULL;
    Status st = decode_keys(cx, g, keys);
    if (!st) st = group_values(cx, g, values);
    if (!st && row0s) st = final_rows(cx, g, &rows);
    if (st) {
        table_clear(keys);
        table_clear(values);
        return st;
    }
    if (row0s) *row0s = rows;
    return OK;
}
