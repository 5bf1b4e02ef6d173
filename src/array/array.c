/* SPDX-License-Identifier: Apache-2.0
 * Columns: making, sharing, slicing and checking them. The Array struct itself is small
 * and made anew for every reference with other bounds; the bytes are in shared buffers.
 */
#include "array/array.h"
#include "array/array_layout.h"
#include <stdlib.h>
#include <string.h>

_Static_assert(offsetof(Array, n) == ARRAY_AT_N, "layout");
_Static_assert(offsetof(Array, data) == ARRAY_AT_DATA, "layout");
_Static_assert(offsetof(Array, valid) == ARRAY_AT_VALID, "layout");
_Static_assert(offsetof(Array, off) == ARRAY_AT_OFF, "layout");
_Static_assert(offsetof(Array, bytes) == ARRAY_AT_BYTES, "layout");
_Static_assert(offsetof(Array, dict) == ARRAY_AT_DICT, "layout");
_Static_assert(offsetof(Array, promoted) == ARRAY_AT_PROMOTED, "layout");

/* -- Making ---------------------------------------------------------------------- */

static Status array_alloc(Cx *cx, DType dt, NullForm null, Unit unit, idx n,
                          Array **out)
{
    Array *a;
    *out = NULL;
    if (n < 0) BUG("an array of %lld rows", (long long)n);
    TRY(mem_new(cx, 1, sizeof *a, true, &a));
    a->n = n;
    a->dt = (uint8_t)dt;
    a->null = (uint8_t)null;
    a->unit = (uint8_t)unit;
    atomic_init(&a->refs, 1);
    *out = a;
    return OK;
}

/* Bytes of n items of width bytes. */
static Status size_of(Cx *cx, idx n, size_t width, size_t *size)
{
    if (__builtin_mul_overflow((size_t)n, width, size))
        return fail(cx, E_OVERFLOW, "a column of %lld rows is too long", (long long)n);
    return OK;
}

Status array_new(Cx *cx, DType dt, NullForm null, Unit unit, idx n, bool zero,
                 Array **out)
{
    size_t size;
    Array *a;
    ASSERT(dt != DT_STR);
    *out = NULL;
    TRY(size_of(cx, n, dtype_info[dt].bytes, &size));
    TRY(array_alloc(cx, dt, null, unit, n, &a));
    Status st = buf_new(cx, size, zero, &a->data_buf);
    if (st) {
        array_unref(a);
        return st;
    }
    a->data = a->data_buf->data;
    *out = a;
    return OK;
}

Status str_new_offsets(Cx *cx, idx n, Array **out)
{
    size_t size;
    Array *a;
    *out = NULL;
    if (n == INT64_MAX) return fail(cx, E_OVERFLOW, "a text column is too long");
    TRY(size_of(cx, n + 1, sizeof(int64_t), &size));
    TRY(array_alloc(cx, DT_STR, NULL_MASK, UNIT_NONE, n, &a));
    Status st = buf_new(cx, size, false, &a->off_buf);
    if (st) {
        array_unref(a);
        return st;
    }
    a->off = (int64_t *)(void *)a->off_buf->data;
    a->off[0] = 0;
    *out = a;
    return OK;
}

Status str_new_bytes(Cx *cx, Array *a)
{
    ASSERT(!a->bytes_buf && a->off[a->n] >= 0);
    TRY(buf_new(cx, (size_t)a->off[a->n], false, &a->bytes_buf));
    a->bytes = a->bytes_buf->data;
    return OK;
}

Status array_new_str(Cx *cx, idx n, idx nbytes, Array **out)
{
    if (nbytes < 0) BUG("text of %lld bytes", (long long)nbytes);
    TRY(str_new_offsets(cx, n, out));
    Array *a = *out;
    Status st = buf_new(cx, (size_t)nbytes, false, &a->bytes_buf);
    if (st) {
        array_unref(a);
        *out = NULL;
        return st;
    }
    a->bytes = a->bytes_buf->data;
    return OK;
}

/* A dictionary with one empty entry: what the codes of missing rows (0) may read. */
static Status dict_of_one(Cx *cx, Array **out)
{
    TRY(array_new_str(cx, 1, 0, out));
    (*out)->off[1] = 0;
    return OK;
}

Status array_new_dict(Cx *cx, idx n, Array *dict, Array **out)
{
    size_t size;
    Array *a;
    ASSERT(dict->dt == DT_STR && !dict->dict);
    *out = NULL;
    TRY(size_of(cx, n, sizeof(int32_t), &size));
    TRY(array_alloc(cx, DT_STR, NULL_MASK, UNIT_NONE, n, &a));
    Status st = buf_new(cx, size, false, &a->data_buf);
    if (!st && dict->n == 0 && n > 0)
        st = dict_of_one(cx, &a->dict);
    else
        a->dict = array_ref(dict);
    if (st) {
        array_unref(a);
        return st;
    }
    a->data = a->data_buf->data;
    *out = a;
    return OK;
}

