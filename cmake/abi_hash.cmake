# Writes OUT with a hash of the files FILES (separated by '|'): what decides about the
# meaning of what is in the disk cache, as the macro MACRO. Run as a script when one of them changes.
string(REPLACE "|" ";" files "${FILES}")
set(all "")
foreach(file ${files})
  file(SHA256 ${file} hash)
  string(APPEND all ${hash})
endforeach()
string(SHA256 all "${all}")
string(SUBSTRING ${all} 0 32 all)
file(WRITE ${OUT} "#pragma once\n#define ${MACRO} \"${all}\"\n")
