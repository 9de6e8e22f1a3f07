/* The protocol: requests as Redis clients send them, or as a line of words; replies in RESP2. */
#ifndef RESP_H
#define RESP_H

#include "buffer.h"

#include <sys/types.h>

enum {
    RESP_MAX_WORDS = 128,
    RESP_MAX_LINE = 64 * 1024,
    RESP_MAX_BULK = 8 * 1024 * 1024,
};

typedef struct {
    const char *bytes;
    size_t length;
} resp_word;

typedef struct {
    size_t count;
    resp_word words[RESP_MAX_WORDS];
} resp_request;

/* Takes one request from the front of `bytes`; its words point into them. Answers how many bytes
 * it has, 0 when it is not all there yet, -1 when it is none (`problem` says why). */
ssize_t resp_parse(const char *bytes, size_t length, resp_request *request, const char **problem);

bool resp_is(resp_word word, const char *text); /* letters in either case */

void resp_simple(buffer *out, const char *text);
void resp_error(buffer *out, const char *text);
void resp_integer(buffer *out, long long value);
void resp_bulk(buffer *out, const void *bytes, size_t length);
void resp_nothing(buffer *out);

#endif
