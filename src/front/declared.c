/* SPDX-License-Identifier: Apache-2.0
 * Types that the user declares for variables: jit(locals={"x": float64}). A value that
 * is assigned to such a variable has its type, or is a number that becomes one without
 * loss, or it is an error that names both types. The declared columns of a frame are
 * also what is known of a file whose name only the run tells (build_io.c); the host
 * compares them with the file's when it is opened.
 */
#include "front/build.h"
#include "front/front_int.h"
#include "front/nd.h"
#include "ir/desc.h"
#include "ir/flags.h"

static const Local *local_in(const DistFlags *d, const char *name)
{
    for (idx i = 0; d && name && i < d->nlocal; i++)
        if (!strcmp(d->local[i].name, name)) return &d->local[i];
    return NULL;
}

static const Local *local_of(const Front *f, const char *name)
{
    return local_in(f->scope ? f->scope->flags : NULL, name);
}

NORETURN static void differs(Front *f, const Local *l, const char *got)
{
    front_fail(f, E_TYPE, "'%s' is declared %s by locals=, but is %s", l->name, l->text,
               got);
}

/* Whether elements are of the declared type. Whether integers have missing values,
 * which makes them floats, the data tell; text is one type in columns and by itself. */
static bool same_element(Type want, Type got)
{
    if (type_is_cat(want) || type_is_cat(got))
        return type_is_cat(want) && type_is_cat(got);
    bool number = dt_is_number((DType)want.dt);
    bool alike = (want.null == NULL_MASK) == (got.null == NULL_MASK);
    return want.dt == got.dt && want.unit == got.unit && (alike || !number);
}

/* -- Scalars ----------------------------------------------------------------------- */

/* Integers that all are integers of the other type, too. */
static bool int_fits(DType from, DType to)
{
    idx a = dtype_info[from].bytes, b = dtype_info[to].bytes;
    bool from_sign = !dt_is_unsigned(from), to_sign = !dt_is_unsigned(to);
    return from_sign == to_sign ? a <= b : to_sign && a < b;
}

/* Whether a number becomes one of another type as NumPy does it safely. */
static bool number_fits(DType from, DType to)
{
    if (!dt_is_number(from) || !dt_is_number(to)) return false;
    if (from == DT_BOOL || from == to) return true;
    if (dt_is_int(from) && dt_is_int(to)) return int_fits(from, to);
    if (dt_is_int(to) || to == DT_BOOL) return false;
    if (dt_is_complex(from) && !dt_is_complex(to)) return false;
    idx half = dt_is_complex(to) ? 2 : 1, have = dtype_info[from].bytes;
    if (dt_is_complex(from)) have /= 2;
    idx room = dtype_info[to].bytes / half;
    return dt_is_int(from) ? have < room || room == 8 : have <= room;
}

static AVal *as_number(Front *f, const Local *l, AVal *v, Type got)
{
    Type want = l->type->type;
    bool python = want.dt == DT_BOOL || want.dt == DT_I64 || want.dt == DT_F64 ||
                  want.dt == DT_C128;
    bool known = v->kind == A_CONST && v->ck == AC_INT && want.dt == DT_F64;
    if (same_element(want, got)) return v;
    if (!number_fits((DType)got.dt, (DType)want.dt)) differs(f, l, av_type_text(f, v));
    if (known) return av_float(f, (double)v->i);
    AVal *r = av_scalar(f, front_cast(f, front_val(f, v), type_scalar((DType)want.dt)));
    r->i = python;
    return r;
}

static AVal *as_scalar(Front *f, const Local *l, AVal *v)
{
    bool scalar = v->kind == A_SCALAR || (v->kind == A_CONST && v->ck != AC_ELLIPSIS);
    if (!scalar) differs(f, l, av_type_text(f, v));
    Type got = v->kind == A_SCALAR ? v->val->type : front_val(f, v)->type;
    if (!dt_is_number((DType)got.dt) && !same_element(l->type->type, got))
        differs(f, l, av_type_text(f, v));
    return as_number(f, l, v, got);
}

/* -- Rows -------------------------------------------------------------------------- */

static void check_column(Front *f, const Local *l, const Desc *want, Type got)
{
    if (same_element(want->type, got)) return;
    Type t = type_with(want->type, TY_COL);
    front_fail(f, E_TYPE, "column '%s' of '%s' is declared %s by locals=, but is %s",
               want->name ? want->name : "None", l->name, dtype_text(f, t),
               dtype_text(f, got));
}

static void check_frame(Front *f, const Local *l, AVal *v)
{
    const Frame *t = front_frame(f, v);
    idx n = l->type->nchild - 1;
    for (idx i = 0; i < n; i++) {
        const Desc *d = l->type->child[i];
        AVal *name = d->name == DESC_INT_NAME
                         ? av_int(f, d->name_int)
                         : name_label(f, intern(f->names, d->name));
        idx k = frame_find(t, name);
        if (k < 0)
            front_fail(f, E_TYPE, "'%s' has no column %s, which locals= declares",
                       l->name, label_text(f, name));
        check_column(f, l, d, t->col.at[k]->type);
    }
    if (t->col.n > n)
        front_fail(f, E_TYPE,
                   "'%s' has %lld columns, but %lld are declared by locals=", l->name,
                   (long long)t->col.n, (long long)n);
}

