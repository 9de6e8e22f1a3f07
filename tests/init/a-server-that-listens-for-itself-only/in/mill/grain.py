"""Makes what is served."""

from make import made


def ground():
    return made("mill")
