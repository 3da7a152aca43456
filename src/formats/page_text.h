/* A page of docs/findings/, which is Markdown, as text for a terminal. */
#ifndef FORMATS_PAGE_TEXT_H
#define FORMATS_PAGE_TEXT_H

#include "base/out.h"

/* Headings are strong; paragraphs, items and cells are wrapped to the width;
 * code stays as it is. Knows what the pages use: headings, paragraphs, items,
 * tables of two columns, indented and fenced code, links. */
void page_print(struct out *, const char *page);

#endif
