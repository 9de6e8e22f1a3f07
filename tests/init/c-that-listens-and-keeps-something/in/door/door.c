/* Counts visits. The port is not 80: htons(80) is a comment. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define PORT 9470

static const char *visits = "visits/count";

int main(void) {
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    int yes = 1;
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_ANY);
    address.sin_port = htons(PORT);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 8)) {
        perror("port");
        return 1;
    }
    mkdir("visits", 0755);
    for (;;) {
        int visitor = accept(listening, NULL, NULL);
        char asked[1024], *answer = "HTTP/1.0 200 OK\r\nContent-Length: 8\r\n\r\nwelcome\n";
        FILE *count = fopen(visits, "a");
        if (count == NULL) {
            answer = "HTTP/1.0 500 Full\r\nContent-Length: 5\r\n\r\nfull\n";
        } else {
            fputs(".", count);
            fclose(count);
        }
        if (read(visitor, asked, sizeof asked) >= 0) {
            write(visitor, answer, strlen(answer));
        }
        close(visitor);
    }
}
