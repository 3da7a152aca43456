/* The sources of a Go program, by its debug information. */
#ifndef GO_PROGRAM_H
#define GO_PROGRAM_H

#include "command_sites/go/go_lines.h"
#include "command_sites/written_files.h"

struct go_program {
	/* Of the main module. n 0: no Go program, it or a source was changed
	 * since, or cannot be read. */
	struct go_lines lines;
	/* A library may start programs, too. */
	bool has_others;
};

/* Of an executable that was started at `wall`, in ms. */
struct go_program *go_program_read(struct written_files *, struct str exe,
				   uint64_t wall);

#endif
