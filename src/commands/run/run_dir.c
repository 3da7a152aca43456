#include "commands/run/run_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands/trace_key.h"
#include "shared/settings_text.h"

static const char *name_by_moment(struct arena *arena)
{
	time_t now = time(NULL);
	char moment[32];
	struct tm tm;

	if (!localtime_r(&now, &tm) ||
	    !strftime(moment, sizeof moment, "%Y%m%d-%H%M%S", &tm))
		moment[0] = '\0';
	return arena_print(arena, "keytrail-%s-%d", moment, getpid()).at;
}

/* For where a stranger foresaw the moment. */
static const char *name_by_chance(struct arena *arena)
{
	char digits[17];

	draw_digits(digits);
	return arena_print(arena, "%s-%s", name_by_moment(arena), digits).at;
}

static const char *without_slashes(struct arena *arena, const char *name)
{
	size_t n = strlen(name);

	while (n > 1 && name[n - 1] == '/')
		n--;
	return arena_print(arena, "%.*s", (int)n, name).at;
}

/* "." and "..": the key would lie in the trace, or in an unexpected directory.
 */
static bool is_relation(const char *name)
{
	const char *slash = strrchr(name, '/'),
		   *last = slash ? slash + 1 : name;

	return !strcmp(last, ".") || !strcmp(last, "..");
}

/* Null after a failure, with the reason from resolve_path(). */
static const char *relations_path(struct arena *arena, const char *name,
				  const char **ret_why)
{
	const char *path = NULL;
	struct resolved_path at;
	char *full;

	if (!resolve_path(name, true, &at, ret_why))
		return NULL;
	resolved_close(&at);
	full = realpath(name, NULL);
	*ret_why = strerror(errno);
	if (full)
		path = arena_print(arena, "%s", full).at;
	free(full);
	return path;
}

static const char *full_path(struct arena *arena, const char *name,
			     const char **ret_why)
{
	const char *path = NULL;
	char *here;

	if (is_relation(name))
		return relations_path(arena, name, ret_why);
	if (*name == '/')
		return name;
	here = getcwd(NULL, 0);
	*ret_why = strerror(errno);
	if (here)
		path = arena_print(arena, "%s/%s", here, name).at;
	free(here);
	return path;
}

static bool is_trace_file(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && !strcmp(dot, ".jsonl");
}

/* A stranger's files in a directory for all do not keep us from the directory.
 */
static bool is_our_users(int dir, const char *name)
{
	struct stat st;

	return strcmp(name, ".") && strcmp(name, "..") &&
	       !fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       is_trusted(st.st_uid);
}

/* Empty, or a trace already: anything else is somebody's own directory. */
static bool holds_other_files(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = again < 0 ? NULL : fdopendir(again);
	bool is_trace = false, others = false;
	struct dirent *e;

	while (dir && !is_trace && (e = readdir(dir))) {
		is_trace = is_trace_file(e->d_name);
		others = others || is_our_users(again, e->d_name);
	}
	if (dir)
		closedir(dir);
	return others && !is_trace;
}

/* --- the directory -------------------------------------------------------- */

/* Is the error about the name given by the user? */
static bool is_wrong_name(int error)
{
	switch (error) {
	case 0: /* a stranger is the reason */
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ELOOP:
		return true;
	}
	return false;
}

static enum run_dir_result result_of(int error)
{
	return is_wrong_name(error) ? RUN_DIR_REFUSED : RUN_DIR_UNUSABLE;
}

static bool find_place(struct run_dir *d, const char **ret_why)
{
	if (!resolve_path(d->path, false, &d->beside, ret_why))
		return false;
	d->place = d->beside;
	d->is_exposed = d->beside.is_exposed;
	if (!d->beside.is_there || !S_ISLNK(d->beside.st.st_mode))
		return true;
	if (!resolve_path(d->path, true, &d->place, ret_why))
		return false;
	d->is_exposed |= d->place.is_exposed;
	return true;
}

static bool open_dir(struct run_dir *d, const char **ret_why)
{
	const struct resolved_path *at = &d->place;

	d->is_new = !at->is_there && !mkdirat(at->dir, at->name, 0700);
	if (!at->is_there && !d->is_new && errno != EEXIST)
		return *ret_why = strerror(errno), false;
	d->fd = openat(at->dir, at->name,
		       O_RDONLY | O_DIRECTORY | O_CLOEXEC |
			       (at->is_opened ? 0 : O_NOFOLLOW));
	if (d->fd < 0)
		*ret_why = strerror(errno);
	return d->fd >= 0;
}

/* A command of root often goes on as another user (setpriv, su, php-fpm): each
 * user may put a file into the directory, and see no other file. */
static bool open_to_all(int fd)
{
	return geteuid() || !fchmod(fd, 01733);
}

/* The reason not to use the directory, or null. */
static const char *flaw_of(const struct run_dir *d)
{
	struct stat st;
	const char *flaw;

	if (fstat(d->fd, &st))
		return strerror(errno);
	flaw = directory_flaw(&st);
	if (!flaw && holds_other_files(d->fd))
		flaw = "it holds other files";
	return flaw;
}

static enum run_dir_result make_dir(struct run_dir *d, const char **ret_why)
{
	const char *flaw;

	if (!find_place(d, ret_why) || !open_dir(d, ret_why))
		return result_of(errno);
	flaw = flaw_of(d);
	if (flaw)
		return *ret_why = flaw, RUN_DIR_REFUSED;
	if (!d->is_new || open_to_all(d->fd))
		return RUN_DIR_READY;
	*ret_why = strerror(errno);
	return RUN_DIR_UNUSABLE;
}

