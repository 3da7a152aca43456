/* Which file systems the recorder may share memory through. */
#ifndef SHARED_FILE_SYSTEM_H
#define SHARED_FILE_SYSTEM_H

#include <stdbool.h>

/* True when a mapping of one process is what another reads, at once and always.
 * `type` is f_type of statfs(2). NFS, for one, is not coherent. */
bool file_system_is_coherent(unsigned long type);

#endif
