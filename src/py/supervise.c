/* SPDX-License-Identifier: Apache-2.0
 * One per rank, started by mpiexec: runs the worker as its child, reaps it, and tells
 * the driver how it ended, so that a killed worker is known at once and by name,
 * whatever the launcher does.
 *
 *   _supervise SOCKET PROGRAM ARGS...
 *
 * The rank is what the launcher says (PMI_RANK and its like). The report is one
 * datagram- sized message on a connection of its own: "END <rank> <signal> <exit code>
 * <pid>\n". When the driver goes away the worker ends itself; when this process is
 * asked to end (SIGTERM, or its parent dies) the worker is killed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t child;

static void on_end(int sig)
{
    (void)sig;
    if (child > 0) kill(child, SIGKILL);
}

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

static void report(const char *path, const char *rank, int status)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof at.sun_path) return;
    memcpy(at.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return;
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0) {
        char text[96];
        int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        int n = snprintf(text, sizeof text, "END %s %d %d %d\n", rank, sig, code,
                         (int)child);
        if (n > 0 && send(fd, text, (size_t)n, MSG_NOSIGNAL) < 0) fputs("", stderr);
    }
    close(fd);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: _supervise SOCKET PROGRAM ARGS...\n", stderr);
        return 2;
    }
    struct sigaction sa = {.sa_handler = on_end};
    sigaction(SIGTERM, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
    signal(SIGINT, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    child = fork();
    if (child < 0) {
        perror("shoal: fork");
        return 1;
    }
    if (child == 0) {
        signal(SIGINT, SIG_IGN);
        signal(SIGTERM, SIG_DFL);
        signal(SIGHUP, SIG_DFL);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* of the supervisor */
        execvp(argv[2], argv + 2);
        perror("shoal: cannot start the worker");
        _exit(127);
    }
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    report(argv[1], rank_text(), status);
    if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
    return WEXITSTATUS(status);
}
