#include "shared/settings_text.h"

#include "shared/text.h"

/* Text in the table itself: a pointer would cost the recorder a relocation. */
static const char names[][9] = {
#define SETTING(id, name) name,
	SETTINGS(SETTING)
#undef SETTING
};

const char *setting_name(enum setting_id id)
{
	return names[id];
}

/* The text behind `name`; NULL when the text at `at` begins otherwise. */
static const char *behind(const char *at, const char *name)
{
	while (*name && *at == *name)
		at++, name++;
	return *name ? NULL : at;
}

static struct setting read_setting(const char *at, const char *end)
{
	struct setting s = {SETTING_OFF, at, end};

	for (; s.id != SETTING_OTHER; s.id++) {
		s.at = behind(at, names[s.id]);
		if (s.at && (s.id != SETTING_OFF || s.at == end))
			break;
	}
	while (s.id == SETTING_DIR && s.end > s.at + 1 && s.end[-1] == '/')
		s.end--;
	return s;
}

bool setting_next(const char **rest, struct setting *ret)
{
	const char *at = *rest, *end = at;

	if (!*at)
		return false;
	while (*end && *end != ',')
		end++;
	*rest = *end ? end + 1 : end;
	*ret = read_setting(at, end);
	return true;
}

bool settings_say_off(const char *text)
{
	struct setting s;

	while (setting_next(&text, &s))
		if (s.id == SETTING_OFF)
			return true;
	return false;
}

bool setting_can_hold(const char *value)
{
	return !str_find_char(value, ',');
}

uint64_t setting_number(const char *s)
{
	uint64_t n = 0;

	for (; is_digit(*s); s++)
		n = n * 10 + (uint64_t)(*s - '0');
	if (lower(*s) == 'k')
		n <<= 10;
	else if (lower(*s) == 'm')
		n <<= 20;
	else if (lower(*s) == 'g')
		n <<= 30;
	return n;
}
