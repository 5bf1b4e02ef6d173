/* SPDX-License-Identifier: Apache-2.0
 * From aggregates to accumulators: which states each needs, shared where they agree,
 * and where they lie in a group's row.
 */
#include "kernel/group_int.h"

static bool can_miss(const Array *a)
{
    return a->null != NULL_NONE || dt_is_float(a->dt) || dt_is_time(a->dt);
}

/* The accumulator of this kind over this column, made when it is new. */
static int32_t need(GroupTab *g, AccKind kind, int32_t col)
{
    for (idx i = 0; i < g->nacc; i++)
        if (g->acc[i].kind == kind && g->acc[i].col == col) return (int32_t)i;
    g->acc[g->nacc] = (Acc){.kind = kind, .col = col};
    return (int32_t)g->nacc++;
}

static void need_count(GroupTab *g, AggPlan *p)
{
    p->rows = need(g, ACC_ROWS, -1);
    if (p->spec.col >= 0 && can_miss(g->proto[p->spec.col]))
        p->miss = need(g, ACC_MISS, p->spec.col);
}

/* Kind for a column: integers, floats or texts. */
static AccKind by_type(DType dt, AccKind i, AccKind f, AccKind s)
{
    return dt == DT_STR ? s : dt_is_float(dt) ? f : i;
}

static Status refuse(Cx *cx, const AggSpec *s, DType dt)
{
    static const char *const name[] = {
#define AGG(id, name, states, holistic) name,
#include "base/agg.def"
#undef AGG
    };
    return fail(cx, E_TYPE, "dtype '%s' does not support operation '%s'",
                dtype_info[dt].text, name[s->kind]);
}

/* Aggregates that compute: not for texts, days, and points in time but for the mean. */
static bool can_compute(uint8_t kind, DType dt)
{
    if (dt == DT_STR || dt == DT_DATE || dt == DT_CAT) return false;
    if (dt == DT_TS) return kind == AGG_MEAN || kind == AGG_STD || kind == AGG_MEDIAN;
    if (dt == DT_TD) return kind != AGG_PROD && kind != AGG_VAR;
    return true;
}

static Status plan_compute(Cx *cx, GroupTab *g, AggPlan *p, DType dt)
{
    int32_t col = p->spec.col;
    bool f = dt_is_float(dt);
    if (!can_compute(p->spec.kind, dt)) return refuse(cx, &p->spec, dt);
    switch (p->spec.kind) {
    case AGG_SUM: p->main = need(g, f ? ACC_SUM_F : ACC_SUM_I, col); break;
    case AGG_PROD: p->main = need(g, f ? ACC_PROD_F : ACC_PROD_I, col); break;
    case AGG_MEAN:
        p->main = need(g, ACC_SUM_F, col);
        need_count(g, p);
        break;
    case AGG_MEDIAN: g->holistic = true; break;
    default: p->main = need(g, ACC_VAR, col); break;
    }
    if (p->spec.min_count > 0 || (!p->spec.skipna && can_miss(g->proto[col])))
        need_count(g, p);
    return OK;
}

static Status plan_select(Cx *cx, GroupTab *g, AggPlan *p, DType dt)
{
    int32_t col = p->spec.col;
    bool u = dt == DT_U64;
    switch (p->spec.kind) {
    case AGG_MIN:
        p->main =
            need(g, by_type(dt, u ? ACC_MIN_U : ACC_MIN_I, ACC_MIN_F, ACC_MIN_S), col);
        break;
    case AGG_MAX:
        p->main =
            need(g, by_type(dt, u ? ACC_MAX_U : ACC_MAX_I, ACC_MAX_F, ACC_MAX_S), col);
        break;
    case AGG_FIRST:
        p->main = need(g, by_type(dt, ACC_FIRST_I, ACC_FIRST_F, ACC_FIRST_S), col);
        break;
    case AGG_LAST:
        p->main = need(g, by_type(dt, ACC_LAST_I, ACC_LAST_F, ACC_LAST_S), col);
        break;
    case AGG_ANY:
    case AGG_ALL:
        if (dt == DT_TS || dt == DT_DATE || dt == DT_CAT)
            return refuse(cx, &p->spec, dt);
        p->main = p->spec.kind == AGG_ANY
                      ? need(g, by_type(dt, ACC_ANY_I, ACC_ANY_F, ACC_ANY_S), col)
                      : need(g, by_type(dt, ACC_ALL_I, ACC_ALL_F, ACC_ALL_S), col);
        break;
    default: BUG("aggregate %d", p->spec.kind);
    }
    need_count(g, p);
    return OK;
}

