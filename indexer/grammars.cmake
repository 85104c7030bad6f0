# The tree-sitter core and the grammars, compiled from what set-up fetched (app/setup/lock.json). Each grammar is
# compiled with the headers it came with. To add a grammar: its name here, its table in indexer/extraction/.
set(moxie_tree_sitter ${MOXIE_DEPS}/tree-sitter-0.26.1/tree_sitter/core/lib)
set(moxie_parsers ${MOXIE_DEPS}/tree-sitter-language-pack-0.13.0/parsers)
set(moxie_grammar_names c cpp python javascript typescript tsx go rust java)

set(moxie_grammar_needs ${moxie_tree_sitter}/src/lib.c)
foreach(grammar ${moxie_grammar_names})
    list(APPEND moxie_grammar_needs ${moxie_parsers}/${grammar}/src/parser.c)
endforeach()
foreach(file ${moxie_grammar_needs})
    if(NOT EXISTS ${file})
        message(FATAL_ERROR "${file} is missing: run ./run or ./check to fetch it")
    endif()
endforeach()

add_library(moxie_tree_sitter STATIC ${moxie_tree_sitter}/src/lib.c)
target_include_directories(moxie_tree_sitter
    SYSTEM PUBLIC ${moxie_tree_sitter}/include
    PRIVATE ${moxie_tree_sitter}/src)
target_compile_options(moxie_tree_sitter PRIVATE -w -O2)
target_compile_definitions(moxie_tree_sitter PRIVATE _POSIX_C_SOURCE=200112L _DEFAULT_SOURCE)
set_target_properties(moxie_tree_sitter PROPERTIES C_STANDARD 11 POSITION_INDEPENDENT_CODE ON)

# -O1: half the compile time of -O2 on these tables, and parsing is about as fast. No sanitizers: generated code.
add_library(moxie_grammars STATIC)
foreach(grammar ${moxie_grammar_names})
    set(sources ${moxie_parsers}/${grammar}/src/parser.c)
    if(EXISTS ${moxie_parsers}/${grammar}/src/scanner.c)
        list(APPEND sources ${moxie_parsers}/${grammar}/src/scanner.c)
    endif()
    add_library(moxie_grammar_${grammar} OBJECT ${sources})
    target_include_directories(moxie_grammar_${grammar} PRIVATE ${moxie_parsers}/${grammar}/src)
    target_compile_options(moxie_grammar_${grammar} PRIVATE -w -O1 -g0 -fno-sanitize=all)
    set_target_properties(moxie_grammar_${grammar} PROPERTIES C_STANDARD 11 POSITION_INDEPENDENT_CODE ON)
    target_sources(moxie_grammars PRIVATE $<TARGET_OBJECTS:moxie_grammar_${grammar}>)
endforeach()
set_target_properties(moxie_grammars PROPERTIES LINKER_LANGUAGE C)
