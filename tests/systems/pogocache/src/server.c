#include "server.h"

#include "command.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <uring.h>

enum { RING_ENTRIES = 256, READ_BYTES = 64 * 1024, MUCH_OUTPUT = 1024 * 1024, SWEEP_MILLISECONDS = 250 };

typedef struct connection {
    struct connection *next, **link;   /* all of a thread */
    int fd;
    unsigned watched;
    session session;
    buffer in, out;
} connection;

typedef struct {
    server *server;
    pthread_t thread;
    uring *ring;
    connection *connections;
} worker;

struct server {
    shared shared;
    int listener;
    bool stopping;
    int worker_count;
    worker workers[];
};

static void drop(worker *w, connection *c)
{
    uring_drop(w->ring, c);
    close(c->fd); /* which also takes it off the ring */
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    buffer_free(&c->in);
    buffer_free(&c->out);
    free(c);
    __atomic_fetch_sub(&w->server->shared.clients, 1, __ATOMIC_RELAXED);
}

static void accept_one(worker *w)
{
    int fd = accept4(w->server->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL); /* instead of spinning */
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    connection *c = calloc(1, sizeof *c);
    if (!c || uring_watch(w->ring, fd, URING_READ, c) < 0) {
        free(c);
        close(fd);
        return;
    }
    c->fd = fd;
    c->watched = URING_READ;
    c->session.trusted = !w->server->shared.options->wants_auth;
    c->next = w->connections;
    c->link = &w->connections;
    if (c->next)
        c->next->link = &c->next;
    w->connections = c;
    __atomic_fetch_add(&w->server->shared.clients, 1, __ATOMIC_RELAXED);
}

/* Runs what has fully arrived, until there is much to send first. */
static void run_requests(worker *w, connection *c)
{
    resp_request request;
    const char *problem = "";
    while (!c->session.leaving && buffer_length(&c->in) > 0 && buffer_length(&c->out) < MUCH_OUTPUT) {
        ssize_t used = resp_parse(buffer_front(&c->in), buffer_length(&c->in), &request, &problem);
        if (used == 0)
            return;
        if (used < 0) {
            buffer_format(&c->out, "-ERR Protocol error: %s\r\n", problem);
            c->session.leaving = true;
            return;
        }
        if (request.count > 0)
            command_run(&w->server->shared, &c->session, &request, &c->out);
        buffer_used(&c->in, (size_t)used);
    }
}

/* Sends what can be sent; false when the connection is of no more use. */
static bool send_out(connection *c)
{
    while (buffer_length(&c->out) > 0) {
        ssize_t n = send(c->fd, buffer_front(&c->out), buffer_length(&c->out), MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        buffer_used(&c->out, (size_t)n);
    }
    return true;
}

/* False when the other side has nothing more to say, or there is no memory to hear it. */
static bool receive(connection *c)
{
    char *room = buffer_room(&c->in, READ_BYTES);
    if (!room)
        return false;
    ssize_t n = recv(c->fd, room, READ_BYTES, 0);
    if (n > 0)
        buffer_added(&c->in, (size_t)n);
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static bool handle(worker *w, connection *c, unsigned events)
{
    if ((events & URING_CLOSED) && !(events & URING_READ))
        return false;
    if ((events & URING_READ) && !receive(c))
        return false;
    size_t before;
    do {
        before = buffer_length(&c->in);
        run_requests(w, c);
        if (c->in.failed || c->out.failed || !send_out(c))
            return false;
    } while (buffer_length(&c->out) == 0 && buffer_length(&c->in) < before);

    bool pending = buffer_length(&c->out) > 0;
    if (c->session.leaving && !pending)
        return false;
    unsigned wanted = pending ? URING_WRITE : URING_READ; /* who does not read is not read from */
    if (wanted != c->watched) {
        if (uring_rewatch(w->ring, c->fd, wanted, c) < 0)
            return false;
        c->watched = wanted;
    }
    return true;
}

static void *work(void *argument)
{
    worker *w = argument;
    uring_completion completion;
    while (!__atomic_load_n(&w->server->stopping, __ATOMIC_ACQUIRE)) {
        int n = uring_next(w->ring, &completion, SWEEP_MILLISECONDS);
        if (n < 0)
            break;
        if (n == 0)
            store_sweep(w->server->shared.store);
        else if (completion.data == w->server)
            accept_one(w);
        else if (!handle(w, completion.data, completion.events))
            drop(w, completion.data);
    }
    while (w->connections)
        drop(w, w->connections);
    return NULL;
}

static int listen_on(const options *o)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)o->port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)o->port)};
    bool is_v4 = inet_pton(AF_INET, o->host, &v4.sin_addr) == 1;
    if (!is_v4 && inet_pton(AF_INET6, o->host, &v6.sin6_addr) != 1) {
        fprintf(stderr, "pogocache: --host must be an address, not '%s'\n", o->host);
        return -1;
    }
    int fd = socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    const struct sockaddr *address = is_v4 ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    if (fd < 0 || bind(fd, address, is_v4 ? sizeof v4 : sizeof v6) < 0 || listen(fd, 1024) < 0) {
        fprintf(stderr, "pogocache: cannot listen on %s port %d: %s\n", o->host, o->port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    return fd;
}

server *server_start(const options *options)
{
    size_t threads = (size_t)options->threads;
    server *s = calloc(1, sizeof *s + threads * sizeof s->workers[0]);
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!s || !(s->shared.store = store_open(options->max_bytes))) {
        fputs("pogocache: out of memory\n", stderr);
        free(s);
        return NULL;
    }
    s->shared.options = options;
    s->shared.started = (uint64_t)now.tv_sec;
    s->listener = listen_on(options);
    if (s->listener < 0) {
        server_stop(s);
        return NULL;
    }
    for (size_t i = 0; i < threads; i++) {
        worker *w = &s->workers[i];
        w->server = s;
        w->ring = uring_open(RING_ENTRIES);
        if (!w->ring || uring_watch(w->ring, s->listener, URING_SHARED, s) < 0 ||
            (errno = pthread_create(&w->thread, NULL, work, w)) != 0) {
            fprintf(stderr, "pogocache: cannot start a thread: %s\n", strerror(errno));
            uring_close(w->ring);
            server_stop(s);
            return NULL;
        }
        s->worker_count++;
    }
    return s;
}

void server_stop(server *s)
{
    __atomic_store_n(&s->stopping, true, __ATOMIC_RELEASE);
    for (int i = 0; i < s->worker_count; i++)
        uring_wake(s->workers[i].ring);
    for (int i = 0; i < s->worker_count; i++) {
        pthread_join(s->workers[i].thread, NULL);
        uring_close(s->workers[i].ring);
    }
    if (s->listener >= 0)
        close(s->listener);
    store_close(s->shared.store);
    free(s);
}