Status array_new_empty(Cx *cx, const Array *proto, Array **out)
{
    if (proto->dt == DT_STR)
        TRY(array_new_str(cx, 0, 0, out));
    else
        TRY(array_new(cx, proto->dt, proto->null, proto->unit, 0, false, out));
    (*out)->null = proto->null;
    (*out)->tz = proto->tz;
    (*out)->promoted = proto->promoted;
    array_set_cats(*out, proto);
    return OK;
}

Status array_add_valid(Cx *cx, Array *a, bool fill)
{
    if (a->valid) return OK;
    ASSERT(a->null == NULL_MASK || a->null == NULL_PROM);
    TRY(buf_new(cx, (size_t)bit_words(a->n) * 8, !fill, &a->valid_buf));
    a->valid = (uint64_t *)(void *)a->valid_buf->data;
    if (fill) {
        memset(a->valid, 0xff, (size_t)bit_words(a->n) * 8);
        if (a->n % 64) a->valid[a->n / 64] = bit_low(a->n % 64);
    }
    a->null_count = fill ? 0 : -1;
    return OK;
}

Status array_set_valid(Cx *cx, Array *a, const Array *from)
{
    if (!from->valid) return OK;
    ASSERT(from->n == a->n && !a->valid);
    if (from->valid_buf && from->valid_buf->data == (const uint8_t *)from->valid) {
        a->valid_buf = buf_ref(from->valid_buf);
        a->valid = from->valid;
        a->null_count = from->null_count;
        return OK;
    }
    TRY(array_add_valid(cx, a, false));
    memcpy(a->valid, from->valid, (size_t)bit_words(a->n) * 8);
    return OK;
}

/* -- Sharing --------------------------------------------------------------------- */

Array *array_ref(Array *a)
{
    if (a) atomic_fetch_add_explicit(&a->refs, 1, memory_order_relaxed);
    return a;
}

void array_unref(Array *a)
{
    if (!a || atomic_fetch_sub_explicit(&a->refs, 1, memory_order_acq_rel) != 1) return;
    array_unref(a->dict);
    array_unref(a->cats);
    buf_unref(a->data_buf);
    buf_unref(a->valid_buf);
    buf_unref(a->off_buf);
    buf_unref(a->bytes_buf);
    mem_free(a);
}

void array_set_cats(Array *to, const Array *from)
{
    if (!from->cats || to->cats == from->cats) return;
    array_unref(to->cats);
    to->cats = array_ref(from->cats);
    to->ordered = from->ordered;
}

void array_describe(Array *to, const Array *from)
{
    to->null = from->null;
    to->unit = from->unit;
    to->promoted = from->promoted;
    to->tz = from->tz;
    to->ordered = from->ordered;
    to->dict_dups = from->dict_dups;
    array_set_cats(to, from);
}

static Status array_copy(Cx *cx, const Array *a, Array **out)
{
    Array *c;
    if (a->dict) {
        TRY(array_new_dict(cx, a->n, a->dict, &c));
        if (a->n) memcpy(c->data, a->data, (size_t)a->n * 4);
    } else if (a->dt == DT_STR) {
        int64_t base = a->off[0], nbytes = a->off[a->n] - base;
        TRY(array_new_str(cx, a->n, nbytes, &c));
        for (idx i = 0; i <= a->n; i++)
            c->off[i] = a->off[i] - base;
        if (nbytes) memcpy(c->bytes, a->bytes + base, (size_t)nbytes);
    } else {
        TRY(array_new(cx, a->dt, a->null, a->unit, a->n, false, &c));
        if (a->n) memcpy(c->data, a->data, (size_t)a->n * dtype_info[a->dt].bytes);
    }
    array_describe(c, a);
    if (a->valid) {
        Status st = array_add_valid(cx, c, false);
        if (st) {
            array_unref(c);
            return st;
        }
        memcpy(c->valid, a->valid, (size_t)bit_words(a->n) * 8);
    }
    c->null_count = a->null_count;
    *out = c;
    return OK;
}

bool array_is_sole(const Array *a)
{
    return atomic_load(&a->refs) == 1 && buf_writable(a->data_buf) &&
           buf_writable(a->valid_buf) && buf_writable(a->off_buf) &&
           buf_writable(a->bytes_buf);
}

