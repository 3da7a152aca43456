#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

VALUE_SHAPE_RULE(rule_kt601, "KT601", "empty", 10, KT_IS_EMPTY, 0,
		 "is set, but to nothing",
		 "give it a value, or do not set it at all; in CI, look "
		 "whether this job may see the secret")
