// softcuda_translate: the kernels of a PTX file as C++. See README.md beside this file.
#include <fstream>
#include <iostream>
#include <set>
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

// The lines of a file that are no comments.
std::set<std::string> read_names(const std::string& path) {
  std::istringstream text(read_file(path));
  std::set<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (!line.empty() && line[0] != '#') names.insert(line);
  }
  return names;
}

// Leaves a file alone that holds this already, so that nothing is compiled again after a change of this program that changes no text.
void write_file(const std::string& path, const std::string& text) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream old;
  if (in) old << in.rdbuf();
  if (in && old.str() == text) return;
  in.close();
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path);
}

int run(int argc, char** argv) {
  const std::string choice = argc == 8 ? argv[6] : "";
  if (argc != 6 && choice != "only" && choice != "without") {
    std::cerr << "usage: softcuda_translate v3|v4 OPS_FOLDER FILE.ptx NAME OUTPUT.cpp [only|without LIST]\n"
                 "  NAME: an identifier for the table of the file's kernels\n"
                 "  LIST: a file with names of kernels, one a line; # begins a comment\n";
    return 2;
  }
  const std::string isa = argv[1];
  if (isa != "v3" && isa != "v4") throw std::runtime_error("the instruction set must be v3 or v4, not " + isa);
  const std::string ptx = read_file(argv[3]);
  Memory memory;
  const auto module = Module::load(ptx.data(), ptx.size(), memory);
  const std::set<std::string> listed = choice.empty() ? std::set<std::string>() : read_names(argv[7]);
  Writer writer(isa, argv[2]);
  for (const std::string& name : module->kernel_names()) {
    if (choice.empty() || (listed.count(name) != 0) == (choice == "only")) writer.kernel(module->kernel(name)->program());
  }
  write_file(argv[5], writer.text(argv[4]));
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
