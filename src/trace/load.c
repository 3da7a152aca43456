#include "trace/trace.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trace/decode.h"
#include "trace/directory.h"
#include "trace/lines.h"
#include "trace/losses.h"
#include "trace/open_source.h"
#include "trace/other_form.h"

/* A large trace is not copied for the sake of a few more lines. */
enum { LINES_OF_OUR_OWN = 128 };

/* The state of a trace_load. */
struct source {
	struct arena *arena;
	struct trace *trace;
	struct decoder *decoder;
	struct loss *losses;
	bool is_pack;
	uint64_t n_packs, n_promised; /* the first lines of packs */
	bool is_last_broken;	      /* the line which was added last */
};

/* --- events ------------------------------------------------------------- */

/* A counter overwritten by the host reads as 0. */
static uint64_t counter_of(struct str digits)
{
	uint64_t word, counter = 0;

	if (digits.len != sizeof word)
		return 0;
	memcpy(&word, digits.at, sizeof word);
	kt_counter_of(word, &counter);
	return counter;
}

/* An event about the trace, not about an image. */
static bool is_aside(const struct event *e)
{
	return e->kind == KT_PACK || e->kind == KT_SEGMENT ||
	       e->kind == KT_WATCH ||
	       (e->kind == KT_LOST && e->owner && !e->image.len);
}

static const struct event *copy_of(struct arena *arena, const struct event *e)
{
	struct event *copy = TAKE(arena, struct event, 1);

	*copy = *e;
	return copy;
}

static void note_event(struct source *s, struct event *e)
{
	struct loss *l = loss_of(s->arena, &s->losses, e->owner);

	if (e->kind == KT_FOLD && e->n_digits.len)
		e->n = counter_of(e->n_digits);
	if (e->kind == KT_LOST && is_aside(e)) /* of a pack: the larger */
		l->counted = add_to_limit(l->counted, e->n);
	else if (e->kind == KT_LOST)
		l->told = add_to_limit(l->told, e->n);
	if (e->kind == KT_SEGMENT)
		l->counted =
			add_to_limit(l->counted, counter_of(e->lost_digits));
	if (e->kind != KT_PACK)
		return;
	s->is_pack = true;
	if (!s->trace->pack)
		s->trace->pack = copy_of(s->arena, e);
	l->counted = add_to_limit(l->counted, e->n_lost);
	s->n_promised = add_to_limit(s->n_promised, e->n_lines);
	s->n_packs++;
	s->trace->broken = add_to_limit(s->trace->broken, e->n_broken);
	s->trace->unbelieved =
		add_to_limit(s->trace->unbelieved, e->n_unbelieved);
}

static bool may_be_event(struct str line)
{
	return line.len >= sizeof "{\"e\":\"x\"}" - 1 && line.at[0] == '{' &&
	       line.at[line.len - 1] == '}';
}

static void grow(struct arena *a, struct trace *t, size_t more)
{
	struct event *old = t->events;

	t->room = t->n + more;
	t->events = TAKE(a, struct event, t->room);
	if (t->n)
		memcpy(t->events, old, t->n * sizeof *old);
}

/* Space for the events of these lines. A torn line needs none: an event takes
 * many times the bytes of a line. */
static void make_room(struct source *s, const struct lines *lines)
{
	size_t more = 1;

	for (size_t i = 0; i < lines->n; i++)
		more += may_be_event(lines->at[i]);
	grow(s->arena, s->trace, more + LINES_OF_OUR_OWN);
}

/* A stranger counts for no others; not everybody started this run; and of a
 * packed crowd of users the last have no place. */
static bool may_say(const struct found *by, const struct event *e)
{
	if (!by->owner && e->has_owner && !e->owner)
		return false;
	if (event_is_of_run(e))
		return by->speaks_of_run;
	return e->kind != KT_PACK || !by->owner;
}

/* A packed line names the owner of its file. */
static unsigned owner_of(struct source *s, const struct found *by,
			 const struct event *e)
{
	if (by->owner || !e->has_owner)
		return by->owner;
	return owner_of_stranger(s->arena, s->trace, e->owner_uid);
}

static void leave_out(struct trace *t, unsigned owner)
{
	t->unbelieved = add_to_limit(t->unbelieved, 1);
	if (owner)
		t->owners[owner].unbelieved++;
}

