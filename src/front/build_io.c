/* SPDX-License-Identifier: Apache-2.0
 * Reading and writing of files. The schema is asked of the host when compiling; the
 * path stays a run-time value where it is one.
 */
#include "front/build.h"
#include "front/front_int.h"

/* -- JSON ----------------------------------------------------------------------- */
void json_raw(Front *f, Json *j, const char *s)
{
    for (; *s; s++)
        vec_push(f->arena, &j->b, *s);
}

static void json_text(Front *f, Json *j, const char *s, idx n)
{
    json_raw(f, j, "\"");
    for (idx i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)s[i];
        if (ch == '"' || ch == '\\' || ch < 0x20)
            json_raw(f, j, arena_printf(f->arena, ch < 0x20 ? "\\u%04x" : "\\%c", ch));
        else
            vec_push(f->arena, &j->b, (char)ch);
    }
    json_raw(f, j, "\"");
}

void json_str(Front *f, Json *j, const char *s)
{
    json_text(f, j, s, (idx)strlen(s));
}

void json_key(Front *f, Json *j, const char *key)
{
    json_raw(f, j, j->comma ? ", " : "{");
    json_str(f, j, key);
    json_raw(f, j, ": ");
    j->comma = true;
}

static void json_dict(Front *f, Json *j, AVal *v)
{
    Container *d = front_items(f, v);
    json_raw(f, j, "{");
    vec_each (i, &d->key) {
        if (i) json_raw(f, j, ", ");
        json_str(f, j, label_name(f, d->key.at[i]));
        json_raw(f, j, ": ");
        json_value(f, j, d->item.at[i]);
    }
    json_raw(f, j, "}");
}

void json_value(Front *f, Json *j, AVal *v)
{
    AVal *list = v->kind == A_LIST || v->kind == A_TUPLE ? v : NULL;
    Type t;
    if (v->kind == A_NONE)
        json_raw(f, j, "null");
    else if (v->kind == A_CONST && v->ck == AC_STR)
        json_text(f, j, v->s, v->n);
    else if (v->kind == A_CONST && v->ck == AC_BOOL)
        json_raw(f, j, v->i ? "true" : "false");
    else if (v->kind == A_CONST && v->ck == AC_INT)
        json_raw(f, j, arena_printf(f->arena, "%lld", (long long)v->i));
    else if (v->kind == A_CONST && v->ck == AC_FLOAT)
        json_raw(f, j, arena_printf(f->arena, "%.17g", v->f));
    else if (v->kind == A_DICT)
        json_dict(f, j, v);
    else if (list) {
        AVal *const *item =
            list->kind == A_TUPLE ? list->item : front_items(f, v)->item.at;
        idx n = list->kind == A_TUPLE ? list->n : front_items(f, v)->item.n;
        json_raw(f, j, "[");
        for (idx i = 0; i < n; i++) {
            if (i) json_raw(f, j, ", ");
            json_value(f, j, item[i]);
        }
        json_raw(f, j, "]");
    } else if (dtype_of(f, v, &t))
        json_str(f, j, dtype_text(f, t));
    else
        front_fail(f, E_TYPE, "%s can't be an option of a file", av_type_text(f, v));
}

const char *json_end(Front *f, Json *j)
{
    json_raw(f, j, j->comma ? "}" : "{}");
    vec_push(f->arena, &j->b, '\0');
    return j->b.at;
}

/* -- Reading -------------------------------------------------------------------- */
static Val *path_val(Front *f, AVal *path, const char *what)
{
    bool text = (path->kind == A_CONST && path->ck == AC_STR) ||
                (path->kind == A_SCALAR && path->val->type.dt == DT_STR);
    if (!text && (path->kind == A_LIST || path->kind == A_TUPLE))
        front_unsup(f, UNSUP_API,
                    "%s of several paths; read them in a loop and pd.concat() them, or "
                    "give a folder or a pattern",
                    what);
    if (!text)
        front_fail(f, E_TYPE, "%s: the path must be str, not %s", what,
                   av_type_text(f, path));
    return front_val(f, path);
}

