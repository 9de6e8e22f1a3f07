#include "uring.h"

#include <linux/futex.h> /* from linux-headers: no C library repeats these names */
#include <sys/syscall.h>
#include <unistd.h>

/* 0 open, 1 taken, 2 taken and somebody waits */
enum { OPEN, TAKEN, AWAITED };

static void futex(uint32_t *word, int operation, uint32_t value)
{
    syscall(SYS_futex, word, operation, value, NULL, NULL, 0);
}

bool uring_lock_try(uring_lock *lock)
{
    uint32_t expected = OPEN;
    return __atomic_compare_exchange_n(&lock->word, &expected, TAKEN, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void uring_lock_take(uring_lock *lock)
{
    if (uring_lock_try(lock))
        return;
    while (__atomic_exchange_n(&lock->word, AWAITED, __ATOMIC_ACQUIRE) != OPEN)
        futex(&lock->word, FUTEX_WAIT_PRIVATE, AWAITED);
}

void uring_lock_give(uring_lock *lock)
{
    if (__atomic_exchange_n(&lock->word, OPEN, __ATOMIC_RELEASE) == AWAITED)
        futex(&lock->word, FUTEX_WAKE_PRIVATE, 1);
}
