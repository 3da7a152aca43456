#include "recorder/runtimes/node/node_error.h"

#include "recorder/lib/elf_objects.h"
#include "recorder/lib/str.h"
#include "recorder/recorder.h"
#include "recorder/runtimes/node/node_differ.h"
#include "recorder/runtimes/v8/v8_frames.h"
#include "recorder/runtimes/v8/v8_functions.h"
#include "recorder/runtimes/v8/v8_source_map.h"
#include "recorder/process/credential_words.h"

/* v8::ScriptOrigin: up to Node 20, a pointer to the isolate comes first. Then
 * the name, four numbers, the URL of the source map, and more. */
struct script_origin {
	void *word[16];
};

#define FUNCTIONS(F)                                                           \
	V8_IS_OBJECT(F)                                                        \
	F(hash, int, (local), "_ZN2v86Object15GetIdentityHashEv")              \
	F(class_name, local, (local), "_ZN2v86Object18GetConstructorNameEv")   \
	V8_TYPE_OF(F)                                                          \
	F(message, local, (void *, local),                                     \
	  "_ZN2v89Exception13CreateMessageEPNS_7IsolateENS_5LocalINS_"         \
	  "5ValueEEE")                                                         \
	F(text, local, (local), "_ZNK2v87Message3GetEv")                       \
	F(script, local, (local), "_ZNK2v87Message21GetScriptResourceNameEv")  \
	F(line, struct v8_maybe_int, (local, local),                           \
	  "_ZNK2v87Message13GetLineNumberENS_5LocalINS_7ContextEEE")           \
	F(column, int, (local), "_ZNK2v87Message14GetStartColumnEv")           \
	F(origin, void, (struct script_origin *, local),                       \
	  "_ZNK2v87Message15GetScriptOriginEv")                                \
	F(level, int, (local), "_ZNK2v87Message10ErrorLevelEv")

static struct {
	FUNCTIONS(ELF_FUNCTION)
} of_error;

bool node_error_start(void)
{
	return of_error.level ||
	       elf_symbols(FUNCTIONS(ELF_NAME), (void **)&of_error);
}

bool node_is_object(local value)
{
	return value && of_error.is_object(value);
}

int node_hash(local object)
{
	int hash = of_error.hash(object);

	return hash ? hash : 1;
}

int node_message_level(local message)
{
	return of_error.level(message);
}

