#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uring.h>

enum { SHARDS = 64, FIRST_BUCKETS = 64, SWEPT_BUCKETS = 4096 };

typedef struct entry {
    struct entry *chain;           /* the next in its bucket */
    struct entry *newer, *older;   /* by use */
    uint64_t hash;
    uint64_t expires;              /* 0: never */
    size_t key_length, value_length;
    char bytes[];                  /* the key, then the value */
} entry;

typedef struct {
    uring_lock lock;
    entry **buckets;
    size_t bucket_count;
    size_t swept;                  /* the bucket where the next sweep goes on */
    entry *newest, *oldest;
    store_counts counts;
} shard;

struct store {
    size_t shard_bytes;
    uint64_t seed;
    uint32_t sweeping;
    shard shards[SHARDS];
};

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static size_t size_of(const entry *e)
{
    return sizeof *e + e->key_length + e->value_length;
}

store *store_open(size_t max_bytes)
{
    store *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->shard_bytes = max_bytes / SHARDS;
    if (max_bytes && !s->shard_bytes)
        s->shard_bytes = 1;
    s->seed = now() ^ (uintptr_t)s;
    for (size_t i = 0; i < SHARDS; i++) {
        shard *h = &s->shards[i];
        h->bucket_count = FIRST_BUCKETS;
        h->buckets = calloc(h->bucket_count, sizeof *h->buckets);
        if (!h->buckets) {
            store_close(s);
            return NULL;
        }
    }
    return s;
}

static void unlink_use(shard *h, entry *e)
{
    *(e->newer ? &e->newer->older : &h->newest) = e->older;
    *(e->older ? &e->older->newer : &h->oldest) = e->newer;
    e->newer = e->older = NULL;
}

static void link_newest(shard *h, entry *e)
{
    e->newer = NULL;
    e->older = h->newest;
    *(h->newest ? &h->newest->newer : &h->oldest) = e;
    h->newest = e;
}

static entry **slot_of(shard *h, uint64_t hash, const char *key, size_t length)
{
    entry **slot = &h->buckets[hash & (h->bucket_count - 1)];
    while (*slot && !((*slot)->hash == hash && (*slot)->key_length == length && memcmp((*slot)->bytes, key, length) == 0))
        slot = &(*slot)->chain;
    return slot;
}

static void remove_at(shard *h, entry **slot)
{
    entry *e = *slot;
    *slot = e->chain;
    unlink_use(h, e);
    h->counts.keys--;
    h->counts.bytes -= size_of(e);
    free(e);
}

/* The slot of a key that is there and has not expired, or NULL. */
static entry **live(shard *h, uint64_t hash, const char *key, size_t length)
{
    entry **slot = slot_of(h, hash, key, length);
    if (!*slot)
        return NULL;
    if ((*slot)->expires && (*slot)->expires <= now()) {
        remove_at(h, slot);
        h->counts.expired++;
        return NULL;
    }
    return slot;
}

static void grow(shard *h)
{
    size_t count = h->bucket_count * 2;
    entry **buckets = calloc(count, sizeof *buckets);
    if (!buckets)
        return; /* longer chains, nothing worse */
    for (size_t i = 0; i < h->bucket_count; i++) {
        for (entry *e = h->buckets[i], *next; e; e = next) {
            next = e->chain;
            entry **slot = &buckets[e->hash & (count - 1)];
            e->chain = *slot;
            *slot = e;
        }
    }
    free(h->buckets);
    h->buckets = buckets;
    h->bucket_count = count;
}

/* The shard of a key, locked. The high bits choose it, the low ones the bucket in it. */
static shard *enter(store *s, const char *key, size_t length, uint64_t *hash)
{
    *hash = uring_hash(key, length, s->seed);
    shard *h = &s->shards[(*hash >> 32) % SHARDS];
    uring_lock_take(&h->lock);
    return h;
}

