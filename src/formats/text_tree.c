/* report --tree: the processes, equal siblings on one line. */
#include "formats/process_tree.h"
#include "formats/text_layout.h"
#include "model/process_name.h"

enum { MOST_DEPTH = 10, MOST_CHILDREN = 6, MOST_LINES = 20 };

struct tree_printer {
	struct out *out;
	bool has_variable, is_whole; /* is_whole: no line is left out */
	size_t lines;
};

/* A line of the tree; `above` is the line of the parent. */
struct line {
	const struct line *above;
	bool is_last;
	unsigned depth;
};

/* --- one line ------------------------------------------------------------- */

static const char *branch_of(const struct out *o, const struct line *l)
{
	if (l->is_last)
		return o->utf8 ? "└ " : "`-";
	return o->utf8 ? "├ " : "|-";
}

static void print_stems(struct out *o, const struct line *l)
{
	if (!l->above)
		return;
	print_stems(o, l->above);
	print_words(o, l->is_last ? "  " : o->utf8 ? "│ " : "| ");
}

static void print_branch(struct out *o, const struct line *l)
{
	out_pad(o, BODY);
	if (!l->above)
		return;
	print_stems(o, l->above);
	print_words(o, branch_of(o, l));
}

static unsigned room_for_name(const struct out *o, struct str note)
{
	unsigned rest = note.len ? out_columns(note) + 8 : 4;
	unsigned least = 24;

	if (rest > o->width / 2)
		rest = o->width / 2;
	return o->width > o->column + rest + least ? o->width - o->column - rest
						   : least;
}

static void print_mark(struct out *o, enum state state)
{
	struct mark mark = mark_of(state);

	print_words(o, "  ");
	print_styled(o, mark.style, str_of(o->utf8 ? mark.utf8 : mark.ascii));
}

static void print_siblings(struct tree_printer *p, const struct siblings *s,
			   const struct line *l)
{
	struct out *o = p->out;
	unsigned room;

	print_branch(o, l);
	if (s->n > 1)
		out_clean(o, arena_print(o->arena, "%zu x ", s->n));
	room = room_for_name(o, s->first->note);
	out_clean(o,
		  shortened(o, command_within(o->arena, s->name, room), room));
	if (p->has_variable)
		print_mark(o, s->first->state);
	if (s->first->note.len) {
		print_words(o, " ");
		out_wrap(o, BODY + 2 * l->depth + 4, s->first->note);
	}
	out_line(o);
	p->lines++;
}

static void print_rest(struct tree_printer *p, const struct line *l, size_t n)
{
	struct out *o = p->out;

	print_branch(o, l);
	out_clean(o, arena_print(o->arena,
				 "and %zu more: keytrail report "
				 "--tree -v",
				 n));
	out_line(o);
	p->lines++;
}

/* --- children ------------------------------------------------------------- */

/* Something is told of the process, or of a process below. */
static bool is_notable(const struct process_node *n, unsigned depth)
{
	if (n->note.len)
		return true;
	for (size_t i = 0; depth && i < n->n_children; i++)
		if (is_notable(n->children[i].first, depth - 1))
			return true;
	return false;
}

/* What lacks the variable is told first, then what is told of at all. */
enum rank { ORDINARY, NOTABLE, LACKING, RANKS };

static enum rank rank_of(const struct process_node *n)
{
	if (!is_notable(n, MOST_DEPTH))
		return ORDINARY;
	return n->state == STATE_ABSENT ? LACKING : NOTABLE;
}

static size_t take(const struct process_node *n, enum rank rank, size_t most,
		   const struct siblings **to)
{
	size_t taken = 0;

	for (size_t i = 0; i < n->n_children && taken < most; i++)
		if (rank_of(n->children[i].first) == rank)
			to[taken++] = &n->children[i];
	return taken;
}

static size_t room_for_children(const struct tree_printer *p,
				const struct process_node *n, unsigned depth)
{
	if (p->is_whole)
		return n->n_children;
	return p->lines >= MOST_LINES || depth > MOST_DEPTH ? 0 : MOST_CHILDREN;
}

static void print_children(struct tree_printer *p, const struct process_node *n,
			   const struct line *above)
{
	struct line l = {above, false, above ? above->depth + 1 : 0};
	size_t most = room_for_children(p, n, l.depth);
	const struct siblings **all =
		TAKE(p->out->arena, const struct siblings *, most + 1);
	size_t k = 0;

	for (int rank = RANKS; rank--;)
		k += take(n, (enum rank)rank, most - k, all + k);
	for (size_t i = 0; i < k; i++) {
		l.is_last = i + 1 == n->n_children;
		print_siblings(p, all[i], &l);
		print_children(p, all[i]->first, &l);
	}
	l.is_last = true;
	if (k < n->n_children)
		print_rest(p, &l, n->n_children - k);
}

static void print_legend(struct out *o, struct str variable)
{
	print_label(o, "tree");
	if (variable.len)
		print_body(o,
			   arena_print(o->arena,
				       "%s began with %.*s, %s without, %s "
				       "was not seen",
				       o->utf8 ? "●" : "+", STR_FMT(variable),
				       o->utf8 ? "○" : "-",
				       o->utf8 ? "·" : "?"));
}

void print_tree(struct out *o, const struct report *r)
{
	struct process_tree tree = process_tree_build(o->arena, r);
	struct tree_printer p = {.out = o,
				 .has_variable = tree.variable.len,
				 .is_whole = r->view.verbose};

	print_legend(o, tree.variable);
	print_children(&p, &tree.root, NULL);
}
