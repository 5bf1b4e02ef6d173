/* SPDX-License-Identifier: Apache-2.0
 * Distributions from words. Those with a simple inverse take one word a row, so that a
 * row costs the same everywhere. Gamma (Marsaglia and Tsang 2000), Poisson and binomial
 * (inversion from the mode, or rejection from a table-mountain hat: Hörmann 1993) need
 * an unknown number of words, and take them from the row's own counters.
 */
#include "kernel/random.h"

#include "kernel/kernel.h"

#include <math.h>

__extension__ typedef unsigned __int128 Wide;

/* -- Words of one row -------------------------------------------------------------- */
typedef struct Stream {
    uint64_t key, row, block, word[2];
    int left;
} Stream;

static Stream stream_of(uint64_t key, uint64_t row)
{
    return (Stream){.key = key, .row = row, .block = 1};
}

/* In the open interval (0, 1). */
static double unit(Stream *s)
{
    if (!s->left) {
        philox_block(s->key, s->row, s->block++, s->word);
        s->left = 2;
    }
    return random_unit(s->word[--s->left]) + 0x1p-53;
}

/* -- Normal ------------------------------------------------------------------------ */
static double ratio(const double *num, const double *den, double r)
{
    double p = num[7], q = den[7];
    for (int i = 6; i >= 0; i--) {
        p = p * r + num[i];
        q = q * r + den[i];
    }
    return p / q;
}

