#include "rules/rule.h"

#include "diagnosis/evidence/arguments.h"
#include "diagnosis/evidence/child_ordinal.h"
#include "diagnosis/evidence/culprit.h"
#include "diagnosis/evidence/holders.h"
#include "diagnosis/evidence/files/loaded_file.h"
#include "diagnosis/evidence/files/secret_of_shell.h"
#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/files/subshell_file.h"
#include "diagnosis/evidence/names/unexported_name.h"
#include "model/place.h"
#include "trace/site.h"

/* Before another name with the value (KT501, KT502), which the line may expand.
 */
enum { RANK_OF_OWN_LINE = 490 };

/* Why the name stayed in the shell: an env file or a secret that the shell
 * read, or an assignment in its script or on its command line. */
struct unexported_cause {
	const struct image *shell; /* null: none */
	struct loaded_file file;
	const struct unexported *in_script;
	struct subshell_file left; /* file of a part that has ended */
	struct shell_secret secret;
};

static struct unexported_cause find_cause(const struct model *m,
					  const struct reading *r)
{
	struct unexported_cause cause = {.shell = NULL};
	struct unexported_name found;

	if (!was_never_held(r) || find_removed_name(r).shell)
		return cause;
	cause.file = find_file_of_shell(m, r);
	cause.shell = cause.file.by ? shell_of_tool(cause.file.by)
				    : find_assigning_shell(r);
	if (cause.shell && exporting_line_of(cause.shell, r->name).len)
		return (struct unexported_cause){.shell = NULL};
	if (cause.shell)
		return cause;
	found = find_unexported_name(r);
	cause.shell = found.shell;
	cause.in_script = found.variable;
	if (cause.shell)
		return cause;
	cause.left = find_file_of_subshell(m, r);
	cause.shell = cause.left.shell;
	if (cause.shell)
		return cause;
	cause.secret = find_secret_of_shell(m, r);
	cause.shell = cause.secret.shell;
	return cause;
}

/* A line with a blank beside the '=' is the place to edit; len 0: none. */
static struct str spaced_line(struct arena *a,
			      const struct unexported_cause *cause)
{
	if (cause->file.by &&
	    (!cause->file.variable->value.fp.len || !is_shell(cause->file.by)))
		return site_of_file(a, &cause->file);
	return cause->in_script ? cause->in_script->spaced_at
				: (struct str){NULL, 0};
}

/* A tool may have chosen other lines of the file: less certain. */
static void set_culprit_of_subshell(struct finding *ret,
				    const struct subshell_file *left)
{
	bool is_tool = left->how != LEFT_IN_SUBSHELL;
	struct str line = {NULL, 0};

	set_opening_culprit(ret, left->shell,
			    is_tool ? left->fork : left->file.open);
	ret->confidence = is_tool ? POSSIBLE : LIKELY;
	if (!is_tool)
		return;
	ret->loss = LOSS_ELSEWHERE;
	line = line_of_launch(left->file.by);
	if (line.len && !event_has_source_line(left->fork))
		ret->culprit_site = line;
}

static void set_culprit_of_secret(struct finding *ret,
				  const struct shell_secret *secret)
{
	bool is_own = secret->file.by == secret->shell;

	set_opening_culprit(ret, secret->shell,
			    is_own ? secret->file.open : NULL);
	if (secret->site.len)
		ret->culprit_site = secret->site;
	ret->confidence = LIKELY;
}

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	struct unexported_cause cause = find_cause(m, r);

	if (!cause.shell)
		return false;
	if (cause.left.shell) {
		set_culprit_of_subshell(ret, &cause.left);
		return true;
	}
	if (cause.secret.shell) {
		set_culprit_of_secret(ret, &cause.secret);
		return true;
	}
	set_opening_culprit(ret, cause.shell,
			    cause.shell == cause.file.by ? cause.file.open
							 : NULL);
	if (spaced_line(m->arena, &cause).len)
		ret->culprit_site = spaced_line(m->arena, &cause);
	else if (cause.in_script)
		ret->culprit_site = line_of_unexported(cause.in_script);
	ret->rank = RANK_OF_OWN_LINE;
	ret->confidence = cause.file.by || cause.in_script ? LIKELY : CERTAIN;
	return true;
}

/* ---- words ---------------------------------------------------------------
 */

static const char *const for_a_file =
	"`set -a` before the file is read and `set +a` after it, or `export "
	"%.*s` behind it: an assignment alone makes a variable of the shell";

static void describe_assignment(const struct model *m, const struct reading *r,
				struct finding *f)
{
	say_culprit(m, r, f, "assigns %.*s and does not export it",
		    STR_FMT(r->name));
	f->fix = arena_print(m->arena,
			     "write `export %.*s=...`: an assignment alone "
			     "makes a variable of the shell",
			     STR_FMT(r->name));
}

