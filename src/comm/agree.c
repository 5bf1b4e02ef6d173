/* SPDX-License-Identifier: Apache-2.0
 * The round that begins every collective. Each rank sends 64 bytes to all: which
 * collective it enters, whether it has failed, and up to seven values. One message
 * pattern for all collectives means that a failed rank meets its peers whatever they
 * enter, that ranks on different paths find out at once instead of waiting for ever,
 * and that small reductions are done when the round is.
 *
 *   Cost = log(p) alpha + 64 p beta
 *
 * Only when some rank has failed more is said: the lowest failing rank broadcasts its
 * record; all tell whether theirs says the same; up to NOTES other texts are broadcast
 * and added. These steps are the same on all ranks, since all hold the same records.
 */
#include "comm/comm_int.h"
#include <stdio.h>

enum { NOTES = 3 };

static const char *const kind_words[CK_COUNT] = {
#define X(id, words) [CK_##id] = words,
    COMM_KINDS(X)
#undef X
};

_Static_assert(sizeof(AgreeRec) == 64, "one cache line a rank");
_Static_assert(2 + ERR_ROWS <= AGREE_VALUES, "rows of an error go with its round");

/* One step of gather_records: what is known goes to a rank below, as much comes from
 * one above. */
static Status pass_records(Cx *cx, AgreeRec *known, int step)
{
    Comm *c = cx->comm;
    int count = step < c->size - step ? step : c->size - step;
    size_t bytes = (size_t)count * sizeof *known;
    void *req[2] = {NULL};
    int code = c->ops->isend(c->transport, known, bytes,
                             (c->rank - step + c->size) % c->size, TAG_AGREE, &req[1]);
    if (!code)
        code = c->ops->irecv(c->transport, known + step, bytes,
                             (c->rank + step) % c->size, TAG_AGREE, &req[0]);
    if (code) return comm_failed(cx, code, "an agreement");
    return comm_wait(cx, req, 2);
}

/* Every rank's record into own->rec: an allgather by dissemination. With plain messages
 * it takes half the time of MPI's non-blocking collective, which plans a schedule. */
static Status gather_records(Cx *cx, const AgreeRec *mine)
{
    const Comm *c = cx->comm;
    AgreeRec *known = c->own->known; /* of this rank and those above it, in a circle */
    known[0] = *mine;
    for (int step = 1; step < c->size; step *= 2)
        TRY(pass_records(cx, known, step));
    int above = c->size - c->rank;
    memcpy(c->own->rec + c->rank, known, (size_t)above * sizeof *known);
    if (c->rank) memcpy(c->own->rec, known + above, (size_t)c->rank * sizeof *known);
    return OK;
}

static Status err_bcast(Cx *cx, Err *e, int root)
{
    Comm *c = cx->comm;
    void *req = NULL;
    int code = c->ops->ibcast(c->transport, e, sizeof *e, root, &req);
    if (code) return comm_failed(cx, code, "an agreement");
    return comm_wait(cx, &req, 1);
}

/* Of indices out of bounds the lowest rank names the one that one process would meet
 * first. */
static bool err_same(const Err *a, const Err *b)
{
    if (a->code == E_INDEX && b->code == E_INDEX) return true;
    return a->code == b->code && a->site == b->site && strcmp(a->text, b->text) == 0;
}

/* Appends another rank's failure to the text, when there is room for a useful part. */
static void err_note(Err *e, const Err *other)
{
    size_t used = strlen(e->text), room = sizeof e->text - used;
    if (room < 120) return;
    char line[160];
    snprintf(line, sizeof line, "%.120s", other->text);
    line[strcspn(line, "\n")] = 0;
    snprintf(e->text + used, room, "\n(rank %d: %s: %.100s)", other->rank,
             err_exception(other->code), line);
}

/* What each rank says of its own record, compared with the first failing one's. */
typedef enum Said { SAID_NOTHING, SAID_SAME, SAID_OTHER } Said;

