/* SPDX-License-Identifier: Apache-2.0
 * Algorithms over columns on one rank: the contract of all of them. One algorithm a
 * file; none knows of ranks (comm/) or of names (the compiler). Arguments are borrowed,
 * results owned by the caller. Keys may be any dtype but a mix: multi-column keys are
 * Tables of the same n. Missing keys of every form (bitmap, NaN, NaT) are equal to one
 * another, as in pandas. -0.0 equals 0.0. STR keys compare by text whatever the layout.
 * Large inputs are worked through in batches of BATCH rows, with cx_check between.
 */
#pragma once
#include "array/table.h"
#include "base/kinds.h"

enum { BATCH = 1024 };

/* -- hash_rows.c: 64-bit hash of each row's keys; equal keys give equal hashes on every
 * rank (STR by text). out has t->n words. */
MUST_USE Status hash_rows(Cx *cx, const Table *t, uint64_t *out);

/* -- take.c, filter.c, concat.c */
/* Rows at pos[i]; pos -1 gives a missing value: the result's null form is outnull,
 * which must be able to say so if any is -1 (NULL_PROM, NULL_NAN, NULL_NAT, NULL_MASK).
 */
MUST_USE Status take(Cx *cx, const Array *a, const idx *pos, idx n, NullForm outnull,
                     Array **out);
/* Positions of true bytes of mask (BOOL array; nulls count as false). *pos from
 * mem_new. */
MUST_USE Status mask_positions(Cx *cx, const Array *mask, idx **pos, idx *n);
/* Every column of t where mask is true (dense masks are copied by runs). */
MUST_USE Status filter(Cx *cx, const Table *t, const Array *mask, Table *out);
/* a[0] .. a[k-1] one after the other; all of one dtype, unit; null form outnull. */
MUST_USE Status concat(Cx *cx, Array *const *a, idx k, NullForm outnull, Array **out);

/* -- append.c: the same, when the pieces come one after the other and are not kept:
 * each is copied to its place when it is added. expect: rows in all, -1 when not known.
 */
typedef struct Append Append;
MUST_USE Status append_new(Cx *cx, NullForm outnull, idx expect, Append **out);
MUST_USE Status append_add(Cx *cx, Append *p, Array *a); /* borrows a */
/* At least one piece was added. Frees p, also on failure. */
/* The categories of a are those of all that was appended, and more. */
void append_set_cats(Append *p, const Array *a);
MUST_USE Status append_finish(Cx *cx, Append *p, Array **out);
void append_free(Append *p); /* NULL is nothing */

/* -- sort.c: stable order of rows by keys. asc[k] per key column; NaN/null last, or
 * first when nulls_first, whatever asc. *perm from mem_new, n positions. */
MUST_USE Status sort_perm(Cx *cx, const Table *keys, const bool *asc, bool nulls_first,
                          idx **perm);
/* Three-way comparison of row i of a with row j of b under the same rules. */
int sort_cmp(const Table *a, idx i, const Table *b, idx j, const bool *asc,
             bool nulls_first);
/* The first `top` rows of that order: *perm from mem_new, *n of them (fewer rows: all).
 */
MUST_USE Status sort_top(Cx *cx, const Table *keys, const bool *asc, bool nulls_first,
                         idx top, idx **perm, idx *n);
/* -- sort_merge.c: k runs, each sorted: their stable merge (ties by run, then row) as
 * pairs packed run << 48 | row; *order from mem_new, as many as the runs have rows
 * together. */
MUST_USE Status sort_merge(Cx *cx, const Table *run, idx k, const bool *asc,
                           bool nulls_first, uint64_t **order);

/* -- groupby.c: hash aggregation, see agg.def. Two phases, so that ranks can exchange
 * partial results between them: rows -> groups + partial states -> (merge) -> final
 * values. */
typedef struct AggSpec {
    uint8_t kind;      /* AggKind */
    int32_t col;       /* value column, -1 for SIZE */
    bool skipna;       /* true for groupby */
    int32_t ddof;      /* var, std */
    int64_t min_count; /* sum, prod: fewer values give a missing one */
} AggSpec;

typedef struct GroupTab GroupTab;
/* values: prototype columns (0 rows is enough) that fix the dtypes. dropna: rows with a
 * missing key belong to no group. order: keep for each group the smallest row number
 * given to consume, so that first-appearance order can be restored. */
MUST_USE Status group_init(Cx *cx, const Table *keys, const Table *values,
                           const AggSpec *agg, idx nagg, bool dropna, bool order,
                           GroupTab **out);
/* row0: global number of the batch's first row; sel: NULL or a BOOL mask of rows to
 * take. */
MUST_USE Status group_consume(Cx *cx, GroupTab *g, const Table *keys,
                              const Table *values, idx row0, const Array *sel);
idx group_count(const GroupTab *g);
/* Adds `by` to the row numbers given so far. */
void group_renumber(GroupTab *g, idx by);
/* Groups so far: their keys, and their states as plain columns that only group_merge
 * reads (shared between aggregates; the last is the first row number, I64, if order).
 * Row i of both tables is one group. E_INTERNAL with holistic aggregates (nunique,
 * median): for those, bring all rows of a group to one rank, consume, and go straight
 * to final. */
