#ifndef OPTIONS_H
#define OPTIONS_H

#include "digest.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *host;
    int port;
    int threads;
    size_t max_bytes;
    bool ping;                            /* ask a running server, and be no server */
    bool wants_auth;
    unsigned char auth[DIGEST_BYTES];     /* the token itself is not kept */
} options;

/* Reads the command line and the environment; says what is wrong, or what was asked for, and ends. */
options options_read(int argc, char **argv);

#endif
