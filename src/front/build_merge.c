/* SPDX-License-Identifier: Apache-2.0
 * DataFrame.merge as one JOIN node: which columns come out, under which names, of which
 * types, and whether they can be missing.
 */
#include "front/build.h"
#include "front/front_int.h"

typedef struct Merge {
    Frame *left, *right;
    const char *how;
    idx nkey;
    AVal **lname, **rname; /* key labels on each side */
    bool *lin, *rin;       /* the key is a column (not an index level) of its side */
    Val **lkey, **rkey;    /* key columns of one common type */
    const char *lsuffix, *rsuffix; /* NULL: none */
    bool index_out;                /* the keys are the index of the result */
} Merge;

NORETURN static void key_types(Front *f, const Merge *m, idx k, Type a, Type b)
{
    front_fail(
        f, E_VALUE,
        "You are trying to merge on %s and %s columns for key %s. If you wish to "
        "proceed you should use pd.concat",
        dtype_text(f, a), dtype_text(f, b), label_text(f, m->lname[k]));
}

/* Categories that are no keys of the other side's dtype are values, also in the result.
 */
static void plain_key(Frame *t, const Val *key, Val *plain)
{
    vec_each (i, &t->col)
        if (t->col.at[i] == key) t->col.at[i] = plain;
}

/* Both keys as one element type. */
static void common_keys(Front *f, Merge *m, idx k)
{
    Val *both[] = {m->lkey[k], m->rkey[k]};
    if (!cat_unify(f, both, 2)) {
        plain_key(m->left, m->lkey[k], both[0]);
        plain_key(m->right, m->rkey[k], both[1]);
    }
    m->lkey[k] = both[0];
    m->rkey[k] = both[1];
    Type a = both[0]->type, b = both[1]->type, t;
    if (a.dt == b.dt && a.unit == b.unit && type_zone(a) == type_zone(b)) return;
    if (type_zone(a) && type_zone(b) && type_zone(a) != type_zone(b))
        front_unsup(f, UNSUP_ZONE, "merge on times of different time zones");
    bool text = a.dt == DT_STR || b.dt == DT_STR || a.dt == DT_DATE || b.dt == DT_DATE;
    bool times = dt_is_time((DType)a.dt) || dt_is_time((DType)b.dt);
    bool bools = a.dt == DT_BOOL || b.dt == DT_BOOL;
    if (text || bools || (times && a.dt != b.dt) || !type_promote(a, b, &t))
        key_types(f, m, k, a, b);
    m->lkey[k] = front_cast(f, m->lkey[k], t);
    m->rkey[k] = front_cast(f, m->rkey[k], t);
}

static AVal **common_labels(Front *f, Merge *m, idx *n)
{
    AVal **r = ARENA_NEW_N(f->arena, m->left->col.n + 1, AVal *);
    *n = 0;
    vec_each (i, &m->left->name)
        if (frame_find(m->right, m->left->name.at[i]) >= 0)
            r[(*n)++] = m->left->name.at[i];
    if (*n == 0)
        front_fail(
            f, E_MERGE,
            "No common columns to perform merge on. Merge options: left_on=None, "
            "right_on=None, left_index=False, right_index=False");
    return r;
}

/* A side's keys: columns by label, or its index. */
static idx side_keys(Front *f, Frame *t, AVal *on, bool index, AVal ***name, Val ***key,
                     bool **in)
{
    ValVec v = {0};
    idx n = index ? index_depth(t->index) : on->n;
    *name = ARENA_NEW_N(f->arena, n + 1, AVal *);
    *in = ARENA_NEW_N(f->arena, n + 1, bool);
    if (index) {
        index_vals(f, t->index, &v);
        for (idx i = 0; i < n; i++)
            (*name)[i] = name_label(f, t->index->name[i]);
    }
    for (idx i = 0; !index && i < n; i++) {
        AVal *label = on->item[i];
        idx at = frame_find(t, label);
        (*name)[i] = label;
        if (at >= 0) {
            val_push(f, &v, t->col.at[at]);
            (*in)[i] = true;
            continue;
        }
        const char *s = label_name(f, label);
        int32_t k = 0;
        while (k < index_depth(t->index) && (!s || t->index->name[k] != s))
            k++;
        if (k == index_depth(t->index))
            front_fail(f, E_KEY, "%s", label_text(f, label));
        ValVec level = {0};
        index_vals(f, t->index, &level);
        val_push(f, &v, level.v.at[k]);
    }
    *key = v.v.at;
    return n;
}

