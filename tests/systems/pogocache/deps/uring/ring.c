#include "uring.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct uring {
    int epoll;
    int wake;
    size_t entries;
    size_t head;         /* the next completion to hand out */
    size_t tail;         /* one past the last that the kernel gave */
    struct epoll_event completions[];
};

static int control(uring *ring, int operation, int fd, unsigned events, void *data)
{
    struct epoll_event event = {.data = {.ptr = data}};
    if (events & URING_READ)
        event.events |= EPOLLIN | EPOLLRDHUP;
    if (events & URING_WRITE)
        event.events |= EPOLLOUT;
    if (events & URING_SHARED)
        event.events = EPOLLIN | EPOLLEXCLUSIVE;
    return epoll_ctl(ring->epoll, operation, fd, &event);
}

uring *uring_open(size_t entries)
{
    if (entries == 0 || entries > 65536) {
        errno = EINVAL;
        return NULL;
    }
    uring *ring = calloc(1, sizeof *ring + entries * sizeof ring->completions[0]);
    if (!ring)
        return NULL;
    ring->entries = entries;
    ring->epoll = epoll_create1(EPOLL_CLOEXEC);
    ring->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (ring->epoll < 0 || ring->wake < 0 || control(ring, EPOLL_CTL_ADD, ring->wake, URING_READ, ring) < 0) {
        int saved = errno;
        uring_close(ring);
        errno = saved;
        return NULL;
    }
    return ring;
}

void uring_close(uring *ring)
{
    if (!ring)
        return;
    if (ring->wake >= 0)
        close(ring->wake);
    if (ring->epoll >= 0)
        close(ring->epoll);
    free(ring);
}

int uring_watch(uring *ring, int fd, unsigned events, void *data)
{
    return control(ring, EPOLL_CTL_ADD, fd, events, data);
}

int uring_rewatch(uring *ring, int fd, unsigned events, void *data)
{
    return control(ring, EPOLL_CTL_MOD, fd, events, data);
}

int uring_forget(uring *ring, int fd)
{
    return epoll_ctl(ring->epoll, EPOLL_CTL_DEL, fd, NULL);
}

static unsigned translate(uint32_t events)
{
    unsigned result = 0;
    if (events & (EPOLLIN | EPOLLRDHUP))
        result |= URING_READ;
    if (events & EPOLLOUT)
        result |= URING_WRITE;
    if (events & (EPOLLERR | EPOLLHUP))
        result |= URING_CLOSED;
    return result;
}

int uring_next(uring *ring, uring_completion *completion, int milliseconds)
{
    for (;;) {
        while (ring->head < ring->tail) {
            struct epoll_event *event = &ring->completions[ring->head++];
            if (!event->data.ptr)
                continue;
            if (event->data.ptr == ring) {
                uint64_t count;
                ssize_t ignored = read(ring->wake, &count, sizeof count);
                (void)ignored;
                return 0;
            }
            completion->data = event->data.ptr;
            completion->events = translate(event->events);
            return 1;
        }
        int n = epoll_wait(ring->epoll, ring->completions, (int)ring->entries, milliseconds);
        if (n < 0)
            return errno == EINTR ? 0 : -1;
        if (n == 0)
            return 0;
        ring->head = 0;
        ring->tail = (size_t)n;
    }
}

void uring_drop(uring *ring, const void *data)
{
    for (size_t i = ring->head; i < ring->tail; i++)
        if (ring->completions[i].data.ptr == data)
            ring->completions[i].data.ptr = NULL;
}

void uring_wake(uring *ring)
{
    int saved = errno;
    uint64_t one = 1;
    ssize_t ignored = write(ring->wake, &one, sizeof one);
    (void)ignored;
    errno = saved;
}
