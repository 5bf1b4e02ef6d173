/* SPDX-License-Identifier: Apache-2.0
 * One per rank, started by mpiexec: runs the worker as its child and stands between it
 * and the driver, so that neither outlives the other unnoticed, whatever the launcher
 * does and whatever the worker is busy with.
 *
 *   _supervise SOCKET PROGRAM ARGS...
 *
 * It holds one connection to the driver. When the worker ends it reports
 * "END <rank> <signal> <exit code> <pid>\n" there; when the connection closes (the
 * driver ended, in any way) or the launcher asks (SIGTERM) it kills the worker.
 */
#include "comm/mpi_memory.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The rank, as the launcher says. */
static const char *rank_text(void)
{
    static const char *const names[] = {"PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK",
                                        "SLURM_PROCID"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *s = getenv(names[i]);
        if (s) return s;
    }
    return "0";
}

static int driver_connect(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path) return -1;
    memcpy(at.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) return fd;
    close(fd);
    return -1;
}

static void say(int fd, const char *text)
{
    size_t n = strlen(text);
    while (n > 0) {
        ssize_t k = send(fd, text, n, MSG_NOSIGNAL);
        if (k < 0 && errno == EINTR) continue;
        if (k <= 0) return;
        text += k;
        n -= (size_t)k;
    }
}

/* What the worker and its C libraries print goes where the driver's errors go, not
 * through the launcher, which adds words of its own. */
static void output_open(void)
{
    const char *pid = getenv("SHOAL_POOL_DRIVER");
    char path[64];
    if (!pid || strlen(pid) > 20) return;
    snprintf(path, sizeof path, "/proc/%s/fd/2", pid);
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return; /* a socket: stay with the launcher's */
    dup2(fd, STDOUT_FILENO);
    dup2(fd, STDERR_FILENO);
    close(fd);
}

enum { GONE = 75 }; /* a worker's exit status when the driver closed its connection */

/* Removes what MPI has named in /dev/shm so far, if the worker has it mapped. */
static void memory_mapped_remove(pid_t child)
{
    char path[MPI_MEMORY_NAME];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)child);
    FILE *maps = fopen(path, "re");
    while (maps && mpi_memory_next(maps, path))
        unlink(path);
    if (maps) fclose(maps);
}

/* The same of what it has open: it is about to be mapped. */
static void memory_open_remove(pid_t child)
{
    char path[MPI_MEMORY_NAME], link[512];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)child);
    DIR *open = opendir(path);
    for (struct dirent *e; open && (e = readdir(open));) {
        ssize_t n = readlinkat(dirfd(open), e->d_name, link, sizeof link - 1);
        if (n <= 0) continue;
        link[n] = '\0';
        if (mpi_memory_path(link, path)) unlink(path);
    }
    if (open) closedir(open);
}

/* Ends the worker, and with it what it would leave behind if MPI is still starting. It
 * stands still meanwhile; if it does not stop in time, it is waiting in the kernel. */
static void worker_kill(pid_t child)
{
    siginfo_t info = {0};
    kill(child, SIGSTOP);
    for (int i = 0; i < 50 && info.si_pid == 0; i++) {
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT))
            break;
        if (info.si_pid == 0) usleep(1000);
    }
    memory_mapped_remove(child);
    memory_open_remove(child);
    kill(child, SIGKILL);
}

static int part_remove(const char *path, const struct stat *state, int kind,
                       struct FTW *at)
{
    (void)state, (void)kind, (void)at;
    remove(path);
    return 0;
}

/* A link in the pool's folder leads to an output that was being written (_files.py); it
 * goes after that: whoever is interrupted leaves it to others. */
static int file_remove(const char *path, const struct stat *state, int kind,
                       struct FTW *at)
{
    char to[PATH_MAX];
    (void)state;
    if (kind == FTW_SL && at->level == 1 &&
        strncmp(path + at->base, "part-", sizeof "part-" - 1) == 0) {
        ssize_t n = readlink(path, to, sizeof to - 1);
        to[n > 0 ? n : 0] = 0;
        if (n > 0) nftw(to, part_remove, 8, FTW_DEPTH | FTW_PHYS);
    }
    remove(path);
    return 0;
}

/* What a driver that was killed could not remove: its segments, its socket's folder, in
 * which Open MPI's launcher keeps its own, outputs that were being written. */
