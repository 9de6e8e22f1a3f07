#include <stdio.h>
#include <zlib.h>

int main(void) {
    printf("high tide, by zlib %s\n", zlibVersion());
    return 0;
}