static void add_line(struct source *s, struct found *by, struct str line)
{
	struct trace *t = s->trace;
	struct event *e = &t->events[t->n];

	s->is_last_broken = !may_be_event(line) || !decode(s->decoder, line, e);
	if (s->is_last_broken) {
		t->broken = add_to_limit(t->broken, 1);
		return;
	}
	e->owner = owner_of(s, by, e);
	if (!may_say(by, e)) {
		leave_out(t, e->owner);
		return;
	}
	note_event(s, e);
	if (is_aside(e))
		return;
	by->file.lines++;
	if (t->n_owners)
		t->owners[e->owner].lines++;
	t->n++;
}

bool trace_is_of(const struct trace *t, uint64_t uid)
{
	for (size_t i = 0; i < t->n_files; i++)
		if (!t->files[i].has_stranger && t->files[i].uid == uid)
			return true;
	return false;
}

/* --- a directory -------------------------------------------------------- */

/* Another program may have appended part of a line to a whole segment. */
static bool lacks_end(const struct source *s, const struct found *f)
{
	return f->size == SEGMENT_SHORT ||
	       (f->size == NO_SEGMENT && f->is_open && s->is_last_broken);
}

/* Called behind the last line of the file. Another user's file may be
 * unreadable for us: its events are lost. */
static void note_unread(struct source *s, struct found *f)
{
	struct loss *l;

	if (!f->is_cut && !f->file.has_stranger && lacks_end(s, f)) {
		f->file.unread = "is cut: its end is missing";
		f->is_cut = true;
		s->trace->n_cut++;
	}
	if (!f->is_unreadable && !f->is_cut)
		return;
	s->trace->unreadable += f->is_unreadable;
	l = loss_of(s->arena, &s->losses, f->owner);
	l->counted = add_to_limit(l->counted, 1);
}

static void list_files(struct source *s, const struct directory *d)
{
	struct trace *t = s->trace;
	struct trace_file *all =
		TAKE(s->arena, struct trace_file, t->n_files + d->n);

	if (t->n_files)
		memcpy(all, t->files, t->n_files * sizeof *all);
	for (size_t i = 0; i < d->n; i++) {
		all[t->n_files++] = d->at[i].file;
		if (d->at[i].owner)
			t->owners[d->at[i].owner].files++;
	}
	t->files = all;
}

static size_t count_read(const struct directory *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += !d->at[i].file.unread || d->at[i].end > d->at[i].first;
	return n;
}

static bool load_dir(struct source *s, int fd, const char **ret_why)
{
	struct trace *t = s->trace;
	struct directory d;

	if (!directory_read(s->arena, t, fd, &d, ret_why))
		return false;
	make_room(s, &d.lines);
	t->broken = add_to_limit(t->broken, d.too_long);
	for (size_t i = 0; i < d.n; i++) {
		for (size_t j = d.at[i].first; j < d.at[i].end; j++)
			add_line(s, &d.at[i], d.lines.at[j]);
		note_unread(s, &d.at[i]);
	}
	list_files(s, &d);
	losses_count(s->trace, s->losses);
	if (count_read(&d) || directory_is_empty(fd))
		return true;
	*ret_why = t->unreadable ? "its files may not be read"
				 : "no trace is in it";
	return false;
}

/* --- a file ------------------------------------------------------------- */

/* Nothing was recorded, and nothing else either. */
static bool is_of_size_0(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISREG(st.st_mode) && !st.st_size;
}

static bool is_key(struct str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (!isxdigit((unsigned char)line.at[i]))
			return false;
	return line.len == 32;
}

static bool is_json_report(struct str line)
{
	return memmem(line.at, line.len, "keytrail-report/", 16) != NULL;
}

/* Why a file without an event is none of a trace. */
static const char *why_no_event(const struct lines *lines, bool is_cut)
{
	const char *form = lines->n ? other_form_of(lines->at[0]) : NULL;

	if (lines->n == 1 && is_key(lines->at[0]))
		form = "it is the key of a trace, and no trace";
	if (lines->n > 1 && is_json_report(lines->at[1]))
		form = "it is a report, and no trace";

	if (form)
		return form;
	return is_cut && *lines->at[0].at == '{'
		       ? "it is cut: no whole line is in it"
		       : "no event is in it";
}

