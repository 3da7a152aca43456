#include "recorder/runtimes/perl/perl_frames.h"

#include "recorder/lib/str.h"
#include "recorder/process/place_walk.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/perl/perl_api.h"
#include "recorder/runtimes/perl/perl_ops.h"
#include "shared/source_owner.h"

/* ---- the running line ---------------------------------------------------- */

const char *perl_ask(perl_sentence *mess, const char *(*text)(void *, ...),
		     const unsigned *key)
{
	void *self = key ? perl_interpreter(key) : NULL, *made;

	if (key)
		made = self ? mess(self, "") : NULL;
	else
		made = is_main_thread() ? mess((void *)"") : NULL;
	if (!made)
		return NULL;
	return key ? text(self, made, NULL, 0) : text(made, NULL, 0);
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

void perl_read_sentence(const char *text, struct source_pos *ret)
{
	static const char before[] = " at ";
	char file[SOURCE_POS_FILE];
	uint64_t line;
	size_t n = 0;

	source_pos_set(ret, NULL, 0, NULL);
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

/* ---- frames -------------------------------------------------------------- */

static perl_op_function *statement, *debugged_statement;
static _Atomic int eval_kind = -1; /* of a context; -1: no eval has begun */

void perl_frames_start(void)
{
	statement = perl_op_function_of("nextstate");
	debugged_statement = perl_op_function_of("dbstate");
}

static const struct perl_context *context_at(void *self, int level)
{
	return PERL_CALL(Perl_caller_cx, self, (uintptr_t)level, NULL);
}

const struct perl_context *perl_innermost(void *self)
{
	return context_at(self, 0);
}

void perl_note_eval(const struct perl_context *c)
{
	eval_kind = c->kind;
}

static bool is_eval(const struct perl_context *c)
{
	return c->kind == eval_kind;
}

/* An eval that an extension made goes on nowhere. Of these the one that begins
 * a thread catches what ends the thread. */
static bool catches(const struct perl_context *c)
{
	enum { NEXT_OP = 3 };

	return is_eval(c) && (c->later[NEXT_OP] || is_main_thread());
}

bool perl_is_in_eval(void *self)
{
	const struct perl_context *c;

	for (int level = 0; level < 4 * CALLERS_FRAMES; level++) {
		c = context_at(self, level);
		if (!c || catches(c))
			return c;
	}
	return true; /* not known */
}

/* Perl's compiler has a statement of its own, which no op runs. */
static bool is_statement(const struct perl_op *o)
{
	return o &&
	       (o->function == statement || o->function == debugged_statement ||
		(!o->function && !o->next));
}

static const char *file_of(const struct perl_op *o)
{
	struct perl_value *glob = o->file, *name;

	if (perl.PL_thr_key || !glob)
		return o->file;
	name = glob->parts ? *glob->parts : NULL;
	return name && name->flags & PERL_HAS_TEXT ? name->text : NULL;
}

/* Where a context keeps its subroutine: two places are known. 0: none. */
static size_t place_of_sub(const struct perl_context *c, const void *sub)
{
	enum { FROM = 5, TO = 7 }; /* 64 and 72 bytes behind the beginning */

	for (size_t i = FROM; i < TO; i++)
		if (c->later[i] == sub)
			return i;
	return 0;
}

struct walk {
	void *self;
	const void *running; /* the innermost subroutine */
	size_t sub_at;	     /* in a context; 0: not known yet */
	int sub_kind;
	struct place_walk place;
};

/* main::f is f. */
static const char *short_name(const char *name)
{
	static const char package[] = "main::";

	return name && str_begins(name, package) ? name + sizeof package - 1
						 : name;
}

/* The name of the subroutine that a context runs, or NULL. The name is a
 * temporary value of Perl's. */
static const char *name_of(struct walk *w, const struct perl_context *c)
{
	enum { KIND = 15 };
	const struct perl_value *name;

	if (!w->sub_at) {
		w->sub_at = place_of_sub(c, w->running);
		w->sub_kind = c->kind & KIND;
	}
	if (!w->sub_at || (c->kind & KIND) != w->sub_kind)
		return NULL;
	name = PERL_CALL(Perl_cv_name, w->self, c->later[w->sub_at], NULL, 0);
	return name && name->flags & PERL_HAS_TEXT ? short_name(name->text)
						   : NULL;
}

/* Perl's own modules, and the text of an eval, which lies in no file. */
static bool is_no_place(const char *file)
{
	return str_begins(file, "(eval ") ||
	       find_source_owner(file, str_length(file)).owner ==
		       SOURCE_RUNTIME;
}

/* A context tells the function of the frame before, and the line of the next
 * frame. The block of an eval is no frame of its own. */
static void add_callers(struct walk *w, struct caller_frame *f)
{
	const struct perl_context *c;

	for (int level = 0; level < CALLERS_FRAMES; level++) {
		c = context_at(w->self, level);
		if (c && is_eval(c))
			continue;
		f->function = c ? name_of(w, c) : NULL;
		if (!place_walk_add(&w->place, f, is_no_place(f->file)) || !c ||
		    !is_statement(c->statement))
			return;
		f->line = c->statement->line;
		f->file = file_of(c->statement);
		if (!f->file || !f->line)
			return;
	}
}

bool perl_find_place(void *self, struct source_pos *ret,
		     struct callers *ret_callers)
{
	struct source_pos innermost;
	struct walk w = {.self = self};
	struct caller_frame f;

	place_walk_begin(&w.place, ret, ret_callers);
	perl_read_sentence(perl_ask(perl.Perl_mess,
				    (const char *(*)(void *, ...))(
					    void *)perl.Perl_sv_2pv_flags,
				    perl.PL_thr_key),
			   &innermost);
	if (!innermost.line)
		return false;
	w.running = PERL_CALL(Perl_find_runcv, self, NULL);
	f = (struct caller_frame){.file = innermost.file,
				  .line = innermost.line};
	add_callers(&w, &f);
	place_walk_end(&w.place);
	return ret->line == innermost.line &&
	       str_equal(ret->file, innermost.file);
}

__attribute__((noinline)) void perl_find_callers(struct callers *ret)
{
	void *self = perl.PL_thr_key ? perl_interpreter(perl.PL_thr_key) : NULL;
	struct source_pos place;

	ret->length = ret->count = 0;
	if (!perl.PL_thr_key || self)
		perl_find_place(self, &place, ret);
}
