/* What each request does. */
#ifndef COMMAND_H
#define COMMAND_H

#include "buffer.h"
#include "options.h"
#include "resp.h"
#include "store.h"

#include <stdint.h>

/* What all connections share. */
typedef struct {
    const options *options;
    store *store;
    uint64_t started;              /* seconds */
    uint64_t clients;              /* at this moment; changed atomically */
    uint64_t requests;
} shared;

/* What one connection knows. */
typedef struct {
    bool trusted;
    bool leaving;
} session;

void command_run(shared *shared, session *session, const resp_request *request, buffer *out);

#endif