static void tidy_up(const char *socket_path)
{
    const char *id = getenv("SHOAL_POOL_ID");
    char prefix[64], path[512];
    DIR *shm = id && *id && strlen(id) < 40 ? opendir("/dev/shm") : NULL;
    if (shm) {
        snprintf(prefix, sizeof prefix, "shoal-%s-", id);
        for (struct dirent *e; (e = readdir(shm));)
            if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
                unlinkat(dirfd(shm), e->d_name, 0);
        closedir(shm);
    }
    const char *slash = strrchr(socket_path, '/');
    int n = slash ? (int)(slash - socket_path) : 0;
    if (n == 0 || n > 400) return;
    snprintf(path, sizeof path, "%.*s", n, socket_path);
    nftw(path, file_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* The worker's own start: signals as usual, and an end with this process. */
static void worker_exec(char **argv, const sigset_t *before)
{
    sigprocmask(SIG_SETMASK, before, NULL);
    signal(SIGINT, SIG_IGN); /* a terminal's Ctrl-C is the driver's to handle */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(argv[0], argv);
    perror("shoal: cannot start the worker");
    _exit(127);
}

/* Waits for the worker's end; kills it when the driver is gone (*lost) or the launcher
 * says so. */
static int worker_wait(pid_t child, int driver, int signals, bool *lost)
{
    struct pollfd at[2] = {
        {.fd = signals, .events = POLLIN},
        {.fd = driver,  .events = POLLIN}
    };
    int status;
    for (;;) {
        pid_t done = waitpid(child, &status, WNOHANG);
        if (done == child) return status;
        if (poll(at, 2, -1) < 0) continue;
        struct signalfd_siginfo info;
        if ((at[0].revents & POLLIN) && read(signals, &info, sizeof info) > 0 &&
            info.ssi_signo != SIGCHLD)
            worker_kill(child);
        if (at[1].revents) {
            char byte;
            ssize_t k = recv(driver, &byte, 1, MSG_DONTWAIT);
            if (k > 0 || (k < 0 && (errno == EAGAIN || errno == EINTR))) continue;
            at[1].fd = -1;
            *lost = true;
            worker_kill(child);
        }
    }
}

enum { PATIENCE = 500 }; /* milliseconds */

/* MPICH's launcher ends the other ranks when a rank's connection to it (PMI) closes.
 * The worker's was inherited through here: were it closed by the end of this process,
 * the launcher would learn of both at once, and now and then it does nothing then. So
 * it closes first; the launcher ends this process too, if the driver does not. */
static void launcher_tell(int signals, int driver)
{
    const char *text = getenv("PMI_FD");
    int fd = text ? (int)strtol(text, NULL, 10) : -1;
    struct pollfd at[2] = {
        {.fd = signals, .events = POLLIN},
        {.fd = driver,  .events = POLLIN}
    };
    struct signalfd_siginfo info;
    if (fd <= STDERR_FILENO || close(fd) != 0) return;
    while (poll(at, 2, PATIENCE) > 0 && !at[1].revents)
        if (read(signals, &info, sizeof info) <= 0 || info.ssi_signo != SIGCHLD) return;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: _supervise SOCKET PROGRAM ARGS...\n", stderr);
        return 2;
    }
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGCHLD);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, &before);
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int signals = signalfd(-1, &mask, SFD_CLOEXEC), driver = driver_connect(argv[1]);
    if (signals < 0 || driver < 0) {
        perror("shoal: cannot reach the driver");
        tidy_up(argv[1]); /* it may have been killed since it started the launcher */
        return 1;
    }
    output_open();
    char text[96];
    snprintf(text, sizeof text, "SUP %s\n", rank_text());
    say(driver, text);
    pid_t child = fork();
    if (child < 0) {
        perror("shoal: fork");
        return 1;
    }
    if (child == 0) worker_exec(argv + 2, &before);
    bool lost = false;
    int status = worker_wait(child, driver, signals, &lost);
    lost |= WIFEXITED(status) && WEXITSTATUS(status) == GONE;
    if (lost) tidy_up(argv[1]);
    int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    snprintf(text, sizeof text, "END %s %d %d %d\n", rank_text(), sig, code,
             (int)child);
    say(driver, text);
    if (!lost && (sig || code)) launcher_tell(signals, driver);
    return sig ? 128 + sig : code;
}