bool store_set(store *s, const char *key, size_t key_length, const char *value, size_t value_length, uint64_t ttl)
{
    entry *e = malloc(sizeof *e + key_length + value_length);
    if (!e)
        return false;
    e->expires = ttl ? now() + ttl : 0;
    e->key_length = key_length;
    e->value_length = value_length;
    memcpy(e->bytes, key, key_length);
    memcpy(e->bytes + key_length, value, value_length);

    shard *h = enter(s, key, key_length, &e->hash);
    entry **slot = slot_of(h, e->hash, key, key_length);
    if (*slot)
        remove_at(h, slot);
    if (h->counts.keys >= h->bucket_count)
        grow(h);
    slot = &h->buckets[e->hash & (h->bucket_count - 1)];
    e->chain = *slot;
    *slot = e;
    link_newest(h, e);
    h->counts.keys++;
    h->counts.bytes += size_of(e);
    while (s->shard_bytes && h->counts.bytes > s->shard_bytes && h->oldest != e) {
        entry *old = h->oldest;
        remove_at(h, slot_of(h, old->hash, old->bytes, old->key_length));
        h->counts.evicted++;
    }
    uring_lock_give(&h->lock);
    return true;
}

bool store_get(store *s, const char *key, size_t key_length, store_taker *take, void *context)
{
    uint64_t hash;
    shard *h = enter(s, key, key_length, &hash);
    entry **slot = live(h, hash, key, key_length);
    if (slot) {
        entry *e = *slot;
        unlink_use(h, e);
        link_newest(h, e);
        h->counts.hits++;
        take(context, e->bytes + e->key_length, e->value_length);
    } else {
        h->counts.misses++;
    }
    uring_lock_give(&h->lock);
    return slot != NULL;
}

bool store_delete(store *s, const char *key, size_t key_length)
{
    uint64_t hash;
    shard *h = enter(s, key, key_length, &hash);
    entry **slot = live(h, hash, key, key_length);
    if (slot)
        remove_at(h, slot);
    uring_lock_give(&h->lock);
    return slot != NULL;
}

int64_t store_ttl(store *s, const char *key, size_t key_length)
{
    uint64_t hash;
    shard *h = enter(s, key, key_length, &hash);
    entry **slot = live(h, hash, key, key_length);
    int64_t left = !slot ? -2 : !(*slot)->expires ? -1 : (int64_t)((*slot)->expires - now());
    uring_lock_give(&h->lock);
    return slot && left < -1 ? 0 : left;
}

void store_clear(store *s)
{
    for (size_t i = 0; i < SHARDS; i++) {
        shard *h = &s->shards[i];
        uring_lock_take(&h->lock);
        for (size_t b = 0; b < h->bucket_count; b++)
            while (h->buckets[b])
                remove_at(h, &h->buckets[b]);
        uring_lock_give(&h->lock);
    }
}

void store_close(store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SHARDS; i++)
        if (!s->shards[i].buckets)
            s->shards[i].bucket_count = 0;
    store_clear(s);
    for (size_t i = 0; i < SHARDS; i++)
        free(s->shards[i].buckets);
    free(s);
}

store_counts store_count(store *s)
{
    store_counts sum = {0};
    for (size_t i = 0; i < SHARDS; i++) {
        shard *h = &s->shards[i];
        uring_lock_take(&h->lock);
        sum.keys += h->counts.keys;
        sum.bytes += h->counts.bytes;
        sum.hits += h->counts.hits;
        sum.misses += h->counts.misses;
        sum.evicted += h->counts.evicted;
        sum.expired += h->counts.expired;
        uring_lock_give(&h->lock);
    }
    return sum;
}

void store_sweep(store *s)
{
    shard *h = &s->shards[__atomic_fetch_add(&s->sweeping, 1, __ATOMIC_RELAXED) % SHARDS];
    if (!uring_lock_try(&h->lock))
        return;
    uint64_t at = now();
    for (size_t n = 0; n < SWEPT_BUCKETS && n < h->bucket_count; n++) {
        entry **slot = &h->buckets[h->swept++ & (h->bucket_count - 1)];
        while (*slot) {
            if ((*slot)->expires && (*slot)->expires <= at) {
                remove_at(h, slot);
                h->counts.expired++;
            } else {
                slot = &(*slot)->chain;
            }
        }
    }
    uring_lock_give(&h->lock);
}
