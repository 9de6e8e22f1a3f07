/* A small event ring: what happened to watched descriptors, as completions to be taken one by
 * one. Beside it the lock and the hash that a server with several rings wants. Linux only. */
#ifndef URING_H
#define URING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    URING_READ = 1,      /* there is something to read */
    URING_WRITE = 2,     /* there is room to write */
    URING_CLOSED = 4,    /* the other side has gone */
    URING_SHARED = 8,    /* several rings watch it: wake only one of them */
};

typedef struct uring uring;

typedef struct {
    void *data;          /* what was given to uring_watch */
    unsigned events;
} uring_completion;

/* A ring with room for `entries` completions at a time; NULL with errno on failure. */
uring *uring_open(size_t entries);
void uring_close(uring *ring);

/* All three answer 0, or -1 with errno. */
int uring_watch(uring *ring, int fd, unsigned events, void *data);
int uring_rewatch(uring *ring, int fd, unsigned events, void *data);
int uring_forget(uring *ring, int fd);

/* Takes the next completion, waiting up to `milliseconds` (-1: for ever) when there is none.
 * Answers 1 with a completion, 0 after the time or a wake, -1 with errno. */
int uring_next(uring *ring, uring_completion *completion, int milliseconds);

/* Drops what is already taken from the kernel for `data`, which is about to be freed. */
void uring_drop(uring *ring, const void *data);

/* Makes a waiting uring_next answer 0. May be called from another thread or a signal handler. */
void uring_wake(uring *ring);

/* A mutex of one word; zeroed memory is an open one. */
typedef struct {
    uint32_t word;
} uring_lock;

void uring_lock_take(uring_lock *lock);
bool uring_lock_try(uring_lock *lock);
void uring_lock_give(uring_lock *lock);

/* FNV-1a with a final mix: for tables, not for secrets. */
uint64_t uring_hash(const void *bytes, size_t length, uint64_t seed);

#endif
