#include "formats/process_tree.h"

#include "base/array.h"
#include "base/hashmap.h"
#include "model/place.h"
#include "model/process_name.h"
#include "runtimes/runtime.h"

struct builder {
	struct arena *arena;
	const struct report *report;
	struct str variable;
	struct process_node **nodes; /* by index of the first image */
	struct str *notes;	     /* by index of the image */
	struct hashmap *kinds;
	size_t n_kinds;
};

/* --- the variable --------------------------------------------------------- */

static const struct variable *variable_of(const struct report *r)
{
	const struct model *m = r->model;
	const struct variable *read = NULL;

	for (size_t i = 0; i < m->n_variables; i++) {
		const struct variable *v = &m->variables[i];

		if (r->n_findings && str_eq(v->name, r->findings[0].variable))
			return v;
		if (!read && (v->readers || v->missed))
			read = v;
	}
	return read ? read : m->n_variables ? &m->variables[0] : NULL;
}

/* --- notes ---------------------------------------------------------------- */

static struct str line_of(const struct event *e)
{
	struct str site = event_site(e);

	if (e->command_site.len)
		return e->command_site;
	return place_has_line(site) ? site : STR("");
}

static bool run_one_program(struct arena *a, const struct image *x,
			    const struct image *y)
{
	struct str words = runtime_program_words(a, x);

	return words.len && str_eq(words, runtime_program_words(a, y));
}

/* A finding stands for many equal losses: those at one line, and those by one
 * program without a line. */
static bool is_told_by(struct builder *b, const struct loss *l,
		       const struct finding *f)
{
	const struct event *by = f->culprit_event;

	if (!f->culprit || f->culprit == l->image)
		return f->culprit;
	if (!by || !l->event || by->kind != l->event->kind)
		return false;
	return str_eq(line_of(by), line_of(l->event)) &&
	       (line_of(by).len ||
		run_one_program(b->arena, f->culprit, l->image));
}

/* The finding that tells of this loss, or null. */
static const struct finding *finding_of(struct builder *b, const struct loss *l)
{
	for (size_t i = 0; i < b->report->n_findings; i++) {
		const struct finding *f = &b->report->findings[i];

		if (f->severity > NOTE && str_eq(f->variable, b->variable) &&
		    is_told_by(b, l, f))
			return f;
	}
	return NULL;
}

static struct str actor_in_words(struct builder *b, const struct loss *l,
				 const struct finding *f)
{
	struct str line = f ? f->culprit_site : STR("");
	struct str program = runtime_program_words(b->arena, l->image);

	if (!place_has_line(line))
		line = l->event ? line_of(l->event) : STR("");
	if (line.len)
		return place_in_words(b->arena, l->image, line);
	return program.len ? program : process_in_short(b->arena, l->image);
}

static void add_note(struct builder *b, const struct image *image,
		     struct str note)
{
	struct str *to = &b->notes[image->index];

	*to = arena_print(b->arena, "%.*s%s%.*s", STR_FMT(*to),
			  to->len ? ", " : "", STR_FMT(note));
}

static void note_loss(struct builder *b, const struct loss *l)
{
	const struct finding *f;

	if (l->kind == LOST_NEVER_HELD || !l->receiver ||
	    b->notes[l->receiver->index].len)
		return;
	f = finding_of(b, l);
	add_note(b, l->receiver,
		 arena_print(b->arena, "%.*s took it away%s%s%s",
			     STR_FMT(actor_in_words(b, l, f)), f ? " (" : "",
			     f ? f->code : "", f ? ")" : ""));
}

static void note_reading(struct builder *b, const struct reading *r)
{
	if (r->loss)
		note_loss(b, r->loss);
	if (r->outcome == READ_MISSED)
		add_note(b, r->image, STR("asks in vain"));
	if (r->outcome == READ_FOUND)
		add_note(b, r->image,
			 r->value->is & KT_IS_EMPTY ? STR("finds it empty")
						    : STR("reads it"));
}

/* --- one process ---------------------------------------------------------- */

/* A thread with its own environment has a row, too. */
static bool begins_row(const struct image *image)
{
	return image->hop == HOP_THREAD || model_is_first_program(image);
}

static const struct image *next_program(const struct image *image)
{
	const struct image *c = image->first_child;

	while (c && (c->hop != HOP_EXEC || c->pid != image->pid))
		c = c->next_sibling;
	return c;
}

static enum state state_of(const struct builder *b, const struct image *image)
{
	const struct value *value;

	if (!b->variable.len)
		return STATE_UNSEEN;
	switch (model_inherited(image, b->variable, &value)) {
	case PRESENT:
		return STATE_PRESENT;
	case ABSENT:
		return STATE_ABSENT;
	case UNSEEN:
		break;
	}
	return STATE_UNSEEN;
}

static struct str first_words(struct str s, size_t n)
{
	size_t at = 0;

	for (; at < s.len && n; at++)
		n -= s.at[at] == ' ';
	return (struct str){s.at, n ? at : at - 1};
}

