/* SPDX-License-Identifier: Apache-2.0
 * Writing rows as bytes, and reading them back. Writing gathers rows by position,
 * column by column, straight into the message. Reading makes arrays that point into the
 * message after checking every number that later code relies on: sizes, offsets that
 * rise from 0 to the text's length, codes inside the dictionary, bools that are 0 or 1,
 * zero bits after the last row. What it accepts is safe to work on, whatever the bytes
 * were.
 */
#include "comm/wire.h"
#include "array/bits.h"
#include "array/buf.h"

_Static_assert(sizeof(WireHead) == 32 && sizeof(WireCol) == 24, "wire layout");

static size_t pad8(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

static inline idx row_at(WireRows rows, idx i)
{
    return rows.pos ? rows.pos[i] : rows.start + i;
}

/* -- Writing ----------------------------------------------------------------------- */

static int64_t plain_bytes(const Array *a, WireRows rows)
{
    int64_t sum = 0;
    if (!rows.pos) return a->off[rows.start + rows.n] - a->off[rows.start];
    for (idx i = 0; i < rows.n; i++)
        sum += a->off[rows.pos[i] + 1] - a->off[rows.pos[i]];
    return sum;
}

int64_t wire_text_bytes(const Array *a, WireRows rows)
{
    int64_t sum = 0;
    if (rows.n == 0) return 0;
    if (!a->dict) return plain_bytes(a, rows);
    const int32_t *code = a->data;
    const int64_t *off = a->dict->off;
    for (idx i = 0; i < rows.n; i++) {
        idx r = row_at(rows, i);
        if (array_bit(a, r)) sum += off[code[r] + 1] - off[code[r]];
    }
    return sum;
}

/* Sizes that a column's description states. */
static void col_describe(const WireSrc *s, WireRows rows, WireCol *out)
{
    const Array *a = s->a;
    *out = (WireCol){.dt = a->dt, .unit = a->unit, .form = (uint8_t)s->form};
    out->ordered = (uint8_t)a->ordered;
    out->flags =
        (uint8_t)((a->valid ? WIRE_VALID : 0) | (a->promoted ? WIRE_PROMOTED : 0) |
                  (s->form == WF_DICT && a->dict_dups ? WIRE_DUPS : 0));
    if (s->form == WF_TEXT) out->nbyte = wire_text_bytes(a, rows);
    if (s->form != WF_DICT) return;
    out->ndict = a->dict->n;
    out->nbyte = a->dict->n ? a->dict->off[a->dict->n] - a->dict->off[0] : 0;
}

/* Adds count * width, padded; false on overflow. */
static bool size_add(size_t *size, int64_t count, size_t width)
{
    size_t part;
    if (count < 0 || __builtin_mul_overflow((size_t)count, width, &part)) return false;
    if (part > INT64_MAX - 8) return false;
    return !__builtin_add_overflow(*size, pad8(part), size) && *size <= INT64_MAX;
}

/* Adds the parts of one column of n rows. */
static bool col_size(const WireCol *c, int64_t n, size_t *size)
{
    if ((c->flags & WIRE_VALID) && !size_add(size, bit_words(n), 8)) return false;
    switch (c->form) {
    case WF_FIXED: return size_add(size, n, dtype_info[c->dt].bytes);
    case WF_TEXT: return size_add(size, n + 1, 8) && size_add(size, c->nbyte, 1);
    default:
        return size_add(size, n, 4) && size_add(size, c->ndict + 1, 8) &&
               size_add(size, c->nbyte, 1);
    }
}

size_t wire_rows_size(const WireSrc *src, idx ncol, WireRows rows)
{
    size_t size = sizeof(WireHead);
    if (!size_add(&size, ncol, sizeof(WireCol))) return 0;
    for (idx k = 0; k < ncol; k++) {
        WireCol c;
        col_describe(&src[k], rows, &c);
        if (!col_size(&c, rows.n, &size)) return 0;
    }
    return size;
}

/* Zeroes the padding of a part of n bytes at out; the place of the next part. */
static uint8_t *part_end(uint8_t *out, size_t n)
{
    size_t end = pad8(n);
    if (end > n) memset(out + n, 0, end - n);
    return out + end;
}

#define GATHER(T)                                                                      \
    do {                                                                               \
        const T *from = data;                                                          \
        T *to = (T *)(void *)out;                                                      \
        for (idx i = 0; i < rows.n; i++)                                               \
            to[i] = from[rows.pos[i]];                                                 \
    } while (0)

static uint8_t *put_fixed(const void *data, size_t width, WireRows rows, uint8_t *out)
{
    size_t n = (size_t)rows.n * width;
    if (!rows.pos) {
        if (n) memcpy(out, (const uint8_t *)data + (size_t)rows.start * width, n);
        return part_end(out, n);
    }
    switch (width) {
    case 1: GATHER(uint8_t); break;
    case 2: GATHER(uint16_t); break;
    case 4: GATHER(uint32_t); break;
    case 16: GATHER(Complex128); break;
    default: GATHER(uint64_t); break;
    }
    return part_end(out, n);
}

static uint8_t *put_valid(const uint64_t *valid, WireRows rows, uint8_t *out)
{
    uint64_t *to = (uint64_t *)(void *)out;
    for (idx i = 0; i < rows.n; i += 64) {
        idx k = idx_min(64, rows.n - i);
        uint64_t w = 0;
        if (!rows.pos) {
            w = bits_word(valid, rows.start + i, k);
        } else {
            for (idx j = 0; j < k; j++)
                w |= (uint64_t)bit_get(valid, rows.pos[i + j]) << j;
        }
        *to++ = w;
    }
    return (uint8_t *)to;
}

/* Offsets from 0 and text of a run of rows of plain text. */
static uint8_t *put_run(const Array *a, idx start, idx n, int64_t nbyte, uint8_t *out)
{
    int64_t *off = (int64_t *)(void *)out;
    int64_t base = n ? a->off[start] : 0;
    off[0] = 0;
    for (idx i = 1; i <= n; i++)
        off[i] = a->off[start + i] - base;
    out = part_end(out, (size_t)(n + 1) * 8);
    if (nbyte) memcpy(out, a->bytes + base, (size_t)nbyte);
    return part_end(out, (size_t)nbyte);
}

/* The same for rows by position, or of a dictionary. */
static uint8_t *put_text(const Array *a, WireRows rows, int64_t nbyte, uint8_t *out)
{
    if (!a->dict && !rows.pos) return put_run(a, rows.start, rows.n, nbyte, out);
    const int32_t *code = a->dict ? a->data : NULL;
    const Array *text = a->dict ? a->dict : a;
    int64_t *off = (int64_t *)(void *)out, at = 0;
    uint8_t *to = part_end(out, (size_t)(rows.n + 1) * 8), *begin = to;
    off[0] = 0;
    for (idx i = 0; i < rows.n; i++) {
        idx r = row_at(rows, i);
        bool here = !code || array_bit(a, r); /* code 0 below a null is no text */
        if (code) r = code[r];
        int64_t from = text->off[r], len = here ? text->off[r + 1] - from : 0;
        if (len) memcpy(to + at, text->bytes + from, (size_t)len);
        at += len;
        off[i + 1] = at;
    }
    return part_end(begin, (size_t)at);
}

static uint8_t *put_col(const WireSrc *s, const WireCol *c, WireRows rows, uint8_t *out)
{
    const Array *a = s->a;
    if (a->valid) out = put_valid(a->valid, rows, out);
    if (s->form == WF_TEXT) return put_text(a, rows, c->nbyte, out);
    if (s->form == WF_FIXED)
        return put_fixed(a->data, dtype_info[a->dt].bytes, rows, out);
    out = put_fixed(a->data, sizeof(int32_t), rows, out);
    return put_run(a->dict, 0, a->dict->n, c->nbyte, out);
}

void wire_rows_pack(const WireSrc *src, idx ncol, WireRows rows, uint8_t *out)
{
    WireHead *head = (WireHead *)(void *)out;
    WireCol *col = (WireCol *)(void *)(out + sizeof *head);
    uint8_t *to = out + sizeof *head + (size_t)ncol * sizeof *col;
    for (idx k = 0; k < ncol; k++) {
        col_describe(&src[k], rows, &col[k]);
        to = put_col(&src[k], &col[k], rows, to);
    }
    *head = (WireHead){.magic = WIRE_MAGIC, .ncol = (uint32_t)ncol, .n = rows.n};
    head->size = (uint64_t)(to - out);
}

/* -- Reading ----------------------------------------------------------------------- */

typedef struct Reader {
    const uint8_t *p;
    size_t left;
} Reader;

#define WRONG(cx, ...)                                                                 \
    fail(cx, E_INTERNAL, "a message between ranks is damaged: " __VA_ARGS__)

/* The next part of count values; NULL when the message is too short for it. */
static const void *part(Reader *r, int64_t count, size_t width)
{
    size_t size = 0;
    const void *p = r->p;
    if (!size_add(&size, count, width) || size > r->left) return NULL;
    r->p += size;
    r->left -= size;
    return p;
}

static Status check_offsets(Cx *cx, const int64_t *off, idx n, int64_t nbyte)
{
    int64_t bad = off[0] | (off[n] ^ nbyte);
    for (idx i = 0; i < n; i++)
        bad |= off[i + 1] < off[i];
    return bad ? WRONG(cx, "offsets of text") : OK;
}

static Status check_codes(Cx *cx, const int32_t *code, idx n, int64_t ndict)
{
    uint32_t max = 0;
    if (ndict > INT32_MAX) return WRONG(cx, "a dictionary of %lld", (long long)ndict);
    for (idx i = 0; i < n; i++)
        max = (uint32_t)code[i] > max ? (uint32_t)code[i] : max;
    if (max && max >= ndict) return WRONG(cx, "a code outside its dictionary");
    return OK;
}

static Status check_bools(Cx *cx, const uint8_t *b, idx n)
{
    uint8_t any = 0;
    for (idx i = 0; i < n; i++)
        any |= b[i];
    return any > 1 ? WRONG(cx, "a bool that is neither 0 nor 1") : OK;
}

/* Arrays have plain pointers, though views are only read. */
static void *unconst(const void *p)
{
    union {
        const void *in;
        void *out;
    } u = {.in = p};
    return u.out;
}

static Status read_valid(Cx *cx, Reader *r, const WireType *type, Array *a)
{
    if (type->null != NULL_MASK && type->null != NULL_PROM)
        return WRONG(cx, "a bitmap for a column without nulls");
    const uint64_t *w = part(r, bit_words(a->n), 8);
    if (!w) return WRONG(cx, "too short for a bitmap");
    if (a->n % 64 && (w[a->n / 64] & ~bit_low(a->n % 64)))
        return WRONG(cx, "bits after the last row");
    a->valid = unconst(w);
    a->null_count = -1;
    return OK;
}

static Status read_text(Cx *cx, Reader *r, idx n, int64_t nbyte, Array *a)
{
    const int64_t *off = part(r, n + 1, 8);
    const uint8_t *bytes = off ? part(r, nbyte, 1) : NULL;
    if (!bytes) return WRONG(cx, "too short for its text");
    TRY(check_offsets(cx, off, n, nbyte));
    a->off = unconst(off);
    a->bytes = unconst(bytes);
    return OK;
}

static Status read_dict(Cx *cx, Reader *r, const WireCol *c, Array *a, Array *dict)
{
    if (!dict) return WRONG(cx, "a dictionary where none is expected");
    const int32_t *code = part(r, a->n, 4);
    if (!code) return WRONG(cx, "too short for its codes");
    if (c->ndict < 0) return WRONG(cx, "a dictionary of negative size");
    TRY(check_codes(cx, code, a->n, c->ndict));
    *dict = (Array){.n = c->ndict, .dt = DT_STR, .null = NULL_MASK, .refs = 1};
    TRY(read_text(cx, r, c->ndict, c->nbyte, dict));
    a->data = unconst(code);
    a->dict = dict;
    a->ordered = (int8_t)(c->ordered <= 2 ? c->ordered : 0);
    a->dict_dups = (c->flags & WIRE_DUPS) != 0;
    return OK;
}

static Status read_col(Cx *cx, Reader *r, const WireCol *c, const WireType *type, idx n,
                       Array *a, Array *dict)
{
    bool text = type->dt == DT_STR;
    if (c->dt != type->dt || c->unit != type->unit || text != (c->form != WF_FIXED))
        return WRONG(cx, "column type %d.%d where %d.%d is expected", c->dt, c->unit,
                     type->dt, type->unit);
    *a = (Array){.n = n, .dt = type->dt, .null = type->null, .unit = type->unit};
    atomic_init(&a->refs, 1);
    a->promoted = (c->flags & WIRE_PROMOTED) != 0;
    if (c->flags & WIRE_VALID) TRY(read_valid(cx, r, type, a));
    if (c->form == WF_TEXT) return read_text(cx, r, n, c->nbyte, a);
    if (c->form == WF_DICT) return read_dict(cx, r, c, a, dict);
    if (c->form != WF_FIXED) return WRONG(cx, "a column of unknown form");
    a->data = unconst(part(r, n, dtype_info[c->dt].bytes));
    if (!a->data) return WRONG(cx, "too short for its values");
    return type->dt == DT_BOOL ? check_bools(cx, a->data, n) : OK;
}

Status wire_view(Cx *cx, const uint8_t *p, size_t size, const WireType *type, idx ncol,
                 WireView *v)
{
    const WireHead *head = (const void *)p;
    if ((uintptr_t)p % 8) return WRONG(cx, "not aligned");
    if (size < sizeof *head || head->magic != WIRE_MAGIC)
        return WRONG(cx, "no table begins here");
    if (head->size != size || head->ncol != ncol || head->n < 0 ||
        head->n > INT64_MAX / 16)
        return WRONG(cx, "%lld rows of %u columns in %zu bytes", (long long)head->n,
                     head->ncol, size);
    Reader r = {p + sizeof *head, size - sizeof *head};
    const WireCol *col = part(&r, ncol, sizeof *col);
    if (!col) return WRONG(cx, "too short for its columns");
    v->n = head->n;
    for (idx k = 0; k < ncol; k++)
        TRY(read_col(cx, &r, &col[k], &type[k], v->n, &v->col[k],
                     v->dict ? &v->dict[k] : NULL));
    return r.left ? WRONG(cx, "%zu bytes too long", r.left) : OK;
}

/* -- Whole tables ------------------------------------------------------------------ */

/* Descriptions of a table's columns, in scratch memory. */
static Status table_src(Cx *cx, const Table *t, WireSrc **src)
{
    *src = arena_try(cx->scratch, (size_t)t->ncol, sizeof **src);
    if (!*src && t->ncol) return fail(cx, E_MEMORY, "no memory for a message");
    for (idx k = 0; k < t->ncol; k++) {
        const Array *a = t->col[k];
        WireForm form = a->dt != DT_STR ? WF_FIXED : a->dict ? WF_DICT : WF_TEXT;
        (*src)[k] = (WireSrc){a, form};
    }
    return OK;
}

static WireRows rows_of(const idx *pos, idx n)
{
    return (WireRows){pos, 0, n};
}

Status wire_size(Cx *cx, const Table *t, const idx *pos, idx n, size_t *size)
{
    ArenaMark mark = arena_mark(cx->scratch);
    WireSrc *src;
    TRY(table_src(cx, t, &src));
    *size = wire_rows_size(src, t->ncol, rows_of(pos, n));
    arena_release(cx->scratch, mark);
    if (!*size) return fail(cx, E_OVERFLOW, "a message of more than 2**63 bytes");
    return OK;
}

Status wire_pack(Cx *cx, const Table *t, const idx *pos, idx n, uint8_t *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    WireSrc *src;
    TRY(table_src(cx, t, &src));
    wire_rows_pack(src, t->ncol, rows_of(pos, n), out);
    arena_release(cx->scratch, mark);
    return OK;
}

Status wire_text_copy(Cx *cx, const Array *v, Array **out)
{
    ASSERT(v->off); /* text, not codes */
    int64_t nbyte = v->off[v->n];
    TRY(array_new_str(cx, v->n, nbyte, out));
    memcpy((*out)->off, v->off, (size_t)(v->n + 1) * 8);
    if (nbyte) memcpy((*out)->bytes, v->bytes, (size_t)nbyte);
    return OK;
}

static Status dict_copy(Cx *cx, const Array *v, Array **out)
{
    Array *dict;
    TRY(wire_text_copy(cx, v->dict, &dict));
    Status st = array_new_dict(cx, v->n, dict, out);
    array_unref(dict);
    if (st) return st;
    if (v->n) memcpy((*out)->data, v->data, (size_t)v->n * 4);
    (*out)->ordered = v->ordered;
    (*out)->dict_dups = v->dict_dups;
    return OK;
}

static Status view_copy(Cx *cx, const Array *v, const Array *proto, Array **out)
{
    if (v->dict) {
        TRY(dict_copy(cx, v, out));
    } else if (v->dt == DT_STR) {
        TRY(wire_text_copy(cx, v, out));
    } else {
        TRY(array_new(cx, v->dt, v->null, v->unit, v->n, false, out));
        if (v->n) memcpy((*out)->data, v->data, (size_t)v->n * dtype_info[v->dt].bytes);
    }
    Array *a = *out;
    a->null = proto->null;
    a->tz = proto->tz;
    array_set_cats(a, proto);
    a->promoted = v->promoted | proto->promoted;
    if (!v->valid) return OK;
    TRY(array_add_valid(cx, a, false));
    if (v->n) memcpy(a->valid, v->valid, (size_t)bit_words(v->n) * 8);
    return OK;
}

static Status unpack_into(Cx *cx, const WireView *v, const Table *proto, Table *out)
{
    TRY(table_init(cx, out, proto->ncol, v->n));
    for (idx k = 0; k < proto->ncol; k++) {
        Status st = view_copy(cx, &v->col[k], proto->col[k], &out->col[k]);
        if (st) {
            table_clear(out);
            return st;
        }
    }
    return OK;
}

Status wire_unpack(Cx *cx, const uint8_t *p, size_t size, const Table *proto,
                   Table *out)
{
    ArenaMark mark = arena_mark(cx->scratch);
    size_t n = (size_t)proto->ncol;
    WireType *type = arena_try(cx->scratch, n, sizeof *type);
    WireView v = {.col = arena_try(cx->scratch, n, sizeof(Array)),
                  .dict = arena_try(cx->scratch, n, sizeof(Array))};
    *out = (Table){0};
    if (n && (!type || !v.col || !v.dict))
        return fail(cx, E_MEMORY, "no memory for a message");
    for (idx k = 0; k < proto->ncol; k++) {
        const Array *a = proto->col[k];
        type[k] = (WireType){a->dt, a->null, a->unit};
    }
    Status st = wire_view(cx, p, size, type, proto->ncol, &v);
    if (!st) st = unpack_into(cx, &v, proto, out);
    arena_release(cx->scratch, mark);
    return st;
}
