/* The fields of a `file` event, which several lists by name make one list of
 * variables. */
#ifndef TRACE_DECODE_ENV_FILE_H
#define TRACE_DECODE_ENV_FILE_H

#include "trace/env_file.h"
#include "trace/json.h"

/* Consumes the value of the field `key`. *file is made when it is null. */
void take_part_of_file(struct arena *, struct json *, struct str key,
		       struct env_file **file);

#endif
