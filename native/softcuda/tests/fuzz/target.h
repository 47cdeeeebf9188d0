#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "../../check/memory.h"
#include "../../exec/engine.h"

// What the fuzz targets share. A target is one function LLVMFuzzerTestOneInput; libFuzzer calls it with what it invents, replay.cpp
// with the files of the corpus. Any input gives a result or a Failure: everything else (another exception, a wrong kind of failure,
// memory left behind, a sanitizer's finding, seconds of work) is a bug.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace fuzz {

// Ends the process with a text, which libFuzzer takes for a crash.
[[noreturn]] void wrong(const std::string& what);

// The module of a text, null when it is refused.
std::unique_ptr<softcuda::Module> load(const std::string& text, softcuda::Memory& memory);

}  // namespace fuzz
