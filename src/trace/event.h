/* One decoded line of a trace. docs/trace-format.md explains each field. Text
 * is a view into the loaded bytes or, where an escape was undone, into the
 * arena. A field missing in the line is zero. */
#ifndef TRACE_EVENT_H
#define TRACE_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/str.h"
#include "keytrail/trace.h"

struct env_file;

struct value {
	struct str fp;	 /* fingerprint; len 0: not a value */
	struct str bare; /* fingerprint less blanks and quotes, or len 0 */
	struct str from; /* provider known by the prefix, or len 0 */
	uint64_t len;
	uint32_t is; /* KT_IS_... */
};

struct named_value {
	struct str name;
	struct value value;
};

struct values { /* a list of values, in the order of the trace */
	struct named_value *at;
	size_t n;
};

struct strs {
	struct str *at;
	size_t n;
};

/* Of `declare "$line"` in a function, which names are made local is not known.
 */
#define ANY_NAME "*"

/* A variable that a shell's script assigns and does not export, or removes
 * again: found by this command, or by a pack. */
struct unexported {
	struct str name;       /* or ANY_NAME, with `local_at` alone */
	struct str site;       /* FILE:LINE of the assignment */
	struct str read_at;    /* FILE:LINE where the script reads this file; or
				  len 0 */
	struct str returns_at; /* the file exports the name, and returns before,
				  where nobody types; or len 0 */
	struct str spaced_at;  /* NAME = value, which assigns nothing; or len 0
				*/
	struct str local_at;   /* FILE:LINE of `local NAME` in a function, or
				  len 0; `site` is len 0 without a value */
	struct str removed_at; /* the script exports the name at `site`, and
				  removes the name here, or reads a file here
				  which does; or len 0 */
	struct str exported_at; /* FILE:LINE where the script exports the name,
				   or reads the file; nothing is known to
				   remove the name again. Or len 0 */
	struct str removed_by;	/* FILE:LINE of the call, where a function
				   removes the name; or len 0 */
};

struct unexported_list {
	struct unexported *at;
	size_t n;
};

/* A credential on a request of HTTP. */
struct sent_credential {
	struct str header; /* in small letters; "query:NAME" */
	struct str scheme; /* "Bearer", or len 0 */
	struct value value;
	struct str name; /* the watched variable with this value, or len 0 */
	struct str held; /* "now", "before": when the variable had the value */
};

struct sent_credentials {
	struct sent_credential *at;
	size_t n;
};

struct numbers {
	uint64_t *at;
	size_t n;
};

struct event {
	enum kt_event kind; /* KT_EVENT_COUNT: of a later version */
	unsigned owner;	    /* index in trace->owners; 0: a trusted user */
	unsigned source;    /* the TRACE of the command line, from 0 */
	uint64_t t;	    /* ns */
	struct str image;
	uint64_t thread; /* 1 when the line names none */
	struct str line; /* the whole line, unchanged */

	struct str name; /* read, set, unset */
	struct value value;
	bool found, kept, had_it;
	uint64_t n;	 /* 1 when the line names none */
	struct str at;	 /* module and offset of the call */
	struct str site; /* FILE:LINE, told by an adapter of the language */
	struct str in;	 /* the function of `site` */
	struct str fn;
	/* Place and function that were looked up for `at`, by this command or
	 * by a pack: for people, and no part of a judgement. */
	struct str symbol_site, symbol_in;
	uint64_t column; /* of `site`, from 1; 0: not known */
	/* Of compiled code: where its runtime has the map; the position in the
	 * script, when `site` is the source. */
	struct str map, generated;
	bool compiled;	  /* a pack: the site is to be marked */
	bool mapped_here; /* this command changed `site` or `callers` */
	/* exec, spawn, and the birth of a root: FILE:LINE where a person wrote
	 * the command, found by this command or by a pack; for people, too. */
	struct str command_site;
	bool command_site_is_new;	   /* found by this command */
	struct unexported_list unexported; /* of a shell's exec or birth */
	bool unexported_is_new;		   /* found by this command */
	/* birth of a shell: "NAME=FILE:LINE", names that its text expands,
	 * found by this command or by a pack. */
	struct strs expanded;
	bool expanded_is_new;
	struct strs frames, stack; /* the callers: as recorded, and in words */
	/* The callers in the language of the program, "SITE FUNCTION" each; the
	 * nearest to `site` first. */
	struct strs callers;
	struct numbers caller_columns; /* of the first callers; 0: not known */
	uint64_t place; /* number of `site`, `in` and `callers` in its image; 0:
			   none */
	struct str type; /* raise: the class, with the module that defines it */
	struct str cause;   /* raise: the class of the error that led to it */
	struct str context; /* raise: of the error that was being handled */
	bool handled;	    /* raise: an exit was called while it was handled */
	uint64_t to;	    /* kill: the pid, or the process group */
	bool has_to, group;
	struct str label, cgroup; /* birth */
	struct str root;	  /* birth: device and inode of "/" */
	/* exec, spawn, swap: "NAME=FILE:LINE", the line of a script or makefile
	 * that set or removed the variable, found by this command or by a pack;
	 * for people. */
	struct strs changed_lines;
	bool changed_lines_are_new;
	/* Of the exit of a shell: NAME=FILE:LINE of the test that ended it. */
	struct strs tested;
	bool tested_is_new; /* found by this command */
	bool credential;    /* of a raise: the message speaks of a credential */
	struct strs missing; /* of a raise: names that the message calls missing
			      */
	struct str npm_event, npm_package; /* birth: npm_lifecycle_event,
					      npm_package_json */
	uint64_t session;		   /* birth; 0: not known */
	struct str tty;			   /* birth: the controlling terminal */
	/* symbol_site, symbol_in and stack were found by this command; by a
	 * pack. */
	bool symbolized_here, symbolized;
	struct str build; /* module */

