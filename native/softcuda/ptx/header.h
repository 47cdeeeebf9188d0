#pragma once
#include "ast.h"
#include "cursor.h"

namespace softcuda::ptx {

// Parses an entry or a device function from ".entry" or ".func" up to its body or the ";" of a declaration. False for a declaration.
bool parse_header(Cursor& cursor, Function& function);

// Parses ".callprototype (results) _ (parameters)" or ".calltargets f, g" with its ";".
Prototype parse_prototype(Cursor& cursor);

}  // namespace softcuda::ptx
