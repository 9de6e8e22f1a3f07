#include <stdio.h>

int main(void)
{
    puts(FOLDER ": "
#include "words.inc"
    );
    return 0;
}
