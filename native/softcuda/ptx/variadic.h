#pragma once
#include "ast.h"

namespace softcuda::ptx {

// Whether a function takes more than its parameters say, by an array without a size as the last one.
bool is_variadic(const std::vector<Variable>& params);

// Gives such arrays the size of the most that any call of the module passes.
void size_variadic(Text& text);

}  // namespace softcuda::ptx
