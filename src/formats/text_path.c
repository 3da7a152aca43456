/* The path of a value, a line for each hop. */
#include "formats/text_layout.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"
#include "shared/source_owner.h"

enum { MAX_HOPS = 8, MAX_WHOLE = 5 };

struct mark mark_of(enum state s)
{
	switch (s) {
	case STATE_UNSEEN:
		return (struct mark){"·", "?", "not seen", FAINT};
	case STATE_ABSENT:
		return (struct mark){"○", "-", "absent", RED};
	case STATE_PRESENT:
		return (struct mark){"●", "+", "present", GREEN};
	case STATE_CHANGED:
		return (struct mark){"◐", "~", "changed", YELLOW};
	}
	return (struct mark){"·", "?", "not seen", FAINT};
}

static struct mark mark_of_step(const struct step *s)
{
	if (s->is_empty)
		return (struct mark){"○", "-", "empty", RED};
	return mark_of(s->state);
}

static unsigned indent_of(size_t depth)
{
	return BODY + 2 * (unsigned)(depth < 8 ? depth : 8);
}

/* Where the parts of a line begin, behind the name. */
struct columns {
	unsigned state, fp, pid;
};

enum { STATE_WIDTH = 12, FP_WIDTH = 10, PID_WIDTH = 12, LEAST_NAME = 16 };

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* "pid 4211"; len 0: the pid is not known. */
static struct str pid_in_words(struct arena *a, const struct image *image)
{
	if (!image->pid)
		return (struct str){NULL, 0};
	return arena_print(a, "pid %llu%.*s", (unsigned long long)image->pid,
			   STR_FMT(model_origin(a, image)));
}

/* Long names need room: no part gets more of it than it fills. */
static struct columns narrow_columns(struct out *o, const struct finding *f)
{
	unsigned state = 0, fp = 0, pid = 0, most;

	for (size_t i = 0; i < f->n_path; i++) {
		const struct step *s = &f->path[i];
		struct str word = str_of(mark_of_step(s).word);

		state = larger(state, out_columns(word) + 4);
		fp = s->fp.len ? FP_WIDTH : fp;
		pid = larger(pid,
			     out_columns(pid_in_words(o->arena, s->image)));
	}
	most = larger(LEAST_NAME, o->width - state - fp - pid);
	most = most > o->width ? LEAST_NAME : most;
	return (struct columns){most, most + state, most + state + fp};
}

/* Wide enough for the longest name, but the rest must fit on the line too. */
static struct columns columns_of(struct out *o, const struct finding *f)
{
	unsigned widest = 0;

	for (size_t i = 0; i < f->n_path; i++) {
		struct str name = process_name(o->arena, f->path[i].image);

		widest = larger(widest, indent_of(i) + out_columns(name) + 2);
	}
	if (widest + STATE_WIDTH + FP_WIDTH + PID_WIDTH > o->width)
		return narrow_columns(o, f);
	return (struct columns){widest, widest + STATE_WIDTH,
				widest + STATE_WIDTH + FP_WIDTH};
}

/* The eye tells two fingerprints apart by eight digits. */
static struct str head_of(struct str fp)
{
	return (struct str){fp.at, fp.len < 8 ? fp.len : 8};
}

static void print_name(struct out *o, const struct image *image,
		       unsigned columns)
{
	struct str name = process_name(o->arena, image);

	out_clean(o, shortened(o, command_within(o->arena, name, columns),
			       columns));
}

static void print_hop(struct out *o, const struct step *s, size_t depth,
		      const struct columns *columns)
{
	struct mark mark = mark_of_step(s);

	out_pad(o, indent_of(depth) - (depth ? 2 : 0));
	if (depth)
		print_words(o, o->utf8 ? "└ " : "` ");
	print_name(o, s->image,
		   columns->state > o->column + 10
			   ? columns->state - o->column - 2
			   : 8);
	out_pad(o, columns->state);
	out_style(o, mark.style);
	print_words(o, o->utf8 ? mark.utf8 : mark.ascii);
	print_words(o, " ");
	print_words(o, mark.word);
	out_style(o, PLAIN);
	if (s->fp.len) {
		out_pad(o, columns->fp);
		out_clean(o, head_of(s->fp));
	}
	if (s->image->pid) {
		out_pad(o, columns->pid);
		print_styled(o, FAINT, pid_in_words(o->arena, s->image));
	}
	out_line(o);
}

