# Headers with a hash of the files that decide what is in the disk cache: shoal_abi.h of what
# objects mean, shoal_front.h of how the compiler comes from a function to one.
function(shoal_hash_header name macro)
  set(header ${PROJECT_BINARY_DIR}/gen/${name})
  string(REPLACE ";" "|" list "${ARGN}")
  add_custom_command(OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DOUT=${header} -DMACRO=${macro} "-DFILES=${list}"
      -P ${PROJECT_SOURCE_DIR}/cmake/abi_hash.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/cmake/abi_hash.cmake VERBATIM)
endfunction()
file(GLOB abi_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/codegen/*.[ch]
  ${PROJECT_SOURCE_DIR}/src/base/*.def)
list(APPEND abi_files ${PROJECT_SOURCE_DIR}/src/rt/calls.def
  ${PROJECT_SOURCE_DIR}/src/rt/math_fn.def ${PROJECT_SOURCE_DIR}/src/rt/slot.h
  ${PROJECT_SOURCE_DIR}/src/ir/ops.def ${PROJECT_SOURCE_DIR}/src/base/cx.h
  ${PROJECT_SOURCE_DIR}/src/base/attr.h ${PROJECT_SOURCE_DIR}/src/base/dtype.h
  ${PROJECT_SOURCE_DIR}/src/base/kinds.h ${PROJECT_SOURCE_DIR}/src/object/object_layout.h
  ${PROJECT_SOURCE_DIR}/src/array/array_layout.h)
shoal_hash_header(shoal_abi.h SHOAL_ABI_HASH ${abi_files})
set(front_files)
foreach(folder base ir front pass py)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.[ch]
    ${PROJECT_SOURCE_DIR}/src/${folder}/*.def)
  list(APPEND front_files ${files})
endforeach()
file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/compile.*
  ${PROJECT_SOURCE_DIR}/python/shoal/*.py ${PROJECT_SOURCE_DIR}/python/shoal/library/*.py)
list(APPEND front_files ${files})
shoal_hash_header(shoal_front.h SHOAL_FRONT_HASH ${front_files})
set(SHOAL_ABI_HEADER ${PROJECT_BINARY_DIR}/gen/shoal_abi.h
  ${PROJECT_BINARY_DIR}/gen/shoal_front.h)
execute_process(COMMAND ${SHOAL_LLVM_CONFIG} --version
  OUTPUT_VARIABLE SHOAL_LLVM_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)
