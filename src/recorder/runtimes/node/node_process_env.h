/* Wrappers of RealEnvStore, the process's own environment. Node calls getenv,
 * setenv and unsetenv for each access: libc's hooks see those calls as well. */
#ifndef RECORDER_NODE_PROCESS_ENV_H
#define RECORDER_NODE_PROCESS_ENV_H

#include <stdbool.h>

#include "recorder/process/getenv_event.h"
#include "recorder/runtimes/vtable.h"

/* Adds the class's functions to those to replace; false without the class. */
bool node_process_env_add(struct vtable *);

/* True when a getenv is part of a wrapped read: the wrapper records the read,
 * and the getenv hook must not. */
bool node_takes(const struct getenv_event *);

#endif
