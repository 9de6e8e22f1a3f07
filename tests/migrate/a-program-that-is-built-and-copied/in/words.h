/* What is said to somebody. */
const char *greeting(const char *whom);
