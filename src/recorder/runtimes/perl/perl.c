/* Perl 5, by the end of the sentence with which `die` would end: " at FILE line
 * N." No other way works in all versions and builds. Callers are told by 5.24
 * and later (perl_frames.h).
 *
 * Perl calls getenv mostly at its start, too early for a question: programs
 * read a copy of the environment. */
#include "recorder/runtimes/perl/perl.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/interpreter.h"
#include "recorder/runtimes/perl/perl_api.h"
#include "recorder/runtimes/perl/perl_ends.h"
#include "recorder/runtimes/perl/perl_env.h"
#include "recorder/runtimes/perl/perl_frames.h"

struct functions { /* in the order of their names */
	perl_sentence *mess;
	const char *(*text)(void *, ...);
};

static bool has_frames;

/* The line alone: a Perl that a program loaded later, or an old one. */
static void find_line(const struct module *module,
		      const struct functions *functions, struct source_pos *ret)
{
	perl_read_sentence(perl_ask(functions->mess, functions->text,
				    elf_in(module, "PL_thr_key")),
			   ret);
}

static __attribute__((noinline)) void find_place(struct interpreter_place *ret)
{
	void *self = perl.PL_thr_key ? perl_interpreter(perl.PL_thr_key) : NULL;
	struct callers callers;

	if (self || !perl.PL_thr_key)
		perl_find_place(self, &ret->pos, &callers);
	ret->find_callers = perl_find_callers;
}

bool perl_source_pos(const struct module *module, enum act act,
		     struct interpreter_place *ret)
{
	struct functions functions;

	if (!elf_in_all(module, "Perl_mess\0Perl_sv_2pv_flags\0",
			(void **)&functions))
		return false;
	if (act == ACT_READ || act >= ACT_EXIT)
		return true;
	if (has_frames && functions.mess == perl.Perl_mess)
		find_place(ret);
	else
		find_line(module, &functions, &ret->pos);
	return true;
}

void perl_start(void)
{
	if (!perl_api_find())
		return;
	perl_frames_start();
	has_frames = globals->runs_perl = true;
	if (!globals->settings.no_ends) {
		perl_ends_start();
		perl_env_start();
	}
}
