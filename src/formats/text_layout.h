/* Layout of the text report: labels in one column, text in another. */
#ifndef FORMATS_TEXT_LAYOUT_H
#define FORMATS_TEXT_LAYOUT_H

#include "base/out.h"
#include "model/finding.h"

#define LABEL	 2  /* column of the labels */
#define BODY	 10 /* column of the text behind a label */
#define MAX_ROWS 12 /* of a list; "and N more" stands for the rest */

void print_words(struct out *, const char *words);
void print_styled(struct out *, enum style, struct str words);
void print_label(struct out *, const char *name);

/* A paragraph in the column BODY, wrapped, with the line ended. */
void print_body(struct out *, struct str words);

/* "1 hop", "2 hops" */
struct str counted(struct out *, uint64_t n, const char *thing);

/* `s`, or its beginning and "...": at most `columns` wide. */
struct str shortened(struct out *, struct str s, unsigned columns);

/* How a line of a path or tree shows what a program held. */
struct mark {
	const char *utf8, *ascii, *word;
	enum style style;
};
struct mark mark_of(enum state);

/* Parts of the report: text_findings.c, text_path.c, text_coverage.c,
 * text_tree.c. */
void print_tree(struct out *, const struct report *);
void print_findings(struct out *, const struct report *);
void print_fix(struct out *, const struct finding *); /* nothing without one */
void print_notes(struct out *, const struct report *);
bool note_is_worth_a_line(const struct report *, const struct finding *note);
void print_path(struct out *, const struct finding *);
void print_variables(struct out *, const struct report *);
void print_choice(struct out *, const struct report *);
void print_coverage(struct out *, const struct report *);

#endif