/* --- folding -------------------------------------------------------------- */

static struct str without_star(struct str s)
{
	if (s.len > 2 && !memcmp(s.at + s.len - 2, "*'", 2))
		s.len -= 2;
	else if (s.len > 1 && s.at[s.len - 1] == '*')
		s.len--;
	return s;
}

static bool is_quote_open(const char *text, size_t len)
{
	bool is_open = false;

	for (size_t i = 0; i < len; i++)
		is_open ^= text[i] == '\'';
	return is_open;
}

/* "sh -c 'node leaf.js *'" */
static struct str common_words(struct arena *a, struct str x, struct str y)
{
	size_t n = 0, end = 0;

	if (str_eq(x, y))
		return x;
	x = without_star(x);
	y = without_star(y);
	for (; n < x.len && n < y.len && x.at[n] == y.at[n]; n++)
		if (x.at[n] == ' ')
			end = n;
	return arena_print(a, "%.*s *%s", (int)end, x.at,
			   is_quote_open(x.at, end) ? "'" : "");
}

enum { MOST_DEPTH = 10 }; /* of what is printed */

/* Both have the same kinds of children in the same order. */
static void join_names(struct builder *b, struct process_node *to,
		       const struct process_node *from, unsigned depth)
{
	for (size_t i = 0; depth && i < to->n_children; i++) {
		struct siblings *s = &to->children[i];

		s->name =
			common_words(b->arena, s->name, from->children[i].name);
		join_names(b, s->first, from->children[i].first, depth - 1);
	}
}

static void add_child(struct builder *b, struct process_node *to,
		      struct process_node *child)
{
	struct str name = process_name(b->arena, child->image);

	for (size_t i = 0; i < to->n_children; i++) {
		struct siblings *s = &to->children[i];

		if (s->first->kind != child->kind)
			continue;
		s->n++;
		s->name = common_words(b->arena, s->name, name);
		join_names(b, s->first, child, MOST_DEPTH);
		return;
	}
	*ARRAY_ADD(b->arena, to->children, to->n_children, to->room) =
		(struct siblings){child, name, 1};
}

static struct str program_of(struct arena *a, const struct image *image)
{
	struct str words = runtime_program_words(a, image);

	return words.len ? words : first_words(process_name(a, image), 2);
}

/* What must be equal: the program, the state, the note, and the kinds below. */
static size_t kind_of(struct builder *b, const struct process_node *n)
{
	struct str key = arena_print(b->arena, "%.*s\n%d\n%.*s",
				     STR_FMT(program_of(b->arena, n->image)),
				     n->state, STR_FMT(n->note));
	void **slot;

	for (size_t i = 0; i < n->n_children; i++)
		key = arena_print(b->arena, "%.*s\n%zu%s", STR_FMT(key),
				  n->children[i].first->kind,
				  n->children[i].n > 1 ? "+" : "");
	slot = hashmap_slot(b->kinds, NULL, key);
	if (!*slot)
		*slot = (void *)(uintptr_t)++b->n_kinds;
	return (uintptr_t)*slot;
}

static void add_children(struct builder *b, struct process_node *to,
			 const struct image *of)
{
	for (const struct image *c = of->first_child; c; c = c->next_sibling)
		if (begins_row(c))
			add_child(b, to, b->nodes[c->index]);
}

/* Children were born later: their nodes are made before. */
static struct process_node *new_node(struct builder *b,
				     const struct image *first)
{
	struct process_node *n = TAKE(b->arena, struct process_node, 1);

	for (const struct image *i = first; i; i = next_program(i)) {
		struct str note = b->notes[i->index];

		n->image = i;
		if (note.len)
			n->note = arena_print(
				b->arena, "%.*s%s%.*s", STR_FMT(n->note),
				n->note.len ? ", " : "", STR_FMT(note));
		add_children(b, n, i);
	}
	n->state = state_of(b, n->image);
	n->kind = kind_of(b, n);
	return n;
}

struct process_tree process_tree_build(struct arena *a, const struct report *r)
{
	const struct model *m = r->model;
	const struct variable *v = variable_of(r);
	struct builder b = {.arena = a, .report = r, .kinds = hashmap_new(a)};
	struct process_tree tree = {.variable = v ? v->name
						  : (struct str){NULL, 0}};

	b.variable = tree.variable;
	b.nodes = TAKE(a, struct process_node *, m->n_images + 1);
	b.notes = TAKE(a, struct str, m->n_images + 1);
	for (size_t i = 0; v && i < v->n_readings; i++)
		note_reading(&b, v->readings[i]);
	for (size_t i = m->n_images; i--;)
		if (begins_row(m->images[i]))
			b.nodes[i] = new_node(&b, m->images[i]);
	for (size_t i = 0; i < m->n_images; i++)
		if (!m->images[i]->parent)
			add_child(&b, &tree.root, b.nodes[i]);
	return tree;
}
