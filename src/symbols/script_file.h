/* A script of JavaScript that ran, and the source map that belongs to it: a map
 * file, named by the script's last line or beside the script, or one inside the
 * script. A trace may name any file: only regular files of trusted users, or of
 * an owner of the trace, are read. */
#ifndef SYMBOLS_SCRIPT_FILE_H
#define SYMBOLS_SCRIPT_FILE_H

#include "trace/trace.h"
#include "shared/json_stream.h"

struct script_file {
	struct str text;  /* len 0: the script cannot be read */
	uint64_t changed; /* ms: when script or map was changed last */
	struct str map;	  /* the text of the map; len 0: none was found */
	const char *base; /* the file to which sources are relative */
	size_t map_begin;
	enum json_stream_encoding map_encoding;
	bool is_compiled; /* a compiler or bundler says that it wrote it */
};

struct script_file *script_file_read(struct arena *, const struct trace *,
				     const char *path);

/* True when a program wrote this line, counted from 1: the line is long, and
 * full of statements. */
bool script_line_is_minified(const struct script_file *, uint64_t line);

#endif
