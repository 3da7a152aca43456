#include "trace/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The limit of all strangers together, so that neither a stranger nor a crowd
 * of made-up users fills our memory. A segment of the usual maximum is read
 * whole. */
static const struct allowance for_strangers = {
	.bytes = UINT64_C(2) << 30,
	.text = 256 << 20,
	.lines = 1000000,
	.longest = 64 << 10,
};
/* A stranger's share: a segment of the usual maximum and some more. */
static const struct allowance for_one = {
	.bytes = UINT64_C(1) << 30,
	.text = 80 << 20,
	.lines = 500000,
	.longest = 64 << 10,
};

enum {
	MOST_OWNERS = 256,
	MADE_UP_USERS = 65536, /* ids from here on are often a container's */
};

/* --- owners ------------------------------------------------------------- */

static unsigned add_owner(struct arena *a, struct trace *t, struct owner o)
{
	if (t->n_owners == t->owners_room) {
		struct owner *old = t->owners;

		t->owners_room = t->owners_room ? 2 * t->owners_room : 8;
		t->owners = TAKE(a, struct owner, t->owners_room);
		if (t->n_owners)
			memcpy(t->owners, old, t->n_owners * sizeof *old);
	}
	t->owners[t->n_owners] = o;
	return t->n_owners++;
}

unsigned owner_of_stranger(struct arena *a, struct trace *t, uint64_t uid)
{
	struct str tag;

	if (!t->n_owners) /* all so far was believed */
		add_owner(a, t,
			  (struct owner){.tag = STR(""),
					 .lines = t->n,
					 .lost = t->lost});
	for (unsigned i = 1; i < t->n_owners; i++)
		if (t->owners[i].uid == uid)
			return i;
	if (t->n_owners > MOST_OWNERS)
		return 0;
	tag = arena_print(a, "%llu", (unsigned long long)uid);
	return add_owner(a, t, (struct owner){.uid = uid, .tag = tag});
}

/* --- the list ----------------------------------------------------------- */

struct listing {
	struct arena *arena;
	struct trace *trace;
	struct directory *to;
	struct stat st; /* of the directory */
	int fd;
};

static bool is_believed(uint64_t uid)
{
	return !uid || uid == geteuid();
}

static const char *kind_of(mode_t mode)
{
	return S_ISLNK(mode)	? "is a link"
	       : S_ISDIR(mode)	? "is a directory"
	       : S_ISFIFO(mode) ? "is a pipe"
	       : S_ISSOCK(mode) ? "is a socket"
				: "is no file";
}

/* The recorder gives a file a single name. In a directory where others make
 * names, a second name may be a stranger's, for any file. */
static bool is_doubtful(const struct listing *l, const struct stat *st)
{
	bool is_open = (l->st.st_mode & (S_IWGRP | S_IWOTH)) ||
		       !is_believed(l->st.st_uid);

	return st->st_nlink > 1 && is_open;
}

static const char *why_not(const struct listing *l, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return kind_of(st->st_mode);
	return is_doubtful(l, st) ? "has a second name elsewhere" : NULL;
}

static bool ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static int is_ours(const struct dirent *d)
{
	return ends_with(d->d_name, ".jsonl");
}

static void list_one(struct listing *l, const char *name)
{
	struct found *f = &l->to->at[l->to->n];
	struct stat st;

	if (fstatat(l->fd, name, &st, AT_SYMLINK_NOFOLLOW))
		return; /* gone meanwhile */
	f->file.name = arena_print(l->arena, "%s", name);
	f->file.uid = st.st_uid;
	f->file.unread = why_not(l, &st);
	l->to->n++;
}

/* Only the owner and believed users can write into the directory: all files are
 * believed, as those of a packed trace. A copied trace is such a directory. */
static bool is_one_account(const struct listing *l)
{
	for (size_t i = 0; i < l->to->n; i++)
		if (l->to->at[i].file.uid != l->st.st_uid)
			return false;
	return true;
}

/* Believed files first, then those of users that a machine has, lest a crowd of
 * made-up users uses up what may be read. */
static int by_trust(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	bool odd = x->file.uid >= MADE_UP_USERS,
	     other = y->file.uid >= MADE_UP_USERS;

	if (x->file.has_stranger != y->file.has_stranger)
		return x->file.has_stranger ? 1 : -1;
	if (x->file.has_stranger && odd != other)
		return odd ? 1 : -1;
	return strcmp(x->file.name.at, y->file.name.at);
}

