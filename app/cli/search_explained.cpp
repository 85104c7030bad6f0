#include "app/cli/search_explained.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/terminal.h"

namespace moxie::app {
namespace {

using nlohmann::json;

constexpr size_t kWordsShown = 8;

std::string nameOf(indexer::Retriever retriever, const Messages& say) {
    switch (retriever) {
        case indexer::Retriever::words:
            return say(Msg::searchByWords);
        case indexer::Retriever::functions:
            return say(Msg::searchByFunctions);
        case indexer::Retriever::history:
            return say(Msg::searchByHistory);
        case indexer::Retriever::commits:
            return say(Msg::searchByCommits);
        case indexer::Retriever::relatives:
            return say(Msg::searchByRelatives);
    }
    return {};
}

std::string pinLine(const indexer::SearchPin& pin, const Messages& say) {
    const std::string text = printable(pin.text);
    switch (pin.kind) {
        case indexer::PinKind::path:
            return say(Msg::searchPinPath, text);
        case indexer::PinKind::frame:
            return say(Msg::searchPinFrame, text, pin.line);
        case indexer::PinKind::name:
            return say(Msg::searchPinName, text, pin.line);
        case indexer::PinKind::quote:
            return say(Msg::searchPinQuote, text, pin.line);
    }
    return {};
}

std::string listed(const std::vector<std::string>& words, const Messages& say) {
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : say(Msg::listSeparator)) + printable(word);
    return out;
}

std::string nameOf(indexer::PriorKind kind, const Messages& say) {
    switch (kind) {
        case indexer::PriorKind::test:
            return say(Msg::searchPriorTest);
        case indexer::PriorKind::vendored:
            return say(Msg::searchPriorVendored);
        case indexer::PriorKind::generated:
            return say(Msg::searchPriorGenerated);
        case indexer::PriorKind::data:
            return say(Msg::searchPriorData);
        case indexer::PriorKind::recency:
            return say(Msg::searchPriorRecency);
    }
    return {};
}

std::string wordLine(const indexer::MatchedWord& word, const Messages& say) {
    std::string places;
    const auto add = [&](int32_t count, Msg place) {
        if (count > 0)
            places += (places.empty() ? "" : ", ") + say(place, fmt::format("{}", count));
    };
    add(word.inPath, Msg::searchInPath);
    add(word.inNames, Msg::searchInNames);
    add(word.inText, Msg::searchInText);
    add(word.inCommits, Msg::searchInCommits);
    return fmt::format("    {:<20} {:4.1f}  {}\n", printable(word.word), word.rarity, places);
}

std::string companionLine(const indexer::Companion& companion, const Messages& say) {
    const std::string place = printable(
        companion.line > 0 ? fmt::format("{}:{}", companion.path, companion.line) : companion.path);
    const std::string count = fmt::format("{}", companion.count);
    switch (companion.kind) {
        case indexer::CompanionKind::changedTogether:
            return say(Msg::searchWithChanged, place, count);
        case indexer::CompanionKind::called:
            return say(Msg::searchWithCalled, place, printable(companion.symbol));
        case indexer::CompanionKind::relative:
            return say(Msg::searchWithRelative, place);
    }
    return {};
}

}  // namespace

std::string reasonText(const indexer::HitReason& reason, const Messages& say) {
    std::string out;
    const auto add = [&](const std::string& part) {
        out += (out.empty() ? "" : say(Msg::searchReasonSeparator)) + part;
    };
    if (reason.isPathNamed) add(say(Msg::searchReasonPath));
    if (!reason.names.empty()) add(say(Msg::searchReasonNames, listed(reason.names, say)));
    if (reason.hasQuote) add(say(Msg::searchReasonQuote));
    if (!reason.words.empty()) add(say(Msg::searchReasonWords, listed(reason.words, say)));
    if (reason.isFromHistory) add(say(Msg::searchReasonHistory));
    return out;
}

std::string explained(const indexer::SearchHit& hit, const Messages& say) {
    const indexer::SearchExplanation& why = hit.explain;
    std::string text;
    for (const indexer::SearchPin& pin : why.pins)
        text += fmt::format("    +{:.2f}  {}\n", pin.share, pinLine(pin, say));
    for (const indexer::RetrieverScore& score : why.retrievers)
        text += fmt::format("    +{:.2f}  {} {:.2f}\n", score.share, nameOf(score.retriever, say),
                            score.score);
    for (const indexer::SearchPrior& prior : why.priors)
        text += fmt::format("    ×{:.2f}  {}\n", prior.factor, nameOf(prior.kind, say));
    for (size_t i = 0; i < std::min(kWordsShown, why.words.size()); i++)
        text += wordLine(why.words[i], say);
    for (const indexer::Companion& companion : hit.companions)
        text += "    " + companionLine(companion, say) + "\n";
    return text;
}

json explanationToJson(const indexer::SearchExplanation& why) {
    json made = {{"retrievers", json::array()},
                 {"pins", json::array()},
                 {"priors", json::array()},
                 {"words", json::array()}};
    for (const indexer::RetrieverScore& score : why.retrievers)
        made["retrievers"].push_back({{"retriever", indexer::toString(score.retriever)},
                                      {"score", score.score},
                                      {"share", score.share}});
    for (const indexer::SearchPin& pin : why.pins)
        made["pins"].push_back({{"kind", indexer::toString(pin.kind)},
                                {"text", pin.text},
                                {"line", pin.line},
                                {"share", pin.share}});
    for (const indexer::SearchPrior& prior : why.priors)
        made["priors"].push_back(
            {{"kind", indexer::toString(prior.kind)}, {"factor", prior.factor}});
    for (const indexer::MatchedWord& word : why.words)
        made["words"].push_back({{"word", word.word},
                                 {"rarity", word.rarity},
                                 {"in_path", word.inPath},
                                 {"in_names", word.inNames},
                                 {"in_text", word.inText},
                                 {"in_commits", word.inCommits}});
    return made;
}

json companionsToJson(const std::vector<indexer::Companion>& companions) {
    json all = json::array();
    for (const indexer::Companion& companion : companions)
        all.push_back({{"kind", indexer::toString(companion.kind)},
                       {"path", companion.path},
                       {"symbol", companion.symbol},
                       {"line", companion.line},
                       {"count", companion.count}});
    return all;
}

}  // namespace moxie::app
