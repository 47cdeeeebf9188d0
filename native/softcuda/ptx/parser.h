#pragma once
#include <cstddef>

#include "ast.h"

namespace softcuda::ptx {

// Parses the PTX that nvcc writes. Throws Failure(218) naming the line.
Text parse(const char* text, size_t length);

}  // namespace softcuda::ptx
