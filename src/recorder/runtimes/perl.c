/* Perl 5, by the end of the sentence with which `die` would end: " at FILE line
 * N." No other way works in all versions and builds: the structures that hold
 * the line differ. The sentence is a temporary value of Perl's, freed at the
 * next statement.
 *
 * Reads are not asked about: Perl calls getenv mostly at its start, too early
 * for a question, and programs read a copy of the environment. */
#include "recorder/runtimes/interpreter.h"
#include "recorder/lib/elf_objects.h"
#include "recorder/recorder.h"
#include "recorder/lib/str.h"

typedef void *sentence(void *, ...);

struct functions {
	sentence *mess; /* builds with threads pass the interpreter first */
	const char *(*text)(void *, ...);
};

/* The interpreter of this thread, as pthread-specific data. Every version sets
 * this key, although Perl_get_context reads a thread-local variable since 5.36.
 */
static void *own_interpreter(const unsigned *key)
{
	void *(*get)(unsigned) =
		(void *(*)(unsigned))elf_symbol("pthread_getspecific");

	return get ? get(*key) : NULL;
}

/* `key` NULL: this Perl has a single interpreter. */
static const char *ask(const struct functions *perl, const unsigned *key)
{
	void *self = key ? own_interpreter(key) : NULL, *made;

	if (key)
		made = self ? perl->mess(self, "") : NULL;
	else
		made = is_main_thread() ? perl->mess((void *)"") : NULL;
	if (!made)
		return NULL;
	return key ? perl->text(self, made, NULL, 0)
		   : perl->text(made, NULL, 0);
}

/* " line 12." or " line 12, <STDIN> line 3." */
static bool is_line(const char *at, uint64_t *ret)
{
	static const char word[] = " line ";
	uint64_t line = 0;

	if (!str_begins(at, word))
		return false;
	for (at += sizeof word - 1; is_digit(*at); at++)
		line = line * 10 + (uint64_t)(*at - '0');
	*ret = line;
	return line && (*at == '.' || *at == ',');
}

/* No position for a file whose name itself looks like such a sentence. */
static void read(const char *text, struct source_pos *ret)
{
	static const char before[] = " at ";
	char file[SOURCE_POS_FILE];
	uint64_t line;
	size_t n = 0;

	if (!text || !str_begins(text, before))
		return;
	text += sizeof before - 1;
	while (text[n] && !is_line(text + n, &line))
		n++;
	if (!text[n] || n >= sizeof file)
		return;
	__builtin_memcpy(file, text, n);
	file[n] = '\0';
	source_pos_set(ret, file, line, NULL);
}

bool perl_source_pos(const struct module *module, enum act act,
		     struct interpreter_place *ret)
{
	struct functions perl;

	if (!elf_in_all(module, "Perl_mess\0Perl_sv_2pv_flags\0",
			(void **)&perl))
		return false;
	if (act == ACT_CHANGE || act == ACT_LAUNCH)
		read(ask(&perl, elf_in(module, "PL_thr_key")), &ret->pos);
	return true;
}
