/* The event "hears": an adapter now observes a copy of the environment whose
 * reads libc never sees. Without this event such a program is a gap. */
#ifndef RECORDER_HEARS_EVENT_H
#define RECORDER_HEARS_EVENT_H

/* `what`: "os.environ", "process.env". */
void record_hears(const char *what);

#endif
