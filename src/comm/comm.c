/* SPDX-License-Identifier: Apache-2.0
 * Communicators: the world of one rank, and the one that a plugin makes over MPI. The
 * plugin is loaded with RTLD_LOCAL, so that MPI's symbols meet nobody else's; the MPI
 * library itself may be loaded before by its path (SHOAL_MPI_LIBRARY): the plugin's
 * dependency of that name is then satisfied without any search path.
 */
#include "array/buf.h"
#include "comm/comm_int.h"
#include "comm/mpi_memory.h"
#include <dlfcn.h>
#include <sched.h>
#include <unistd.h>

enum { DIRECT_MIN = 1 << 17 }; /* bytes: messages of their own cost a few us each */
enum { SPINS = 50 }; /* some 5 us: longer than a round among ranks that are ready */

static AgreeRec self_rec[2];
static CommInt self_own = {.rec = self_rec};
static const int32_t self_node[1];
static Comm self = {
    .rank = 0, .size = 1, .nnode = 1, .node = self_node, .own = &self_own};

Comm *comm_self(void)
{
    return &self;
}

static void own_free(CommInt *own)
{
    if (!own) return;
    mem_free(own->rec);
    mem_free(own->known);
    mem_free(own->node);
    mem_free(own->slot);
    mem_free(own);
}

/* Loads the plugin and its table; *lib and *mpi are closed by the caller on failure. */
static Status plugin_load(Cx *cx, const char *path, CommInt *own,
                          const CommPlugin **plugin)
{
    const char *mpi = getenv("SHOAL_MPI_LIBRARY");
    if (mpi && *mpi) {
        own->mpi_library = dlopen(mpi, RTLD_NOW | RTLD_LOCAL);
        if (!own->mpi_library)
            return fail(cx, E_OS, "cannot load the MPI library: %s", dlerror());
    }
    own->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!own->library) return fail(cx, E_OS, "cannot load MPI: %s", dlerror());
    *plugin = dlsym(own->library, "shoal_comm_plugin");
    if (!*plugin || (*plugin)->abi != COMM_PLUGIN_ABI)
        return fail(cx, E_OS, "%s is not a communication plugin of this version", path);
    return OK;
}

/* Cores that this process may use. */
static int core_count(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) ? 1 : CPU_COUNT(&set);
}

/* Every rank's first rank of its host becomes the list of hosts' first ranks: a rank
 * is first when it names itself. */
static Status find_nodes(Cx *cx, Comm *c, int first)
{
    int32_t mine = first;
    void *req = NULL;
    TRY(mem_new(cx, c->size, sizeof *c->own->node, true, &c->own->node));
    int code = c->ops->iallgather(c->transport, &mine, sizeof mine, c->own->node, &req);
    for (int done = 0; !code && !done; sched_yield())
        code = c->ops->test(c->transport, &req, &done, NULL);
    if (code) return fail(cx, E_OS, "cannot learn which ranks share a host");
    for (int r = 0; r < c->size; r++)
        if (c->own->node[r] == r) c->own->node[c->nnode++] = r;
    c->node = c->own->node;
    return OK;
}

/* The names of MPI's shared memory go, the memory stays: all ranks have it by now. */
static void memory_unname(void)
{
    char path[MPI_MEMORY_NAME];
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && mpi_memory_next(maps, path))
        unlink(path);
    if (maps) fclose(maps);
}

static Status open_over(Cx *cx, const char *path, Comm *c)
{
    const CommPlugin *plugin = NULL;
    char text[512];
    TRY(plugin_load(cx, path, c->own, &plugin));
    int first = 0;
    if (plugin->open(&c->transport, &c->rank, &c->size, &first, text, sizeof text))
        return fail(cx, E_OS, "cannot start MPI: %s", text);
    c->ops = plugin->ops;
    const char *direct = getenv("SHOAL_DIRECT");
    c->own->direct_min = direct ? strtol(direct, NULL, 10) : DIRECT_MIN;
    c->own->spins = core_count() >= c->size ? SPINS : 0;
    TRY(mem_new(cx, (idx)c->size + 1, sizeof(AgreeRec), true, &c->own->rec));
    TRY(mem_new(cx, c->size, sizeof(AgreeRec), true, &c->own->known));
    TRY(find_nodes(cx, c,
                   first)); /* hears of every rank: MPI_Init is over everywhere */
    memory_unname();
    return OK;
}

