/* What libcrypto is linked for. */
#ifndef DIGEST_H
#define DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 2 * DIGEST_BYTES + 1 };

bool digest_of(const void *bytes, size_t length, unsigned char digest[DIGEST_BYTES]);
void digest_text(const unsigned char digest[DIGEST_BYTES], char text[DIGEST_TEXT]);

/* Takes equally long whatever the two hold. */
bool digest_same(const unsigned char a[DIGEST_BYTES], const unsigned char b[DIGEST_BYTES]);

#endif
