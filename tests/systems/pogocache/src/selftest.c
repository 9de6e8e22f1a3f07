/* `make test`: the parts that need no network. */
#include "digest.h"
#include "resp.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uring.h>

static int failures;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(bool condition, const char *text, int line)
{
    if (condition)
        return;
    fprintf(stderr, "selftest.c:%d: %s\n", line, text);
    failures++;
}

static ssize_t parse(const char *text, resp_request *request)
{
    const char *problem;
    return resp_parse(text, strlen(text), request, &problem);
}

static void test_protocol(void)
{
    resp_request r;
    CHECK(parse("PING\r\n", &r) == 6 && r.count == 1 && resp_is(r.words[0], "ping"));
    CHECK(parse("  SET  a b\nrest", &r) == 11 && r.count == 3 && resp_is(r.words[2], "b"));
    CHECK(parse("\r\n", &r) == 2 && r.count == 0);
    CHECK(parse("GET a", &r) == 0);
    const char *whole = "*2\r\n$3\r\nGET\r\n$4\r\na\r\nb\r\n";
    CHECK(parse(whole, &r) == (ssize_t)strlen(whole) && r.count == 2 && r.words[1].length == 4);
    for (size_t i = 1; i < strlen(whole); i++) {
        const char *problem;
        CHECK(resp_parse(whole, i, &r, &problem) == 0);
    }
    CHECK(parse("*x\r\n", &r) == -1);
    CHECK(parse("*-1\r\n", &r) == -1);
    CHECK(parse("*1\r\n$99999999999999\r\n", &r) == -1);
    CHECK(parse("*1\r\n$1\r\nabc", &r) == -1);
}

static void copy_value(void *context, const char *value, size_t length)
{
    snprintf(context, 64, "%.*s", (int)length, value);
}

static void test_store(void)
{
    char value[64] = "";
    store *s = store_open(0);
    CHECK(store_set(s, "a", 1, "one", 3, 0) && store_set(s, "a", 1, "two", 3, 0));
    CHECK(store_get(s, "a", 1, copy_value, value) && strcmp(value, "two") == 0);
    CHECK(store_ttl(s, "a", 1) == -1 && store_ttl(s, "b", 1) == -2);
    CHECK(store_set(s, "b", 1, "", 0, 1));
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
    CHECK(!store_get(s, "b", 1, copy_value, value) && store_count(s).expired == 1);
    CHECK(store_delete(s, "a", 1) && !store_delete(s, "a", 1) && store_count(s).bytes == 0);
    for (int i = 0; i < 100000; i++)
        store_set(s, (char *)&i, sizeof i, "v", 1, 0);
    CHECK(store_count(s).keys == 100000);
    store_clear(s);
    CHECK(store_count(s).keys == 0 && store_count(s).bytes == 0);
    store_close(s);

    s = store_open(1 << 20);
    for (int i = 0; i < 100000; i++)
        store_set(s, (char *)&i, sizeof i, "v", 1, 0);
    CHECK(store_count(s).bytes <= 1 << 20 && store_count(s).evicted > 0);
    int last = 99999, first = 0;
    CHECK(store_ttl(s, (char *)&last, sizeof last) == -1 && store_ttl(s, (char *)&first, sizeof first) == -2);
    store_close(s);
}

static void test_digest(void)
{
    unsigned char digest[DIGEST_BYTES];
    char text[DIGEST_TEXT];
    CHECK(digest_of("abc", 3, digest));
    digest_text(digest, text);
    CHECK(strcmp(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") == 0);
}

static void test_ring(void)
{
    uring_completion completion;
    uring *ring = uring_open(4);
    CHECK(ring && uring_next(ring, &completion, 0) == 0);
    uring_wake(ring);
    CHECK(uring_next(ring, &completion, 10000) == 0);
    uring_close(ring);
    uring_lock lock = {0};
    CHECK(uring_lock_try(&lock) && !uring_lock_try(&lock));
    uring_lock_give(&lock);
    CHECK(uring_lock_try(&lock));
}

int main(void)
{
    test_protocol();
    test_store();
    test_digest();
    test_ring();
    puts(failures ? "selftest: failed" : "selftest: ok");
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
