/* A line for a shell: one command after the other, each redacted by the rows of
 * the command's program. */
#ifndef RECORDER_REDACT_SHELL_H
#define RECORDER_REDACT_SHELL_H

#include "recorder/process/redact/redact_text.h"

void put_script(struct reading *, const char *s, size_t n);

#endif
