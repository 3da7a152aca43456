#include "commands/command.h"

#include <unistd.h>

#include "commands/doctor.h"

#define BODY 6 /* column where the text of a check begins */

static void print_answer(struct out *o, enum answer answer)
{
	static const struct {
		enum style style;
		struct str word;
	} words[] = {
		[ANSWER_OK] = {GREEN, STR("ok")},
		[ANSWER_PART] = {YELLOW, STR("part")},
		[ANSWER_NO] = {RED, STR("no")},
	};

	out_style(o, words[answer].style);
	out_clean(o, words[answer].word);
	out_style(o, PLAIN);
	out_pad(o, BODY);
}

static void print_check(struct out *o, const struct check *check)
{
	print_answer(o, check->answer);
	out_wrap(o, BODY, check->what);
	out_line(o);
	if (!check->advice.len)
		return;
	out_pad(o, BODY);
	out_clean(o, STR("-> "));
	out_wrap(o, BODY + 3, check->advice);
	out_line(o);
}

static int print_checks(const struct checkup *c)
{
	struct out o = terminal_out(c->arena, STDOUT_FILENO);

	for (const struct check *check = c->first; check; check = check->next)
		print_check(&o, check);
	return terminal_end(&o, c->hopeless ? ANSWERED_NO : DONE);
}

static void conclude(struct checkup *c, const char *command)
{
	checkup_add(c, c->hopeless ? ANSWER_NO : ANSWER_OK,
		    arena_print(c->arena, "%s can%s be observed here",
				command ? command : "programs",
				c->hopeless ? "not" : ""),
		    NULL);
}

static int doctor(struct arena *arena, int argc, char **argv)
{
	const struct opt table[] = {{0}};
	struct opts opts = {
		.synopsis = "doctor [--] [COMMAND [ARG...]]",
		.about = "Says whether COMMAND can be observed here, how "
			 "deeply, and if not, why. It is looked at, not run. "
			 "Without COMMAND: whether anything can, on this host. "
			 "Ends with 0: yes, 1: no, 2: there is no such "
			 "command.",
		.table = table,
		.stops_early = true};
	struct checkup c = {.arena = arena};
	int status;

	c.end = &c.first;
	if (!take_options(arena, &opts, argc, argv, &status))
		return status;
	check_library(&c);
	check_trace(&c);
	if (!opts.n_operands)
		check_host(&c);
	else if (!check_program(&c, opts.operands))
		return complain(arena,
				"doctor: no command %s; is it installed, and "
				"in PATH?",
				opts.operands[0]);
	conclude(&c, opts.n_operands ? opts.operands[0] : NULL);
	return print_checks(&c);
}

const struct command command_doctor = {
	"doctor", "can this program be observed here, and if not, why", doctor};
