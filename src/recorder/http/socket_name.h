/* The address of an end of a connection, as text: 127.0.0.1:80, [::1]:443. */
#ifndef RECORDER_HTTP_SOCKET_NAME_H
#define RECORDER_HTTP_SOCKET_NAME_H

#include <stdbool.h>

enum { SOCKET_NAME_BYTES = 64 };
enum socket_end { SOCKET_OWN, SOCKET_PEER };

/* False when the descriptor is no connected socket of the internet protocol. */
bool socket_name(int fd, enum socket_end, char ret[SOCKET_NAME_BYTES]);

/* Is this a connected socket of any kind for a stream? */
bool is_connected_socket(int fd);

/* No more system calls: strict seccomp would kill the program. */
void socket_name_stop(void);

#endif