static bool is_letter_or_digit(char c)
{
	return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

/* A program may give its class any name. */
static void clean_name(char *name)
{
	for (; *name; name++)
		if (!is_letter_or_digit(*name) && *name != '_' && *name != '$')
			*name = '?';
}

static void take_type(void *isolate, local error, struct node_error *ret)
{
	struct v8_text name;
	bool is_object = node_is_object(error);

	v8_text(isolate,
		is_object ? of_error.class_name(error)
			  : of_error.type_of(error, isolate),
		&name);
	if (name.bytes)
		str_append(ret->type, sizeof ret->type, name.bytes);
	v8_text_end(&name);
	clean_name(ret->type);
}

static void take_words(void *isolate, local message, struct node_error *ret)
{
	struct v8_text text;

	if (!message)
		return;
	v8_text(isolate, of_error.text(message), &text);
	ret->is_about_credential = speaks_of_credential_text(text.bytes);
	missing_names_find(&ret->missing, text.bytes);
	v8_text_end(&text);
}

static local map_url_of(void *isolate, local message)
{
	struct script_origin origin = {{NULL}};

	of_error.origin(&origin, message);
	return origin.word[origin.word[0] == isolate ? 4 : 3];
}

static bool is_of_script(void *isolate, local message, const char *file)
{
	struct v8_text script;
	bool is_so;

	v8_text(isolate, of_error.script(message), &script);
	is_so = script.bytes && str_equal(v8_path_of(script.bytes), file);
	v8_text_end(&script);
	return is_so;
}

/* The error knows the map of the script that made it. A caller in another
 * script was met before, when it asked for a variable, or is not mapped. */
void node_error_map(void *isolate, local error, struct source_pos *frame)
{
	local message = error && v8_may_map(frame)
				? of_error.message(isolate, error)
				: NULL;

	if (message && is_of_script(isolate, message, frame->file))
		v8_map_by_url(isolate, map_url_of(isolate, message), frame);
	else
		v8_map_again(isolate, frame);
}

static void map_place(void *isolate, local message, struct source_pos *place)
{
	local url = map_url_of(isolate, message);

	if (!v8_is_map_url(url))
		return;
	place->column = (uint64_t)of_error.column(message) + 1;
	v8_map_by_url(isolate, url, place);
}

/* False: the place is Node's own, or there is none. */
static bool take_place(void *isolate, local message, struct node_error *ret)
{
	struct v8_maybe_int line = {false, 0};
	struct v8_text file;
	bool is_found = false;

	if (!message)
		return false;
	line = of_error.line(message, v8.context(isolate));
	v8_text(isolate, of_error.script(message), &file);
	if (file.bytes && *file.bytes && line.has && line.value > 0 &&
	    !v8_is_of_node(file.bytes)) {
		source_pos_set(&ret->place, v8_path_of(file.bytes),
			       (uint64_t)line.value, NULL);
		map_place(isolate, message, &ret->place);
		is_found = true;
	}
	v8_text_end(&file);
	return is_found;
}

static void begin(void *isolate, local error, struct node_error *ret)
{
	ret->image = atomic_load(&globals->life.born);
	ret->is_shown = false;
	ret->shown = 0;
	ret->by[0] = '\0';
	ret->hash = node_is_object(error) ? node_hash(error) : 0;
	ret->callers.count = 0;
	ret->callers.length = 0;
	ret->t = now();
	ret->type[0] = '\0';
	ret->is_about_credential = false;
	ret->missing.text[0] = '\0';
	source_pos_set(&ret->place, NULL, 0, NULL);
	take_type(isolate, error, ret);
}

/* Node may have thrown an error of the program anew: the error itself still
 * knows where it was made. */
static void note_replaced_env(void *isolate, const struct node_error *e)
{
	if (is_main_thread())
		node_compare_at_error(isolate, &e->place);
}

void node_error_take(void *isolate, local error, local message,
		     struct node_error *ret)
{
	begin(isolate, error, ret);
	take_words(isolate, message, ret);
	if (!take_place(isolate, message, ret) && ret->hash)
		take_place(isolate, of_error.message(isolate, error), ret);
	note_replaced_env(isolate, ret);
}

void node_error_take_alone(void *isolate, local error, struct node_error *ret)
{
	local message = of_error.message(isolate, error);

	begin(isolate, error, ret);
	take_words(isolate, message, ret);
	take_place(isolate, message, ret);
	note_replaced_env(isolate, ret);
}

bool node_error_is(const struct node_error *e, local value)
{
	return e->image && e->hash && node_is_object(value) &&
	       node_hash(value) == e->hash;
}

/* The error of a worker thread ends the process, too, by an error of Node that
 * has no place. */
static bool adds_nothing(const struct node_error *e)
{
	static _Atomic uint64_t image_with_place;

	if (e->place.line)
		atomic_store(&image_with_place, e->image);
	return !e->place.line && atomic_load(&image_with_place) == e->image;
}

/* A fork's child has the notes of its parent, and tells none. */
void node_error_record(struct node_error *e)
{
	bool is_own = e->image == atomic_load(&globals->life.born);
	bool is_told = e->image && is_own && !adds_nothing(e);

	e->image = 0;
	if (is_told)
		record_raise(&(struct raise_event){
			.type = e->type,
			.place = &e->place,
			.callers = &e->callers,
			.by = e->by,
			.is_about_credential = e->is_about_credential,
			.missing = &e->missing});
}
