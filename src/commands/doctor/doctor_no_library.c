#include "commands/doctor/doctor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/executable_file.h"
#include "host/recorder_path.h"
#include "runtimes/runtime.h"
#include "shared/preload_list.h"

static const char library_name[] = "libkeytrail.so";

/* --- the program ---------------------------------------------------------- */

static const char *launcher_advice(const struct running_process *p)
{
	return runtime_of_program(str_of(p->exe))->starts_text;
}

static const char *program_flaw(enum kt_target kind)
{
	switch (kind) {
	case KT_TARGET_STATIC:
		return "is statically linked: no loader, so no recorder";
	case KT_TARGET_OTHER_CLASS:
		return "is built for another kind of machine than the recorder";
	case KT_TARGET_OTHER_LIBC:
		return "has a loader of neither glibc nor musl";
	default:
		return NULL;
	}
}

/* True when no environment brings the recorder into the program. */
static bool explain_program(struct checkup *c, const struct running_process *p)
{
	const char *exe = arena_print(c->arena, "/proc/%d/exe", (int)p->pid).at;
	const char *flaw = program_flaw(executable_file_at(exe).program.kind);
	const char *launcher = launcher_advice(p);

	if (flaw) {
		checkup_give_up(c, arena_print(c->arena, "%s %s", p->exe, flaw),
				launcher ? launcher
					 : "what it starts is recorded, when "
					   "it passes LD_PRELOAD and KEYTRAIL "
					   "on");
		return true;
	}
	if (p->is_secure)
		checkup_give_up(
			c,
			arena_print(c->arena,
				    "%s began with other rights than the "
				    "program that started it (set-id, "
				    "capabilities): its loader takes no "
				    "LD_PRELOAD",
				    p->exe),
			"start it as the user whose rights it takes: "
			"sudo keytrail run ...");
	return p->is_secure;
}

/* --- the library ---------------------------------------------------------- */

/* The path of the recorder in the list of LD_PRELOAD. */
static const char *library_in(struct arena *a, const char *preload)
{
	while (*preload) {
		size_t len = strcspn(preload, " :");
		struct str path = {preload, len};

		if (str_eq(str_base(path), str_of(library_name)))
			return arena_print(a, "%.*s", (int)len, preload).at;
		preload += len + (preload[len] != '\0');
	}
	return library_name;
}

/* Of the open library; null: nothing is known against it. */
static const char *content_flaw(struct arena *a, int fd)
{
	const char *flaw = NULL;

	if (fd >= 0)
		flaw = recorder_path_flaw(
			arena_print(a, "/proc/self/fd/%d", fd).at);
	return flaw ? arena_print(a, "cannot be loaded: %s", flaw).at : NULL;
}

/* Continues "LD_PRELOAD names the recorder, but PATH". */
static const char *library_flaw(struct arena *a,
				const struct foreign_root *root,
				const char *path, const char **ret_advice)
{
	const char *flaw;
	int fd;

	if (*path != '/') {
		*ret_advice = "write the whole path in LD_PRELOAD";
		return "is searched in the loader's directories, or from the "
		       "working directory, and was not found";
	}
	fd = open_below(root, path, O_RDONLY | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT) {
		*ret_advice = "install or mount libkeytrail.so there, and "
			      "start the process again";
		return "is not there, as this process sees its files";
	}
	flaw = reading_flaw(a, root, path);
	if (!flaw)
		flaw = content_flaw(a, fd);
	if (fd >= 0)
		close(fd);
	*ret_advice = flaw ? "put a libkeytrail.so there that the process can "
			     "load, and start the process again"
			   : "start the process again; else the loader says "
			     "why on standard error (ld.so: object ... cannot "
			     "be preloaded)";
	return flaw ? flaw : "came after the start, or the loader refused it";
}

static void explain_library(struct checkup *c, const struct running_process *p,
			    const struct foreign_root *root)
{
	const char *path = library_in(c->arena, p->preload), *advice;
	const char *flaw = library_flaw(c->arena, root, path, &advice);

	checkup_give_up(c,
			arena_print(c->arena,
				    "LD_PRELOAD names the recorder, but %s %s",
				    path, flaw),
			advice);
}

/* --- who left LD_PRELOAD out ---------------------------------------------- */

static bool is_preloaded(const struct running_process *p)
{
	return p->preload && preload_has_us(p->preload, library_name);
}

static const char *drop_advice(struct arena *a,
			       const struct running_process *launcher)
{
	const char *told = launcher_advice(launcher);

	return told ? told
		    : arena_print(a,
				  "let %s pass LD_PRELOAD and KEYTRAIL on, and "
				  "start the process again",
				  launcher->name)
			       .at;
}

