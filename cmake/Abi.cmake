# The header shoal_abi.h: objects in the disk cache are for one version of these files.
file(GLOB abi_files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/codegen/*.[ch]
  ${PROJECT_SOURCE_DIR}/src/base/*.def)
list(APPEND abi_files ${PROJECT_SOURCE_DIR}/src/rt/calls.def
  ${PROJECT_SOURCE_DIR}/src/rt/math_fn.def ${PROJECT_SOURCE_DIR}/src/rt/slot.h
  ${PROJECT_SOURCE_DIR}/src/ir/ops.def ${PROJECT_SOURCE_DIR}/src/base/cx.h
  ${PROJECT_SOURCE_DIR}/src/base/attr.h ${PROJECT_SOURCE_DIR}/src/base/dtype.h
  ${PROJECT_SOURCE_DIR}/src/base/kinds.h ${PROJECT_SOURCE_DIR}/src/object/object_layout.h
  ${PROJECT_SOURCE_DIR}/src/array/array_layout.h)
string(REPLACE ";" "|" abi_list "${abi_files}")
set(SHOAL_ABI_HEADER ${PROJECT_BINARY_DIR}/gen/shoal_abi.h)
add_custom_command(OUTPUT ${SHOAL_ABI_HEADER}
  COMMAND ${CMAKE_COMMAND} -DOUT=${SHOAL_ABI_HEADER} "-DFILES=${abi_list}"
    -P ${CMAKE_CURRENT_LIST_DIR}/abi_hash.cmake
  DEPENDS ${abi_files} ${CMAKE_CURRENT_LIST_DIR}/abi_hash.cmake VERBATIM)
execute_process(COMMAND ${SHOAL_LLVM_CONFIG} --version
  OUTPUT_VARIABLE SHOAL_LLVM_VERSION OUTPUT_STRIP_TRAILING_WHITESPACE)
