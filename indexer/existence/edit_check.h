// Whether what an edit uses exists: one name by the table, or all the names that an edit begins to
// use. Threads: any thread.
#pragma once
#include <functional>
#include <memory>
#include <stop_token>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/existence/name_table.h"
#include "indexer/index.h"
#include "indexer/links/link_table.h"

namespace moxie::indexer {

// Gives the types of the same state of the index, which only texts of Ruby are asked for.
using LinkSource = std::function<base::Result<std::shared_ptr<const LinkTable>>()>;

base::Result<Existence> existenceOf(const NameTable& table, const LinkSource& links,
                                    std::string_view name, NameKind kind,
                                    const NameContext& context);

// See Index::unknownNames.
base::Result<std::vector<UnknownName>> findUnknownNames(const NameTable& table,
                                                        const LinkSource& links,
                                                        const std::vector<EditedText>& edit,
                                                        const std::stop_token& stop);

// See Index::nameVerdicts.
base::Result<std::vector<NameVerdict>> judgeNames(const NameTable& table, const LinkSource& links,
                                                  const std::vector<EditedText>& edit,
                                                  const std::stop_token& stop);

// The uses that it looks at: calls, types and imports. For counting how many of them are unknown.
struct UsedName {
    std::string_view name;
    NameKind kind = NameKind::function;
    int32_t line = 0;
};

base::Result<std::vector<UsedName>> usedNames(std::string_view path, std::string_view text,
                                              const std::stop_token& stop);

}  // namespace moxie::indexer
