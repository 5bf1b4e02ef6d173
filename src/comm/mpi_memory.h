/* SPDX-License-Identifier: Apache-2.0
 * The files of /dev/shm through which MPI shares memory between the ranks of a host.
 * MPI removes them when it is finalized, so a rank that is killed leaves them behind
 * for good. A name is needed only until every rank of the host has mapped the file,
 * which is so when MPI_Init is over on all of them: comm_open removes the names then,
 * and the supervisor of a pool's rank those of a worker that it ends before. Header
 * only, since the supervisor is a program of its own.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { MPI_MEMORY_NAME = 128 }; /* bytes of the longest path, its NUL included */

/* The path of such a file in a line of /proc/<pid>/maps or in a link of /proc/<pid>/fd:
 * copied without what follows it, or false. */
static inline bool mpi_memory_path(const char *line, char path[MPI_MEMORY_NAME])
{
    static const char *const kind[] = {
        "/dev/shm/mpich_shm_",     /* MPICH */
        "/dev/shm/ucx_shm_posix_", /* UCX below MPICH, while it starts */
        "/dev/shm/sm_segment.",    /* Open MPI */
    };
    for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++) {
        const char *at = strstr(line, kind[i]);
        size_t n = at ? strcspn(at, " \n") : 0;
        if (n == 0 || n >= MPI_MEMORY_NAME) continue;
        memcpy(path, at, n);
        path[n] = '\0';
        return true;
    }
    return false;
}

/* The next one that a process has mapped, as its open maps file says. */
static inline bool mpi_memory_next(FILE *maps, char path[MPI_MEMORY_NAME])
{
    char line[512];
    while (fgets(line, sizeof line, maps))
        if (mpi_memory_path(line, path)) return true;
    return false;
}
