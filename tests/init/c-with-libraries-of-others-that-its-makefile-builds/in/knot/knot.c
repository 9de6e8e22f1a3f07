#include <stdio.h>

#include "rope.h"

int main(void) {
    printf("knots: %d\n", knots(7));
    return 0;
}