Status array_own(Cx *cx, Array **a)
{
    Array *old = *a;
    if (array_is_sole(old)) return OK;
    TRY(array_copy(cx, old, a));
    array_unref(old);
    return OK;
}

static Status slice_valid(Cx *cx, const Array *a, idx start, Array *s)
{
    idx n = s->n;
    if (!a->valid) return OK;
    if (start % 64 == 0 && (n % 64 == 0 || start + n == a->n)) {
        s->valid_buf = buf_ref(a->valid_buf);
        s->valid = a->valid + start / 64;
        return OK;
    }
    TRY(array_add_valid(cx, s, false));
    bits_copy(s->valid, 0, a->valid, start, n);
    return OK;
}

Status array_slice(Cx *cx, const Array *a, idx start, idx n, Array **out)
{
    Array *s;
    if (start < 0 || n < 0 || n > a->n - start)
        BUG("rows %lld + %lld of %lld", (long long)start, (long long)n,
            (long long)a->n);
    *out = NULL;
    TRY(array_alloc(cx, a->dt, a->null, a->unit, n, &s));
    array_describe(s, a);
    s->dict = array_ref(a->dict);
    s->data_buf = buf_ref(a->data_buf);
    s->off_buf = buf_ref(a->off_buf);
    s->bytes_buf = buf_ref(a->bytes_buf);
    size_t width = a->dict ? sizeof(int32_t) : dtype_info[a->dt].bytes;
    if (a->data) s->data = (uint8_t *)a->data + (size_t)start * width;
    if (a->off) s->off = a->off + start;
    s->bytes = a->bytes;
    s->null_count = a->valid && a->null_count != 0 ? -1 : 0;
    Status st = slice_valid(cx, a, start, s);
    if (st) {
        array_unref(s);
        return st;
    }
    *out = s;
    return OK;
}

/* -- Text ------------------------------------------------------------------------ */

/* Offsets of the plain form of a dictionary array; the total is in off[n]. */
static Status plain_offsets(Cx *cx, const Array *a, int64_t *off)
{
    const int32_t *code = a->data;
    const int64_t *entry = a->dict->off;
    int64_t at = 0;
    off[0] = 0;
    for (idx i = 0; i < a->n; i++) {
        int64_t len = entry[code[i] + 1] - entry[code[i]];
        if (!array_bit(a, i)) len = 0;
        if (__builtin_add_overflow(at, len, &at))
            return fail(cx, E_OVERFLOW, "a text column of more than 2**63 bytes");
        off[i + 1] = at;
    }
    return OK;
}

static Status plain_fill(Cx *cx, const Array *a, Array *p)
{
    TRY(plain_offsets(cx, a, p->off));
    TRY(str_new_bytes(cx, p));
    const int32_t *code = a->data;
    for (idx i = 0; i < a->n; i++) {
        size_t len = (size_t)(p->off[i + 1] - p->off[i]);
        if (len)
            memcpy(p->bytes + p->off[i], a->dict->bytes + a->dict->off[code[i]], len);
    }
    return array_set_valid(cx, p, a);
}

Status array_str_plain(Cx *cx, Array *a, Array **out)
{
    Array *p;
    ASSERT(a->dt == DT_STR);
    *out = NULL;
    if (!a->dict) {
        *out = array_ref(a);
        return OK;
    }
    TRY(str_new_offsets(cx, a->n, &p));
    p->null = a->null;
    Status st = plain_fill(cx, a, p);
    if (st) {
        array_unref(p);
        return st;
    }
    *out = p;
    return OK;
}

/* -- Time zones ------------------------------------------------------------------ */

typedef struct Tz {
    struct Tz *next;
    char name[];
} Tz;

static _Atomic(Tz *) tz_list;

Status array_tz(Cx *cx, const char *name, size_t n, const char **out)
{
    Tz *head = atomic_load(&tz_list), *made;
    for (Tz *t = head; t; t = t->next) {
        if (strlen(t->name) != n || memcmp(t->name, name, n) != 0) continue;
        *out = t->name;
        return OK;
    }
    TRY(mem_new(cx, 1, sizeof(Tz) + n + 1, true, &made));
    memcpy(made->name, name, n);
    made->next = head;
    if (!atomic_compare_exchange_strong(&tz_list, &head, made)) {
        mem_free(made); /* another thread added one: look again */
        return array_tz(cx, name, n, out);
    }
    *out = made->name;
    return OK;
}

/* -- Looking --------------------------------------------------------------------- */

idx array_null_count(Array *a)
{
    if (!a->valid) return 0;
    if (a->null_count < 0) a->null_count = a->n - bits_count(a->valid, a->n);
    return a->null_count;
}

