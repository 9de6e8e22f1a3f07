#include <stdio.h>

#include "words.h"

int main(int count, char **arguments)
{
    printf("%s, version %s, built in %s\n", greeting(count > 1 ? arguments[1] : "world"), VERSION, HOME);
    return 0;
}
