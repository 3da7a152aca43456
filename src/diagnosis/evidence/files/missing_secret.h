/* A mounted secret which is not there: the file of NAME_FILE. */
#ifndef EVIDENCE_MISSING_SECRET_H
#define EVIDENCE_MISSING_SECRET_H

#include "diagnosis/evidence/files/missed_file.h"

/* The last look in vain for the file whose path is the value of NAME_FILE, by
 * the reader before its read, or by an ancestor or a forked part of the
 * ancestor before what leads to the reader was started. None where a later look
 * found the file. */
struct file_opening find_missing_secret(const struct reading *);

#endif
