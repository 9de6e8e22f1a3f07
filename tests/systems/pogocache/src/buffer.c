#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_free(buffer *b)
{
    free(b->bytes);
    *b = (buffer){0};
}

size_t buffer_length(const buffer *b)
{
    return b->end - b->start;
}

const char *buffer_front(const buffer *b)
{
    return b->bytes + b->start;
}

char *buffer_room(buffer *b, size_t wanted)
{
    if (b->capacity - b->end >= wanted)
        return b->bytes + b->end;
    size_t length = buffer_length(b);
    if (b->start > 0) {
        memmove(b->bytes, b->bytes + b->start, length);
        b->start = 0;
        b->end = length;
    }
    if (b->capacity - b->end < wanted) {
        size_t capacity = b->capacity ? b->capacity : 4096;
        while (capacity - length < wanted)
            capacity *= 2;
        char *bytes = realloc(b->bytes, capacity);
        if (!bytes) {
            b->failed = true;
            return NULL;
        }
        b->bytes = bytes;
        b->capacity = capacity;
    }
    return b->bytes + b->end;
}

void buffer_added(buffer *b, size_t length)
{
    b->end += length;
}

void buffer_used(buffer *b, size_t length)
{
    b->start += length;
    if (b->start < b->end)
        return;
    b->start = b->end = 0;
    if (b->capacity > 1024 * 1024) { /* one large value should not be paid for ever */
        free(b->bytes);
        b->bytes = NULL;
        b->capacity = 0;
    }
}

void buffer_add(buffer *b, const void *bytes, size_t length)
{
    char *room = buffer_room(b, length);
    if (!room || length == 0)
        return;
    memcpy(room, bytes, length);
    buffer_added(b, length);
}

void buffer_format(buffer *b, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length > 0)
        buffer_add(b, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}
