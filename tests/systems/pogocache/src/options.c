#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef POGOCACHE_VERSION
#define POGOCACHE_VERSION "unknown"
#endif

static const char usage[] =
    "usage: pogocache [options]\n"
    "\n"
    "A cache server: PING, SET, GET, DEL, EXISTS, TTL, ETAG, FLUSH, STATS, AUTH, QUIT over TCP,\n"
    "as lines of words or as Redis clients send them.\n"
    "\n"
    "  --host ADDRESS       where to listen (0.0.0.0)\n"
    "  -p, --port PORT      (9401)\n"
    "  -t, --threads N      (as many as there are processors, at most 16)\n"
    "  --maxmemory MB       drop the least recently used above this (0: no limit)\n"
    "  --auth-file FILE     ask clients for the token in FILE; also POGOCACHE_AUTH_FILE\n"
    "  --ping               ask the server at --host and --port: 0 when it answers\n"
    "  -h, --help\n"
    "  --version\n";

static _Noreturn void wrong(const char *what, const char *value)
{
    fprintf(stderr, "pogocache: %s: %s\n", what, value);
    exit(2);
}

static long number(const char *name, const char *text, long least, long most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most) {
        fprintf(stderr, "pogocache: %s must be a number from %ld to %ld, not '%s'\n", name, least, most, text);
        exit(2);
    }
    return value;
}

static void read_token(options *o, const char *path)
{
    char token[1024];
    FILE *file = fopen(path, "r");
    if (!file || !fgets(token, sizeof token, file))
        wrong("no token can be read", path);
    fclose(file);
    token[strcspn(token, "\r\n")] = '\0';
    if (!*token || !digest_of(token, strlen(token), o->auth))
        wrong("no token can be read", path);
    explicit_bzero(token, sizeof token);
    o->wants_auth = true;
}

options options_read(int argc, char **argv)
{
    enum { HOST = 256, MAXMEMORY, AUTH_FILE, PING, VERSION };
    static const struct option names[] = {
        {"host", required_argument, NULL, HOST},
        {"port", required_argument, NULL, 'p'},
        {"threads", required_argument, NULL, 't'},
        {"maxmemory", required_argument, NULL, MAXMEMORY},
        {"auth-file", required_argument, NULL, AUTH_FILE},
        {"ping", no_argument, NULL, PING},
        {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    options o = {.host = "0.0.0.0", .port = 9401};
    o.threads = processors < 1 ? 1 : processors > 16 ? 16 : (int)processors;
    const char *auth_file = getenv("POGOCACHE_AUTH_FILE");

    for (int option; (option = getopt_long(argc, argv, "p:t:h", names, NULL)) != -1;) {
        switch (option) {
        case HOST:
            o.host = optarg;
            break;
        case 'p':
            o.port = (int)number("--port", optarg, 1, 65535);
            break;
        case 't':
            o.threads = (int)number("--threads", optarg, 1, 256);
            break;
        case MAXMEMORY:
            o.max_bytes = (size_t)number("--maxmemory", optarg, 0, 1 << 20) << 20;
            break;
        case AUTH_FILE:
            auth_file = optarg;
            break;
        case PING:
            o.ping = true;
            break;
        case VERSION:
            puts("pogocache " POGOCACHE_VERSION);
            exit(0);
        case 'h':
            fputs(usage, stdout);
            exit(0);
        default:
            fputs("try: pogocache --help\n", stderr);
            exit(2);
        }
    }
    if (optind < argc)
        wrong("an argument too many", argv[optind]);
    if (auth_file && *auth_file && !o.ping)
        read_token(&o, auth_file);
    return o;
}
