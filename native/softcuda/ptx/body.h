#pragma once
#include "ast.h"
#include "cursor.h"

namespace softcuda::ptx {

// Parses ".entry": parameters, directives and the body. False for a declaration without a body.
bool parse_entry(Cursor& cursor, Function& function);

}  // namespace softcuda::ptx
