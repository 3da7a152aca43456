#include "recorder/runtimes/node/node_http_stack.h"

#include "recorder/lib/str.h"
#include "recorder/runtimes/v8/v8_frames.h"

struct frame {
	const char *file, *function;
	uint64_t line, column;
};

static char *end_of_line(char *at)
{
	while (*at && *at != '\n')
		at++;
	return at;
}

/* Cuts ":NUMBER" off the end of a text. 0: there is none. */
static uint64_t cut_number(char *text)
{
	char *end = text + str_length(text), *at = end;
	uint64_t number = 0;

	while (at > text && is_digit(at[-1]))
		at--;
	if (at == end || at == text || at[-1] != ':')
		return 0;
	for (char *digit = at; digit < end; digit++)
		number = number * 10 + (uint64_t)(*digit - '0');
	at[-1] = '\0';
	return number;
}

/* "FUNCTION (PLACE)" or "PLACE". Returns the place. */
static char *split(char *line, const char **ret_function)
{
	size_t n = str_length(line);
	char *open = NULL;

	*ret_function = "";
	if (!n || line[n - 1] != ')')
		return line;
	for (size_t i = 1; i < n && !open; i++)
		if (line[i] == '(' && line[i - 1] == ' ')
			open = line + i;
	if (!open)
		return line;
	line[n - 1] = '\0';
	open[-1] = '\0';
	*ret_function = line;
	return open + 1;
}

static const char *skip(const char *text, const char *word)
{
	return str_begins(text, word) ? text + str_length(word) : text;
}

/* One line, terminated. False: a frame of Node, of the adapter, or without a
 * file. */
static bool read_frame(char *line, struct frame *ret)
{
	static const char at[] = "    at ";
	char *place;

	if (!str_begins(line, at))
		return false;
	line += sizeof at - 1;
	place = split((char *)(uintptr_t)skip(line, "async "), &ret->function);
	ret->function = skip(ret->function, "Object.");
	ret->column = cut_number(place);
	ret->line = cut_number(place);
	ret->file = v8_path_of(skip(place, "async "));
	return ret->line && !v8_is_of_node(ret->file) &&
	       !str_equal(base_name(ret->file), "node.cjs");
}

static char *next_frame(char *text, struct frame *ret)
{
	while (*text) {
		char *end = end_of_line(text), *next = end + (*end == '\n');

		*end = '\0';
		if (read_frame(text, ret))
			return next;
		text = next;
	}
	return NULL;
}

void node_http_stack(char *text, struct source_pos *ret,
		     struct callers *ret_callers)
{
	struct caller_choice choice;
	struct frame frame;

	source_pos_set(ret, NULL, 0, NULL);
	ret_callers->length = ret_callers->count = 0;
	text = next_frame(text, &frame);
	if (!text)
		return;
	source_pos_set(ret, frame.file, frame.line, frame.function);
	ret->column = frame.column;
	callers_begin(&choice, ret_callers, ret->file);
	while ((text = next_frame(text, &frame)))
		if (!callers_add(&choice, &(struct caller_frame){
						  .file = frame.file,
						  .function = frame.function,
						  .line = frame.line}))
			break;
	callers_end(&choice);
}
