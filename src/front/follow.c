/* SPDX-License-Identifier: Apache-2.0
 * Loops over containers that their body changes.
 *
 * An unrolled loop goes over items that were taken when it began. Python asks for each
 * item when its turn comes, so before each turn the containers are looked at again:
 *
 *   as they were        the items stand
 *   changed, known      the items are taken anew; a dict or set of another length
 * raises made an object of   a list: what is left of the loop is one of the run time
 * over the the run time        list as it is then; a dict or set: its length is
 * compared there
 *
 * A list that became an object in a body that has no way to make it longer or shorter
 * is left alone: reading at a computed index is enough for that.
 */
#include "base/base.h"

#include "front/front_int.h"
#include "front/try.h"

#include <string.h>

enum { GROWS_MAX = 200 }; /* items that a body adds before the run time goes on */

typedef struct Source {
    AVal *v; /* A_LIST, A_DICT or A_SET */
    AVal *const *item, *const *key;
    idx n;
} Source;

struct Follow {
    const Ast *s;
    AVal *of; /* such a container, or a view of some */
    VEC(Source) at;
    idx first; /* items that there were */
};

static bool is_table(const AVal *v)
{
    return v->kind == A_DICT || v->kind == A_SET;
}

static void find_sources(Front *f, Follow *w, AVal *v)
{
    if (v->kind == A_TUPLE && v->view) v = v->view;
    if (v->kind == A_VIEW) {
        for (idx i = 0; i < v->n; i++)
            find_sources(f, w, v->item[i]);
        return;
    }
    if ((v->kind != A_LIST && !is_table(v)) || box_get(f, v)) return;
    const Container *c = front_items(f, v);
    Source s = {.v = v, .n = c->item.n};
    s.item = av_tuple(f, c->item.at, s.n)->item;
    if (v->kind == A_DICT) s.key = av_tuple(f, c->key.at, s.n)->item;
    vec_push(f->arena, &w->at, s);
}

Follow *follow_new(Front *f, const Ast *s, AVal *of, idx n)
{
    Follow *w = ARENA_NEW(f->arena, Follow);
    w->s = s;
    w->of = of->kind == A_TUPLE && of->view ? of->view : of;
    w->first = n;
    find_sources(f, w, of);
    return w->at.n ? w : NULL;
}

static bool as_it_was(Front *f, const Source *s)
{
    if (box_get(f, s->v)) return false;
    const Container *c = front_items(f, s->v);
    size_t size = (size_t)s->n * sizeof(AVal *);
    return c->item.n == s->n && !memcmp(c->item.at, s->item, size) &&
           (!s->key || !memcmp(c->key.at, s->key, size));
}

/* A dict or set of another length raises. false: whenever control gets here. */
static bool same_length(Front *f, const Source *s)
{
    const char *text = s->v->kind == A_DICT ? "dictionary changed size during iteration"
                                            : "Set changed size during iteration";
    if (!box_get(f, s->v)) {
        if (front_items(f, s->v)->item.n == s->n) return true;
        exc_emit(f, E_RUNTIME, text, NULL);
        return false;
    }
    AVal *pair[2] = {box_len(f, s->v), av_int(f, s->n)};
    lower_raise_if(f, front_elem(f, OP_NE, pair, 2), E_RUNTIME, text);
    return true;
}

/* -- Item i as the containers are now; NULL: there are no more -----------------------
 */
static AVal *item_of(Front *f, AVal *v, idx i);

static AVal *zip_item(Front *f, const AVal *v, idx i)
{
    AVal **part = ARENA_NEW_N(f->arena, v->n + 1, AVal *);
    for (idx k = 0; k < v->n; k++)
        if (!(part[k] = item_of(f, v->item[k], i))) return NULL;
    return v->n ? av_tuple(f, part, v->n) : NULL;
}

static AVal *view_item(Front *f, const AVal *v, idx i)
{
    AVal *x;
    switch (v->s[0]) {
    case 'z': return zip_item(f, v, i);
    case 'e':
        x = item_of(f, v->item[0], i);
        i += front_const_int(f, v->item[1], "start");
        return x ? av_tuple(f, (AVal *[]){av_int(f, i), x}, 2) : NULL;
    case 'r': /* from the last of those that there were */
        i = front_const_int(f, v->item[1], "reversed") - 1 - i;
        return i < 0 ? NULL : item_of(f, v->item[0], i);
    default: break;
    }
    AVal *key = item_of(f, v->item[0], i);
    if (!key || v->s[0] == 'k') return key;
    x = lower_subscript(f, v->item[0], key);
    return v->s[0] == 'v' ? x : av_tuple(f, (AVal *[]){key, x}, 2);
}

static AVal *item_of(Front *f, AVal *v, idx i)
{
    AVal **item;
    idx n;
    if (v->kind == A_TUPLE && v->view) v = v->view;
    if (v->kind == A_VIEW) return view_item(f, v, i);
    if (!lower_items(f, v, &item, &n)) return NULL;
    return i < n ? item[i] : NULL;
}

/* -- One turn ---------------------------------------------------------------------- */
bool follow_turn(Front *f, Follow *w, idx i, AVal **item, bool *over)
{
    bool changed = false, run = false;
    *over = false;
    vec_each (k, &w->at) {
        const Source *s = &w->at.at[k];
        if (as_it_was(f, s)) continue;
        bool object = box_get(f, s->v) != NULL;
        if (is_table(s->v)) {
            *over = !same_length(f, s);
            if (*over) return false;
            changed |= !object;
        } else if (!object || iter_changes(&w->s->list)) {
            run |= object;
            changed = true;
        }
    }
    if (!changed) return true;
    bool strict = w->of->kind == A_VIEW && w->of->ck; /* zip(strict=True) */
    if (!run && !strict && i < w->first + GROWS_MAX) {
        *item = item_of(f, w->of, i);
        return true;
    }
    *over = true;
    return iter_live(f, w->s, w->of, i);
}