static void merge_keys(Front *f, Call *c, Merge *m)
{
    AVal *on = call_arg(f, c, "on"), *lon = call_arg(f, c, "left_on"),
         *ron = call_arg(f, c, "right_on");
    bool li = call_bool(f, c, "left_index"), ri = call_bool(f, c, "right_index");
    if (!av_is_none(on)) {
        if (!av_is_none(lon) || !av_is_none(ron))
            front_fail(f, E_MERGE,
                       "Can only pass argument \"on\" OR \"left_on\" and \"right_on\", "
                       "not a combination of both.");
        if (li || ri)
            front_fail(f, E_MERGE,
                       "Can only pass argument \"on\" OR \"left_index\" and "
                       "\"right_index\", not a combination of both.");
        lon = ron = on;
    } else if (av_is_none(lon) && av_is_none(ron) && !li && !ri) {
        idx n;
        AVal **names = common_labels(f, m, &n);
        lon = ron = av_tuple(f, names, n);
    }
    if (av_is_none(lon) && !li)
        front_fail(f, E_MERGE, "Must pass \"left_on\" OR \"left_index\".");
    if (av_is_none(ron) && !ri)
        front_fail(f, E_MERGE, "Must pass \"right_on\" OR \"right_index\".");
    if ((li && !av_is_none(lon)) || (ri && !av_is_none(ron)))
        front_fail(f, E_MERGE,
                   "Can only pass argument \"left_on\" OR \"left_index\" not both.");
    if (li != ri)
        unsup(f, "merge(): the index of one side with columns of the other; call "
                 "reset_index() first and name the columns");
    idx nl = side_keys(f, m->left, lon, li, &m->lname, &m->lkey, &m->lin);
    idx nr = side_keys(f, m->right, ron, ri, &m->rname, &m->rkey, &m->rin);
    if (nl != nr) front_fail(f, E_VALUE, "len(right_on) must equal len(left_on)");
    m->nkey = nl;
    m->index_out = li;
    for (idx k = 0; k < nl; k++)
        common_keys(f, m, k);
}

static void merge_suffixes(Front *f, Call *c, Merge *m)
{
    AVal *v = call_arg(f, c, "suffixes");
    m->lsuffix = "_x";
    m->rsuffix = "_y";
    if (!call_given(f, c, "suffixes")) return;
    AVal *const *item = v->kind == A_LIST ? front_items(f, v)->item.at : v->item;
    idx n = v->kind == A_LIST ? front_items(f, v)->item.n : v->n;
    if ((v->kind != A_LIST && v->kind != A_TUPLE) || n != 2)
        front_fail(f, E_TYPE,
                   "Passing 'suffixes' as %s is not supported; give a tuple of two",
                   av_type_text(f, v));
    m->lsuffix = av_is_none(item[0]) ? NULL : front_const_str(f, item[0], "suffixes");
    m->rsuffix = av_is_none(item[1]) ? NULL : front_const_str(f, item[1], "suffixes");
}

static AVal *with_suffix(Front *f, AVal *name, const char *suffix)
{
    if (!suffix) return name;
    const char *s = label_name(f, name);
    s = arena_printf(f->arena, "%s%s", s ? s : "None", suffix);
    return av_str(f, s, (idx)strlen(s));
}

/* The number of the key that appears under one label on both sides: such a key is one
 * column of the result; -1. */
static idx shared_key(const Merge *m, const AVal *name)
{
    for (idx k = 0; k < m->nkey; k++)
        if (m->lin[k] && m->rin[k] && av_equal(m->lname[k], name) &&
            av_equal(m->rname[k], name))
            return k;
    return -1;
}

/* A column of the result and where it comes from. */
typedef struct OutCol {
    AVal *name;
    int side; /* 0 left column, 1 right column, 2 key */
    idx at;
} OutCol;

typedef struct OutCols {
    VEC(OutCol) v;
} OutCols;

static bool misses(const Merge *m, int side)
{
    if (!strcmp(m->how, "outer")) return true;
    return !strcmp(m->how, side ? "left" : "right");
}

