/* Sets and deletes of elements of %ENV. Before 5.38 Perl writes into environ
 * itself: no function of libc is called. */
#ifndef RECORDER_PERL_ENV_CHANGE_H
#define RECORDER_PERL_ENV_CHANGE_H

/* Once: the functions behind the elements of %ENV are replaced. */
void perl_env_change_start(void);

#endif