static idx schema_find(Front *f, const Schema *s, const AVal *label)
{
    const char *name = label_name(f, label);
    for (idx i = 0; i < s->ncol; i++)
        if (name && !strcmp(s->col[i].name, name)) return i;
    return -1;
}

/* A column of a file: every rank has read the categories of its own rows. */
static Val *read_col(Front *f, Val *v)
{
    if (!type_is_cat(v->type)) return v;
    Val *r = put_val(f, OP_CATJOIN, &v, 1, v->type, v->axis);
    node_set_int(f->fn, r->def, "ordered", type_categories(v->type).ordered);
    return r;
}

/* The READ node over columns `pick` of the schema (then its stored index). */
static AVal *read_node(Front *f, Val *path, const char *format, const Schema *s,
                       const idx *pick, idx npick, const char *options)
{
    idx ncol = s->ncol - s->nindex, n = npick + s->nindex;
    ValVec arg = {0};
    val_push(f, &arg, path);
    Node *node = put_node(f, OP_READ, arg.v.at, 1, 1 + n);
    Axis *axis = axis_new(f->fn);
    val_init(f->fn, &node->res[0], type_scalar(DT_I64), NULL);
    axis->rows = &node->res[0];
    const char **names = ARENA_NEW_N(f->arena, n + 1, const char *);
    for (idx i = 0; i < n; i++) {
        const SchemaCol *col = &s->col[i < npick ? pick[i] : ncol + i - npick];
        names[i] = col->name;
        Type t = type_with(col->type, TY_COL);
        if (col->tz) t.of = zone_add(f->fn, col->tz);
        val_init(f->fn, &node->res[i + 1], t, axis);
    }
    node_set_text(f->fn, node, "format", format, (idx)strlen(format));
    node_set_texts(f->fn, node, "columns", names, n);
    node_set_text(f->fn, node, "options", options, (idx)strlen(options));
    node_set_int(f->fn, node, "bytes", s->bytes);
    Frame *t = table_new(f, axis, &node->res[0], NULL);
    for (idx i = 0; i < npick; i++)
        table_add(f, t, name_label(f, intern(f->names, names[i])),
                  read_col(f, &node->res[i + 1]));
    if (s->nindex) {
        Val **level = ARENA_NEW_N(f->arena, s->nindex, Val *);
        const char **lname = ARENA_NEW_N(f->arena, s->nindex, const char *);
        for (idx i = 0; i < s->nindex; i++) {
            level[i] = read_col(f, &node->res[1 + npick + i]);
            const char *nm = names[npick + i];
            lname[i] = strncmp(nm, "__index_level_", 14) ? intern(f->names, nm) : NULL;
        }
        t->index = index_levels(f, level, lname, s->nindex);
    }
    if (s->range_index) {
        t->index = index_range(f, t->rows);
        t->index->start = s->start;
        t->index->step = s->step;
        if (s->range_name) t->index->name[0] = intern(f->names, s->range_name);
    }
    return av_frame(f, t);
}

/* Sorted, each once. */
static idx pick_in_order(idx *pick, idx n)
{
    idx m = 0;
    for (idx i = 0; i < n; i++) {
        idx k = m;
        while (k > 0 && pick[k - 1] > pick[i])
            k--;
        if (k > 0 && pick[k - 1] == pick[i]) continue;
        idx v = pick[i];
        memmove(pick + k + 1, pick + k, (size_t)(m - k) * sizeof *pick);
        pick[k] = v;
        m++;
    }
    return m;
}

/* The columns of the file: the host's answer, or what the user declares where only the
 * run tells its name. *text: whose columns they are, for messages. */
