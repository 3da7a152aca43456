/* %ENV, which Perl fills from the environment at its start. A set or a delete
 * is heard by the functions behind the elements of %ENV, whoever makes it. A
 * read is heard by the ops that look into a hash: at its first run, an op that
 * looks into another hash gets Perl's own function back. KEYTRAIL=ends=0 leaves
 * Perl as it is. */
#ifndef RECORDER_PERL_ENV_H
#define RECORDER_PERL_ENV_H

/* Once, after perl_api_find(). */
void perl_env_start(void);

#endif
