/* The error of pydantic for settings that have no value. pydantic-settings
 * looks in a copy of the environment, so that no read is seen. */
#ifndef RECORDER_PYTHON_SETTINGS_ERROR_H
#define RECORDER_PYTHON_SETTINGS_ERROR_H

#include "recorder/process/missing_names.h"
#include "recorder/runtimes/python/python_api.h"

/* Adds the variables of the required fields without a value, by prefix, alias
 * and case of the settings class. Adds none for another error, or when the
 * traceback has no settings. No code of the program is run. */
void python_find_missing_settings(object *class, object *value,
				  object *traceback, struct missing_names *);

#endif
