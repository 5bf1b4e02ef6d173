/* SPDX-License-Identifier: Apache-2.0
 * What the builders share: every Python-visible row of ops.def names a builder, a C
 * function that types the call and writes its nodes. Builders with one idea are in one
 * file build_<idea>.c. Frames and Series are handled alike as tables: columns and index
 * levels on one axis; an op that makes a new axis carries all of them along and those
 * that nobody uses die later (pass/dead).
 */
#pragma once
#include "base/kinds.h"
#include "front/sig.h"

#define BUILD(name) AVal *build_##name(Front *f, Call *c);
#include "front/build.def"
#undef BUILD
/* By the name in a row; NULL: not written yet. */
OpBuilder *build_find(const char *name);

/* Refusals. */
NORETURN void unsup(Front *f, const char *fmt, ...) PRINTF(2, 3);

/* -- rows.c: nodes over tables ----------------------------------------------------- */
/* Appends a node of nres results that are not initialised yet. */
Node *put_node(Front *f, Op op, Val *const *arg, idx narg, idx nres);
Val *put_val(Front *f, Op op, Val *const *arg, idx narg, Type t, Axis *axis);
void val_push(Front *f, ValVec *v, Val *x);
Val *int_val(Front *f, int64_t v);
/* A node that makes an axis: result 0 is its rows, then one result like each of like's
 * types. */
Node *put_rows(Front *f, Op op, const ValVec *arg, const ValVec *like);

/* A frame or Series as a table: a Frame of its own to edit. An ndarray or Index becomes
 * a table with a RangeIndex. */
Frame *table_of(Front *f, AVal *v);
/* The table back in the shape of proto: a Series for a Series, else a new frame. */
AVal *table_as(Front *f, const AVal *proto, Frame *t);
/* Columns, then index levels (a RangeIndex becomes a column of row numbers). */
void table_vals(Front *f, const Frame *t, ValVec *out);
void index_vals(Front *f, const Index *ix, ValVec *out);
/* A table over the results of a node of put_rows: res[from..] are columns, then
 * levels. */
Frame *table_from(Front *f, const Frame *like, Node *n, int32_t from, bool new_range);
/* op(lead.., col.., level..) -> rows, col.., level..; new_range: a fresh RangeIndex. */
Frame *table_rows(Front *f, Op op, const ValVec *lead, const Frame *t, bool new_range,
                  Node **node);
Index *index_range(Front *f, Val *rows);
AVal *av_index(Front *f, Index *ix);  /* an Index object */
int32_t index_depth(const Index *ix); /* levels; 1 for a RangeIndex */
/* The same labels for as many rows, whatever the names; also of NULL. */
bool index_same(const Index *a, const Index *b);
Index *index_levels(Front *f, Val *const *level, const char *const *name, idx n);
Frame *table_new(Front *f, Axis *axis, Val *rows, Index *index);
void table_add(Front *f, Frame *t, AVal *name, Val *col);
void table_set(Front *f, Frame *t, AVal *name, Val *col); /* replaces or adds */
Frame *table_filter(Front *f, const Frame *t, Val *mask);
/* The rows with these numbers (list or 1-d array), on the axis of the numbers; text: of
 * the IndexError. attr.c. */
Frame *table_take(Front *f, const Frame *t, AVal *number, const char *text);
/* The rows at positions, a slice of numbers. */
Frame *table_slice(Front *f, const Frame *t, const AVal *s);
/* The value of column col at a position. */
AVal *table_item(Front *f, const Frame *t, AVal *pos, idx col);
bool same_axis(const Axis *a, const Axis *b);
Axis *val_axis(const Val *v);

/* Column v (a Series, array, scalar, list of constants) for the rows of t: fills,
 * aligns. */
Val *table_column(Front *f, const Frame *t, AVal *v, const char *what);
/* The same for what pandas pairs by label: a Series with another index. */
bool table_pairs(const Frame *t, const AVal *v);
Val *table_paired(Front *f, const Frame *t, AVal *v, const char *what);
/* A boolean mask over t's rows. */
Val *table_mask(Front *f, const Frame *t, AVal *v);
/* The same of a key, t[v], which is paired by label. */
Val *table_key(Front *f, const Frame *t, AVal *v);
/* Column of t by label; KeyError. */
Val *table_col(Front *f, const Frame *t, const AVal *label);
idx table_find(Front *f, const Frame *t, const AVal *label); /* KeyError */
/* Label as text for messages: 'a', 3. */
const char *label_text(Front *f, const AVal *v);
const char *label_name(Front *f, const AVal *v); /* NULL for None; index names */
AVal *name_label(Front *f, const char *name);

