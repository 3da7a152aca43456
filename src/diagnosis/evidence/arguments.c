#include "diagnosis/evidence/arguments.h"

static bool is_name_byte(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

static bool has_word(struct str text, struct str name)
{
	const char *at = text.at, *end = text.at + text.len;

	while (text.len && name.len &&
	       (at = memmem(at, (size_t)(end - at), name.at, name.len))) {
		const char *behind = at + name.len;

		if ((at == text.at || !is_name_byte(at[-1])) &&
		    (behind == end || !is_name_byte(*behind)))
			return true;
		at++;
	}
	return false;
}

bool arguments_mention(const struct image *image, struct str name)
{
	const struct strs *args = model_arguments(image);

	for (size_t i = 1; i < args->n; i++)
		if (has_word(args->at[i], name))
			return true;
	return false;
}

bool arguments_are_complete(const struct image *image)
{
	const struct event *e = image->birth ? image->birth : image->handover;

	return e && e->argc == e->args.n;
}
