/* Bytes that grow at the end and are used up at the front. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *bytes;
    size_t start;
    size_t end;
    size_t capacity;
    bool failed; /* memory ran out: what was added since is lost */
} buffer;

void buffer_free(buffer *b);
size_t buffer_length(const buffer *b);
const char *buffer_front(const buffer *b);

/* Room for `wanted` more bytes at the end, or NULL. */
char *buffer_room(buffer *b, size_t wanted);
void buffer_added(buffer *b, size_t length);
void buffer_used(buffer *b, size_t length);

void buffer_add(buffer *b, const void *bytes, size_t length);
void buffer_format(buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
