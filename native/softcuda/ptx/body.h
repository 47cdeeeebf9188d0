#pragma once
#include "ast.h"
#include "cursor.h"

namespace softcuda::ptx {

// Parses the statements of a function from "{" on.
void parse_body(Cursor& cursor, Function& function);

}  // namespace softcuda::ptx