static void describe_file(const struct model *m, const struct reading *r,
			  struct finding *f, struct str line)
{
	say_culprit(m, r, f, "reads %.*s and does not export %.*s",
		    STR_FMT(line), STR_FMT(r->name));
	f->fix = arena_print(m->arena, for_a_file, STR_FMT(r->name));
}

static void describe_spaced_line(const struct model *m, const struct reading *r,
				 struct finding *f)
{
	say_culprit(m, r, f,
		    "has a blank beside the = of %.*s, which is no assignment "
		    "to a shell",
		    STR_FMT(r->name));
	set_own_fix(m, f,
		    "write `%.*s=value` without a blank beside the `=`; and "
		    "`set -a` before the file is read, unless the shell "
		    "exports it otherwise",
		    STR_FMT(r->name));
}

/* The file of the line that reads the other file. */
static struct str reads_it(struct arena *a, const struct finding *f)
{
	return has_line_of_culprit(f) ? site_file(place_of_culprit(a, f))
				      : STR("the script");
}

static void describe_return(const struct model *m, const struct reading *r,
			    struct finding *f, const struct image *shell,
			    const struct unexported *u)
{
	struct str returns = place_in_words(m->arena, shell, u->returns_at);

	say_culprit(m, r, f,
		    "reads a file that returns at %.*s in a shell "
		    "that is not interactive, before %.*s exports "
		    "%.*s",
		    STR_FMT(returns),
		    STR_FMT(place_in_words(m->arena, shell, u->site)),
		    STR_FMT(r->name));
	f->fix = arena_print(m->arena,
			     "write `export %.*s=...` above %.*s, or into a "
			     "file of its own, which %.*s and %.*s read",
			     STR_FMT(r->name), STR_FMT(returns),
			     STR_FMT(site_file(returns)),
			     STR_FMT(reads_it(m->arena, f)));
}

/* The line that a function reads from a file, or len 0. */
static struct str line_read(const struct model *m,
			    const struct unexported_cause *cause)
{
	if (cause->file.by)
		return line_of_file(m->arena, cause->file.by, &cause->file);
	return cause->in_script->read_at.len
		       ? place_in_words(m->arena, cause->shell,
					cause->in_script->site)
		       : (struct str){NULL, 0};
}

/* declare -x "$line", some lines from where the function reads the file. */
static struct str line_of_any_local(const struct unexported_cause *cause)
{
	struct str none = {NULL, 0};

	return cause->file.by && cause->file.by == cause->shell
		       ? local_line_of_any(cause->shell,
					   event_site(cause->file.open))
		       : none;
}

static void set_fix_of_any_local(const struct model *m, const struct reading *r,
				 struct finding *f,
				 const struct unexported_cause *cause)
{
	struct str local = line_of_any_local(cause);

	if (!local_line_of(cause->shell, r->name).len && local.len)
		set_own_fix(
			m, f,
			"write `declare -gx`, or `export`, at %.*s: "
			"in a function, `declare` alone makes a local "
			"variable",
			STR_FMT(place_in_words(m->arena, cause->shell, local)));
}

/* A local variable of a function ends with the function, exported or not. */
static bool describe_local(const struct model *m, const struct reading *r,
			   struct finding *f,
			   const struct unexported_cause *cause)
{
	struct str local = local_line_of(cause->shell, r->name), read;
	struct str act = STR("assigns the");

	if (!local.len)
		local = line_of_any_local(cause);
	if (!local.len || (!cause->file.by && !cause->in_script))
		return false;
	read = line_read(m, cause);
	if (read.len)
		act = arena_print(m->arena, "reads %.*s into the",
				  STR_FMT(read));
	say_culprit(m, r, f,
		    "%.*s local %.*s of a function, and a local variable ends "
		    "with its function",
		    STR_FMT(act), STR_FMT(r->name));
	set_own_fix(m, f,
		    "do not make %.*s local at %.*s, and export it: "
		    "`export %.*s` behind the assignment, or `set -a` before a "
		    "file is read and `set +a` after it",
		    STR_FMT(r->name),
		    STR_FMT(place_in_words(m->arena, cause->shell, local)),
		    STR_FMT(r->name));
	set_fix_of_any_local(m, r, f, cause);
	return true;
}

/* ", of run.sh:3", where a function reads the file. */
static struct str line_of_subshell(const struct model *m,
				   const struct subshell_file *left)
{
	if (!left->fork || !event_has_source_line(left->fork) ||
	    str_eq(event_site(left->fork), event_site(left->file.open)))
		return STR("");
	return arena_print(m->arena, ", of %.*s",
			   STR_FMT(place_in_words(m->arena, left->shell,
						  event_site(left->fork))));
}

