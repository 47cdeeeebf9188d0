#pragma once
#include "linked.h"
#include "program.h"

namespace softcuda {

// Gives the variables and parameters of a kernel and of what it calls their places in parameter, shared and local memory. `shared`: what the
// module's own shared variables are, as far as the kernel uses them. Throws Failure(218) for more than there can be.
void lay_out(Linked& linked, Symbols& shared, Program& program);

// Throws Failure(218) naming `v` when there are more than `most` bytes of `what`.
void limit(const ptx::Variable& v, size_t bytes, size_t most, const char* what);

}  // namespace softcuda
