# softcuda_stubs(<output.cpp> <names.txt> <result> [more names])
# Writes a weak definition for every name that the Java bindings import. A real definition in the same library wins over it; what
# remains is a stub that says its name once and returns <result>. Without it a call of a missing name would end the JVM.
function(softcuda_stubs output names result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${names})
  file(STRINGS ${names} list)
  list(APPEND list ${ARGN})
  list(REMOVE_DUPLICATES list)
  set(text "// Generated from ${names}.\n#include \"stub.h\"\n")
  foreach(name IN LISTS list)
    string(APPEND text "SOFTCUDA_STUB(${name}, ${result})\n")
  endforeach()
  file(GENERATE OUTPUT ${output} CONTENT "${text}")
endfunction()

# What all three libraries have in common: only the C names are visible, and the C++ run time is inside.
function(softcuda_shared target version version_script)
  # The version is part of the file's name: it becomes the soname, and no second name is linked.
  set_target_properties(${target} PROPERTIES SUFFIX .so.${version} CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${version_script})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Werror -ffp-contract=off)
  target_link_options(${target} PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,defs -Wl,--version-script=${version_script})
  # The sanitizers need to see the run time's functions.
  if(NOT KRONGAUSS_SANITIZE)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()

# softcuda_versions(<output.cpp> <versions.txt>)
# The table of cuGetProcAddress. Each line: a base name, the CUDA version since which it stands for a symbol, the symbol; in order.
function(softcuda_versions output versions)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${versions})
  file(STRINGS ${versions} list REGEX "^cu")
  set(declarations "")
  set(rows "")
  foreach(line IN LISTS list)
    separate_arguments(parts UNIX_COMMAND "${line}")
    list(GET parts 0 base)
    list(GET parts 1 version)
    list(GET parts 2 symbol)
    string(APPEND declarations "extern \"C\" int ${symbol}(void);\n")
    string(APPEND rows "  {\"${base}\", ${version}, \"${symbol}\", reinterpret_cast<void*>(&${symbol})},\n")
  endforeach()
  file(GENERATE OUTPUT ${output} CONTENT "// Generated from ${versions}.\n#include \"proc_address.h\"\n${declarations}
namespace softcuda {
const VersionedSymbol kVersionedSymbols[] = {\n${rows}};
const size_t kVersionedSymbolCount = sizeof kVersionedSymbols / sizeof *kVersionedSymbols;
}\n")
endfunction()