bool av_is_label(const AVal *v);
AVal *av_labels(Front *f,
                AVal *v); /* a label or list of labels -> A_TUPLE, else NULL */
bool av_is_none(const AVal *v);
bool av_is_str(const AVal *v, const char *s);
AVal *call_self(const Call *c);
AVal *dict_get(Front *f, const AVal *d, const AVal *key); /* NULL */

/* -- grow.c: rows with new labels -------------------------------------------------- */
bool grow_is_plain(const Index *ix); /* 0, 1, 2 .. */
/* The label is the number of rows, and they are numbered: no row has it. */
bool grow_is_next(const Frame *t, const AVal *label);
/* A frame of the rows and one more, with a value for each column. */
AVal *grow_rows(Front *f, const Frame *t, AVal *label, AVal *const *value);

/* -- labels.c ---------------------------------------------------------------------- */
/* Whether a slice is one of labels where numbers would be positions. */
bool label_slices(const AVal *s);
/* The positions of the rows between two labels, both of them in it: KeyError. */
AVal *label_slice(Front *f, const Frame *t, const AVal *s);
/* The values of a Series for the rows of t by their labels, missing where it has none;
 * ValueError where one would have several. */
Val *label_pair(Front *f, const Frame *t, AVal *v);
/* Both tables' columns, those of a first, on the rows that pandas aligns them to: any
 * of them may be missing there. A frame whose columns are named 0, 1 .. */
AVal *label_aligned(Front *f, const Frame *a, const Frame *b);
/* b's columns beside the rows of a; ValueError with this text unless their indexes are
 * the same. */
Frame *label_identical(Front *f, const Frame *a, const Frame *b, const char *text);
/* A mask for the rows of t by their labels; IndexingError where it has none for one. */
Val *label_mask(Front *f, const Frame *t, AVal *mask);
/* raise class(arg) where bad holds. */
void label_raise(Front *f, AVal *bad, const char *class, AVal *arg);

/* -- types ------------------------------------------------------------------------- */
/* The type of a column of t when rows may be missing that were not. */
Type type_missing(Type t);
/* A dtype from what a user writes: A_DTYPE, "int64", int, np.float64; false when it is
 * none. */
bool dtype_of(Front *f, const AVal *v, Type *out);
/* As NumPy takes it: str and "U5" are DT_CHAR, in `of` the characters; 0: of the data.
 */
bool dtype_of_array(Front *f, const AVal *v, Type *out);
bool dtype_is_object(const AVal *v);
bool dtype_parse(const char *text, Type *out);
const char *dtype_text(Front *f, Type t);
Val *missing_scalar(Front *f, Type elem); /* CONST {na=1} */

/* -- aggregates -------------------------------------------------------------------- */
int agg_kind(const char *name); /* AggKind, -1 */
const char *agg_name(int kind);
/* Element type of the result (kind TY_COL); throws TypeError as pandas when it has
 * none. */
Type agg_type(Front *f, int kind, Type in, const AVal *label);
/* The same for one value per group. */
Type group_type(Front *f, int kind, Type in, const AVal *label);
/* One value of a whole column. */
AVal *reduce_col(Front *f, Val *col, int kind, int64_t ddof, bool skipna,
                 int64_t min_count);

/* -- build_np.c: arrays of one dimension ------------------------------------------- */
/* The axis of n rows: one that is known to have as many, or a new one. */
Axis *np_axis(Front *f, Val *n);
/* A length or shape of one number as int64; ValueError when negative. */
Val *np_length(Front *f, AVal *shape, const char *what);
AVal *np_array_of(Front *f, Val *col);
/* The parameter dtype; false: None. */
bool np_dtype(Front *f, const Call *c, Type *t);

/* -- build_concat.c */
/* The handle of a list that exists at run time; NULL: its contents are known. */
Val *run_list(Front *f, AVal *v);
/* -- build_ranks.c ----------------------------------------------------------------- */
/* The global numbers of v's rows, as an array on their axis. */
AVal *numbers_of_rows(Front *f, AVal *v);
/* The rows of a frame, Series or array with these numbers. */
AVal *rows_by_number(Front *f, AVal *v, AVal *number);
/* build_random.c: the rows in a random order that depends on the seed alone, the first
 * n of them (None: all), in near-equal chunks. */
