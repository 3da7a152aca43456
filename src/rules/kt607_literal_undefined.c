#include "rules/rule.h"

#include "diagnosis/evidence/value_shape.h"

VALUE_SHAPE_RULE(rule_kt607, "KT607", "literal-undefined", 20, KT_IS_LITERAL, 0,
		 "is a word that stands for no value",
		 "set it only where there is a value: assigning undefined, "
		 "null or None stores that word")
