/* What an env or secret file holds, as its loader would read the file: the
 * contents of a `file` event. The file's path is `path` of the event, the time
 * of its last change `changed`, in ms of CLOCK_REALTIME. */
#ifndef TRACE_ENV_FILE_H
#define TRACE_ENV_FILE_H

#include "trace/event.h"

/* The file's value beside a value of the name that a process held. */
struct relation {
	struct str fp; /* of the process's value */
	enum kt_relation is;
};

/* A variable that the file assigns. */
struct file_variable {
	struct str name;
	struct value value;
	uint64_t line;	    /* from 1; 0: not known */
	struct value whole; /* the rest of the line, where the loader reads
			       less. fp.len 0: the loader reads all */
	bool comment;	    /* the rest is a comment: a blank and '#' */
	bool dropped;	    /* a $ in the line stands for a variable without a
			       value; `whole` is the line */
	bool spaced;	    /* a blank beside the '=': no assignment to a shell,
			       and `value` is empty where a shell reads */
	bool unclosed;	    /* the quote of the value is not closed: the loader
			       leaves the line out; `value` is empty */
	struct relation *relations;
	size_t n_relations;
};

struct env_file {
	enum kt_file_reason why; /* KT_FILE_REASON_COUNT: of a later version */
	struct str for_path;	 /* the path that was missed, or the program
				    beside which the file lies */
	struct str syntax;	 /* "dotenv", "shell", "secret", ... */
	struct file_variable *variables;
	size_t n;
	size_t room; /* of `variables`, while the line is decoded */
};

/* The variable of this name, or null. `e` may be of any kind. */
static inline const struct file_variable *file_variable(const struct event *e,
							struct str name)
{
	for (size_t i = 0; e->file && i < e->file->n; i++)
		if (str_eq(e->file->variables[i].name, name))
			return &e->file->variables[i];
	return NULL;
}

#endif
