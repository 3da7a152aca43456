#include "commands/doctor/doctor_process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/doctor/doctor_settings.h"

/* What is known on the way to the trace of a process. */
struct examination {
	struct checkup *c;
	struct running_process process;
	struct foreign_root root;
	const char *settings; /* of the process or an ancestor, or null */
};

/* --- the trace ------------------------------------------------------------ */

static struct foreign_root root_of(const struct running_process *p)
{
	return (struct foreign_root){
		.fd = running_process_open(p->pid, "root",
					   O_PATH | O_DIRECTORY),
		.uid = p->uid,
		.gid = p->gid,
		.groups = p->groups,
		.n_groups = p->n_groups,
	};
}

static const char *directory_of(struct arena *a, const char *path)
{
	return arena_print(a, "%.*s", (int)(strrchr(path, '/') - path), path)
		.at;
}

/* Does the directory hold the file that the process writes? */
static bool has_segment(const struct running_process *p, int fd)
{
	const char *name;
	struct stat st;

	if (!p->segment)
		return true;
	name = strrchr(p->segment, '/') + 1;
	return !fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       st.st_ino == p->segment_inode;
}

static int open_trace_below(const struct foreign_root *root,
			    const struct running_process *p, const char *dir)
{
	int fd = open_below(root, dir, O_RDONLY | O_DIRECTORY);

	if (fd < 0 || has_segment(p, fd))
		return fd;
	close(fd);
	errno = ENOENT;
	return -1;
}

static bool shares_mounts(const struct running_process *p)
{
	const char *own = "/proc/self/ns/mnt";
	char other[64];
	struct stat a, b;

	snprintf(other, sizeof other, "/proc/%d/ns/mnt", (int)p->pid);
	return !stat(own, &a) && !stat(other, &b) && a.st_ino == b.st_ino;
}

/* After a chroot the trace lies outside of the root. */
static int open_trace(const struct examination *x, const char *dir)
{
	int fd = open_trace_below(&x->root, &x->process, dir);
	struct foreign_root here;

	if (fd >= 0 || !x->process.segment || !shares_mounts(&x->process))
		return fd;
	here = own_root(x->c->arena);
	fd = open_trace_below(&here, &x->process, dir);
	close(here.fd);
	return fd;
}

static bool forbid(const struct examination *x, const char *what,
		   const char *why)
{
	complain(x->c->arena,
		 "doctor: not allowed to look into %s: %s; ask as its owner, "
		 "or as root",
		 what, why);
	return false;
}

/* The maps name the file, so the process records, whatever is seen of it. */
static bool tell_unseen(const struct examination *x, const char *dir)
{
	checkup_add(x->c, ANSWER_PART,
		    arena_print(x->c->arena,
				"it has a file of the trace %s open, which is "
				"not found from here",
				dir),
		    "keytrail report, run where the process runs, reads it");
	return true;
}

static void tell_no_trace(const struct examination *x, const char *dir)
{
	checkup_give_up(x->c,
			arena_print(x->c->arena,
				    "there is no trace at %s, as this process "
				    "sees its files",
				    dir),
			"start it again, with a directory that it may write: "
			"KEYTRAIL=dir=/path/of/trace");
}

static bool check_trace_at(const struct examination *x, const char *dir)
{
	int fd = open_trace(x, dir);
	const char *why = "";
	bool ok;

	if (fd < 0 && (errno == EACCES || errno == EPERM))
		return forbid(x, dir, strerror(errno));
	if (fd < 0 && x->process.segment)
		return tell_unseen(x, dir);
	if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
		return forbid(x, dir, strerror(errno)); /* no openat2 */
	if (fd < 0) {
		tell_no_trace(x, dir);
		return true;
	}
	ok = check_birth(x->c, &x->process, fd, dir, &why);
	close(fd);
	return ok || forbid(x, dir, why);
}

/* --- settings ------------------------------------------------------------- */

/* As the recorder does: the KEYTRAIL of the nearest parents of the same user.
 */
static const char *inherited_settings(const struct examination *x)
{
	enum { PARENTS = 8 };
	struct running_process p = x->process;

	for (int i = 0; i < PARENTS && p.parent > 0; i++) {
		if (running_process_environment(x->c->arena, p.parent, &p) !=
			    LOOK_ALLOWED ||
		    p.uid != x->process.uid)
			return NULL;
		if (p.settings)
			return p.settings;
	}
	return NULL;
}