	struct str by, parent, exe, cwd; /* birth */
	uint64_t pid, ppid, uid, euid;
	bool has_uid, has_euid;
	struct strs args, watch;
	uint64_t argc;
	uint64_t wall;
	struct str boot, key, lang;

	struct values env, lost, had; /* `more` events are already folded in */
	struct values again;	      /* birth: of second entries */
	struct strs cut; /* exec, spawn: names whose values were cut short */
	bool is_cut;	 /* set */
	uint64_t vars, held, unchanged, dropped, changed, added;
	struct str path, command, version;
	struct strs above; /* run: the programs above the wrapper */
	bool launcher; /* run: the first image of the pid becomes the command */
	bool no_env_files; /* run: no env file is to be read */
	bool http;	   /* run: requests of HTTP are recorded */
	enum kt_target target;
	enum kt_handed handed;
	enum kt_environment environment;
	bool has_target, has_handed, has_environment, same, vfork;
	bool replaced; /* differ: another object stands for the copy */
	bool probe;    /* open: asked only whether the file is there */
	bool write;    /* open: opened for writing */
	const struct env_file *file; /* file: see env_file.h. Else null */

	uint64_t child;
	bool has_child, has_status, has_signal, has_errno;
	int64_t status, signal, error; /* error: the line's "errno" */
	struct str of;		       /* more */

	uint64_t n_lost, n_broken, n_unbelieved; /* pack: losses */
	uint64_t n_lines; /* pack: how many lines follow; 0: not told */
	struct str kernel, libc, zone; /* pack: of the host */
	struct strs runtimes;	       /* pack */
	uint64_t owner_uid;	       /* of a packed line: owner of the file */
	bool has_owner;
	struct str lost_digits; /* segment: struct kt_segment */
	struct str n_digits;	/* fold: a counter; `n` is what it says */
	uint64_t max;		/* full: bytes */

	uint64_t number;  /* request: counted in the image from 1 */
	uint64_t request; /* response: the number of the request */
	struct str method, host, local, peer; /* request */
	uint64_t port;
	bool tls, incoming;
	struct sent_credentials credentials;
	struct str scheme, code; /* response */
	struct str what;	 /* unseen, hears */
};

/* True for the lines of `keytrail run` itself, which name no image. */
static inline bool event_is_of_run(const struct event *e)
{
	return e->kind == KT_RUN || e->kind == KT_RAN || e->kind == KT_FILE ||
	       (e->kind == KT_KILL && !e->image.len);
}

/* The pid in the name of an image, "PID.TIME". */
static inline struct str image_pid(struct str image)
{
	const char *dot =
		image.len ? (const char *)memchr(image.at, '.', image.len)
			  : NULL;

	return dot ? (struct str){image.at, (size_t)(dot - image.at)} : image;
}

/* Place and function to show to people. */
static inline struct str event_site(const struct event *e)
{
	return e->site.len	    ? e->site
	       : e->symbol_site.len ? e->symbol_site
				    : e->at;
}

static inline struct str event_function(const struct event *e)
{
	return e->in.len ? e->in : e->symbol_in;
}

/* The place for a judgement, with symbols and without. */
static inline struct str event_place(const struct event *e)
{
	return e->site.len ? e->site : e->at;
}

/* True when the site is a line of the program. */
static inline bool event_has_source_line(const struct event *e)
{
	return e->site.len;
}

#endif
