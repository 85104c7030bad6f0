# Writes OUTPUT, a header with the version from git, each time something is built; touches it only if it changes, so
# that a commit costs one file and not all that see a compile definition. Called with -D SOURCE=... -D OUTPUT=...
set(MOXIE_VERSION "0.1.0")
find_package(Git QUIET)
if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${SOURCE} describe --tags --always --dirty
        OUTPUT_VARIABLE describe OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(describe)
        string(APPEND MOXIE_VERSION "+${describe}")
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n#define MOXIE_VERSION_TEXT \"@MOXIE_VERSION@\"\n" @ONLY)
