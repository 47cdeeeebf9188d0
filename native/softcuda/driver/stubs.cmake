# softcuda_stubs(<output.cpp> <names.txt> <result>)
# Writes a weak definition for every name that the Java bindings import. A real definition in the same library wins over it; what
# remains is a stub that says its name once and returns <result>. Without it a call of a missing name would end the JVM.
function(softcuda_stubs output names result)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${names})
  file(STRINGS ${names} list)
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
