/* Perl 5. perl.c tells the line of what starts a program or changes a variable,
 * in every version. perl_ends.h tells more, in 5.24 and later. */
#ifndef RECORDER_PERL_H
#define RECORDER_PERL_H

/* Once, from the constructor, before Perl compiles anything. In a program with
 * the symbol PL_ppaddr: all others touch nothing of this adapter. */
void perl_start(void);

#endif
