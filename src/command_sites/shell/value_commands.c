#include "command_sites/shell/value_commands.h"

#include "command_sites/env_change_site.h"
#include "command_sites/launcher_climb.h"
#include "command_sites/shell/shell_substitutions.h"
#include "model/place.h"
#include "trace/site.h"

enum { MOST_LOOKS = 256, DEEPEST = 4 };

struct search {
	struct written_files *files;
	struct str name, site;
	struct str line;	  /* whole */
	unsigned long begin, end; /* its numbers */
	struct str inside;	  /* the substitution */
	size_t looks;
};

/* --- the line ------------------------------------------------------------- */

/* Sets line, begin and end to the line with the number. False: no such line. */
static bool find_line(struct search *s, struct str text, unsigned long number)
{
	unsigned long next = 1;

	while (next <= number && next_whole_line(&text, &s->line)) {
		s->begin = next++;
		for (size_t i = 0; i < s->line.len; i++)
			next += s->line.at[i] == '\n';
		s->end = next - 1;
	}
	return number && s->begin == number;
}

static bool find_inside(struct search *s)
{
	struct str line = s->line;
	struct str rest = without_substitutions(s->files->arena, line);
	size_t begin = 0, end = line.len;

	if (count_substitutions(line) != 1)
		return false;
	while (begin < line.len && line.at[begin] == rest.at[begin])
		begin++;
	while (end > begin && line.at[end - 1] == rest.at[end - 1])
		end--;
	s->inside = (struct str){line.at + begin, end - begin};
	return s->inside.len;
}

static size_t count_word(struct str text, struct str word)
{
	size_t n = 0;

	for (size_t i = 0; i + word.len <= text.len; i++)
		n += !memcmp(text.at + i, word.at, word.len);
	return n;
}

/* True when the line has the program inside the substitution alone. */
static bool is_inside(const struct search *s, const struct image *tool)
{
	const struct strs *args = &tool->handover->args;
	struct str word = args->n ? str_base(args->at[0]) : STR("");

	return word.len && count_word(s->inside, word) &&
	       count_word(s->inside, word) == count_word(s->line, word);
}

/* True when no subshell, pipe or job stands outside the substitution. */
static bool forks_inside_alone(const struct search *s)
{
	struct str rest = without_substitutions(s->files->arena, s->line);

	for (size_t i = 0; i < rest.len; i++) {
		bool is_double =
			i + 1 < rest.len && rest.at[i] == rest.at[i + 1];

		if (rest.at[i] == '(')
			return false;
		if (strchr("&|", rest.at[i]) && !is_double)
			return false;
		i += strchr("&|", rest.at[i]) != NULL;
	}
	return true;
}

static bool is_at_line(const struct search *s, struct str site)
{
	unsigned long line = (unsigned long)site_line(site);

	return line >= s->begin && line <= s->end &&
	       str_eq(str_base(site_file(site)), str_base(site_file(s->site)));
}

/* --- the processes -------------------------------------------------------- */

static void mark(const struct search *s, const struct event *e)
{
	if (e)
		add_changed_line(s->files->arena, model_event_to_write(e),
				 s->name, s->site);
}

static bool is_of_line(struct search *s, const struct image *tool)
{
	struct str site = tool->handover ? own_line_of(tool->handover)
					 : (struct str){NULL, 0};

	if (!s->looks)
		return false;
	s->looks--;
	if (!site.len && tool->handover)
		site = tool->handover->command_site;
	if (!site.len)
		site = find_command_site(s->files, tool);
	return is_at_line(s, site) && is_inside(s, tool);
}

/* `known`: the shell told the line of the fork above. */
static void search_below(struct search *s, const struct image *part, bool known,
			 unsigned depth)
{
	for (const struct image *c = part->first_child; c && depth;
	     c = c->next_sibling) {
		if (c->hop == HOP_FORK)
			search_below(s, c, known, depth - 1);
		else if (c->hop == HOP_EXEC && c->handover &&
			 (known ? is_inside(s, c) : is_of_line(s, c)))
			mark(s, c->handover);
	}
}

static bool runs_program(const struct image *part, unsigned depth)
{
	for (const struct image *c = part->first_child; c && depth;
	     c = c->next_sibling)
		if (c->hop != HOP_FORK || runs_program(c, depth - 1))
			return true;
	return false;
}

/* bash tells the line of the fork for the whole substitution. Of another
 * command of the line, the program stands outside. */
static void search_part(struct search *s, const struct image *part)
{
	bool known = part->forked && is_at_line(s, own_line_of(part->forked));

	if (known && !runs_program(part, DEEPEST) && forks_inside_alone(s))
		mark(s, part->forked);
	search_below(s, part, known, DEEPEST);
}

static void search_shell(struct search *s, const struct image *shell,
			 uint64_t until)
{
	for (const struct image *c = shell->first_child; c; c = c->next_sibling)
		if (c->hop == HOP_FORK && model_hop_time(c) < until)
			search_part(s, c);
}

/* A shell may start thousands of programs with the empty value. */
static bool is_searched(struct written_files *files, const struct image *shell,
			struct str name)
{
	struct str key = arena_print(files->arena, "value %.*s", STR_FMT(name));
	void **slot = hashmap_slot(files->changes, model_program(shell), key);
	bool known = *slot;

	*slot = files;
	return known;
}

void find_value_commands(struct written_files *files, const struct image *shell,
			 const struct event *change, struct str name,
			 struct str site)
{
	struct search s = {.files = files,
			   .name = name,
			   .site = site,
			   .looks = MOST_LOOKS};
	struct str text = {NULL, 0};

	if (!is_searched(files, shell, name))
		text = read_written(files, site_file(site), shell);
	if (!text.len || !find_line(&s, text, (unsigned long)site_line(site)) ||
	    !find_inside(&s))
		return;
	search_shell(&s, shell, change->t);
	for (; shell->hop == HOP_FORK && shell->parent; shell = shell->parent)
		search_shell(&s, shell->parent, change->t);
}