static void tell_off(const struct examination *x)
{
	checkup_give_up(x->c, STR("KEYTRAIL=off turns the recorder off"),
			"take KEYTRAIL=off out of what starts it, and start it "
			"again");
}

static void tell_removed(const struct examination *x)
{
	checkup_give_up(x->c,
			arena_print(x->c->arena,
				    "its trace was removed: what it does goes "
				    "to a file without a name, once %s",
				    x->process.segment),
			"start the process again");
}

/* What the recorder does not heed. That it could not start now is no matter. */
static void add_unheeded(struct checkup *c, const struct check *check)
{
	for (; check; check = check->next)
		if (check->answer == ANSWER_PART)
			checkup_add(c, check->answer, check->what,
				    check->advice.at);
}

static bool check_default(const struct examination *x)
{
	struct arena *a = x->c->arena;
	const char *dir = arena_print(a, "/tmp/keytrail-%u", x->process.uid).at;

	if (!x->settings)
		checkup_add(x->c, ANSWER_PART,
			    arena_print(a,
					"KEYTRAIL is not set: the trace is "
					"looked for in %s, not in its TMPDIR",
					dir),
			    "name a directory: KEYTRAIL=dir=/path/of/trace");
	return check_trace_at(x, dir);
}

/* The file in its memory tells where it records; without, KEYTRAIL does. */
static bool check_recorder(const struct examination *x)
{
	const struct running_process *p = &x->process;
	struct read_settings read = {.dir = ""};
	struct checkup quiet = {.arena = x->c->arena};

	quiet.end = &quiet.first;
	if (p->segment_is_removed) {
		tell_removed(x);
		return true;
	}
	if (x->settings)
		read = check_settings(p->segment ? &quiet : x->c, x->settings,
				      &x->root, NULL);
	add_unheeded(x->c, quiet.first);
	if (p->segment)
		return check_trace_at(x, directory_of(x->c->arena, p->segment));
	if (read.is_off)
		tell_off(x);
	else if (read.is_refused)
		x->c->hopeless = true;
	else if (*read.dir)
		return check_trace_at(x, read.dir);
	else
		return check_default(x);
	return true;
}

/* --- all of it ------------------------------------------------------------ */

static bool examine(struct examination *x)
{
	const struct running_process *p = &x->process;

	if (*p->exe)
		checkup_add(x->c, ANSWER_OK,
			    arena_print(x->c->arena, "process %d is %s (%s)",
					(int)p->pid, p->exe, p->name),
			    NULL);
	if (!p->library) {
		explain_no_library(x->c, p, &x->root);
		return true;
	}
	checkup_add(x->c, ANSWER_OK,
		    arena_print(x->c->arena, "the recorder is in it: %s",
				p->library),
		    NULL);
	x->settings = p->settings ? p->settings : inherited_settings(x);
	return check_recorder(x);
}

static bool refuse(struct checkup *c, const struct running_process *p,
		   enum look look)
{
	if (look == LOOK_GONE)
		complain(c->arena, "doctor: no process %d; ps -e lists them",
			 (int)p->pid);
	else
		complain(c->arena,
			 "doctor: not allowed to look into process %d (%s, uid "
			 "%u); ask as its owner, or as root",
			 (int)p->pid, p->name, p->uid);
	return false;
}

static bool read_pid(struct checkup *c, const char *text, pid_t *ret)
{
	char *end;
	long pid;

	errno = 0;
	pid = strtol(text, &end, 10);
	*ret = (pid_t)pid;
	if (!errno && *text >= '0' && *text <= '9' && !*end && pid > 0 &&
	    pid == *ret)
		return true;
	complain(c->arena, "doctor: %s is no PID; ps -e lists them", text);
	return false;
}

bool check_process(struct checkup *c, const char *text)
{
	struct examination x = {.c = c};
	enum look look;
	pid_t pid;
	bool ok;

	if (!read_pid(c, text, &pid))
		return false;
	look = running_process_look(c->arena, pid, &x.process);
	if (look != LOOK_ALLOWED)
		return refuse(c, &x.process, look);
	if (x.process.leader != pid) {
		complain(c->arena,
			 "doctor: %d is a thread of process %d: keytrail "
			 "doctor -p %d",
			 (int)pid, (int)x.process.leader,
			 (int)x.process.leader);
		return false;
	}
	x.root = root_of(&x.process);
	ok = examine(&x);
	close(x.root.fd);
	return ok;
}
