/* SPDX-License-Identifier: Apache-2.0
 * The communicator counts what this rank sends; a call that has sent something finds
 * its row by site. What comes after the table is full is counted in its last row.
 */
#include "base/base.h"

#include "rt/moved.h"

#include "base/attr.h"
#include "comm/comm.h"

enum { MOVED_MAX = 256 };

static Moved table[MOVED_MAX];
static idx used;

void moved_begin(void)
{
    used = 0;
}

const Moved *moved_all(idx *n)
{
    *n = used;
    return table;
}

static Moved *row_of(int32_t site, RtId id)
{
    for (idx i = used - 1; i >= 0; i--) /* loops come to the latest again */
        if (table[i].site == site && table[i].call == id) return &table[i];
    if (used == MOVED_MAX) {
        table[used - 1].site = -1;
        return &table[used - 1];
    }
    table[used] = (Moved){.site = site, .call = id};
    return &table[used++];
}

int32_t moved_call(RtId id, Cx *cx, const Attrs *at, int64_t nin, const Slot *in,
                   int64_t nout, Slot *out)
{
    const Comm *c = cx->comm;
    int64_t messages = c->nmsg, bytes = c->nbyte, rounds = c->ncoll;
    int32_t st = rt_calls[id](cx, at, nin, in, nout, out);
    if (LIKELY(c->ncoll == rounds && c->nmsg == messages)) return st;
    Moved *m = row_of(at ? (int32_t)attr_int(at, "site", -1) : -1, id);
    m->times++;
    m->messages += c->nmsg - messages;
    m->bytes += c->nbyte - bytes;
    m->rounds += c->ncoll - rounds;
    return st;
}
