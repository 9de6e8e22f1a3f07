/* The keys and values, in shards so that threads rarely wait for each other. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct store store;

typedef struct {
    uint64_t keys, bytes, hits, misses, evicted, expired;
} store_counts;

/* What is least recently used goes when there are more than `max_bytes` (0: no limit). */
store *store_open(size_t max_bytes);
void store_close(store *s);

/* `ttl` in milliseconds, 0 for ever. False when memory ran out. */
bool store_set(store *s, const char *key, size_t key_length, const char *value, size_t value_length, uint64_t ttl);

/* Hands the value to `take` while it cannot change; false when there is none. */
typedef void store_taker(void *context, const char *value, size_t length);
bool store_get(store *s, const char *key, size_t key_length, store_taker *take, void *context);

bool store_delete(store *s, const char *key, size_t key_length);

/* Milliseconds left, -1 for ever, -2 when there is no such key. */
int64_t store_ttl(store *s, const char *key, size_t key_length);

void store_clear(store *s);
store_counts store_count(store *s);

/* Drops some of what has expired; to be called now and then. */
void store_sweep(store *s);

#endif