static AVal *as_rows(Front *f, const Local *l, AVal *v)
{
    const Desc *d = l->type;
    bool same = false;
    if (d->kind == D_ARRAY)
        same = v->kind == A_ARRAY && same_element(d->type, v->val->type) &&
               d->type.ndim == nd_of(f, v).n;
    else if (d->kind == D_SERIES)
        same = v->kind == A_SERIES && same_element(d->child[0]->type, v->val->type);
    else if (d->kind == D_FRAME)
        same = v->kind == A_FRAME;
    if (!same) differs(f, l, av_type_text(f, v));
    if (d->kind == D_FRAME) check_frame(f, l, v);
    return v;
}

static AVal *as_declared(Front *f, const Local *l, AVal *v)
{
    if (v->kind == A_OPEN || v->kind == A_UNBOUND || v->kind == A_ERROR) return v;
    return l->type->kind == D_SCALAR ? as_scalar(f, l, v) : as_rows(f, l, v);
}

AVal *declared_value(Front *f, const char *name, AVal *v)
{
    const Local *l = local_of(f, name);
    return l ? as_declared(f, l, v) : v;
}

void declared_enter(Front *f, Scope *s, idx nparam)
{
    const DistFlags *d = s->flags;
    for (idx i = 0; i < nparam && i < s->name.n && d->nlocal; i++) {
        AVal *v = heap_var(f, s->cell.at[i]);
        const Local *l = v ? local_in(d, s->name.at[i]) : NULL;
        if (l) heap_set_var(f, s->cell.at[i], as_declared(f, l, v));
    }
}

/* -- Files ------------------------------------------------------------------------- */

/* A column as the host gets it, to compare it with the file's: name, dtype, unit,
 * whether numbers may be missing, time zone. */
static void tell_column(Front *f, Json *j, const SchemaCol *c)
{
    bool cat = type_is_cat(c->type);
    bool masked = c->type.null == NULL_MASK && dt_is_number((DType)c->type.dt);
    json_raw(f, j, j->comma ? ", [" : "[");
    j->comma = true;
    json_str(f, j, c->name);
    json_raw(f, j, ", ");
    json_str(f, j, cat ? "category" : dtype_info[c->type.dt].text);
    json_raw(f, j, ", ");
    json_str(f, j, c->type.unit ? unit_text((Unit)c->type.unit) : "");
    json_raw(f, j, masked ? ", true, " : ", false, ");
    json_str(f, j, c->tz ? c->tz : "");
    json_raw(f, j, "]");
}

static void schema_add(Front *f, Schema *s, const Desc *d)
{
    const char *name = d->name && d->name != DESC_INT_NAME ? d->name : NULL;
    if (!name)
        name = arena_printf(f->arena, "__index_level_%lld__", (long long)s->nindex);
    Type t = type_with(d->type, TY_COL);
    if (dt_is_int((DType)t.dt) || t.dt == DT_BOOL) /* the data tell what is missing */
        if (t.null == NULL_NONE) t.null = NULL_PROM;
    s->col[s->ncol++] = (SchemaCol){.name = name, .type = t, .tz = d->extra};
}

const char *declared_schema(Front *f, const Call *c, const char *options, Schema *s)
{
    const Local *l =
        c->ast && c->ast == f->assigned ? local_of(f, f->assigned_to) : NULL;
    if (!l || l->type->kind != D_FRAME) return NULL;
    const Desc *d = l->type, *index = d->child[d->nchild - 1];
    idx n = d->nchild - 1, nlevel = index->kind == D_INDEX ? index->nchild : 0;
    Json j = {0};
    *s = (Schema){.range_index = nlevel == 0, .step = 1};
    s->col = ARENA_NEW_N(f->arena, n + nlevel + 1, SchemaCol);
    for (idx i = 0; i < n; i++)
        schema_add(f, s, d->child[i]);
    for (idx i = 0; i < nlevel; i++, s->nindex++)
        schema_add(f, s, index->child[i]);
    if (nlevel == 0 && index->name) s->range_name = index->name;
    for (idx i = 0; i < s->ncol; i++)
        tell_column(f, &j, &s->col[i]);
    vec_push(f->arena, &j.b, '\0');
    int head = (int)strlen(options) - 1; /* without the brace */
    return arena_printf(
        f->arena, "%.*s%s\"declared\": [%s], \"variable\": \"%s\", \"levels\": %lld}",
        head, options, head > 1 ? ", " : "", j.b.at, l->name, (long long)nlevel);
}
