/* Why a Perl program ends: the line that called exit, and the `die` that no
 * eval catches. The functions behind these ops are replaced before Perl
 * compiles anything, since an op takes its function then. KEYTRAIL=ends=0
 * leaves Perl as it is. */
#ifndef RECORDER_PERL_ENDS_H
#define RECORDER_PERL_ENDS_H

#include <stdbool.h>

/* Once, after perl_api_find(). */
void perl_ends_start(void);

/* The program is about to end by the function `fn` of libc. True when
 * source_pos_current() and its callers were set to the line that called exit.
 */
bool perl_on_exit(const char *fn);

#endif
