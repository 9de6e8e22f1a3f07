#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int port = argc > 1 ? atoi(argv[1]) : 8070;
    int size = argc > 2 ? atoi(argv[2]) : 16;
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int door = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(door, (struct sockaddr *)&address, sizeof address) || listen(door, size))
        return 1;
    for (;;) {
        int guest = accept(door, NULL, NULL);
        dprintf(guest, "HTTP/1.0 200 OK\r\n\r\nopen\n");
        close(guest);
    }
}
