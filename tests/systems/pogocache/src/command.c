#include "command.h"

#include <inttypes.h>
#include <time.h>

typedef struct {
    shared *shared;
    session *session;
    const resp_word *words;
    size_t count;
    buffer *out;
} call;

static void ping(const call *c)
{
    if (c->count > 1)
        resp_bulk(c->out, c->words[1].bytes, c->words[1].length);
    else
        resp_simple(c->out, "PONG");
}

static bool seconds_of(resp_word word, uint64_t *seconds)
{
    *seconds = 0;
    if (word.length == 0 || word.length > 10)
        return false;
    for (size_t i = 0; i < word.length; i++) {
        if (word.bytes[i] < '0' || word.bytes[i] > '9')
            return false;
        *seconds = *seconds * 10 + (uint64_t)(word.bytes[i] - '0');
    }
    return *seconds > 0;
}

/* SET key value [seconds], or, as Redis has it, SET key value EX seconds */
static void set(const call *c)
{
    uint64_t seconds = 0;
    bool with_word = c->count == 5 && resp_is(c->words[3], "EX");
    if (c->count == 5 && !with_word) {
        resp_error(c->out, "ERR syntax error");
        return;
    }
    if (c->count > 3 && !seconds_of(c->words[with_word ? 4 : 3], &seconds)) {
        resp_error(c->out, "ERR invalid expire time");
        return;
    }
    const resp_word *key = &c->words[1], *value = &c->words[2];
    if (store_set(c->shared->store, key->bytes, key->length, value->bytes, value->length, seconds * 1000))
        resp_simple(c->out, "OK");
    else
        resp_error(c->out, "OOM out of memory");
}

static void take_value(void *context, const char *value, size_t length)
{
    resp_bulk(context, value, length);
}

static void get(const call *c)
{
    if (!store_get(c->shared->store, c->words[1].bytes, c->words[1].length, take_value, c->out))
        resp_nothing(c->out);
}

static void take_digest(void *context, const char *value, size_t length)
{
    unsigned char digest[DIGEST_BYTES];
    char text[DIGEST_TEXT];
    if (!digest_of(value, length, digest)) {
        resp_error(context, "ERR no digest");
        return;
    }
    digest_text(digest, text);
    resp_bulk(context, text, sizeof text - 1);
}

static void etag(const call *c)
{
    if (!store_get(c->shared->store, c->words[1].bytes, c->words[1].length, take_digest, c->out))
        resp_nothing(c->out);
}

static void del(const call *c)
{
    long long deleted = 0;
    for (size_t i = 1; i < c->count; i++)
        deleted += store_delete(c->shared->store, c->words[i].bytes, c->words[i].length);
    resp_integer(c->out, deleted);
}

static void exists(const call *c)
{
    long long found = 0;
    for (size_t i = 1; i < c->count; i++)
        found += store_ttl(c->shared->store, c->words[i].bytes, c->words[i].length) != -2;
    resp_integer(c->out, found);
}

static void ttl(const call *c)
{
    int64_t left = store_ttl(c->shared->store, c->words[1].bytes, c->words[1].length);
    resp_integer(c->out, left < 0 ? left : (left + 999) / 1000);
}

static void flush(const call *c)
{
    store_clear(c->shared->store);
    resp_simple(c->out, "OK");
}

static void stats(const call *c)
{
    store_counts counts = store_count(c->shared->store);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    buffer text = {0};
    buffer_format(&text, "uptime:%" PRIu64 "\r\n", (uint64_t)now.tv_sec - c->shared->started);
    buffer_format(&text, "threads:%d\r\n", c->shared->options->threads);
    buffer_format(&text, "clients:%" PRIu64 "\r\n", __atomic_load_n(&c->shared->clients, __ATOMIC_RELAXED));
    buffer_format(&text, "requests:%" PRIu64 "\r\n", __atomic_load_n(&c->shared->requests, __ATOMIC_RELAXED));
    buffer_format(&text, "keys:%" PRIu64 "\r\nbytes:%" PRIu64 "\r\n", counts.keys, counts.bytes);
    buffer_format(&text, "hits:%" PRIu64 "\r\nmisses:%" PRIu64 "\r\n", counts.hits, counts.misses);
    buffer_format(&text, "evicted:%" PRIu64 "\r\nexpired:%" PRIu64 "\r\n", counts.evicted, counts.expired);
    resp_bulk(c->out, buffer_front(&text), buffer_length(&text));
    buffer_free(&text);
}

static void auth(const call *c)
{
    unsigned char digest[DIGEST_BYTES];
    if (!c->shared->options->wants_auth) {
        resp_error(c->out, "ERR no token is asked for");
    } else if (digest_of(c->words[1].bytes, c->words[1].length, digest) &&
               digest_same(digest, c->shared->options->auth)) {
        c->session->trusted = true;
        resp_simple(c->out, "OK");
    } else {
        resp_error(c->out, "WRONGPASS invalid token");
    }
}

static void quit(const call *c)
{
    c->session->leaving = true;
    resp_simple(c->out, "OK");
}

typedef struct {
    const char *name;
    size_t least, most; /* words, the command's own among them */
    bool open;          /* also without a token: a health check has none */
    void (*run)(const call *c);
} command;

static const command commands[] = {
    {"GET", 2, 2, false, get},
    {"SET", 3, 5, false, set},
    {"DEL", 2, RESP_MAX_WORDS, false, del},
    {"EXISTS", 2, RESP_MAX_WORDS, false, exists},
    {"TTL", 2, 2, false, ttl},
    {"ETAG", 2, 2, false, etag},
    {"FLUSH", 1, 1, false, flush},
    {"STATS", 1, 1, false, stats},
    {"PING", 1, 2, true, ping},
    {"AUTH", 2, 2, true, auth},
    {"QUIT", 1, 1, true, quit},
};

void command_run(shared *shared, session *session, const resp_request *request, buffer *out)
{
    __atomic_fetch_add(&shared->requests, 1, __ATOMIC_RELAXED);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        const command *command = &commands[i];
        if (!resp_is(request->words[0], command->name))
            continue;
        if (!command->open && !session->trusted)
            resp_error(out, "NOAUTH a token is asked for");
        else if (request->count < command->least || request->count > command->most)
            resp_error(out, "ERR wrong number of arguments");
        else
            command->run(&(call){shared, session, request->words, request->count, out});
        return;
    }
    resp_error(out, "ERR unknown command");
}
