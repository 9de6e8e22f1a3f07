#include <stdio.h>

int main(void) {
    puts("usage: mill");
    return 0;
}
