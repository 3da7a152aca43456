/* The grammar of the KEYTRAIL variable:
 *
 *   KEYTRAIL=dir=/abs/dir[,key=32 hex][,keyfile=PATH][,boot=8 hex.SECOND]
 *            [,inode=DEVICE.INODE][,max=BYTES][,stacks=1][,http=1]
 *            [,ends=0][,watch=GLOB]...[,label=NAME]
 *   KEYTRAIL=off
 *
 * To add a setting: add a row below, and read the setting in
 * recorder/state/settings.c. scripts/with-keytrail writes dir= and watch=. */
#ifndef SHARED_SETTINGS_TEXT_H
#define SHARED_SETTINGS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTINGS(SETTING)                                                      \
	SETTING(OFF, "off")	     /* record nothing */                      \
	SETTING(DIR, "dir=")	     /* the trace directory */                 \
	SETTING(KEYFILE, "keyfile=") /* another file than DIR.key */           \
	SETTING(KEY, "key=")	     /* the content of that file */            \
	SETTING(BOOT, "boot=")	   /* identity and first second of the boot */ \
	SETTING(INODE, "inode=")   /* of the trace directory */                \
	SETTING(MAX, "max=")	   /* bytes a segment may grow to */           \
	SETTING(STACKS, "stacks=") /* 1: record the callers of each read */    \
	SETTING(HTTP, "http=")	   /* 1: record requests of HTTP, too */       \
	SETTING(ENDS, "ends=")	   /* 0: replace nothing of a runtime */       \
	SETTING(WATCH, "watch=")   /* one more pattern of names */             \
	SETTING(ROOT, "root=")	   /* pid of the `keytrail run` */             \
	SETTING(LABEL, "label=")   /* a name for this host or container */     \
	SETTING(EXEC, "exec=")	   /* 1: `keytrail run` becomes its command */

/* What finds no room is not heeded. */
enum { PATTERNS_BYTES = 512, LABEL_BYTES = 64 };

enum setting_id {
#define SETTING(id, name) SETTING_##id,
	SETTINGS(SETTING)
#undef SETTING
		SETTING_OTHER, /* empty, or of a later version: no error */
};

struct setting {
	enum setting_id id;
	const char *at, *end; /* the value; `at` is NULL for OTHER */
};

/* Takes the next setting off the text at *rest. False at the end. Slashes at
 * the end of a directory are no part of the value: DIR.key would lie within DIR
 * otherwise. */
bool setting_next(const char **rest, struct setting *ret);

/* "dir=" for SETTING_DIR. */
const char *setting_name(enum setting_id);

/* The number at `s`, with a k, m or g behind it. */
uint64_t setting_number(const char *s);

/* True when "off" is among the settings. */
bool settings_say_off(const char *text);

/* True when `value` can be the value of a setting: a comma would end it. */
bool setting_can_hold(const char *value);

#endif