static void out_side(Front *f, const Merge *m, int side, OutCols *out)
{
    const Frame *t = side ? m->right : m->left, *other = side ? m->left : m->right;
    vec_each (i, &t->col) {
        AVal *name = t->name.at[i];
        idx k = m->index_out ? -1 : shared_key(m, name);
        if (k >= 0) {
            OutCol key = {name, 2, k};
            if (!misses(m, 0)) key = (OutCol){name, 0, i}; /* in the left one's dtype */
            if (side == 0) vec_push(f->arena, &out->v, key);
            continue;
        }
        if (frame_find(other, name) >= 0) {
            if (!m->lsuffix && !m->rsuffix)
                front_fail(f, E_VALUE,
                           "columns overlap but no suffix specified: Index([%s])",
                           label_text(f, name));
            name = with_suffix(f, name, side ? m->rsuffix : m->lsuffix);
        }
        vec_push(f->arena, &out->v, ((OutCol){name, side, i}));
    }
}

static void check_names(Front *f, const OutCols *out)
{
    vec_each (i, &out->v)
        for (idx j = 0; j < i; j++) {
            if (!av_equal(out->v.at[i].name, out->v.at[j].name)) continue;
            unsup(f, "merge(): two columns named %s; choose other suffixes",
                  label_text(f, out->v.at[i].name));
        }
}

/* Whether the keys of the result are neither side's own: rows of both in an outer join;
 * in a right one pandas gives the right side's in the dtype that both have in common,
 * and a left key may be a promoted one. */
static bool makes_keys(const Merge *m)
{
    if (!strcmp(m->how, "outer")) return true;
    if (strcmp(m->how, "right") != 0) return false;
    for (idx k = 0; k < m->nkey; k++)
        if (m->lkey[k]->type.null == NULL_PROM) return true;
    return false;
}

/* Columns of one side that JOIN carries: at[i] of the side's i-th column is its
 * position among the carried ones. */
typedef struct Carry {
    ValVec v;
} Carry;

static Frame *join(Front *f, Merge *m, const OutCols *out)
{
    bool both = makes_keys(m), right = !strcmp(m->how, "right");
    Carry lc = {0}, rc = {0};
    idx *pos = ARENA_NEW_N(f->arena, out->v.n + m->nkey + 1, idx);
    vec_each (i, &out->v) {
        const OutCol *o = &out->v.at[i];
        if (o->side == 2 && both) continue;
        int side = o->side == 2 ? right : o->side;
        const Frame *t = side ? m->right : m->left;
        Val *v = o->side == 2 ? (right ? m->rkey : m->lkey)[o->at] : t->col.at[o->at];
        Carry *cr = side ? &rc : &lc;
        pos[i] = cr->v.v.n;
        val_push(f, &cr->v, v);
    }
    ValVec arg = {0};
    val_push(f, &arg, m->left->rows);
    val_push(f, &arg, m->right->rows);
    for (idx k = 0; k < m->nkey; k++)
        val_push(f, &arg, m->lkey[k]);
    for (idx k = 0; k < m->nkey; k++)
        val_push(f, &arg, m->rkey[k]);
    vec_each (i, &lc.v.v)
        val_push(f, &arg, lc.v.v.at[i]);
    vec_each (i, &rc.v.v)
        val_push(f, &arg, rc.v.v.at[i]);
    idx nl = lc.v.v.n, nr = rc.v.v.n;
    bool want_keys = both || m->index_out;
    idx nout = want_keys ? m->nkey : 0;
    Node *n = put_node(f, OP_JOIN, arg.v.at, arg.v.n, 1 + nl + nr + nout);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &n->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &n->res[0];
    for (idx i = 0; i < nl; i++) {
        Type t = lc.v.v.at[i]->type;
        val_init(f->fn, &n->res[1 + i], misses(m, 0) ? type_missing(t) : t, axis);
    }
    for (idx i = 0; i < nr; i++) {
        Type t = rc.v.v.at[i]->type;
        val_init(f->fn, &n->res[1 + nl + i], misses(m, 1) ? type_missing(t) : t, axis);
    }
    for (idx i = 0; i < nout; i++) {
        Type a = m->lkey[i]->type, b = m->rkey[i]->type;
        val_init(f->fn, &n->res[1 + nl + nr + i], a.null >= b.null ? a : b, axis);
    }
    node_set_text(f->fn, n, "how", m->how, (idx)strlen(m->how));
    node_set_int(f->fn, n, "nkey", m->nkey);
    node_set_int(f->fn, n, "nl", nl);
    node_set_int(f->fn, n, "nr", nr);
    node_set_int(f->fn, n, "nout", nout);
    Frame *t = table_new(f, axis, &n->res[0], NULL);
    vec_each (i, &out->v) {
        const OutCol *o = &out->v.at[i];
        idx at = o->side == 2 && both                      ? nl + nr + o->at
                 : o->side == 1 || (o->side == 2 && right) ? nl + pos[i]
                                                           : pos[i];
        table_add(f, t, o->name, &n->res[1 + at]);
    }
    if (m->index_out) {
        Val **level = ARENA_NEW_N(f->arena, m->nkey, Val *);
        const char **name = ARENA_NEW_N(f->arena, m->nkey, const char *);
        for (idx k = 0; k < m->nkey; k++) {
            level[k] = &n->res[1 + nl + nr + k];
            bool same = av_equal(m->lname[k], m->rname[k]);
            name[k] = same ? label_name(f, m->lname[k]) : NULL;
        }
        t->index = index_levels(f, level, name, m->nkey);
    }
    return t;
}

