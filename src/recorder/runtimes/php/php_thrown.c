#include "recorder/runtimes/php/php_thrown.h"

#include "recorder/lib/str.h"
#include "recorder/recorder.h"

enum {
	THROWS = 4,
	BUDGET = 20 * 1000 * 1000, /* ns for callers, in all */
	IS_LONG = 4,
	IS_STRING = 6,
};

/* zend_object of class Exception or Error, up to the last property that is
 * read. */
struct value { /* zval */
	uint64_t word;
	uint8_t kind;
};

struct php_object {
	uint64_t head[2];
	const struct php_class *class;
	const void *handlers, *properties;
	struct value message, string, code, file, line;
};

static struct {
	struct php_thrown list[THROWS];
	unsigned next; /* to be written over: the oldest */
	uint64_t spent;
} throws;

/* Thrown by this line before. */
static struct php_thrown *find_alike(const char *file, uint64_t line,
				     const char *class)
{
	for (unsigned i = 0; i < THROWS; i++) {
		struct php_thrown *t = &throws.list[i];

		if (t->line == line && str_equal(t->class, class) &&
		    str_equal(t->place.file, file))
			return t;
	}
	return NULL;
}

static void find_callers(const struct php_frame *frame, struct callers *ret)
{
	uint64_t before;

	ret->length = ret->count = 0;
	if (throws.spent >= BUDGET)
		return;
	before = now();
	php_find_callers_of(frame, ret);
	throws.spent += now() - before;
}

/* Of an exception that was made in another file, callers are not known. */
static void fill(struct php_thrown *t, const char *file, const char *class,
		 const struct php_frame *frame)
{
	struct caller_frame f = {.file = NULL};
	bool is_here;

	if (frame)
		f = php_read_frame(frame);
	is_here = f.file && str_equal(f.file, file);
	t->class[0] = '\0';
	str_append(t->class, sizeof t->class, class);
	source_pos_set(&t->place, file, t->line, is_here ? f.function : NULL);
	t->callers.length = t->callers.count = 0;
	if (is_here)
		find_callers(frame, &t->callers);
}

static struct php_thrown *oldest(void)
{
	struct php_thrown *t = &throws.list[throws.next];

	throws.next = (throws.next + 1) % THROWS;
	return t;
}

void php_throws_note(const struct php_object *e, const struct php_frame *frame,
		     bool is_by_c)
{
	const struct php_string *file = (const void *)e->file.word;
	struct php_thrown *t;
	const char *class;

	if (e->file.kind != IS_STRING || e->line.kind != IS_LONG || !e->class ||
	    !e->class->name)
		return;
	class = e->class->name->text;
	t = find_alike(file->text, e->line.word, class);
	if (!t) {
		t = oldest();
		t->line = e->line.word;
		fill(t, file->text, class, frame);
	}
	t->file = file;
	t->object = e;
	t->is_by_c = is_by_c;
}

const struct php_thrown *php_thrown_with(const struct php_string *file)
{
	for (unsigned i = 0; i < THROWS; i++)
		if (file && throws.list[i].file == file)
			return &throws.list[i];
	return NULL;
}

/* A handler is called by PHP itself, and with the exception. */
const struct php_thrown *php_thrown_in_handler(const struct php_frame *frame)
{
	const struct php_frame *outermost = frame;

	for (int i = 0; frame && i < CALLERS_FRAMES; i++) {
		outermost = frame;
		frame = php_outward(frame);
	}
	for (unsigned i = 0; !frame && outermost && i < THROWS; i++)
		if (throws.list[i].object &&
		    php_first_object(outermost) == throws.list[i].object)
			return &throws.list[i];
	return NULL;
}
