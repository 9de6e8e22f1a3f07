const char *words(void)
{
    return "so many words";
}
