#include "options.h"
#include "probe.h"
#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    options options = options_read(argc, argv);
    if (options.ping)
        return probe(&options);

    /* Blocked before the threads start, so that only the wait below sees them; and blocked, not
     * left to their default, because process 1 of a container never gets a default signal. */
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);

    server *server = server_start(&options);
    if (!server)
        return 1;
    printf("pogocache: listening on %s port %d with %d threads\n", options.host, options.port, options.threads);
    fflush(stdout);

    int signal = 0;
    sigwait(&signals, &signal);
    printf("pogocache: %s, stopping\n", strsignal(signal));
    server_stop(server);
    return 0;
}
