#include <stdio.h>

int main(void)
{
    puts("well");
    return 0;
}