static void tell_drop(struct checkup *c, const struct running_process *launcher,
		      const struct running_process *child)
{
	checkup_give_up(c,
			arena_print(c->arena,
				    "process %d (%s) has LD_PRELOAD with the "
				    "recorder, and process %d (%s), which it "
				    "started, began without",
				    (int)launcher->pid, launcher->name,
				    (int)child->pid, child->name),
			drop_advice(c->arena, launcher));
}

/* What was seen of the processes above: `last` was not looked into, or nothing
 * is above it. */
static struct str ancestors_in_words(struct arena *a,
				     const struct running_process *child,
				     const struct running_process *last,
				     bool is_parent, bool is_forbidden)
{
	if (!is_forbidden)
		return STR("nor in any process that started it");
	if (is_parent)
		return arena_print(a,
				   "its parent, process %d (%s), may not be "
				   "looked into",
				   (int)last->pid, last->name);
	return arena_print(a,
			   "nor in the processes above, up to process %d (%s); "
			   "process %d (%s), which started that one, may not "
			   "be looked into",
			   (int)child->pid, child->name, (int)last->pid,
			   last->name);
}

static bool names_the_command(const char *preload)
{
	const char *at = strstr(preload, "/keytrail");

	return at && (!at[9] || strchr(": ", at[9]));
}

static const char *state_at_start(const struct running_process *p)
{
	if (p->preload && *p->preload)
		return names_the_command(p->preload)
			       ? "when it began, LD_PRELOAD named the command "
				 "keytrail, which is no library"
			       : "when it began, LD_PRELOAD named other "
				 "libraries only";
	return p->settings ? "when it began, KEYTRAIL was set and LD_PRELOAD "
			     "was not"
			   : "LD_PRELOAD was not set when it began";
}

static void tell_none(struct checkup *c, const struct running_process *p,
		      struct str seen)
{
	checkup_give_up(c,
			arena_print(c->arena, "%s; %.*s", state_at_start(p),
				    STR_FMT(seen)),
			arena_print(c->arena,
				    "set LD_PRELOAD=%s and "
				    "KEYTRAIL=dir=/path/of/trace where it is "
				    "started, and start it again",
				    recorder_path(c->arena, false))
				.at);
}

/* The nearest ancestor that has the recorder in LD_PRELOAD tells which process
 * left the variable out. */
static void explain_ancestors(struct checkup *c,
			      const struct running_process *p)
{
	enum { ANCESTORS = 64 };
	struct running_process child = *p, parent = *p;
	enum look look = LOOK_ALLOWED;

	for (int i = 0; i < ANCESTORS && child.parent > 0; i++) {
		look = running_process_environment(c->arena, child.parent,
						   &parent);
		if (look != LOOK_ALLOWED)
			break;
		if (is_preloaded(&parent)) {
			tell_drop(c, &parent, &child);
			return;
		}
		child = parent;
	}
	tell_none(c, p,
		  ancestors_in_words(c->arena, &child, &parent,
				     child.pid == p->pid,
				     look == LOOK_FORBIDDEN));
}

/* --- /etc/ld.so.preload --------------------------------------------------- */

static bool names_library(int fd)
{
	char text[4096];
	ssize_t n = read(fd, text, sizeof text);

	return n > 0 &&
	       memmem(text, (size_t)n, library_name, sizeof library_name - 1);
}

/* The file is read at each start: a process without the recorder is older. */
static bool explain_file(struct checkup *c, const struct foreign_root *root)
{
	int fd = open_below(root, "/etc/ld.so.preload", O_RDONLY | O_NONBLOCK);
	struct stat st;
	bool is_named;

	if (fd < 0)
		return false;
	is_named = !fstat(fd, &st) && S_ISREG(st.st_mode) && names_library(fd);
	close(fd);
	if (is_named)
		checkup_give_up(c,
				STR("it was started before /etc/ld.so.preload "
				    "named the recorder"),
				"start it again");
	return is_named;
}

/* --- all of it ------------------------------------------------------------ */

void explain_no_library(struct checkup *c, const struct running_process *p,
			const struct foreign_root *root)
{
	if (p->state == 'Z')
		checkup_give_up(
			c, STR("it has ended, and waits for its parent"), NULL);
	else if (!*p->exe)
		checkup_give_up(c, STR("it is a thread of the kernel"), NULL);
	else if (explain_program(c, p) || explain_file(c, root))
		return;
	else if (is_preloaded(p))
		explain_library(c, p, root);
	else
		explain_ancestors(c, p);
}