static void file_schema(Front *f, Call *c, AVal *path, const char *format,
                        const char **options, Val **pv, const char **text, Schema *s)
{
    const char *what = arena_printf(f->arena, "%s()", call_short(c)), *declared = NULL;
    bool known = path->kind == A_CONST && path->ck == AC_STR;
    if (!known) front_specialise(f, path);
    if (!known && path->kind == A_SCALAR) {
        declared = declared_schema(f, c, *options, s);
        if (!declared)
            unsup(
                f,
                "%s: the columns of a file whose name is computed at run time are not "
                "known when compiling; pass the path as an argument of the function, "
                "or declare the columns: jit(locals={\"df\": {\"A\": "
                "types.int64[:]}})",
                what);
    }
    *pv = path_val(f, path, what);
    if (declared) {
        *options = declared;
        return;
    }
    Err err = {0};
    *text = front_const_str(f, path, "path");
    if (!f->host->schema)
        unsup(f, "%s: nobody here can read the columns of a file", what);
    if (!f->host->schema(f->host_data, f->arena, format, *text, *options, s, &err))
        front_fail(f, (ErrCode)err.code, "%s", err.text);
}

static AVal *read_file(Front *f, Call *c, AVal *path, const char *format,
                       const AVal *columns, const char *options)
{
    const char *what = arena_printf(f->arena, "%s()", call_short(c));
    Schema s = {0};
    const char *text = "the declared columns";
    Val *pv;
    file_schema(f, c, path, format, &options, &pv, &text, &s);
    idx ncol = s.ncol - s.nindex, npick = 0;
    idx *pick = ARENA_NEW_N(
        f->arena, s.ncol + (columns->kind == A_TUPLE ? columns->n : 0) + 1, idx);
    if (columns->kind != A_TUPLE) {
        for (idx i = 0; i < ncol; i++)
            pick[npick++] = i;
    } else {
        for (idx i = 0; i < columns->n; i++) {
            idx k = schema_find(f, &s, columns->item[i]);
            if (k < 0)
                front_fail(f, E_VALUE, "%s: column %s is not in %s", what,
                           label_text(f, columns->item[i]), text);
            pick[npick++] = k;
        }
        /* read_csv keeps the file's order whatever the order of usecols. */
        if (!strcmp(format, "csv")) npick = pick_in_order(pick, npick);
    }
    return read_node(f, pv, format, &s, pick, npick, options);
}

/* Several files are read one by one. Their rows are numbered anew where those of a file
 * are. */
static AVal *read_each(Front *f, Call *c, const AVal *paths)
{
    Call one = *c;
    idx nsig = c->sig->n, n = paths->n;
    AVal **frame = ARENA_NEW_N(f->arena, n, AVal *);
    one.arg = ARENA_NEW_N(f->arena, nsig + 1, AVal *);
    memcpy(one.arg, c->arg, (size_t)nsig * sizeof *one.arg);
    for (idx i = 0; i < n; i++) {
        for (idx k = 0; k < nsig; k++)
            if (!strcmp(c->sig->p[k].name, "path")) one.arg[k] = paths->item[i];
        frame[i] = build_read_parquet(f, &one);
    }
    if (n == 1) return frame[0];
    const Index *ix = front_frame(f, frame[0])->index;
    AVal *numbered = av_bool(f, !ix || ix->range), *all = av_list(f, frame, n);
    const char *kw[1] = {"ignore_index"};
    return front_call_op(f, OP_F_CONCAT, "pd.concat", NULL, &all, 1, kw, &numbered, 1,
                         NULL);
}

AVal *build_read_parquet(Front *f, Call *c)
{
    AVal *path = call_arg(f, c, "path"), **item;
    idx n = 0;
    bool list = path->kind == A_LIST && !box_get(f, path);
    if ((list || path->kind == A_TUPLE) && lower_items(f, path, &item, &n) && n > 0)
        return read_each(f, c, av_tuple(f, item, n));
    return read_file(f, c, call_arg(f, c, "path"), "parquet", call_arg(f, c, "columns"),
                     "{}");
}

