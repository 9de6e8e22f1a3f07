#include <stdio.h>
#include <zlib.h>

int main(void) {
    printf("fired, by zlib %s\n", zlibVersion());
    return 0;
}