static void say_subshell(const struct model *m, const struct reading *r,
			 struct finding *f, const struct subshell_file *left)
{
	struct str line = line_of_file(m->arena, left->shell, &left->file);

	switch (left->how) {
	case LEFT_IN_SUBSHELL:
		say_culprit(m, r, f,
			    "reads %.*s in a subshell%.*s, which exports for "
			    "itself alone",
			    STR_FMT(line), STR_FMT(line_of_subshell(m, left)));
		return;
	case LEFT_IN_PIPE:
		say_culprit(m, r, f,
			    "reads %.*s into a pipe, and %.*s set behind a "
			    "pipe ends with the pipe",
			    STR_FMT(line), STR_FMT(r->name));
		return;
	case LEFT_IN_NAMES:
		say_culprit(m, r, f,
			    "takes the name %.*s from %.*s, without the value",
			    STR_FMT(r->name), STR_FMT(line));
		return;
	case LEFT_OUT:
		say_culprit(m, r, f,
			    "leaves out %.*s of %.*s by the pattern of grep",
			    STR_FMT(r->name), STR_FMT(line));
		return;
	case LEFT_OUT_COMMENT:
		say_culprit(m, r, f,
			    "leaves out %.*s of %.*s, as every line with a #: "
			    "a comment stands behind the value",
			    STR_FMT(r->name), STR_FMT(line));
	}
}

static void describe_subshell(const struct model *m, const struct reading *r,
			      struct finding *f,
			      const struct subshell_file *left)
{
	struct str file =
		place_in_words(m->arena, left->shell, left->file.file->path);
	const char *here = memchr(file.at, '/', file.len) ? "" : "./";

	say_subshell(m, r, f, left);
	if (left->how == LEFT_OUT)
		set_own_fix(m, f,
			    "let the pattern match the name, as "
			    "`^[A-Za-z_][A-Za-z0-9_]*=` does; or read the file "
			    "in the shell itself: `set -a; . %s%.*s; set +a`",
			    here, STR_FMT(file));
	else if (left->how == LEFT_OUT_COMMENT)
		set_own_fix(m, f,
			    "give the comment a line of its own; or read the "
			    "file in the shell itself, in place of `$( )`: "
			    "`set -a; . %s%.*s; set +a`",
			    here, STR_FMT(file));
	else if (left->how == LEFT_IN_NAMES)
		set_own_fix(m, f,
			    "read the file in the shell itself, in place of "
			    "`$( )`: `set -a; . %s%.*s; set +a`",
			    here, STR_FMT(file));
	else
		set_own_fix(m, f,
			    "read the file in the shell itself, and not in a "
			    "pipe, in `( )` or in `$( )`: `set -a; . %s%.*s; "
			    "set +a`%s",
			    here, STR_FMT(file),
			    left->how == LEFT_IN_PIPE
				    ? "; or, in bash, `while ...; done < "
				      "<(...)` in place of `... | while ...`"
				    : "");
}

/* The words by which a script names the file. */
static struct str name_of_secret(struct arena *a, const struct event *open)
{
	return str_has_suffix(open->name, STR("_FILE"))
		       ? arena_print(a, "$%.*s", STR_FMT(open->name))
		       : open->path;
}

static void describe_secret(const struct model *m, const struct reading *r,
			    struct finding *f,
			    const struct shell_secret *secret)
{
	struct str path = secret->file.file->path;
	struct str file = name_of_secret(m->arena, secret->file.open);

	say_culprit(m, r, f, "reads %.*s and does not export %.*s",
		    STR_FMT(place_in_words(m->arena, secret->shell, path)),
		    STR_FMT(r->name));
	set_own_fix(
		m, f,
		"export the value there, `export %.*s=\"$(cat \"%.*s\")\"`, "
		"or `export %.*s` behind the assignment: an assignment alone "
		"makes a variable of the shell",
		STR_FMT(r->name), STR_FMT(file), STR_FMT(r->name));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	struct unexported_cause cause = find_cause(m, r);
	const struct unexported *u = cause.in_script;

	if (cause.left.shell)
		describe_subshell(m, r, f, &cause.left);
	else if (cause.secret.shell)
		describe_secret(m, r, f, &cause.secret);
	else if (spaced_line(m->arena, &cause).len)
		describe_spaced_line(m, r, f);
	else if (describe_local(m, r, f, &cause))
		return;
	else if (cause.file.by)
		describe_file(
			m, r, f,
			line_of_file(m->arena, cause.file.by, &cause.file));
	else if (u && u->returns_at.len)
		describe_return(m, r, f, cause.shell, u);
	else if (u && u->read_at.len)
		describe_file(m, r, f,
			      place_in_words(m->arena, cause.shell, u->site));
	else
		describe_assignment(m, r, f);
}

const struct rule rule_kt104 = {"KT104", "not-exported", LOSS_SEEN,
				820,	 explains,	 describe};
