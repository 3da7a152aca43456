#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

VALUE_SHAPE_RULE(rule_kt603, "KT603", "quoted", 50, KT_IS_QUOTED, KT_IS_JSON,
		 "has quotes as a part of its value",
		 "take the quotes out of the file: docker --env-file and "
		 "make, for two, do not remove them")
