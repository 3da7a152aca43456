/* By which rules a process reads an env file. */
#ifndef COMMANDS_ENV_FILE_LOADER_H
#define COMMANDS_ENV_FILE_LOADER_H

#include "envfiles/env_syntax.h"
#include "trace/event.h"

/* Of an open event: by the library that opened the file, else by the program.
 * `birth`: of the process. */
enum env_syntax loader_of_open(const struct event *open,
			       const struct event *birth);

/* Of a file that nobody opened: by the program alone. */
enum env_syntax loader_of_program(const struct event *birth);

/* True for docker, podman and their like, which take --env-file. */
bool is_container_client(struct str program);

#endif