static void find_owners(struct listing *l)
{
	bool one = is_one_account(l);

	for (size_t i = 0; i < l->to->n; i++) {
		struct found *f = &l->to->at[i];

		f->file.has_stranger = !one && !is_believed(f->file.uid);
		f->speaks_of_run =
			!f->file.has_stranger || f->file.uid == l->st.st_uid;
	}
	qsort(l->to->at, l->to->n, sizeof *l->to->at, by_trust);
	for (size_t i = 0; i < l->to->n; i++) {
		struct found *f = &l->to->at[i];

		if (!f->file.has_stranger || f->file.unread)
			continue;
		f->owner = owner_of_stranger(l->arena, l->trace, f->file.uid);
		if (!f->owner)
			f->file.unread = "is of one user too many";
	}
}

static bool list(struct listing *l, const char **ret_why)
{
	struct dirent **names;
	int n = fstat(l->fd, &l->st)
			? -1
			: scandirat(l->fd, ".", &names, is_ours, NULL);

	if (n < 0) {
		*ret_why = strerror(errno);
		return false;
	}
	l->to->at = TAKE(l->arena, struct found, (size_t)n);
	for (int i = 0; i < n; i++) {
		list_one(l, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	find_owners(l);
	return true;
}

/* --- reading ------------------------------------------------------------ */

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Takes the bytes read of a stranger from the limit of all. */
struct shares {
	struct allowance all, one[MOST_OWNERS + 1];
};

static void spend(struct allowance *all, const struct allowance *before,
		  const struct allowance *after)
{
	all->bytes -= before->bytes - after->bytes;
	all->text -= before->text - after->text;
	all->lines -= before->lines - after->lines;
}

static struct allowance share_of(const struct shares *s, unsigned owner)
{
	struct allowance one = s->one[owner];

	one.bytes = smaller(one.bytes, s->all.bytes);
	one.text = smaller(one.text, s->all.text);
	one.lines = smaller(one.lines, s->all.lines);
	return one;
}

static enum lines_end read_lines(struct listing *l, struct shares *shares,
				 struct found *f, int fd)
{
	struct allowance before = ALLOW_ALL, may;
	enum lines_end end;

	if (f->owner)
		before = share_of(shares, f->owner);
	may = before;
	end = lines_read(l->arena, fd, &may, &l->to->lines, &l->to->too_long);
	if (f->owner) {
		spend(&shares->all, &before, &may);
		spend(&shares->one[f->owner], &before, &may);
	}
	return end;
}

/* Since the listing, another file may have taken the name. */
static bool is_still(const struct listing *l, const struct found *f, int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_uid == f->file.uid && !why_not(l, &st);
}

/* True for a file of some size in which nothing was ever written. */
static bool is_hole(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_size > 0 &&
	       lseek(fd, 0, SEEK_DATA) < 0 && errno == ENXIO;
}

static void read_one(struct listing *l, struct shares *shares, struct found *f)
{
	enum { SAFELY = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY };
	int fd = openat(l->fd, f->file.name.at, O_RDONLY | SAFELY);

	if (fd < 0) {
		f->file.unread = "may not be read";
		f->is_unreadable = true;
		return;
	}
	f->first = l->to->lines.n;
	f->size = segment_size_of(fd);
	if (!is_still(l, f, fd))
		f->file.unread = "changed while it was read";
	else
		switch (read_lines(l, shares, f, fd)) {
		case LINES_ALL:
			if (is_hole(fd))
				f->file.unread = "is one hole: nothing was "
						 "written in it";
			break;
		case LINES_FAILED:
			f->file.unread = "cannot be read to its end";
			f->is_cut = true;
			break;
		case LINES_TOO_MANY:
			f->file.unread = "is too large: its end was not read";
			f->is_cut = true;
			break;
		}
	f->end = l->to->lines.n;
	f->is_open = l->to->lines.is_open;
	close(fd);
}

bool directory_read(struct arena *a, struct trace *t, int fd,
		    struct directory *ret, const char **ret_why)
{
	struct listing l = {.arena = a, .trace = t, .to = ret, .fd = fd};
	struct shares *shares = TAKE(a, struct shares, 1);

	*ret = (struct directory){0};
	if (!list(&l, ret_why))
		return false;
	shares->all = for_strangers;
	for (unsigned i = 0; i <= MOST_OWNERS; i++)
		shares->one[i] = for_one;
	for (size_t i = 0; i < ret->n; i++)
		if (!ret->at[i].file.unread)
			read_one(&l, shares, &ret->at[i]);
	return true;
}

bool directory_is_empty(int fd)
{
	struct dirent **names;
	int n = scandirat(fd, ".", &names, NULL, NULL), left = n;

	while (left > 0)
		free(names[--left]);
	if (n >= 0)
		free(names);
	return n == 2; /* . and .. */
}