/* Libraries stay loaded on failure too: MPI may have threads or exit handlers by then.
 */
Status comm_open(Cx *cx, const char *plugin, Comm **out)
{
    Comm *c;
    *out = NULL;
    TRY(mem_new(cx, 1, sizeof *c, true, &c));
    Status st = mem_new(cx, 1, sizeof *c->own, true, &c->own);
    if (!st) st = open_over(cx, plugin, c);
    if (st) {
        own_free(c->own);
        mem_free(c);
        return st;
    }
    *out = c;
    return OK;
}

/* A program may end on one rank while the others go on: MPI_Finalize would wait for
 * them, and they for this rank. */
static void take_leave(Cx *cx)
{
    const Comm *c = cx->comm;
    Status st;
    do {
        err_clear(&cx->err);
        st = agree_round(cx, CK_CLOSE, 0, NULL);
    } while (st && !c->broken);
    err_clear(&cx->err);
}

void comm_close(Cx *cx)
{
    Comm *c = cx->comm;
    if (c == &self) return;
    if (!c->ops->over(c->transport)) take_leave(cx);
    cx->comm = &self;
    if (!c->broken) c->ops->finalize(c->transport);
    if (!c->broken) own_free(c->own); /* else MPI may still write to its buffers */
    mem_free(c);
}

/* Starts an empty message to r, or from it. */
static bool end_message(Comm *c, int r, bool send, void **req)
{
    char none = 0;
    int code = send ? c->ops->isend(c->transport, &none, 0, r, TAG_END, req)
                    : c->ops->irecv(c->transport, &none, 0, r, TAG_END, req);
    return code == 0;
}

/* Tests both ways; false when MPI fails. *left counts what is under way. */
static bool end_test(Comm *c, void **req, int *left)
{
    *left = 0;
    for (int i = 0; i < 2 * c->size; i++) {
        int done = 0;
        if (!req[i]) continue;
        if (c->ops->test(c->transport, &req[i], &done, NULL)) return false;
        *left += !done;
    }
    return true;
}

bool comm_all_end(Comm *c, int64_t ms)
{
    enum { NAP_NS = 1000000 };
    Cx cx = {.comm = c};
    void **req = NULL;
    int left = 0;
    if (c->broken || mem_new(&cx, 2 * (idx)c->size, sizeof *req, true, &req))
        return c->size == 1;
    bool well = true;
    for (int i = 0; well && i < 2 * c->size; i++)
        if (i / 2 != c->rank) well = end_message(c, i / 2, i % 2, &req[i]);
    well = well && end_test(c, req, &left);
    for (int64_t i = 0; well && left && i < ms; i++) {
        struct timespec t = {.tv_nsec = NAP_NS};
        nanosleep(&t, NULL);
        well = end_test(c, req, &left);
    }
    mem_free(req);
    return well && !left;
}

void comm_abort(Comm *c, int code)
{
    if (c->ops) c->ops->abort(c->transport, code);
}

Status comm_usable(Cx *cx)
{
    if (!cx->comm->broken) return OK;
    cx->agreed = true; /* nothing can be said to anybody */
    return fail(cx, E_OS, "the ranks have lost one another: an earlier wait was left");
}

Status comm_failed(Cx *cx, int code, const char *what)
{
    char text[512] = "no details";
    Comm *c = cx->comm;
    c->broken = cx->agreed = true;
    c->ops->error_text(c->transport, code, text, sizeof text);
    return fail(cx, E_OS, "MPI failed in %s: %s", what, text);
}
