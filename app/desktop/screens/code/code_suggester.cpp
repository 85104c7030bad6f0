#include "app/desktop/screens/code/code_suggester.h"

#include <algorithm>

#include "app/desktop/screens/code/code_model.h"
#include "app/desktop/screens/code/code_rows.h"

namespace moxie::desktop {

namespace {

constexpr size_t kSuggestedMax = 20;

CodeSuggestion suggestionOf(const CodeHit& hit, const CodeQuery& query) {
    CodeSuggestion made;
    made.label = hit.name;
    made.tokens = aboutTokens(hit.bytes);
    made.insertText = referenceTo(hit);
    if (hit.kind == CodeHitKind::file && query.line > 0)
        made.insertText = referenceTo(hit.path, query.line, query.line);
    const CodeRow row = CodeRows::of(hit);
    made.detail = hit.kind == CodeHitKind::file
                      ? hit.path
                      : CodeRows::tr("%1 in %2", "kind of a symbol, where it is")
                            .arg(CodeRows::kindTitle(hit.symbolKind), row.place);
    return made;
}

}  // namespace

void CodeSuggester::find(const QString& typed, QObject& receiver,
                         std::function<void(const std::vector<CodeSuggestion>&)> then) {
    const CodeQuery query = parseCodeQuery(typed);
    if (model_.state() != CodeModel::State::ready) return then({});
    model_.find(query, receiver, [query, then = std::move(then)](const CodeHits& found) {
        std::vector<CodeSuggestion> made;
        for (const CodeHit& hit : found.hits) {
            if (made.size() >= kSuggestedMax) break;
            made.push_back(suggestionOf(hit, query));
        }
        then(made);
    });
}

}  // namespace moxie::desktop