/* parse_dates: a list of column names; False and None are nothing. */
static void csv_dates(Front *f, Json *j, AVal *v)
{
    if (v->kind == A_NONE || (v->kind == A_CONST && v->ck == AC_BOOL && !v->i)) return;
    if (v->kind != A_LIST)
        unsup(f, "read_csv(): parse_dates must be a list of column names");
    json_key(f, j, "parse_dates");
    json_value(f, j, v);
}

/* The dtypes that a file's reader does not make, given for all columns or for some in a
 * dict: "category", of values of what dtype they are without it, and pandas' nullable
 * numbers, which are read as the plain ones that may be missing. */
static void csv_dtypes(Front *f, Frame *t, AVal *dtype)
{
    Type to;
    vec_each (i, &t->col) {
        AVal *want = dtype->kind == A_DICT ? dict_get(f, dtype, t->name.at[i]) : dtype;
        Val **col = &t->col.at[i];
        if (!want || av_is_none(want)) continue;
        if (av_is_str(want, "category"))
            *col = cat_of_read(f, *col, false);
        else if (dt_is_num((DType)(*col)->type.dt) && dtype_of(f, want, &to) &&
                 to.null == NULL_MASK && dt_is_num((DType)to.dt))
            *col = front_cast(f, *col, to);
    }
}

AVal *build_read_csv(Front *f, Call *c)
{
    Json j = {0};
    AVal *delim = call_arg(f, c, "delimiter");
    json_key(f, &j, "sep");
    json_value(f, &j, av_is_none(delim) ? call_arg(f, c, "sep") : delim);
    AVal *header = call_arg(f, c, "header"), *names = call_arg(f, c, "names");
    bool none = av_is_none(header);
    bool infer = av_is_str(header, "infer");
    if (!none && !infer &&
        !(header->kind == A_CONST && header->ck == AC_INT && header->i == 0))
        unsup(f, "read_csv(): header parameter only supports 'infer', 0 and None");
    if (none && av_is_none(names))
        unsup(f, "read_csv(): header=None needs names=, the column names");
    json_key(f, &j, "header");
    json_raw(f, &j, none || (infer && !av_is_none(names)) ? "false" : "true");
    if (!av_is_none(names)) {
        json_key(f, &j, "names");
        json_value(f, &j, names);
    }
    AVal *dtype = call_arg(f, c, "dtype");
    if (!av_is_none(dtype)) {
        json_key(f, &j, "dtype");
        json_value(f, &j, dtype);
    }
    csv_dates(f, &j, call_arg(f, c, "parse_dates"));
    static const char *const ints[] = {"skiprows", "nrows"};
    for (idx i = 0; i < COUNT_OF(ints); i++) {
        if (call_none(f, c, ints[i])) continue;
        json_key(f, &j, ints[i]);
        json_value(f, &j, call_arg(f, c, ints[i]));
    }
    AVal *use = call_arg(f, c, "usecols");
    AVal *columns = av_is_none(use) ? use : av_labels(f, use);
    if (!columns) unsup(f, "read_csv(): usecols must be a list of column names");
    AVal *frame = read_file(f, c, call_arg(f, c, "filepath_or_buffer"), "csv", columns,
                            json_end(f, &j));
    csv_dtypes(f, front_frame_mut(f, frame), dtype);
    return frame;
}

AVal *build_read_json(Front *f, Call *c)
{
    if (!call_bool(f, c, "lines"))
        unsup(f, "read_json(): lines parameter only supports True");
    return read_file(f, c, call_arg(f, c, "path_or_buf"), "json", av_none(f),
                     "{\"lines\": true}");
}

