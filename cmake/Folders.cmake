# Functions that turn folders of src/ into libraries.

# An object library shoal_obj_<name> from the .c files of the list.
function(shoal_files name)
  set(sources)
  foreach(file ${ARGN})
    if(EXISTS ${file})
      list(APPEND sources ${file})
    endif()
  endforeach()
  list(LENGTH sources count)
  set_property(GLOBAL PROPERTY shoal_count_${name} ${count})
  if(count EQUAL 0)
    set(sources ${PROJECT_SOURCE_DIR}/cmake/empty.c)
  endif()
  add_library(shoal_obj_${name} OBJECT ${sources})
  target_link_libraries(shoal_obj_${name} PUBLIC shoal_flags)
  target_compile_options(shoal_obj_${name} PRIVATE
    "SHELL:-include ${PROJECT_SOURCE_DIR}/src/base/banned.h")
endfunction()

# The two files that own the heap.
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/base/arena.c
  ${PROJECT_SOURCE_DIR}/src/array/buf.c PROPERTIES COMPILE_DEFINITIONS SHOAL_ALLOCATES)

# shoal_folder(folder [NAME name] [ONLY regex | EXCLUDE regex]): all .c files of src/folder.
function(shoal_folder folder)
  cmake_parse_arguments(arg "" "NAME;ONLY;EXCLUDE" "" ${ARGN})
  if(NOT arg_NAME)
    set(arg_NAME ${folder})
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${folder}/*.c)
  if(arg_ONLY)
    list(FILTER sources INCLUDE REGEX "${arg_ONLY}")
  elseif(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  shoal_files(${arg_NAME} ${sources})
endfunction()

function(shoal_objects out)
  set(objects)
  foreach(name ${ARGN})
    list(APPEND objects $<TARGET_OBJECTS:shoal_obj_${name}>)
  endforeach()
  set(${out} ${objects} PARENT_SCOPE)
endfunction()

# A static library of several folders, for programs such as the unit tests.
function(shoal_static target)
  shoal_objects(objects ${ARGN})
  add_library(${target} STATIC ${objects})
  target_link_libraries(${target} PUBLIC shoal_flags m dl pthread rt)
endfunction()

# A loadable module in the package folder; none if its first folder is still empty.
function(shoal_module target file first)
  get_property(count GLOBAL PROPERTY shoal_count_${first})
  if(count EQUAL 0)
    return()
  endif()
  shoal_objects(objects ${first} ${ARGN})
  add_library(${target} MODULE ${objects})
  target_link_libraries(${target} PRIVATE shoal_flags)
  target_link_options(${target} PRIVATE -Wl,--as-needed -Wl,-z,relro,-z,now)
  if(NOT target MATCHES "^shoal_(py|comm_openmpi)" AND NOT SHOAL_SANITIZE)
    target_link_options(${target} PRIVATE -Wl,--no-undefined)
  endif()
  get_filename_component(folder "${file}" DIRECTORY) # below the package, mostly none
  get_filename_component(name "${file}" NAME)
  set_target_properties(${target} PROPERTIES PREFIX "" SUFFIX "" OUTPUT_NAME ${name}
    LIBRARY_OUTPUT_DIRECTORY ${SHOAL_PACKAGE}/${folder})
  install(TARGETS ${target} LIBRARY DESTINATION shoal/${folder} COMPONENT shoal)
endfunction()

# Links every Python file of the package into the build tree, beside the compiled modules.
function(shoal_link_package from to)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${from} ${from}/*.py ${from}/*.pyi
    ${from}/py.typed)
  file(GLOB_RECURSE old ${to}/*.py ${to}/*.pyi)
  foreach(file ${old})
    if(NOT EXISTS ${file}) # a link whose target is gone
      file(REMOVE ${file})
    endif()
  endforeach()
  foreach(file ${files})
    get_filename_component(folder ${to}/${file} DIRECTORY)
    file(MAKE_DIRECTORY ${folder})
    file(CREATE_LINK ${from}/${file} ${to}/${file} SYMBOLIC)
  endforeach()
  # Byte code beside the links, as pip leaves it: else every process that may not write
  # it (PYTHONDONTWRITEBYTECODE) compiles what it imports, and workers are many.
  if(SHOAL_PYTHON)
    list(TRANSFORM files PREPEND ${from}/)
    add_custom_command(OUTPUT ${to}/.bytecode DEPENDS ${files}
      COMMAND ${SHOAL_PYTHON} -m compileall -q ${to}
      COMMAND ${CMAKE_COMMAND} -E touch ${to}/.bytecode VERBATIM)
    add_custom_target(shoal_bytecode ALL DEPENDS ${to}/.bytecode)
  endif()
endfunction()
