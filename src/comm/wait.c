/* SPDX-License-Identifier: Apache-2.0
 * Waiting for peers. MPI's own blocking waits spin: with more ranks than cores each
 * waiter burns the time slice its peer needs. So every wait is a loop of tests here.
 * Where each rank has a core it tests for a few microseconds first. Then it yields the
 * core after each fruitless test, which costs little where the core is free and hands
 * it to the peer where it is not; after SPIN_NS it naps, for a twentieth of the time
 * waited so far, so that a long wait costs no CPU and ends at most 5 % late.
 *
 * A yield that takes long has given the core to somebody who computes: on a crowded
 * machine to strangers, in turn, each for its whole time slice. A rank that naps is
 * woken before those. So after a long yield the next waits nap at once.
 *
 * A request to stop does not end a wait: all ranks are asked, those that compute fail
 * soon and join the agreement this rank waits in, and the communicator stays clean.
 * Only COMM_STOP_NOW leaves it.
 */
#include "base/host.h"
#include "comm/comm_int.h"
#include <sched.h>
#include <stdio.h>

#define MS 1000000

enum {
    SPIN_NS = 1 * MS,   /* yields only, before the first nap */
    NAP_MIN_NS = 20000, /* the kernel adds about 50 us to any of these */
    LONG_YIELD_NS = 300000,
    CROWDED_WAITS = 32, /* after a long yield */
    NAP_MAX_NS = 2 * MS,
    POLL_NS = 50 * MS, /* between calls of host->poll: it may want Python's lock */
};

static void (*where_hook)(Cx *cx, char *text, size_t n);

void comm_set_where(void (*where)(Cx *cx, char *text, size_t n))
{
    where_hook = where;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* Nanoseconds after which to report, 0: never. Read once. */
static int64_t stall_limit(void)
{
    static int64_t limit = -1;
    if (limit < 0) {
        const char *s = getenv("SHOAL_STALL");
        double seconds = s ? strtod(s, NULL) : 0;
        limit = seconds > 0 && seconds < 1e9 ? (int64_t)(seconds * 1000 * MS) : 0;
    }
    return limit;
}

static void stall_report(Cx *cx, int64_t waited)
{
    const Comm *c = cx->comm;
    char place[256] = "";
    if (where_hook) where_hook(cx, place, sizeof place);
    fprintf(stderr, "shoal: rank %d of %d has waited %.0f s in %s%s%s\n", c->rank,
            c->size, (double)waited / (1000 * MS), c->doing ? c->doing : "a message",
            *place ? " at " : "", place);
    fflush(stderr);
}

/* Looks for a request to stop; E_INTERRUPT only when the wait must be left. */
static Status look_for_stop(Cx *cx, Waiter *w, int64_t now)
{
    int stop = cx->abort_word ? *cx->abort_word : 0;
    if (now >= w->poll) {
        w->poll = now + POLL_NS;
        int polled = cx->host && cx->host->poll ? cx->host->poll(cx->host_data) : 0;
        if (polled > stop) stop = polled;
    }
    if (stop <= 0) return OK;
    Status st = fail(cx, E_INTERRUPT, "interrupted");
    if (stop < COMM_STOP_NOW) return OK;
    cx->comm->broken = cx->agreed = true;
    return st;
}

static void nap(int64_t ns)
{
    struct timespec t = {.tv_nsec = (long)ns};
    nanosleep(&t, NULL);
}

Status wait_pause(Cx *cx, Waiter *w)
{
    CommInt *own = cx->comm->own;
    if (w->spun < own->spins) {
        w->spun++;
        return OK;
    }
    int64_t now = now_ns();
    if (!w->start) {
        w->start = now;
        w->poll = now + POLL_NS;
        w->stall = stall_limit();
        if (own->crowded > 0) own->crowded--;
    }
    TRY(look_for_stop(cx, w, now));
    int64_t waited = now - w->start;
    if (w->stall && waited >= w->stall) {
        stall_report(cx, waited);
        w->stall += stall_limit();
    }
    if (own->crowded > 0 || waited >= SPIN_NS) {
        nap(idx_min(idx_max(waited / 20, NAP_MIN_NS), NAP_MAX_NS));
        return OK;
    }
    sched_yield();
    if (now_ns() - now >= LONG_YIELD_NS) own->crowded = CROWDED_WAITS;
    return OK;
}

void wait_end(Cx *cx, Waiter *w)
{
    if (w->start) cx->comm->wait_ns += now_ns() - w->start;
}

Status comm_wait(Cx *cx, void **req, int n)
{
    Comm *c = cx->comm;
    Waiter w = {0};
    int left = 0;
    for (int i = 0; i < n; i++)
        left += req[i] != NULL;
    while (left) {
        int before = left;
        for (int i = 0; i < n; i++) {
            int done = 0;
            if (!req[i]) continue;
            int code = c->ops->test(c->transport, &req[i], &done, NULL);
            if (code) return comm_failed(cx, code, "a wait");
            left -= done != 0;
        }
        if (left == before) TRY(wait_pause(cx, &w));
    }
    wait_end(cx, &w);
    return OK;
}
