/* Threads, each with a ring of its own, all accepting from one socket. */
#ifndef SERVER_H
#define SERVER_H

#include "options.h"

typedef struct server server;

/* Listens and starts the threads; NULL after saying what went wrong. */
server *server_start(const options *options);

/* Closes every connection, ends the threads, frees everything. */
void server_stop(server *s);

#endif
