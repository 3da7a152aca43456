/* Which file systems the recorder may share memory through. */
#ifndef SHARED_FILE_SYSTEM_H
#define SHARED_FILE_SYSTEM_H

#include <stdbool.h>

/* True when a write through one process's mapping is read by other processes at
 * once.
 * `type` is f_type of statfs(2). NFS is not coherent. */
bool file_system_is_coherent(unsigned long type);

#endif