/* --- the key -------------------------------------------------------------- */

static void draw_key(struct run_dir *d)
{
	while (getrandom(d->key, sizeof d->key, 0) != sizeof d->key)
		;
}

static bool write_key(const struct run_dir *d, int fd)
{
	char text[KEY_FILE_BYTES];
	bool ok;

	key_file_write(text, d->key);
	ok = write(fd, text, sizeof text) == sizeof text;
	return !close(fd) && ok;
}

/* Written under a random name and then linked: nobody reads half a key. */
static bool write_new_key(const struct run_dir *d, int dir, const char *file)
{
	char temporary[TEMPORARY_NAME];
	int fd = open_temporary(dir, 0600, temporary);
	int error;
	bool ok;

	if (fd < 0)
		return false;
	ok = write_key(d, fd) && !linkat(dir, temporary, dir, file, 0);
	error = errno;
	unlinkat(dir, temporary, 0);
	errno = error;
	return ok;
}

/* Where a file of 33 bytes finds no room, nothing can be recorded either. */
static bool is_shortage(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return true;
	}
	return false;
}

static bool key_file_name(const struct run_dir *d, char file[NAME_MAX + 1])
{
	errno = ENAMETOOLONG;
	return snprintf(file, NAME_MAX + 1, "%s" KEY_FILE_SUFFIX,
			d->beside.name) <= NAME_MAX;
}

static enum run_dir_result make_key_at(struct run_dir *d, int dir,
				       const char *file, const char **ret_why)
{
	draw_key(d);
	if (*file && write_new_key(d, dir, file))
		return d->key_is_new = true, RUN_DIR_READY;
	*ret_why = strerror(errno);
	if (is_shortage(errno))
		return RUN_DIR_UNUSABLE;
	if (errno != EEXIST || !key_read_at(dir, file, d->key, ret_why))
		d->key_flaw = *ret_why;
	return RUN_DIR_READY;
}

/* A file that the user names is made, too, and stays when the run does not
 * begin. */
static enum run_dir_result make_named_key(struct run_dir *d, const char *path,
					  const char **ret_why)
{
	struct resolved_path at;
	enum run_dir_result result;

	draw_key(d);
	d->key_name = path;
	if (!resolve_path(path, false, &at, &d->key_flaw))
		return RUN_DIR_READY;
	result = make_key_at(d, at.dir, at.name, ret_why);
	resolved_close(&at);
	d->key_is_new = false;
	return result;
}

static enum run_dir_result make_key(struct arena *arena, struct run_dir *d,
				    const char *keyfile, const char **ret_why)
{
	char file[NAME_MAX + 1];

	if (keyfile)
		return make_named_key(d, keyfile, ret_why);
	d->key_name = arena_print(arena, "%s" KEY_FILE_SUFFIX, d->name).at;
	if (!key_file_name(d, file))
		*file = '\0';
	return make_key_at(d, d->beside.dir, file, ret_why);
}

/* --- both ----------------------------------------------------------------- */

/* The path goes into the KEYTRAIL variable, where a comma ends it. */
static enum run_dir_result find_path(struct arena *arena, struct run_dir *d,
				     const char **ret_why)
{
	d->path = full_path(arena, d->name, ret_why);
	if (!d->path)
		return result_of(errno);
	*ret_why = "a comma is in its path";
	return setting_can_hold(d->path) ? RUN_DIR_READY : RUN_DIR_REFUSED;
}

static enum run_dir_result make(struct arena *arena, struct run_dir *d,
				const char *keyfile, const char **ret_why)
{
	enum run_dir_result result = find_path(arena, d, ret_why);

	if (result == RUN_DIR_READY)
		result = make_dir(d, ret_why);
	if (result == RUN_DIR_READY)
		result = make_key(arena, d, keyfile, ret_why);
	return result;
}

static enum run_dir_result try(struct arena *arena, const char *name,
			       const char *keyfile, struct run_dir *ret,
			       const char **ret_why)
{
	struct run_dir d = {
		.name = name, .fd = -1, .place.dir = -1, .beside.dir = -1};
	enum run_dir_result result = RUN_DIR_REFUSED;

	*ret_why = "its name is empty";
	if (*name)
		result = make(arena, &d, keyfile, ret_why);
	if (result != RUN_DIR_READY)
		run_dir_undo(&d);
	*ret = d;
	return result;
}

enum run_dir_result run_dir_make(struct arena *arena, const char *name,
				 const char *keyfile, struct run_dir *ret,
				 const char **ret_why)
{
	enum run_dir_result result;

	if (name)
		return try(arena, without_slashes(arena, name), keyfile, ret,
			   ret_why);
	result = try(arena, name_by_moment(arena), keyfile, ret, ret_why);
	if (result == RUN_DIR_REFUSED)
		result = try(arena, name_by_chance(arena), keyfile, ret,
			     ret_why);
	/* No user chose the name, so the name is not wrong. */
	return result == RUN_DIR_REFUSED ? RUN_DIR_UNUSABLE : result;
}

void run_dir_undo(struct run_dir *d)
{
	char file[NAME_MAX + 1];

	if (d->key_is_new && key_file_name(d, file))
		unlinkat(d->beside.dir, file, 0);
	if (d->is_new)
		unlinkat(d->place.dir, d->place.name, AT_REMOVEDIR);
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->is_new = d->key_is_new = false;
}
