/* SPDX-License-Identifier: Apache-2.0
 * Methods of str on one text, as CPython has them. Text is UTF-8; positions are numbers
 * of characters. Arguments are borrowed, results owned. `chars` is the number of
 * characters of the text: equal to its bytes when it is ASCII, and then positions are
 * found at once.
 */
#pragma once
#include "object/object.h"

enum { TEXT_HAS_START = 1, TEXT_HAS_STOP = 2 };
typedef struct Span {
    int64_t start, stop, step;
    int has;  /* TEXT_HAS_: else the default */
    bool raw; /* positions count bytes */
} Span;

int64_t text_chars(Text3 t);
/* Python's rules for a slice of n items: where it starts and how many there are. */
MUST_USE Status span_of(Cx *cx, Span s, int64_t n, int64_t *start, int64_t *count);
/* Character i of a text of `chars`, 0 <= i < chars. near: where one was read before,
 * {0, 0} at first; walks from there, the start or the end, whatever is nearest. */
typedef struct TextPlace {
    int64_t index, byte;
} TextPlace;
uint32_t text_at(Text3 t, int64_t chars, int64_t i, TextPlace *near);
MUST_USE Status text_char(Cx *cx, uint32_t c, Text3 *out);
MUST_USE Status text_slice(Cx *cx, Text3 t, Span s, Text3 *out);
MUST_USE Status text_cat(Cx *cx, const Text3 *t, int64_t n, Text3 *out);
MUST_USE Status text_repeat(Cx *cx, Text3 t, int64_t times, Text3 *out);
int64_t text_find(Text3 t, Text3 sub, Span s, bool right); /* -1 */
int64_t text_count(Text3 t, Text3 sub, Span s);
bool text_affix(Text3 t, Text3 part, Span s, bool end);
/* u l t c s f: upper lower title capitalize swapcase casefold */
MUST_USE Status text_case(Cx *cx, Text3 t, char what, Text3 *out);
/* a n d D N s l u t p i A: isalpha isalnum isdecimal isdigit isnumeric isspace islower
 * isupper istitle isprintable isidentifier isascii */
bool text_is(Text3 t, char what);
/* side l r b; chars n < 0: white space */
MUST_USE Status text_strip(Cx *cx, Text3 t, char side, Text3 chars, Text3 *out);
MUST_USE Status text_replace(Cx *cx, Text3 t, Text3 from, Text3 to, int64_t most,
                             Text3 *out);
/* sep n < 0: white space; lt: type of the list of text */
MUST_USE Status text_split(Cx *cx, Text3 t, Text3 sep, int64_t most, bool right,
                           const ObjType *lt, List **out);
MUST_USE Status text_lines(Cx *cx, Text3 t, bool keep, const ObjType *lt, List **out);
MUST_USE Status text_list(Cx *cx, Text3 t, const ObjType *lt, List **out); /* chars */
MUST_USE Status text_partition(Cx *cx, Text3 t, Text3 sep, bool right, Text3 out[3]);
/* what l r c z: ljust rjust center zfill */
MUST_USE Status text_pad(Cx *cx, Text3 t, char what, int64_t width, Text3 fill,
                         Text3 *out);
MUST_USE Status text_cut(Cx *cx, Text3 t, Text3 part, bool end, Text3 *out);
MUST_USE Status text_join(Cx *cx, Text3 sep, const List *l, Text3 *out);
MUST_USE Status text_tabs(Cx *cx, Text3 t, int64_t size, Text3 *out);
MUST_USE Status text_int(Cx *cx, Text3 t, int64_t base, int64_t *out);
MUST_USE Status text_complex(Cx *cx, Text3 t, Complex128 *out);
MUST_USE Status float_hex(Cx *cx, double v, Text3 *out);
MUST_USE Status text_float(Cx *cx, Text3 t, double *out);
MUST_USE Status text_ord(Cx *cx, Text3 t, int64_t *out);
unsigned char_flags(uint32_t c); /* CH_ of pyunicode.h */

/* -- bytes.c: bytes, which are kept as text is ---------------------------------------
 * Letters, digits and white space are ASCII. chars n < 0: white space. */
MUST_USE Status bytes_strip(Cx *cx, Text3 t, char side, Text3 chars, Text3 *out);
MUST_USE Status bytes_split(Cx *cx, Text3 t, int64_t most, bool right,
                            const ObjType *lt, List **out); /* at white space */
MUST_USE Status bytes_replace(Cx *cx, Text3 t, Text3 from, Text3 with, int64_t most,
                              Text3 *out);
MUST_USE Status bytes_case(Cx *cx, Text3 t, char what, Text3 *out); /* u l s c */
bool bytes_kind(Text3 t, char what); /* a n D s l u A, as text_is */
MUST_USE Status bytes_hex(Cx *cx, Text3 t, Text3 *out);
MUST_USE Status bytes_unhex(Cx *cx, Text3 t, Text3 *out);
MUST_USE Status bytes_of_ints(Cx *cx, const int64_t *v, int64_t n, Text3 *out);

/* -- codec.c: as: u a l, UTF-8, ASCII, Latin-1; how: s r i b, strict, replace, ignore,
 * backslashreplace. E_DECODE, E_ENCODE. */
MUST_USE Status bytes_decode(Cx *cx, Text3 t, char as, char how, Text3 *out);
MUST_USE Status bytes_encode(Cx *cx, Text3 t, char as, char how, Text3 *out);

/* -- format.c ---------------------------------------------------------------------- */
idx repr_float(double v, char out[40]); /* the shortest text that reads back */
idx repr_single(float v, char out[40]); /* the same as float32 */
idx repr_complex(Complex128 z, bool single, char out[100]);
/* format(value, spec) of Python; t: of the value at p. */
MUST_USE Status format_put(Cx *cx, Str *s, const ObjType *t, const void *p,
                           const char *spec, idx nspec);
