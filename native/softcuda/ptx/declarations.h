#pragma once
#include <string>
#include <vector>

#include "ast.h"
#include "cursor.h"

namespace softcuda::ptx {

// Bytes of a fundamental type (".u32"; a predicate counts as one), 0 when there is no such type.
size_t type_bytes(const std::string& type);

// ".space attributes type name[n] = initial, name ...;" from the space on; a parameter is one name and ends before "," or ")", and may be
// an array without a size, name[], when it is external.
std::vector<Variable> parse_variables(Cursor& cursor, Variable::Space space, bool external);

}  // namespace softcuda::ptx
