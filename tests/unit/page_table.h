/* A table that a page of docs/ prints as a block of text: the test compares the
 * page itself with the code. Tests run at the top of the tree. */
#ifndef UNIT_PAGE_TABLE_H
#define UNIT_PAGE_TABLE_H

#include <stdio.h>
#include <string.h>

static char page_text[1 << 16];

/* The rows below `header`, the line feed and beginning of a line: each with its
 * line feed; null when the page has no such table. */
static char *page_table(const char *page, const char *header)
{
	FILE *f = fopen(page, "r");
	size_t n = f ? fread(page_text, 1, sizeof page_text - 1, f) : 0;
	char *at, *end;

	if (f)
		fclose(f);
	page_text[n] = '\0';
	at = strstr(page_text, header);
	end = at ? strstr(at, "\n```") : NULL;
	if (!end)
		return NULL;
	end[1] = '\0';
	return strchr(at + 1, '\n') + 1;
}

#endif