static double central(double q)
{
    static const double num[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                  1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                  4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                  3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static const double den[8] = {1.0,
                                  4.2313330701600911252e+1,
                                  6.8718700749205790830e+2,
                                  5.3941960214247511077e+3,
                                  2.1213794301586595867e+4,
                                  3.9307895800092710610e+4,
                                  2.8729085735721942674e+4,
                                  5.2264952788528545610e+3};
    return q * ratio(num, den, 0.180625 - q * q);
}

static double tail(double q, double p)
{
    static const double num1[8] = {
        1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static const double den1[8] = {1.0,
                                   2.05319162663775882187e0,
                                   1.67638483018380384940e0,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
    static const double num2[8] = {
        6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static const double den2[8] = {1.0,
                                   5.99832206555887937690e-1,
                                   1.36929880922735805310e-1,
                                   1.48753612908506148525e-2,
                                   7.86869131145613259100e-4,
                                   1.84631831751005468180e-5,
                                   1.42151175831644588870e-7,
                                   2.04426310338993978564e-15};
    double r = sqrt(-log(q < 0 ? p : 1.0 - p));
    double x = r <= 5 ? ratio(num1, den1, r - 1.6) : ratio(num2, den2, r - 5);
    return q < 0 ? -x : x;
}

double normal_inverse(double p)
{
    double q = p - 0.5;
    if (fabs(q) <= 0.425) return central(q);
    return tail(q, p);
}

/* The middle first, which vectorises, then the tails one by one. */
static void normals(const uint64_t *w, idx n, double *out)
{
    for (idx i = 0; i < n; i++)
        out[i] = central(random_unit(w[i]) + 0x1p-53 - 0.5);
    for (idx i = 0; i < n; i++) {
        double p = random_unit(w[i]) + 0x1p-53;
        if (fabs(p - 0.5) > 0.425) out[i] = tail(p - 0.5, p);
    }
}

/* -- Gamma ------------------------------------------------------------------------- */
static double gamma_of(Stream *s, double shape)
{
    if (shape == 0) return 0;
    double d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3, c = 1 / sqrt(9 * d), v, x, u;
    for (;;) {
        do {
            x = normal_inverse(unit(s));
            v = 1 + c * x;
        } while (v <= 0);
        v = v * v * v;
        u = unit(s);
        if (u < 1 - 0.0331 * x * x * x * x) break;
        if (log(u) < 0.5 * x * x + d * (1 - v + log(v))) break;
    }
    return shape < 1 ? d * v * pow(unit(s), 1 / shape) : d * v;
}

double random_gamma(uint64_t key, uint64_t row, double shape)
{
    Stream s = stream_of(key, row);
    return gamma_of(&s, shape);
}

/* -- Poisson ----------------------------------------------------------------------- */
/* Knuth's product of uniforms, as a sum of logarithms' limit: small means. */
static int64_t poisson_small(Stream *s, double mean)
{
    double limit = exp(-mean), product = unit(s);
    int64_t k = 0;
    while (product > limit) {
        product *= unit(s);
        k++;
    }
    return k;
}

/* PTRS, "The transformed rejection method for generating Poisson random variables". */
static int64_t poisson_large(Stream *s, double mean)
{
    double b = 0.931 + 2.53 * sqrt(mean), a = -0.059 + 0.02483 * b;
    double inv = 1.1239 + 1.1328 / (b - 3.4), vr = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = unit(s) - 0.5, v = unit(s), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= vr) return (int64_t)k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        double left = log(v) + log(inv) - log(a / (us * us) + b);
        if (left <= k * log(mean) - mean - lgamma(k + 1)) return (int64_t)k;
    }
}

int64_t random_poisson(uint64_t key, uint64_t row, double mean)
{
    Stream s = stream_of(key, row);
    return mean < 10 ? (mean > 0 ? poisson_small(&s, mean) : 0)
                     : poisson_large(&s, mean);
}

/* -- Binomial, p <= 0.5 ------------------------------------------------------------ */
static int64_t binomial_small(Stream *s, int64_t n, double p)
{
    double q = 1 - p, odds = p / q, f0 = exp((double)n * log1p(-p));
    for (;;) {
        double u = unit(s), f = f0;
        for (int64_t k = 0; k <= n; k++) {
            if (u < f) return k;
            u -= f;
            f *= odds * (double)(n - k) / (double)(k + 1);
        }
    }
}

/* BTRS, "The generation of binomial random variates". */
static int64_t binomial_large(Stream *s, int64_t n, double p)
{
    double q = 1 - p, dn = (double)n, spq = sqrt(dn * p * q);
    double b = 1.15 + 2.53 * spq, a = -0.0873 + 0.0248 * b + 0.01 * p;
    double c = dn * p + 0.5, vr = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * spq;
    double m = floor((dn + 1) * p), lpq = log(p / q);
    double h = lgamma(m + 1) + lgamma(dn - m + 1);
    for (;;) {
        double u = unit(s) - 0.5, v = unit(s), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + c);
        if (us >= 0.07 && v <= vr) return (int64_t)k;
        if (k < 0 || k > dn) continue;
        v = log(v * alpha / (a / (us * us) + b));
        if (v <= h - lgamma(k + 1) - lgamma(dn - k + 1) + (k - m) * lpq)
            return (int64_t)k;
    }
}

int64_t random_binomial(uint64_t key, uint64_t row, int64_t n, double p)
{
    if (n <= 0 || p <= 0) return 0;
    if (p > 0.5) return n - random_binomial(key, row, n, 1 - p);
    Stream s = stream_of(key, row);
    return (double)n * p < 10 ? binomial_small(&s, n, p) : binomial_large(&s, n, p);
}

/* -- Arrays ------------------------------------------------------------------------ */
static int64_t integer_of(uint64_t word, int64_t lo, uint64_t n)
{
    if (n) word = (uint64_t)((Wide)word * n >> 64);
    return (int64_t)((uint64_t)lo + word);
}

static void words_to(const RandomSpec *s, const uint64_t *w, idx n, void *out)
{
    double *d = out;
    int64_t *k = out;
    switch (s->kind) {
    case RANDOM_UNIT:
        for (idx i = 0; i < n; i++)
            d[i] = random_unit(w[i]);
        break;
    case RANDOM_NORMAL: normals(w, n, d); break;
    case RANDOM_INTEGER:
        for (idx i = 0; i < n; i++)
            k[i] = integer_of(w[i], s->lo, s->n);
        break;
    default:
        for (idx i = 0; i < n; i++)
            k[i] = (int64_t)w[i];
    }
}

static void rows_to(const RandomSpec *s, idx first, idx n, void *out)
{
    double *d = out;
    int64_t *k = out;
    for (idx i = 0; i < n; i++) {
        uint64_t row = (uint64_t)(first + i);
        if (s->kind == RANDOM_GAMMA)
            d[i] = random_gamma(s->key, row, s->a);
        else if (s->kind == RANDOM_POISSON)
            k[i] = random_poisson(s->key, row, s->a);
        else
            k[i] = random_binomial(s->key, row, s->lo, s->a);
    }
}

Status random_fill(Cx *cx, const RandomSpec *s, idx first, idx n, void *out)
{
    Pcg g = s->pcg;
    uint64_t word[BATCH];
    if (s->kind == RANDOM_PCG) pcg_advance(&g, (uint64_t)first);
    for (idx i = 0; i < n; i += BATCH) {
        idx m = idx_min(n - i, BATCH);
        void *to = (uint64_t *)out + i;
        TRY(cx_check(cx));
        if (s->kind == RANDOM_PCG) {
            pcg_doubles(&g, m, to);
        } else if (s->kind <= RANDOM_INTEGER) {
            philox_words(s->key, (uint64_t)(first + i), m, word);
            words_to(s, word, m, to);
        } else {
            rows_to(s, first + i, m, to);
        }
    }
    return OK;
}
