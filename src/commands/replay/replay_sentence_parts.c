#include "commands/replay/replay_sentence_parts.h"

#include <stdarg.h>

void replay_print(struct out *o, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out_clean(o, arena_vprint(o->arena, format, args));
	va_end(args);
}

void replay_value(struct out *o, const struct value *v)
{
	static const char *const shapes[] = {
#define SHAPE(id, name) name,
		KT_SHAPES(SHAPE)
#undef SHAPE
	};

	out_clean(o, (struct str){v->fp.at, v->fp.len < 8 ? v->fp.len : 8});
	replay_print(o, " (%llu bytes", (unsigned long long)v->len);
	for (int i = 0; i < KT_SHAPE_COUNT; i++)
		if (v->is >> i & 1)
			replay_print(o, ", %s", shapes[i]);
	if (v->from.len) {
		replay_print(o, ", ");
		out_clean(o, v->from);
	}
	replay_print(o, ")");
}
