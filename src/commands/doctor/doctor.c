#include "commands/command.h"

#include <unistd.h>

#include "commands/doctor/doctor_process.h"

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
	if (!c->hopeless && c->is_refused)
		checkup_give_up(c,
				STR("with this KEYTRAIL a preloaded recorder "
				    "records nothing"),
				NULL);
}

static void conclude_process(struct checkup *c, const char *pid)
{
	checkup_add(c, c->hopeless ? ANSWER_NO : ANSWER_OK,
		    arena_print(c->arena, "process %s is %sbeing recorded", pid,
				c->hopeless ? "not " : ""),
		    NULL);
}

static int doctor_of_process(struct checkup *c, const char *pid)
{
	if (!check_process(c, pid))
		return FAILED;
	conclude_process(c, pid);
	return print_checks(c);
}

static int doctor_of_command(struct checkup *c, char *const *command)
{
	check_library(c);
	check_variable(c);
	check_trace(c);
	if (!*command)
		check_host(c);
	else if (!check_program(c, command))
		return complain(c->arena,
				"doctor: no command %s; is it installed, and "
				"in PATH?",
				*command);
	conclude(c, *command);
	return print_checks(c);
}

static int doctor(struct arena *arena, int argc, char **argv)
{
	const char *pid = NULL;
	const struct opt table[] = {
		TEXT('p', "pid", "PID", &pid,
		     "is this process being recorded, into which trace, and if "
		     "not, why; its memory map and two variables are looked "
		     "at"),
		{0}};
	struct opts opts = {
		.synopsis = "doctor [-p PID | [--] COMMAND [ARG...]]",
		.about = "Says whether COMMAND can be observed here, how "
			 "deeply, and if not, why. It is looked at, not run. "
			 "Without COMMAND: whether anything can, on this host, "
			 "and what a preloaded recorder makes of KEYTRAIL. "
			 "Ends with 0: yes, 1: no, 2: there is no such "
			 "command or process, or it may not be looked into.",
		.table = table,
		.stops_early = true};
	struct checkup c = {.arena = arena};

	c.end = &c.first;
	if (!take_options(arena, &opts, argc, argv))
		return opts.status;
	if (opts.n_operands && !*opts.operands[0])
		return complain(arena,
				"doctor: the COMMAND is empty: " MAY_BE_UNSET);
	if (pid && opts.n_operands)
		return complain(arena, "doctor: -p PID or COMMAND, not both");
	return pid ? doctor_of_process(&c, pid)
		   : doctor_of_command(&c, opts.operands);
}

const struct command command_doctor = {
	"doctor", "can a program be observed, is a process, and if not, why",
	doctor};