AVal *rows_shuffled(Front *f, AVal *v, AVal *seed, AVal *dests, AVal *n);
/* Moves rows to near-equal chunks, of the ranks in dests (None: all). Where the user
 * asked for that, replicated rows are warned of. */
AVal *rows_rebalanced(Front *f, AVal *v, AVal *dests, bool asked);

/* days.c: Python's timedeltas as timedelta64; other columns as they are. */
Val *days_plain(Front *f, Val *v);
void days_none(Front *f, const Val *v, const char *what); /* refuses them */

/* -- category.c -------------------------------------------------------------------- */
Val *cat_values(Front *f, Val *v); /* of a category column; other columns as they are */
Val *cat_as_type(Front *f, Val *v, Type t);       /* a type that type_cat_join gave */
Val *cat_make(Front *f, Val *v, bool ordered);    /* astype("category") */
Val *cat_of_read(Front *f, Val *v, bool ordered); /* of what a text file holds */
/* The value of the row at a position. */
Val *cat_row(Front *f, Val *rows, Val *pos, Val *col);
/* Every category once, in their order, on an axis that every rank has all of. */
Val *cat_each(Front *f, Val *v);
/* Groups by a category column, with those categories that no row has: sorted, or these
 * last. key and values (of n aggregates) become columns of another axis; values of new
 * groups are missing. */
void cat_all_groups(Front *f, bool sort, Val **key, Val **value, idx n);
/* The same by nkey keys, some of them categories, sorted: every category with every
 * other and with what the other keys are together in the rows, whose keys are by. */
void cat_all_keys(Front *f, Val *const *by, Val **key, idx nkey, Val **value, idx n);
/* Columns (NULL: none) that become one: if all are categories of what may be one dtype
 * they get the categories of the first (true; a TypeError when they turn out to
 * differ), else categories become their values. */
bool cat_unify(Front *f, Val **col, idx n);
/* All rows missing, over the categories of like. */
Val *cat_missing(Front *f, Val *rows, Axis *axis, Val *like);
AVal *cat_extreme(Front *f, Val *col, int kind);       /* min, max */
AVal *cat_attr(Front *f, AVal *acc, const char *name); /* .cat.name; NULL */
Val *cat_map(Front *f, Val *v, AVal *fnv);             /* s.map(function) */

/* -- across files ------------------------------------------------------------------ */
AVal *frame_loc(Front *f, AVal *v, const char *accessor, AVal *key);
/* The columns that the second part of a loc or iloc key chooses; one: a single one. */
Frame *frame_cols(Front *f, const Frame *t, const char *acc, AVal *key, bool *one);
/* As av_labels(); also of a slice of names, "a":"c". NULL: they are not known. */
AVal *frame_labels(Front *f, const Frame *t, AVal *key);
/* What an array gives column k of n that it is written to: its own column, or element;
 * any other value itself. text: of the ValueError when it has not n of them. */
AVal *array_column(Front *f, AVal *value, idx k, idx n, const char *text);
/* store.c: writes to items. acc "": S[key] = value. */
void series_setitem(Front *f, AVal *v, const char *acc, AVal *key, AVal *value);
void frame_loc_set(Front *f, AVal *v, const char *accessor, AVal *key, AVal *value);
void frame_mask_set(Front *f, AVal *v, AVal *key, AVal *value); /* df[mask] = value */
AVal *group_select(Front *f, AVal *v, AVal *key);
AVal *group_attr(Front *f, AVal *v, const char *name);
AVal *dt_attr(Front *f, AVal *acc, const char *name);
AVal *str_getitem(Front *f, AVal *acc, AVal *key);
/* n values as a column of a new axis. */
Val *values_column(Front *f, AVal *const *item, idx n);
/* A list, a view of a dict or a sequence of numbers as an array, text as objects, None
 * among numbers as NaN; others as they are. */
AVal *values_listed(Front *f, AVal *v);
/* A list, or a view of a dict, whose items are only known at run time. */
bool values_at_run_time(Front *f, const AVal *v);
Val *map_dict(Front *f, Val *col, AVal *dict, Type *named);
/* JSON text under construction. */
typedef struct Json {
    VEC(char) b;
    bool comma;
} Json;
void json_raw(Front *f, Json *j, const char *s);
void json_str(Front *f, Json *j, const char *s);
void json_value(Front *f, Json *j, AVal *v); /* constants, lists, dicts */
void json_key(Front *f, Json *j, const char *key);
const char *json_end(Front *f, Json *j);
