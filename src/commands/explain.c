#include "base/nearest.h"
#include "commands/command.h"
#include "commands/finding_pages.h"
#include "formats/page_text.h"
#include "rules/rule.h"

#include <unistd.h>

static const char *id_of(const char *code)
{
	for (size_t i = 0; rules[i]; i++)
		if (!strcmp(rules[i]->code, code))
			return rules[i]->id;
	return "";
}

/* A page opens with a heading, "# KT201 env-replaced: the title". */
static struct str title_of(const struct page *p)
{
	struct str line = {p->text, strcspn(p->text, "\n")};
	const char *colon = memmem(line.at, line.len, ": ", 2);
	size_t skip =
		colon ? (size_t)(colon + 2 - line.at) : strspn(line.at, "# ");

	return (struct str){line.at + skip, line.len - skip};
}

static int list(struct arena *arena)
{
	struct out o = terminal_out(arena, STDOUT_FILENO);

	for (const struct page *p = pages; p->code; p++) {
		out_clean(&o, str_of(p->code));
		out_pad(&o, 7);
		out_clean(&o, str_of(id_of(p->code)));
		out_clean(&o, STR("  "));
		out_pad(&o, 30);
		out_wrap(&o, 30, title_of(p));
		out_line(&o);
	}
	return terminal_end(&o, DONE);
}

/* By code, by the number of a code, by id, or by the word of a gap. */
static bool is_meant(const struct page *p, const char *word)
{
	const char *id = id_of(p->code);

	return !strcasecmp(p->code, word) || !strcasecmp(id, word) ||
	       (*id && !strcasecmp(p->code + strlen("KT"), word));
}

static int no_such_finding(struct arena *arena, const char *word)
{
	struct nearest n = {.misspelt = word};

	for (const struct page *p = pages; p->code; p++) {
		nearest_try(&n, p->code);
		if (*id_of(p->code))
			nearest_try(&n, id_of(p->code));
	}
	if (n.word)
		return complain(arena,
				"explain: no finding %s: did you mean %s?",
				word, n.word);
	return complain(arena,
			"explain: no finding %s; keytrail explain lists them",
			word);
}

/* A finding and a gap may have one word: thread-env. */
static int show(struct arena *arena, const char *word)
{
	struct out o = terminal_page(arena);
	size_t n = 0;

	for (const struct page *p = pages; p->code; p++) {
		if (!is_meant(p, word))
			continue;
		if (n++)
			out_line(&o);
		page_print(&o, p->text);
	}
	return n ? terminal_page_end(&o, DONE) : no_such_finding(arena, word);
}

static int explain(struct arena *arena, int argc, char **argv)
{
	static const char about[] =
		"Says what a finding means, how to confirm it and how to fix "
		"it, why a program could not be observed, or why a verdict is "
		"inconclusive. Without a CODE (KT201, 201), ID (env-replaced) "
		"or REASON (no-library), lists them.";
	struct opts opts = {.synopsis = "explain [CODE|ID|REASON]",
			    .about = about};

	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	if (opts.n_operands > 1)
		return complain(arena, "explain: one CODE, ID or REASON at a "
				       "time");
	return opts.n_operands ? show(arena, opts.operands[0]) : list(arena);
}

const struct command command_explain = {
	"explain", "what a finding means and how to fix it", explain};