/* A key that merge() sorts by. Missing ones come last, but NaT and missing categories
 * first: pandas sorts times by their integers, of which NaT is the smallest, and
 * categories by their codes, of which -1 is. */
static void push_key(Front *f, Val *key, ValVec *to)
{
    bool first = dt_is_time((DType)key->type.dt) || type_is_cat(key->type);
    if (first && key->type.null != NULL_NONE)
        val_push(f, to, front_elem_val(f, OP_NOTNULL, &key, 1));
    val_push(f, to, key);
}

/* pandas sorts the result of an outer merge, and of sort=True, by the keys. */
static Frame *sort_keys(Front *f, const Merge *m, Frame *t)
{
    ValVec level = {0}, lead = {0};
    if (m->index_out) index_vals(f, t->index, &level);
    for (idx k = 0; k < m->nkey && !m->index_out; k++) {
        idx i = frame_find(t, m->lname[k]);
        if (i < 0) unsup(f, "merge(): sorting by keys that get a suffix");
        val_push(f, &level, t->col.at[i]);
    }
    val_push(f, &lead, t->rows);
    vec_each (i, &level.v)
        push_key(f, level.v.at[i], &lead);
    idx nkey = (idx)lead.v.n - 1;
    int64_t *asc = ARENA_NEW_N(f->arena, nkey, int64_t);
    for (idx k = 0; k < nkey; k++)
        asc[k] = 1;
    Node *n;
    Frame *r = table_rows(f, OP_SORT, &lead, t, !m->index_out, &n);
    node_set_int(f->fn, n, "nkey", nkey);
    node_set_ints(f->fn, n, "asc", asc, nkey);
    node_set_int(f->fn, n, "nulls_first", 0);
    return r;
}

/* left_on and right_on of other names in an outer merge: pandas sorts by either side's
 * key, which no column of the result holds. */
static bool keys_shared(const Merge *m)
{
    for (idx k = 0; k < m->nkey; k++)
        if (shared_key(m, m->lname[k]) != k) return m->index_out;
    return true;
}

AVal *build_merge(Front *f, Call *c)
{
    Merge m = {0};
    bool method = c->self != NULL;
    AVal *left = method ? c->self : call_arg(f, c, "left"),
         *right = call_arg(f, c, "right");
    if (left->kind != A_FRAME) unsup(f, "merge(): the left side must be a DataFrame");
    m.left = table_of(f, left);
    m.right = table_of(f, right);
    if (right->kind == A_SERIES && av_is_none(right->name))
        front_fail(f, E_VALUE, "Cannot merge a Series without a name");
    if (!m.left->rows || !m.right->rows)
        unsup(f, "merge(): a DataFrame without columns");
    m.how = call_str(f, c, "how");
    merge_suffixes(f, c, &m);
    if (!strcmp(m.how, "cross")) {
        if (!call_none(f, c, "on") || !call_none(f, c, "left_on") ||
            !call_none(f, c, "right_on"))
            front_fail(f, E_MERGE,
                       "Can not pass on, right_on, left_on or set right_index=True or "
                       "left_index=True");
    } else {
        merge_keys(f, c, &m);
    }
    OutCols out = {0};
    out_side(f, &m, 0, &out);
    out_side(f, &m, 1, &out);
    check_names(f, &out);
    Frame *t = join(f, &m, &out);
    bool outer = !strcmp(m.how, "outer");
    if (outer && !keys_shared(&m))
        unsup(
            f,
            "merge(): how='outer' with left_on and right_on of different names; rename "
            "one side's key and use on=");
    if (outer || call_bool(f, c, "sort")) t = sort_keys(f, &m, t);
    return av_frame(f, t);
}
