// softcuda_translate: the kernels of a PTX file as C++. See README.md beside this file.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "writer.h"

using namespace softcuda;

namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + path);
  return text.str();
}

// Kernels with more operations are left to the interpreter: unrolled factorisations and products, which take the compiler longer than all
// others together and in a run are calls of a library.
bool too_large(const Program& program, size_t largest) { return program.plain.size() > largest; }

int run(int argc, char** argv) {
  if (argc != 7) {
    std::cerr << "usage: softcuda_translate v3|v4 LARGEST OPS_FOLDER FILE.ptx NAME OUTPUT.cpp\n"
                 "  translates the kernels of FILE.ptx that have at most LARGEST operations; NAME: of the table of kernels\n";
    return 2;
  }
  const std::string isa = argv[1];
  if (isa != "v3" && isa != "v4") throw std::runtime_error("the instruction set must be v3 or v4, not " + isa);
  const auto largest = static_cast<size_t>(std::strtoull(argv[2], nullptr, 10));
  const std::string ptx = read_file(argv[4]);
  Memory memory;
  const auto module = Module::load(ptx.data(), ptx.size(), memory);
  Writer writer(isa, argv[3]);
  for (const std::string& name : module->kernel_names()) {
    const Program& program = module->kernel(name)->program();
    if (too_large(program, largest)) {
      std::cout << "not translated: " << name << ", " << program.plain.size() << " operations\n";
      continue;
    }
    writer.kernel(program);
  }
  std::ofstream out(argv[6]);
  out << writer.text(argv[5]);
  out.close();
  if (!out) throw std::runtime_error(std::string("cannot write ") + argv[6]);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "softcuda_translate: " << e.what() << "\n";
    return 1;
  }
}