bool array_is_null(const Array *a, idx i)
{
    if (!array_bit(a, i)) return true;
    if (a->null == NULL_NAT) return ((const int64_t *)a->data)[i] == NAT;
    if (a->null != NULL_NAN) return false;
    if (a->dt == DT_F32) {
        float v = ((const float *)a->data)[i];
        return v != v;
    }
    double v = ((const double *)a->data)[i];
    return v != v;
}

size_t array_bytes(const Array *a)
{
    size_t size = a->valid ? (size_t)bit_words(a->n) * 8 : 0;
    if (a->dict) return size + (size_t)a->n * 4 + array_bytes(a->dict);
    if (a->dt == DT_STR)
        return size + (size_t)(a->n + 1) * 8 + (size_t)(a->off[a->n] - a->off[0]);
    return size + (size_t)a->n * dtype_info[a->dt].bytes;
}

/* -- Checking -------------------------------------------------------------------- */

/* Bytes that b has from p on; 0 when p is not in it. */
static size_t room_at(const Buf *b, const void *p)
{
    uintptr_t at = (uintptr_t)p, begin = b ? (uintptr_t)b->data : 0;
    if (!b || at < begin || at - begin > b->size) return 0;
    return b->size - (at - begin);
}

static Status check_str(Cx *cx, const Array *a)
{
    size_t size;
    TRY(size_of(cx, a->n + 1, sizeof(int64_t), &size));
    if (room_at(a->off_buf, a->off) < size)
        return fail(cx, E_VALUE, "a text column's offsets are too short");
    if (a->off[0] < 0) return fail(cx, E_VALUE, "a text column's offsets are negative");
    int64_t bad = 0;
    for (idx i = 0; i < a->n; i++)
        bad |= a->off[i + 1] < a->off[i];
    if (bad) return fail(cx, E_VALUE, "a text column's offsets go down");
    if ((uint64_t)a->off[a->n] > room_at(a->bytes_buf, a->bytes))
        return fail(cx, E_VALUE, "a text column's offsets pass the end of its bytes");
    return OK;
}

static Status check_dict(Cx *cx, const Array *a)
{
    size_t size;
    TRY(size_of(cx, a->n, sizeof(int32_t), &size));
    if (room_at(a->data_buf, a->data) < size)
        return fail(cx, E_VALUE, "a dictionary column's codes are too short");
    if (a->dict->dt != DT_STR || a->dict->dict || a->dict->valid)
        return fail(cx, E_VALUE, "a dictionary is not plain text without nulls");
    const int32_t *code = a->data;
    int64_t bad = 0;
    for (idx i = 0; i < a->n; i++)
        bad |= code[i] < 0 || code[i] >= a->dict->n;
    if (bad) return fail(cx, E_VALUE, "a dictionary code is outside the dictionary");
    return check_str(cx, a->dict);
}

static Status check_cats(Cx *cx, const Array *a)
{
    if (!a->cats || a->cats->dt == DT_CAT || a->cats->valid)
        return fail(cx, E_VALUE, "categories are missing or have nulls");
    const int32_t *code = a->data;
    int64_t bad = 0;
    for (idx i = 0; i < a->n; i++)
        bad |= code[i] < 0 || (code[i] >= a->cats->n && array_bit(a, i));
    if (bad) return fail(cx, E_VALUE, "a code is outside the categories");
    return array_check(cx, a->cats);
}

static Status check_valid(Cx *cx, const Array *a)
{
    if (!a->valid) return OK;
    if (a->null != NULL_MASK && a->null != NULL_PROM)
        return fail(cx, E_VALUE, "a column that can't have a bitmap has one");
    if (room_at(a->valid_buf, a->valid) < (size_t)bit_words(a->n) * 8)
        return fail(cx, E_VALUE, "a column's bitmap is too short");
    if (a->n % 64 && a->valid[a->n / 64] & ~bit_low(a->n % 64))
        return fail(cx, E_VALUE, "a column's bitmap has bits behind the last row");
    return OK;
}

Status array_check(Cx *cx, const Array *a)
{
    size_t size;
    if (a->n < 0 || a->dt >= DT_COUNT || a->null > NULL_PROM || a->unit > UNIT_NS)
        return fail(cx, E_VALUE, "a column's type is not one");
    TRY(check_valid(cx, a));
    if (a->dict) return check_dict(cx, a);
    if (a->dt == DT_STR) return check_str(cx, a);
    TRY(size_of(cx, a->n, dtype_info[a->dt].bytes, &size));
    if (room_at(a->data_buf, a->data) < size)
        return fail(cx, E_VALUE, "a column's values are too short");
    if (a->dt == DT_CAT) return check_cats(cx, a);
    return OK;
}