/* Collective: every rank gets one record. first: the lowest failing rank. */
static Status spread_failure(Cx *cx, int first)
{
    Comm *c = cx->comm;
    Err mine = cx->err, e;
    AgreeRec *rec = c->own->rec, said = {0};
    int notes = 0, same = 0;
    bool alike = false; /* someone failed the same way on its own */
    int64_t row[ERR_ROWS] = {0};
    if (mine.code && mine.rank < 0) mine.rank = c->rank;
    e = mine;
    TRY(err_bcast(cx, &e, first));
    said.v[0] = !mine.code            ? SAID_NOTHING
                : err_same(&mine, &e) ? SAID_SAME
                                      : SAID_OTHER;
    said.v[1] = mine.rank;
    for (int k = 0; k < ERR_ROWS && said.v[0] == SAID_SAME; k++)
        said.v[2 + k] = mine.row[k];
    TRY(gather_records(cx, &said));
    for (int r = 0; r < c->size; r++) {
        same += rec[r].v[0] == SAID_SAME;
        for (int k = 0; k < ERR_ROWS; k++)
            row[k] += rec[r].v[2 + k];
        alike |= rec[r].v[0] == SAID_SAME && rec[r].v[1] != e.rank;
        if (rec[r].v[0] != SAID_OTHER || notes == NOTES) continue;
        Err other = mine;
        TRY(err_bcast(cx, &other, r));
        err_note(&e, &other);
        notes++;
    }
    if (same == c->size && (alike || c->size == 1)) e.rank = -1;
    err_rows(&e, row);
    cx->err = e;
    cx->agreed = true;
    return e.code;
}

static const char *const *call_words;
static int call_count;

void comm_set_calls(const char *const *name, int n)
{
    call_words = name;
    call_count = n;
}

/* Where a rank is, for a message; counted: with how many values, where that alone
 * differs. */
static void place_text(const AgreeRec *rec, bool counted, char *text, size_t n)
{
    const char *of = rec->call && rec->call < call_count ? call_words[rec->call] : "";
    char count[24] = "";
    if (counted) snprintf(count, sizeof count, " (%d)", rec->extra);
    snprintf(text, n, "%s%s%s%s", kind_words[rec->kind % CK_COUNT], count,
             *of ? " of " : "", of);
}

/* All hold the same records, so all of them fail with the same words. In SPMD it is the
 * program that left some ranks out of a call, so the error is no InternalError. */
static Status check_same_path(Cx *cx)
{
    const AgreeRec *rec = cx->comm->own->rec;
    for (int r = 1; r < cx->comm->size; r++) {
        if (rec[r].kind == rec[0].kind && rec[r].extra == rec[0].extra &&
            rec[r].call == rec[0].call)
            continue;
        char first[128], other[128];
        bool counted = rec[r].kind == rec[0].kind && rec[r].call == rec[0].call;
        place_text(&rec[0], counted, first, sizeof first);
        place_text(&rec[r], counted, other, sizeof other);
        Status st = fail(cx, E_RUNTIME,
                         "ranks are at different places: rank 0 in %s, rank %d in %s "
                         "(every rank must make the same calls in the same order)",
                         first, r, other);
        cx->err.rank = -1;
        cx->agreed = true;
        return st;
    }
    return OK;
}

Status agree_round(Cx *cx, CommKind kind, int32_t extra, const int64_t v[AGREE_VALUES])
{
    Comm *c = cx->comm;
    AgreeRec *rec = c->own->rec, *mine = &rec[c->size];
    c->ncoll++;
    if (cx->err.code == OK) cx->agreed = false;
    TRY(comm_usable(cx));
    *mine = (AgreeRec){.kind = (uint8_t)kind,
                       .failed = cx->err.code != OK,
                       .extra = extra,
                       .call = c->call};
    if (v) memcpy(mine->v, v, sizeof mine->v);
    if (!c->ops) {
        rec[0] = *mine;
        cx->err.rank = -1; /* there is no other */
        err_rows(&cx->err, cx->err.row);
        cx->agreed = cx->err.code != OK;
        return cx->err.code;
    }
    c->doing = kind_words[kind];
    TRY(gather_records(cx, mine));
    for (int r = 0; r < c->size; r++)
        if (rec[r].failed) return spread_failure(cx, r);
    return check_same_path(cx);
}

Status comm_agree(Cx *cx)
{
    return agree_round(cx, CK_AGREE, 0, NULL);
}

Status comm_same(Cx *cx, int64_t value, const char *what)
{
    int64_t v[AGREE_VALUES] = {value};
    TRY(agree_round(cx, CK_SAME, 0, v));
    const AgreeRec *rec = cx->comm->own->rec;
    for (int r = 1; r < cx->comm->size; r++) {
        if (rec[r].v[0] == rec[0].v[0]) continue;
        Status st = fail(cx, E_INTERNAL, "%s is %lld on rank 0 but %lld on rank %d",
                         what, (long long)rec[0].v[0], (long long)rec[r].v[0], r);
        cx->err.rank = -1;
        cx->agreed = true;
        return st;
    }
    return OK;
}