MUST_USE Status group_partial(Cx *cx, GroupTab *g, Table *keys, Table *states);
/* Merges tables made by group_partial on any rank, of a group-by with equal arguments.
 */
MUST_USE Status group_merge(Cx *cx, GroupTab *g, const Table *keys,
                            const Table *states);
/* Final: keys and one column per aggregate. Groups stand in first-consumed order,
 * unless there are more than some 100,000: then in any order. *row0s (mem_new): their
 * first row numbers if order, else NULL (row0s may be NULL). pandas' group-by dtypes:
 * sum of ints int64 or uint64, of bool int64, of Int32 Int32; mean, var, std, median
 * float64, of float32 float32; of nullable dtypes nullable ones; min, max, first, last
 * the input's. Without key columns there is one group, also of no rows: then sums are 0
 * and an integer min is missing (NULL_PROM), as pandas' reductions are; sum of Int32 is
 * int64 there. */
MUST_USE Status group_final(Cx *cx, GroupTab *g, Table *keys, Table *values,
                            idx **row0s);
void group_free(GroupTab *g);
/* Number of each row's group (0.., in first-appearance order; -1: dropped), for
 * transform, nunique, median, drop_duplicates. codes from mem_new. first[g]: g's first
 * row (mem_new). */
MUST_USE Status group_codes(Cx *cx, const Table *keys, bool dropna, idx **codes,
                            idx *ngroup, idx **first);

/* -- unique.c: true for each row kept. keep: 'f' first, 'l' last, 'n' none. */
MUST_USE Status drop_duplicates_mask(Cx *cx, const Table *keys, char keep,
                                     Array **mask);

/* -- join_hash.c: build once, probe in batches. Missing keys match missing keys. */
typedef struct JoinTab JoinTab;
MUST_USE Status join_build(Cx *cx, const Table *keys, JoinTab **out);
/* Pairs (probe row, build row) in probe order, then build order; unmatched probe rows
 * as (row, -1) when keep_probe. *lpos, *rpos from mem_new; *lpos is NULL when every
 * probe row makes one pair, so that lpos[i] would be i. Marks matched build rows. */
MUST_USE Status join_probe(Cx *cx, JoinTab *j, const Table *keys, bool keep_probe,
                           idx **lpos, idx **rpos, idx *n);
/* Probe rows with (or without) a match. */
MUST_USE Status join_semi(Cx *cx, JoinTab *j, const Table *keys, bool anti,
                          Array **mask);
/* One byte per build row: 1 when some probe so far matched it. Borrowed until the next
 * probe. */
const uint8_t *join_matched(const JoinTab *j);
/* Off: probes do not note what they match, which is faster (inner and left joins). On
 * at first. */
void join_mark(JoinTab *j, bool mark);
void join_free(JoinTab *j);

/* -- isin.c: BOOL; missing in values matches missing in a. */
MUST_USE Status isin(Cx *cx, const Array *a, const Array *values, Array **out);

/* -- category.c: category columns (array/array.h). Categories (cats) are plain:
 * distinct, without nulls, texts without a dictionary. */
/* The distinct values of a, missing ones left out: in order of first appearance, or
 * sorted. */
MUST_USE Status category_distinct(Cx *cx, Array *a, bool sort, Array **out);
/* int32 code in cats of each row of a; -1: missing, or not among them. */
MUST_USE Status category_codes(Cx *cx, Array *cats, Array *a, Array **out);
/* The column of n codes, < 0: missing. */
MUST_USE Status category_new(Cx *cx, const int32_t *code, idx n, Array *cats,
                             bool ordered, Array **out);
/* The values of the rows as a column of the categories' dtype; texts become a
 * dictionary column that shares the codes. null: form of what is missing (integers). */
MUST_USE Status category_values(Cx *cx, const Array *a, NullForm null, Array **out);
/* Codes as numbers, -1 where missing; E_OVERFLOW when pandas would take a wider dtype.
 */
MUST_USE Status category_numbers(Cx *cx, const Array *a, DType dt, Array **out);
/* Equal categories in equal order. */
bool category_same(const Array *a, const Array *b);
/* Fails: pandas makes rows of different categories one column of their values. */
MUST_USE Status category_mismatch(Cx *cx);
/* Those of a, then what only b has. */
MUST_USE Status category_union(Cx *cx, Array *a, Array *b, Array **out);
/* The same values over other categories: those that they lack become missing. */
MUST_USE Status category_recode(Cx *cx, const Array *a, Array *cats, bool ordered,
                                Array **out);
MUST_USE Status category_fill(Cx *cx, const Array *a, int32_t code, Array **out);

/* -- str_cmp.c: BOOL results; missing compares false (ne: true). op:
 * '<' 'l'(<=) '>' 'g'(>=) '=' '!'. n < 0: the text itself is missing. */
MUST_USE Status str_cmp_const(Cx *cx, const Array *a, char op, const uint8_t *s, idx n,
                              Array **out);
