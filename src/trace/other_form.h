/* Files which hold a trace in another form than lines of JSON. */
#ifndef TRACE_OTHER_FORM_H
#define TRACE_OTHER_FORM_H

#include "base/arena.h"

/* Names the form, and the command that gives the trace, by the first bytes of
 * the file: to follow "cannot read PATH: ". Null: the form is not known. */
const char *other_form_of(struct str first_bytes);

#endif
