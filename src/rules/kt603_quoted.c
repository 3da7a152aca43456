#include "rules/rule.h"

#include "diagnosis/evidence/sentence.h"
#include "diagnosis/evidence/value_shape.h"

static bool explains(const struct model *m, const struct reading *r,
		     struct finding *ret)
{
	(void)m;
	return explain_by_shape(r, KT_IS_QUOTED | KT_IS_OPEN_QUOTE,
				KT_IS_JSON | KT_IS_PEM_CUT, ret);
}

/* str() of a bytes object, or its place in an f-string. */
static void describe_bytes(const struct model *m, const struct reading *r,
			   struct finding *f)
{
	struct str line = line_of_code_for_value(m, r, f);

	describe_shape(m, r, f, "is the text of a bytes object, b'...'", "");
	set_own_fix(m, f,
		    "decode the bytes%s%.*s, `value.decode()` or "
		    "`os.fsdecode(value)` in place of `str(value)`; "
		    "`os.environ` has text, `os.environb` bytes",
		    line.len ? " at " : "", STR_FMT(line));
}

static void describe(const struct model *m, const struct reading *r,
		     struct finding *f)
{
	bool is_whole = r->value->is & KT_IS_QUOTED;
	struct str line;

	if (r->value->is & KT_IS_BYTES_TEXT) {
		describe_bytes(m, r, f);
		return;
	}
	if (is_whole)
		describe_shape(m, r, f, "has quotes as a part of it",
			       "take the quotes out of the file: what reads "
			       "it does not remove them");
	else
		describe_shape(m, r, f, "has a quote at one end",
			       "look at the line of the file: the other quote "
			       "is missing, or stands in another line");
	line = line_of_code_for_value(m, r, f);
	if (line.len)
		set_own_fix(m, f,
			    is_whole ? "take the quotes off at %.*s: `repr()` "
				       "and JSON, for two, put them on"
				     : "look at %.*s, which leaves one quote "
				       "at an end of the value",
			    STR_FMT(line));
}

const struct rule rule_kt603 = {"KT603", "quoted", LOSS_MALFORMED,
				50,	 explains, describe};
