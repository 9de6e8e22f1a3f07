#include <openssl/sha.h>
#include <stdio.h>

int main(int count, char **arguments)
{
    unsigned char text[4096], digest[SHA256_DIGEST_LENGTH];
    FILE *file = fopen(count > 1 ? arguments[1] : "words.txt", "rb");
    if (!file)
        return 1;
    size_t size = fread(text, 1, sizeof text, file);
    fclose(file);
    SHA256(text, size, digest);
    for (int round = 1; round < ROUNDS; round++)
        SHA256(digest, sizeof digest, digest);
    for (size_t at = 0; at < sizeof digest; at++)
        printf("%02x", digest[at]);
    putchar('\n');
    return 0;
}
