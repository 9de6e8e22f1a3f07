#include "words.h"

#include <stdio.h>

const char *greeting(const char *whom)
{
    static char line[80];
    snprintf(line, sizeof line, "Hello %s", whom);
    return line;
}