/* -- Writing -------------------------------------------------------------------- */
/* WRITE of t's columns; the index's levels after them (options name them). */
static AVal *write_node(Front *f, Call *c, Frame *t, AVal *path, const char *format,
                        bool index, bool range_as_column, Json *j)
{
    const char *what = arena_printf(f->arena, "%s()", call_short(c));
    if (!t->rows) unsup(f, "%s: a DataFrame without columns", what);
    ValVec arg = {0};
    val_push(f, &arg, path_val(f, path, what));
    val_push(f, &arg, t->rows);
    vec_each (i, &t->col)
        val_push(f, &arg, t->col.at[i]);
    idx nlevel = 0;
    if (index && (!t->index->range || range_as_column)) {
        index_vals(f, t->index, &arg);
        nlevel = index_depth(t->index);
    }
    idx n = arg.v.n - 2;
    const char **names = ARENA_NEW_N(f->arena, n + 1, const char *);
    vec_each (i, &t->col) {
        if (t->name.at[i]->kind == A_TUPLE)
            unsup(f, "%s: column labels that are tuples", what);
        names[i] = label_name(f, t->name.at[i]);
        if (!names[i]) names[i] = "None";
    }
    json_key(f, j, "nindex");
    json_raw(f, j, arena_printf(f->arena, "%lld", (long long)nlevel));
    json_key(f, j, "index_names");
    json_raw(f, j, "[");
    for (idx i = 0; i < nlevel; i++) {
        const char *nm = t->index->name[i];
        if (i) json_raw(f, j, ", ");
        if (nm)
            json_str(f, j, nm);
        else
            json_raw(f, j, "null");
        names[t->col.n + i] =
            nm ? nm : arena_printf(f->arena, "__index_level_%lld__", (long long)i);
    }
    json_raw(f, j, "]");
    if (index && t->index->range && !range_as_column) {
        json_key(f, j, "range");
        json_raw(f, j,
                 arena_printf(f->arena, "[%lld, %lld]", (long long)t->index->start,
                              (long long)t->index->step));
    }
    Node *node = put_node(f, OP_WRITE, arg.v.at, arg.v.n, 0);
    const char **zones = ARENA_NEW_N(f->arena, n + 1, const char *);
    for (idx i = 0; i < n; i++) {
        const char *zone = zone_name(f->fn, arg.v.at[2 + i]->type);
        if (zone && !strcmp(format, "csv")) zone_none(f, arg.v.at[2 + i], "the text");
        zones[i] = zone ? zone : "";
    }
    node_set_texts(f->fn, node, "zones", zones, n);
    const char *options = json_end(f, j);
    node_set_text(f->fn, node, "format", format, (idx)strlen(format));
    node_set_texts(f->fn, node, "columns", names, n);
    node_set_text(f->fn, node, "options", options, (idx)strlen(options));
    return av_none(f);
}

AVal *build_to_parquet(Front *f, Call *c)
{
    Json j = {0};
    json_key(f, &j, "compression");
    json_value(f, &j, call_arg(f, c, "compression"));
    AVal *index = call_arg(f, c, "index");
    bool with = av_is_none(index) || index->i;
    bool column = !av_is_none(index) && index->i;
    return write_node(f, c, table_of(f, c->self), call_arg(f, c, "path"), "parquet",
                      with, column, &j);
}

AVal *build_to_csv(Front *f, Call *c)
{
    Json j = {0};
    static const char *const opts[] = {"sep", "na_rep", "header"};
    for (idx i = 0; i < COUNT_OF(opts); i++) {
        json_key(f, &j, opts[i]);
        json_value(f, &j, call_arg(f, c, opts[i]));
    }
    Frame *t = table_of(f, c->self);
    AVal *cols = call_arg(f, c, "columns");
    if (!av_is_none(cols)) {
        Frame *p = table_new(f, t->axis, t->rows, t->index);
        for (idx i = 0; i < cols->n; i++)
            table_add(f, p, cols->item[i], table_col(f, t, cols->item[i]));
        t = p;
    }
    vec_each (i, &t->col)
        t->col.at[i] = cat_values(f, t->col.at[i]);
    return write_node(f, c, t, call_arg(f, c, "path_or_buf"), "csv",
                      call_bool(f, c, "index"), true, &j);
}