/* A shell with a text or a script of the user's own. */
static bool runs_own_commands(const struct image *image)
{
	struct str script = runtime_script(image);

	return runtime_shell_text(image).len ||
	       (script.len &&
		find_source_owner(script.at, script.len).owner == SOURCE_OWN);
}

static bool is_same_value(const struct step *a, const struct step *b)
{
	return (a->state == b->state || (a->is_empty && b->is_empty)) &&
	       str_eq(a->fp, b->fp);
}

/* A process may exec env, shims and tools, one after the other, and hold the
 * same value all along. Only the last image of such a row is printed, as a hop,
 * and the scripts that a person may edit: `exec "$@"` is a step. */
static bool continues_in_next(const struct finding *f, const struct step *s)
{
	return s->image != f->culprit && s->image->pid &&
	       s[1].image->pid == s->image->pid && is_same_value(s, s + 1) &&
	       !runs_own_commands(s->image);
}

static struct finding with_whole_processes(struct out *o, struct finding f)
{
	struct step *kept = TAKE(o->arena, struct step, f.n_path);
	size_t n = 0;

	for (size_t i = 0; i < f.n_path; i++)
		if (i + 1 == f.n_path || !continues_in_next(&f, &f.path[i]))
			kept[n++] = f.path[i];
	f.path = kept;
	f.n_path = n;
	return f;
}

/* True for a hop in which nothing happens: it held what the hop before and the
 * next held, and did nothing that the finding tells of. */
static bool is_quiet(const struct finding *f, size_t i)
{
	const struct step *s = &f->path[i];

	return i > 0 && i + 1 < f->n_path && s->image != f->culprit &&
	       s->image != f->victim && s[1].image != f->victim &&
	       s[-1].state == s->state && s[1].state == s->state &&
	       str_eq(s[-1].fp, s->fp) && str_eq(s[1].fp, s->fp);
}

/* The number of quiet hops from `i` on, where there are enough to leave out. */
static size_t count_quiet(const struct finding *f, size_t i)
{
	enum { FEWEST = 2 };
	size_t n = 0;

	while (i + n < f->n_path && is_quiet(f, i + n))
		n++;
	return n >= FEWEST && f->n_path > MAX_WHOLE ? n : 0;
}

/* The hops from `i` on up to the culprit or the last two. */
static size_t count_others(const struct finding *f, size_t i)
{
	size_t n = 0;

	while (i + n + 2 < f->n_path && f->path[i + n].image != f->culprit &&
	       f->path[i + n + 1].image != f->culprit)
		n++;
	return n;
}

static void print_skip(struct out *o, size_t n, size_t depth)
{
	out_pad(o, indent_of(depth));
	print_styled(o, FAINT,
		     arena_print(o->arena, "%.*s",
				 STR_FMT(counted(o, n, "more hop"))));
	out_line(o);
}

/* Leaves out hops in which nothing happens, and the middle of a very long path.
 */
void print_path(struct out *o, const struct finding *whole)
{
	struct finding f = with_whole_processes(o, *whole);
	const struct columns columns = columns_of(o, &f);
	size_t printed = 0;

	if (!f.n_path)
		return;
	print_label(o, "path");
	for (size_t i = 0; i < f.n_path; i++) {
		size_t skip = count_quiet(&f, i);

		if (!skip && printed >= MAX_HOPS)
			skip = count_others(&f, i);
		if (skip) {
			print_skip(o, skip, printed);
			i += skip;
		}
		print_hop(o, &f.path[i], printed++, &columns);
	}
}