static Status plan_one(Cx *cx, GroupTab *g, AggPlan *p, idx ncol)
{
    uint8_t kind = p->spec.kind;
    p->main = p->rows = p->miss = -1;
    if (kind == AGG_SIZE) p->spec.col = -1;
    if (p->spec.col >= ncol || (p->spec.col < 0 && kind != AGG_SIZE))
        return fail(cx, E_INTERNAL, "aggregate of column %d of %lld", p->spec.col,
                    (long long)ncol);
    if (kind == AGG_SIZE || kind == AGG_COUNT) {
        need_count(g, p);
        return OK;
    }
    DType dt = g->proto[p->spec.col]->dt;
    if (kind == AGG_NUNIQUE) {
        g->holistic = true;
        p->main = need(g, ACC_NUNIQUE, p->spec.col);
        return OK;
    }
    if (kind == AGG_MIN || kind == AGG_MAX || kind == AGG_FIRST || kind == AGG_LAST ||
        kind == AGG_ANY || kind == AGG_ALL)
        return plan_select(cx, g, p, dt);
    return plan_compute(cx, g, p, dt);
}

static void plan_reads(GroupTab *g)
{
    for (idx a = 0; a < g->nacc; a++) {
        int32_t col = g->acc[a].col;
        View v = acc_info[g->acc[a].kind].view;
        if (g->acc[a].kind == ACC_MISS) {
            DType dt = g->proto[col]->dt;
            v = dt == DT_STR ? VIEW_TEXT : dt_is_float(dt) ? VIEW_FLOAT : VIEW_INT;
        }
        if (v == VIEW_NONE) continue;
        idx r = 0;
        while (r < g->nread && (g->read[r].col != col || g->read[r].view != v))
            r++;
        if (r == g->nread) {
            g->read[r] = (AggRead){.col = col, .view = v, .miss = -1};
            g->nread++;
        }
        if (v == VIEW_TEXT) g->read[r].refs |= acc_info[g->acc[a].kind].parts[0] == 's';
        if (g->acc[a].kind == ACC_MISS) g->read[r].miss = (int32_t)a;
    }
}

Status group_plan(Cx *cx, GroupTab *g, const AggSpec *agg, idx nagg)
{
    TRY(mem_new(cx, nagg, sizeof *g->plan, true, &g->plan));
    TRY(mem_new(cx, 3 * nagg + 2, sizeof *g->acc, true, &g->acc));
    TRY(mem_new(cx, 3 * nagg + 2, sizeof *g->read, true, &g->read));
    TRY(mem_new(cx, nagg, sizeof *g->pairs, true, &g->pairs));
    g->nagg = nagg;
    for (idx k = 0; k < nagg; k++) {
        g->plan[k].spec = agg[k];
        TRY(plan_one(cx, g, &g->plan[k], g->nval));
    }
    if (g->order) need(g, ACC_ROW0, -1);
    plan_reads(g);
    TRY(mem_new(cx, g->nacc, sizeof(KeyTab *), true, &g->seen));
    TRY(mem_new(cx, 3 * g->nacc, sizeof *g->init, true, &g->init));
    for (idx a = 0; a < g->nacc; a++) {
        const AccInfo *info = &acc_info[g->acc[a].kind];
        g->acc[a].off = (uint32_t)g->stride;
        memcpy((uint8_t *)g->init + g->stride, info->init, (size_t)info->words * 8);
        g->stride += (size_t)info->words * 8;
    }
    return OK;
}
