#ifndef PROBE_H
#define PROBE_H

#include "options.h"

/* Sends PING to a running server: 0 when it answers in time, 1 when not. */
int probe(const options *options);

#endif
