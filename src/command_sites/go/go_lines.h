/* The lines of Go programs that start programs, and that give them an
 * environment. A light scan: types are known only where they are written
 * nearby, and a line that may be such a line is kept as a doubtful one. */
#ifndef GO_LINES_H
#define GO_LINES_H

#include "command_sites/go/go_tokens.h"
#include "trace/event.h"

enum go_act {
	GO_STARTS,    /* exec.Command, exec.Cmd{}, os.StartProcess */
	GO_BECOMES,   /* syscall.Exec */
	GO_GIVES_ENV, /* `c.Env = ...`, `Env: ...` */
	GO_UNSETS,    /* os.Unsetenv, os.Clearenv */
};

struct go_line {
	enum go_act act;
	struct str path;
	unsigned long line;

	/* Of GO_STARTS and GO_BECOMES: the first words of the command, as far
	 * as they are literal strings; and whether these are all. */
	struct strs words;
	bool has_all_words;
	bool keeps_repeated; /* os/exec passes the last of two entries only */
	struct str variable; /* of the launch; len 0: none */
	unsigned function;   /* number in the program */

	/* Of GO_GIVES_ENV and GO_BECOMES. */
	bool is_whole;	    /* begins with all of the program's environment */
	bool is_untouched;  /* ... and adds nothing */
	bool is_all_there;  /* []string{"A=" + a, ...}: no name is left out */
	bool adds_to_given; /* `c.Env = append(c.Env, ...)` */
	struct strs given;  /* NAME of each literal "NAME=..." */
	bool is_doubtful;   /* perhaps of no command at all */
	size_t launch; /* of GO_GIVES_ENV: place in the list, from 1; 0: any */
	struct str name; /* of GO_UNSETS; len 0: not known, or all */
};

struct go_lines {
	struct arena *arena;
	struct go_line *at;
	size_t n, room;
	unsigned functions;
	size_t searched;  /* tokens */
	bool is_cut;	  /* too much to search */
	bool has_unknown; /* a launch was seen in words that are not known */
};

/* Adds those of a file. */
void go_lines_add(struct go_lines *, struct str path, struct str text);

#endif
