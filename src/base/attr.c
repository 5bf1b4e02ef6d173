/* SPDX-License-Identifier: Apache-2.0
 * Reading and writing attribute blobs; the layout is in attr.h. A blob is made by our
 * own compiler and is trusted; what codegen and runtime must agree on (kind of an
 * attribute, position in a list) is checked with BUG.
 */
#include "base/attr.h"

/* -- Reading ----------------------------------------------------------------------- */

static uint32_t get_u32(const AttrBlob *p)
{
    uint32_t v;
    memcpy(&v, p, 4);
    return v;
}

static int64_t get_i64(const AttrBlob *p)
{
    int64_t v;
    memcpy(&v, p, 8);
    return v;
}

/* The first byte behind a value of this kind. */
static const AttrBlob *value_end(const AttrBlob *p, char kind)
{
    switch (kind) {
    case 'i':
    case 'f': return p + 8;
    case 's': return p + 4 + get_u32(p) + 1;
    case 'I': return p + 4 + 8 * (size_t)get_u32(p);
    case 'S': {
        const AttrBlob *q = p + 4;
        for (uint32_t k = get_u32(p); k > 0; k--)
            q += 4 + get_u32(q) + 1;
        return q;
    }
    default: BUG("attribute kind '%c'", kind);
    }
}

/* Value of a name, NULL when not there. */
static const AttrBlob *attr_find(const AttrBlob *b, const char *name, char *kind)
{
    if (!b) return NULL;
    size_t len = strlen(name);
    const AttrBlob *end = b + get_u32(b);
    for (const AttrBlob *p = b + 4; p < end; p = value_end(p, *kind)) {
        *kind = (char)p[0];
        size_t n = p[1];
        const AttrBlob *text = p + 2;
        p = text + n;
        if (n == len && memcmp(text, name, n) == 0) return p;
    }
    return NULL;
}

static const AttrBlob *attr_want(const AttrBlob *b, const char *name, char want)
{
    char kind = 0;
    const AttrBlob *p = attr_find(b, name, &kind);
    if (p && kind != want) BUG("attribute %s is '%c', not '%c'", name, kind, want);
    return p;
}

int64_t attr_int(const AttrBlob *b, const char *name, int64_t missing)
{
    const AttrBlob *p = attr_want(b, name, 'i');
    return p ? get_i64(p) : missing;
}

double attr_float(const AttrBlob *b, const char *name, double missing)
{
    const AttrBlob *p = attr_want(b, name, 'f');
    if (!p) return missing;
    double v;
    memcpy(&v, p, 8);
    return v;
}

const char *attr_text(const AttrBlob *b, const char *name)
{
    const AttrBlob *p = attr_want(b, name, 's');
    return p ? (const char *)p + 4 : NULL;
}

idx attr_text_len(const AttrBlob *b, const char *name)
{
    const AttrBlob *p = attr_want(b, name, 's');
    return p ? (idx)get_u32(p) : -1;
}

bool attr_has(const AttrBlob *b, const char *name)
{
    char kind = 0;
    return attr_find(b, name, &kind) != NULL;
}

idx attr_count(const AttrBlob *b, const char *name)
{
    char kind = 0;
    const AttrBlob *p = attr_find(b, name, &kind);
    if (!p) return 0;
    if (kind != 'I' && kind != 'S') BUG("attribute %s is no list", name);
    return (idx)get_u32(p);
}

int64_t attr_int_at(const AttrBlob *b, const char *name, idx i)
{
    const AttrBlob *p = attr_want(b, name, 'I');
    if (!p || i < 0 || i >= (idx)get_u32(p)) BUG("no item %ld of %s", (long)i, name);
    return get_i64(p + 4 + 8 * i);
}

const char *attr_text_at(const AttrBlob *b, const char *name, idx i)
{
    const AttrBlob *p = attr_want(b, name, 'S');
    if (!p || i < 0 || i >= (idx)get_u32(p)) BUG("no item %ld of %s", (long)i, name);
    for (p += 4; i > 0; i--)
        p += 4 + get_u32(p) + 1;
    return (const char *)p + 4;
}

/* -- Writing ----------------------------------------------------------------------- */

static void put_bytes(AttrWriter *w, const void *p, size_t n)
{
    const uint8_t *b = p;
    for (size_t i = 0; i < n; i++)
        vec_push(w->arena, &w->out, b[i]);
}

static void put_u32(AttrWriter *w, size_t n)
{
    if (n > UINT32_MAX) BUG("attribute of %zu bytes", n);
    uint32_t v = (uint32_t)n;
    put_bytes(w, &v, 4);
}

static void put_head(AttrWriter *w, char kind, const char *name)
{
    size_t n = strlen(name);
    if (n > UINT8_MAX) BUG("attribute name %s is too long", name);
    uint8_t head[2] = {(uint8_t)kind, (uint8_t)n};
    put_bytes(w, head, 2);
    put_bytes(w, name, n);
}

static void put_str(AttrWriter *w, const char *s, size_t n)
{
    put_u32(w, n);
    put_bytes(w, s, n);
    put_bytes(w, "", 1);
}

void attr_begin(AttrWriter *w, Arena *arena)
{
    memset(w, 0, sizeof *w);
    w->arena = arena;
    put_u32(w, 0);
}

void attr_put_int(AttrWriter *w, const char *name, int64_t v)
{
    put_head(w, 'i', name);
    put_bytes(w, &v, 8);
}

void attr_put_float(AttrWriter *w, const char *name, double v)
{
    put_head(w, 'f', name);
    put_bytes(w, &v, 8);
}

void attr_put_text(AttrWriter *w, const char *name, const char *s)
{
    attr_put_text_n(w, name, s, strlen(s));
}

void attr_put_text_n(AttrWriter *w, const char *name, const char *s, size_t n)
{
    put_head(w, 's', name);
    put_str(w, s, n);
}

void attr_put_ints(AttrWriter *w, const char *name, const int64_t *v, idx n)
{
    put_head(w, 'I', name);
    put_u32(w, (size_t)n);
    put_bytes(w, v, 8 * (size_t)n);
}

void attr_put_texts(AttrWriter *w, const char *name, const char *const *s, idx n)
{
    put_head(w, 'S', name);
    put_u32(w, (size_t)n);
    for (idx i = 0; i < n; i++)
        put_str(w, s[i], strlen(s[i]));
}

const AttrBlob *attr_end(AttrWriter *w, size_t *size)
{
    size_t n = (size_t)w->out.n;
    if (n > UINT32_MAX) BUG("attributes of %zu bytes", n);
    uint32_t v = (uint32_t)n;
    memcpy(w->out.at, &v, 4);
    if (size) *size = n;
    return w->out.at;
}