/* Some devices never end. */
static bool is_device(int fd)
{
	struct stat st;

	return !fstat(fd, &st) &&
	       (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)) && !isatty(fd);
}

static void count_promised(struct source *s, uint64_t n_lines)
{
	struct trace *t = s->trace;

	t->n_promised = add_to_limit(t->n_promised, s->n_promised);
	t->n_found = add_to_limit(t->n_found, n_lines - s->n_packs);
}

/* A file named by the user is believed, whoever owns the file. */
static bool load_file(struct source *s, int fd, const char **ret_why)
{
	struct found by = {.speaks_of_run = true};
	struct allowance all = ALLOW_ALL;
	size_t before = s->trace->n;
	struct lines lines = {0};
	uint64_t too_long = 0;

	if (is_device(fd)) {
		*ret_why = "it is a device";
		return false;
	}
	if (lines_read(s->arena, fd, &all, &lines, &too_long) != LINES_ALL) {
		*ret_why = strerror(errno);
		return false;
	}
	s->trace->n_loose_files++;
	make_room(s, &lines);
	for (size_t i = 0; i < lines.n; i++)
		add_line(s, &by, lines.at[i]);
	count_promised(s, add_to_limit(lines.n, too_long));
	by.is_open = lines.is_open;
	by.size = segment_size_of(fd);
	note_unread(s, &by);
	losses_count(s->trace, s->losses);
	if (s->trace->n > before || is_of_size_0(fd))
		return true;
	*ret_why = why_no_event(&lines, by.is_cut);
	return false;
}

static bool load_fd(struct source *s, int fd, const char **ret_why)
{
	struct stat st;

	return !fstat(fd, &st) && S_ISDIR(st.st_mode)
		       ? load_dir(s, fd, ret_why)
		       : load_file(s, fd, ret_why);
}

static bool load_path(struct source *s, const char *path, const char **ret_why)
{
	bool ok;
	int fd;

	if (!strcmp(path, "-"))
		return load_fd(s, STDIN_FILENO, ret_why);
	fd = open_source(path, ret_why);
	if (fd < 0)
		return false;
	ok = load_fd(s, fd, ret_why);
	close(fd);
	return ok;
}

/* --- several sources ------------------------------------------------------ */

/* The directory of a file of a trace directory; len 0: the path is that of a
 * directory or a pack. */
static struct str plain_file_in(const struct source *s, const char *path,
				size_t n_files)
{
	const char *slash = strrchr(path, '/');

	if (s->is_pack || s->trace->n_files > n_files)
		return (struct str){NULL, 0};
	return slash ? (struct str){path, (size_t)(slash + 1 - path)}
		     : STR("./");
}

/* The files of one directory (DIR/ *.jsonl) are one trace. */
static void number_source(struct source *s, struct str plain, size_t from)
{
	struct trace *t = s->trace;
	bool goes_on =
		plain.len && t->n_sources && str_eq(plain, t->plain_from);

	t->n_sources += !goes_on;
	t->plain_from = plain;
	for (size_t i = from; i < t->n; i++)
		t->events[i].source = t->n_sources - 1;
}

static void name_directory(struct arena *a, struct trace *t, const char *path,
			   bool is_directory)
{
	struct str *all = TAKE(a, struct str, t->n_sources);

	if (t->directories.n)
		memcpy(all, t->directories.at, t->directories.n * sizeof *all);
	if (is_directory)
		all[t->n_sources - 1] = arena_print(a, "%s", path);
	t->directories = (struct strs){all, t->n_sources};
}

bool trace_load(struct arena *a, struct trace *t, const char *path,
		const char **ret_why)
{
	struct source s = {.arena = a, .trace = t, .decoder = decoder_new(a)};
	size_t before = t->n, n_files = t->n_files;

	if (!load_path(&s, path, ret_why))
		return false;
	number_source(&s, plain_file_in(&s, path, n_files), before);
	name_directory(a, t, path, t->n_files > n_files);
	return true;
}

void trace_add_line(struct arena *a, struct trace *t, unsigned source,
		    struct str line)
{
	if (t->n == t->room)
		grow(a, t, t->n + LINES_OF_OUR_OWN);
	if (!decode(decoder_new(a), line, &t->events[t->n]))
		return;
	t->events[t->n].source = source;
	t->n++;
}