MUST_USE Status str_cmp(Cx *cx, const Array *a, char op, const Array *b, Array **out);
/* -- str_find.c: literal search (regex is not ours). what: 'c' contains, 's'
 * startswith, 'e' endswith. na: 0 false, 1 true, for missing rows. */
MUST_USE Status str_find(Cx *cx, const Array *a, char what, const uint8_t *s, idx n,
                         bool na, Array **out);
/* -- chars.c: NumPy's arrays of text (DT_CHAR): w characters a row, 0 behind the text.
 * Length of the text of a row; bytes of n characters as UTF-8; these bytes; s[0..n) as
 * a row, longer text is cut. */
idx chars_len(const uint32_t *c, idx w);
idx chars_bytes(const uint32_t *c, idx n);
void chars_write(const uint32_t *c, idx n, uint8_t *out);
void chars_read(const uint8_t *s, idx n, uint32_t *out, idx w);
idx texts_width(const Array *a); /* characters of the longest text, at least 1 */
/* The rows as a column of text, w > 0; and back ("nan" for a missing one). E_VALUE: w.
 */
MUST_USE Status chars_to_texts(Cx *cx, const Array *a, idx w, Array **out);
MUST_USE Status chars_from_texts(Cx *cx, const Array *a, idx w, Array **out);
/* Numbers and times as NumPy's astype(str) writes them; longer text is cut. */
MUST_USE Status chars_from_numbers(Cx *cx, const Array *a, idx w, Array **out);
/* One of them, in bytes that are ASCII; how many. cast_text.c */
enum { NUMBER_TEXT = 128 };
idx number_text(const Array *a, idx i, char out[NUMBER_TEXT]);

/* -- str_part.c: str.len (I64 NULL_PROM; promoted tells whether this rank has a missing
 * row: the ranks must still agree), slice by code point. On dictionaries text functions
 * give the same codes over mapped entries, which may repeat (dict_dups). */
MUST_USE Status str_len(Cx *cx, const Array *a, Array **out);
MUST_USE Status str_slice(Cx *cx, const Array *a, idx start, idx stop, bool has_start,
                          bool has_stop, Array **out);
MUST_USE Status str_case(Cx *cx, const Array *a, char what, Array **out); /* l u t c */
MUST_USE Status str_strip(Cx *cx, const Array *a, char side, const uint8_t *chars,
                          idx n, Array **out); /* b l r; n = 0: white space */

/* -- dt_part.c: fields of TS (or DATE): I32 as pandas; a column with NaT gives float64
 * with NaN as pandas does, so the result is NULL_PROM I32 with promoted as for str_len;
 * is_* are BOOL, false where missing. Zones other than UTC are E_TYPE. part: row of
 * dt_part.def. */
MUST_USE Status dt_part(Cx *cx, const Array *a, DtPart part, Array **out);
/* TS at midnight, same unit; and the DATE column of .dt.date. */
MUST_USE Status dt_normalize(Cx *cx, const Array *a, Array **out);
MUST_USE Status dt_date(Cx *cx, const Array *a, Array **out);

/* -- cast.c: astype, with pandas' errors: NaN to int is E_VALUE, a float that is no
 * integer to a masked int E_TYPE, "x" to int E_VALUE. NumPy's ints wrap. A NULL_PROM
 * column with promoted set is cast as the float64 it is in pandas. Text of times is in
 * one form for all rows of the column. Text to times is ISO 8601. */
MUST_USE Status cast(Cx *cx, const Array *a, DType dt, NullForm null, Unit unit,
                     Array **out);

/* How times are written. Rows on several ranks need the sum of what each rank's need.
 */
typedef struct TimeForm {
    bool days;  /* every row is a whole day */
    int digits; /* of the fraction of a second: 0, 3, 6, 9 */
} TimeForm;
TimeForm time_form(const Array *a); /* of these rows; a: TS or TD */
MUST_USE Status cast_time(Cx *cx, const Array *a, TimeForm form, NullForm null,
                          Array **out); /* to STR */

/* -- null.c. fill_null_str with n < 0 fills nothing. */
MUST_USE Status is_null(Cx *cx, const Array *a, bool negate, Array **out); /* BOOL */
MUST_USE Status fill_null_str(Cx *cx, const Array *a, const uint8_t *s, idx n,
                              Array **out);
/* -- cumulate.c: what: 's' sum 'p' prod 'm' min 'M' max; NaN skipped as pandas; 'S'
 * 'P': with NaN as a value, as NumPy. init/carry are one-row arrays (NULL: none) so
 * that ranks can chain. */
MUST_USE Status cumulate(Cx *cx, const Array *a, char what, const Array *init,
                         Array **out);
/* Scalar reductions of columns are a group-by without key columns: group_init with keys
 * of no columns, and the same partial / merge / final. */

/* -- partial.c: reductions into arrays. how: + * & | ^; < and > where NaN counts as
 * np.minimum has it, l and g where it does not. */
/* Each element becomes what changes nothing (-0.0 for + of floats). */
void partial_fill(Array *a, char how);
/* to[i] = to[i] op from[i] op from[n + i] .., `parts` times; n elements of dt. Integers
 * wrap around. */
void partial_add(DType dt, char how, void *to, const void *from, idx n, idx parts);
