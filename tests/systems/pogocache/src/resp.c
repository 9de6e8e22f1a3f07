#include "resp.h"

#include <string.h>
#include <strings.h>

static ssize_t fail(const char **problem, const char *text)
{
    *problem = text;
    return -1;
}

/* A line "<mark><number>\r\n": its length, 0 when it is not all there, -1 when it is not one. */
static ssize_t number_line(const char *bytes, size_t length, char mark, long *value)
{
    const char *newline = memchr(bytes, '\n', length < 24 ? length : 24);
    if (!newline)
        return length < 24 ? 0 : -1;
    const char *end = newline;
    if (end > bytes && end[-1] == '\r')
        end--;
    const char *at = bytes;
    if (at == end || *at++ != mark || at == end)
        return -1;
    long number = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || number > RESP_MAX_BULK)
            return -1;
        number = number * 10 + (*at - '0');
    }
    *value = number;
    return newline + 1 - bytes;
}

static ssize_t parse_array(const char *bytes, size_t length, resp_request *request, const char **problem)
{
    long count = 0;
    ssize_t used = number_line(bytes, length, '*', &count);
    if (used == 0)
        return 0;
    if (used < 0 || count > RESP_MAX_WORDS)
        return fail(problem, "invalid multibulk length");
    size_t at = (size_t)used;
    for (long i = 0; i < count; i++) {
        long size = 0;
        if (at == length)
            return 0;
        used = number_line(bytes + at, length - at, '$', &size);
        if (used == 0)
            return 0;
        if (used < 0 || size > RESP_MAX_BULK)
            return fail(problem, "invalid bulk length");
        at += (size_t)used;
        if (length - at < (size_t)size + 2)
            return 0;
        if (memcmp(bytes + at + size, "\r\n", 2) != 0)
            return fail(problem, "a bulk string must end its line");
        request->words[request->count++] = (resp_word){bytes + at, (size_t)size};
        at += (size_t)size + 2;
    }
    return (ssize_t)at;
}

static ssize_t parse_line(const char *bytes, size_t length, resp_request *request, const char **problem)
{
    size_t scanned = length < RESP_MAX_LINE ? length : RESP_MAX_LINE;
    const char *newline = memchr(bytes, '\n', scanned);
    if (!newline)
        return scanned < RESP_MAX_LINE ? 0 : fail(problem, "too long a line");
    const char *end = newline;
    if (end > bytes && end[-1] == '\r')
        end--;
    for (const char *at = bytes; at < end;) {
        if (*at == ' ' || *at == '\t') {
            at++;
            continue;
        }
        const char *word = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        if (request->count == RESP_MAX_WORDS)
            return fail(problem, "too many words");
        request->words[request->count++] = (resp_word){word, (size_t)(at - word)};
    }
    return newline + 1 - bytes;
}

ssize_t resp_parse(const char *bytes, size_t length, resp_request *request, const char **problem)
{
    request->count = 0;
    if (length == 0)
        return 0;
    return bytes[0] == '*' ? parse_array(bytes, length, request, problem)
                           : parse_line(bytes, length, request, problem);
}

bool resp_is(resp_word word, const char *text)
{
    return strlen(text) == word.length && strncasecmp(word.bytes, text, word.length) == 0;
}

void resp_simple(buffer *out, const char *text)
{
    buffer_format(out, "+%s\r\n", text);
}

void resp_error(buffer *out, const char *text)
{
    buffer_format(out, "-%s\r\n", text);
}

void resp_integer(buffer *out, long long value)
{
    buffer_format(out, ":%lld\r\n", value);
}

void resp_bulk(buffer *out, const void *bytes, size_t length)
{
    buffer_format(out, "$%zu\r\n", length);
    buffer_add(out, bytes, length);
    buffer_add(out, "\r\n", 2);
}

void resp_nothing(buffer *out)
{
    buffer_add(out, "$-1\r\n", 5);
}
