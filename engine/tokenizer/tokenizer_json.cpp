#include "engine/tokenizer/tokenizer_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/tokenizer/byte_alphabet.h"
#include "engine/tokenizer/split_pattern.h"

namespace moxie::engine {

namespace {

using nlohmann::json;

constexpr int64_t kIdMax = (int64_t(1) << 22) - 1;  // as many as Vocabulary takes
constexpr std::string_view kDigits = R"(\p{N})";
constexpr std::string_view kDigitRuns = R"(\p{N}+)";

tl::unexpected<base::Error> corrupt(std::string message) {
    return base::fail(base::Errc::corrupt, std::move(message));
}

tl::unexpected<base::Error> unsupported(std::string message) {
    return base::fail(base::Errc::unsupported, std::move(message));
}

// For messages: names come from a file.
std::string shownName(std::string_view text) {
    return fmt::format("\"{}\"",
                       base::stripTerminalControl(base::toValidUtf8(base::cutUtf8(text, 60))));
}

// The value of a key; null where there is none.
const json& valueAt(const json& object, const char* key) {
    static const json kNull;
    const auto at = object.find(key);
    return at == object.end() ? kNull : *at;
}

std::string_view textAt(const json& object, const char* key) {
    const auto* text = valueAt(object, key).get_ptr<const std::string*>();
    return text == nullptr ? std::string_view() : std::string_view(*text);
}

base::Result<bool> flagAt(const json& object, const char* key, bool otherwise = false) {
    const json& value = valueAt(object, key);
    if (value.is_null()) return otherwise;
    if (!value.is_boolean()) return corrupt(fmt::format("{} is no true or false", key));
    return value.get<bool>();
}

base::Result<int64_t> asId(const json& value, std::string_view what) {
    const bool isWhole =
        value.is_number_unsigned() || (value.is_number_integer() && value.get<int64_t>() >= 0);
    if (!isWhole || value.get<uint64_t>() > uint64_t(kIdMax))
        return corrupt(fmt::format("{}: id {}, expected a number from 0 to {}", what,
                                   base::cutUtf8(value.dump(-1, ' ', true), 40), kIdMax));
    return value.get<int64_t>();
}

base::Result<json> parseObject(std::string_view text) {
    json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) return corrupt("not JSON");
    if (!value.is_object()) return corrupt("no JSON object");
    return value;
}

// The elements of a Sequence, or the one element that stands without.
std::vector<const json*> sequenceOf(const json& value, const char* key) {
    if (value.is_null()) return {};
    if (textAt(value, "type") != "Sequence") return {&value};
    std::vector<const json*> elements;
    for (const json& element : valueAt(value, key))
        elements.push_back(&element);
    return elements;
}

// "bos_token": a name, an object with the name as its content, or null.
std::string_view tokenNameAt(const json& config, const char* key) {
    const json& value = valueAt(config, key);
    return value.is_object() ? textAt(value, "content") : textAt(config, key);
}

}  // namespace

// Fills a TokenizerJson from the parts of the file, one function each.
class TokenizerJsonReader {
public:
    explicit TokenizerJsonReader(TokenizerJson& out) : out_(out) {}

    base::Status readAll(const json& file) {
        const json& model = valueAt(file, "model");
        if (!model.is_object()) return corrupt("model is no object");
        TRY(readModel(model));
        TRY(readVocabulary(valueAt(model, "vocab")));
        TRY(readMerges(valueAt(model, "merges")));
        TRY(readAddedTokens(valueAt(file, "added_tokens")));
        TRY(readNormaliser(valueAt(file, "normalizer")));
        TRY(readPreTokenizer(valueAt(file, "pre_tokenizer")));
        TRY(readPostProcessor(valueAt(file, "post_processor")));
        return readDecoder(valueAt(file, "decoder"));
    }

private:
    base::Status readModel(const json& model) {
        // Files from before the key was introduced have none.
        const auto type = textAt(model, "type");
        if (!type.empty() && type != "BPE")
            return unsupported(fmt::format("model {}; supported: BPE", shownName(type)));
        for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix", "unk_token"}) {
            const json& value = valueAt(model, key);
            if (!value.is_null() && value != "") return unsupported(fmt::format("model.{}", key));
        }
        const json& dropout = valueAt(model, "dropout");
        if (!dropout.is_null() && dropout != 0.0) return unsupported("model.dropout");
        TRY_ASSIGN(const bool hasByteFallback, flagAt(model, "byte_fallback"));
        if (hasByteFallback) return unsupported("model.byte_fallback");
        TRY_ASSIGN(out_.wholePieceFirst_, flagAt(model, "ignore_merges"));
        return {};
    }

    std::string_view keep(std::string_view text) { return out_.texts_.emplace_back(text); }

    base::Status setToken(int64_t id, std::string_view text, TokenKind kind) {
        const auto at = size_t(id);
        if (at >= out_.tokens_.size()) {
            out_.tokens_.resize(at + 1);
            out_.kinds_.resize(at + 1, int64_t(TokenKind::unused));
        }
        if (!out_.tokens_[at].empty() && out_.tokens_[at] != text)
            return corrupt(fmt::format("tokens {} and {} have one id {}",
                                       shownName(out_.tokens_[at]), shownName(text), id));
        if (out_.tokens_[at].empty()) out_.tokens_[at] = keep(text);
        out_.kinds_[at] = int64_t(kind);
        return {};
    }

    base::Status readVocabulary(const json& vocabulary) {
        if (!vocabulary.is_object() || vocabulary.empty())
            return corrupt("model.vocab is no object with tokens");
        for (const auto& [text, idValue] : vocabulary.items()) {
            TRY_ASSIGN(const int64_t id, asId(idValue, "model.vocab " + shownName(text)));
            // What is not in the byte alphabet comes from no text; it has its name as bytes.
            const bool isOrdinary = bytesOfAlphabet(text).has_value();
            TRY(setToken(id, text, isOrdinary ? TokenKind::normal : TokenKind::unused));
        }
        return {};
    }

    base::Status readMerges(const json& merges) {
        if (!merges.is_array()) return corrupt("model.merges is no list");
        out_.merges_.reserve(merges.size());
        for (const json& merge : merges) {
            const auto* joined = merge.get_ptr<const std::string*>();
            if (joined != nullptr) {
                const std::string_view text = keep(*joined);
                const size_t space = text.find(' ', 1);
                if (space == std::string_view::npos)
                    return corrupt(fmt::format("merge {} is not a pair", shownName(text)));
                out_.merges_.push_back({text.substr(0, space), text.substr(space + 1)});
                continue;
            }
            const bool isPair = merge.is_array() && merge.size() == 2 && merge[0].is_string() &&
                                merge[1].is_string();
            if (!isPair) return corrupt(fmt::format("merge {} is not a pair", out_.merges_.size()));
            out_.merges_.push_back({keep(merge[0].get_ref<const std::string&>()),
                                    keep(merge[1].get_ref<const std::string&>())});
        }
        return {};
    }

    base::Status readAddedTokens(const json& tokens) {
        if (tokens.is_null()) return {};
        if (!tokens.is_array()) return corrupt("added_tokens is no list");
        for (const json& token : tokens) {
            const auto content = textAt(token, "content");
            if (content.empty()) return corrupt("an added token has no content");
            const std::string name = "added token " + shownName(content);
            TRY_ASSIGN(const int64_t id, asId(valueAt(token, "id"), name));
            TRY_ASSIGN(const bool isSpecial, flagAt(token, "special"));
            TRY_ASSIGN(const bool isSingleWord, flagAt(token, "single_word"));
            if (isSingleWord) return unsupported(name + " with single_word");
            TRY(setToken(id, content, isSpecial ? TokenKind::control : TokenKind::userDefined));
            SpecialMatching matching;
            TRY_ASSIGN(matching.takesSpaceBefore, flagAt(token, "lstrip"));
            TRY_ASSIGN(matching.takesSpaceAfter, flagAt(token, "rstrip"));
            TRY_ASSIGN(matching.isLate, flagAt(token, "normalized", !isSpecial));
            if (matching.takesSpaceBefore || matching.takesSpaceAfter || matching.isLate)
                out_.matching_.emplace_back(id, matching);
        }
        return {};
    }

    base::Status readNormaliser(const json& normaliser) {
        for (const json* element : sequenceOf(normaliser, "normalizers")) {
            const auto type = textAt(*element, "type");
            if (type != "NFC")
                return unsupported(fmt::format("normaliser {}; supported: NFC", shownName(type)));
            out_.normalisation_ = Normalisation::nfc;
        }
        return {};
    }

    base::Status readPreTokenizer(const json& preTokenizer) {
        bool hasByteLevel = false;
        for (const json* element : sequenceOf(preTokenizer, "pretokenizers")) {
            const auto type = textAt(*element, "type");
            if (hasByteLevel) return unsupported("a pre-tokeniser after ByteLevel");
            if (type == "ByteLevel") {
                hasByteLevel = true;
                TRY(readByteLevel(*element));
            } else if (type == "Split") {
                TRY(readSplit(*element));
            } else if (type == "Digits") {
                TRY_ASSIGN(const bool isAlone, flagAt(*element, "individual_digits"));
                out_.patterns_.emplace_back(isAlone ? kDigits : kDigitRuns);
            } else {
                return unsupported(
                    fmt::format("pre-tokeniser {}; supported: Split, Digits, ByteLevel, Sequence",
                                shownName(type)));
            }
        }
        if (!hasByteLevel) return unsupported("a pre-tokeniser without ByteLevel at its end");
        return {};
    }

    base::Status readByteLevel(const json& byteLevel) {
        TRY_ASSIGN(const bool addsSpace, flagAt(byteLevel, "add_prefix_space", true));
        if (addsSpace) return unsupported("ByteLevel with add_prefix_space");
        TRY_ASSIGN(const bool hasPattern, flagAt(byteLevel, "use_regex", true));
        if (hasPattern) out_.patterns_.emplace_back(findPreTokenizer("gpt-2")->patterns.front());
        return {};
    }

    base::Status readSplit(const json& split) {
        const json& pattern = valueAt(split, "pattern");
        const bool isRegex = pattern.is_object() && pattern.contains("Regex");
        const auto text = pattern.is_object() ? textAt(pattern, isRegex ? "Regex" : "String")
                                              : std::string_view();
        if (text.empty()) return corrupt("a Split without pattern");
        out_.patterns_.push_back(isRegex ? canonicalPattern(text) : literalPattern(text));
        TRY_ASSIGN(const bool isInverted, flagAt(split, "invert"));
        const auto behaviour = textAt(split, "behavior");
        if (behaviour == "Isolated") return {};
        // Removing what lies between matches is the same where nothing does.
        const auto& known = preTokenizers();
        const bool takesAll =
            std::any_of(known.begin(), known.end(), [this](const PreTokenizerSpec& spec) {
                return spec.rule && spec.patterns.size() == 1 &&
                       spec.patterns.front() == out_.patterns_.back();
            });
        if (behaviour == "Removed" && isInverted && takesAll) return {};
        return unsupported(fmt::format("a Split that is {}{}; supported: Isolated",
                                       shownName(behaviour), isInverted ? " and inverted" : ""));
    }

    base::Status readPostProcessor(const json& postProcessor) {
        for (const json* element : sequenceOf(postProcessor, "processors")) {
            const auto type = textAt(*element, "type");
            if (type == "ByteLevel") continue;  // moves offsets only
            if (type != "TemplateProcessing")
                return unsupported(
                    fmt::format("post-processor {}; supported: ByteLevel, TemplateProcessing",
                                shownName(type)));
            TRY(readTemplate(valueAt(*element, "single")));
        }
        return {};
    }

    // "single": begin of text, then the text; or the text alone.
    base::Status readTemplate(const json& single) {
        if (!single.is_array() || single.empty() || single.size() > 2 ||
            !single.back().contains("Sequence"))
            return unsupported("a template that is more than begin of text and the text");
        if (single.size() == 1) return {};
        const json& special = valueAt(single.front(), "SpecialToken");
        TRY_ASSIGN(out_.beginOfText_, idOf(textAt(special, "id")));
        out_.addsBeginOfText_ = true;
        return {};
    }

    base::Status readDecoder(const json& decoder) {
        for (const json* element : sequenceOf(decoder, "decoders"))
            if (textAt(*element, "type") != "ByteLevel")
                return unsupported(fmt::format("decoder {}; supported: ByteLevel",
                                               shownName(textAt(*element, "type"))));
        return {};
    }

public:
    base::Result<int64_t> idOf(std::string_view name) const {
        const auto& tokens = out_.tokens_;
        const auto at = std::find(tokens.begin(), tokens.end(), name);
        if (name.empty() || at == tokens.end())
            return corrupt(fmt::format("{} is no token", shownName(name)));
        return at - tokens.begin();
    }

private:
    TokenizerJson& out_;
};

base::Result<TokenizerJson> TokenizerJson::parse(std::string_view text) {
    TRY_ASSIGN(const json file, parseObject(text));
    TokenizerJson result;
    TRY(TokenizerJsonReader(result).readAll(file));
    return result;
}

base::Status TokenizerJson::addTokenizerConfig(std::string_view text) {
    TRY_ASSIGN(const json config, parseObject(text));
    const TokenizerJsonReader names(*this);
    if (const auto name = tokenNameAt(config, "bos_token"); !name.empty()) {
        TRY_ASSIGN(beginOfText_, names.idOf(name));
    }
    if (const auto name = tokenNameAt(config, "eos_token"); !name.empty()) {
        TRY_ASSIGN(const int64_t id, names.idOf(name));
        endTokens_.push_back(id);
    }
    TRY_ASSIGN(addsBeginOfText_, flagAt(config, "add_bos_token", addsBeginOfText_));
    return {};
}

base::Status TokenizerJson::addGenerationConfig(std::string_view text) {
    TRY_ASSIGN(const json config, parseObject(text));
    const json& ends = valueAt(config, "eos_token_id");
    if (ends.is_null()) return {};
    for (const json& end : ends.is_array() ? ends : json::array({ends})) {
        TRY_ASSIGN(const int64_t id, asId(end, "eos_token_id"));
        endTokens_.push_back(id);
    }
    return {};
}

TokenizerSource TokenizerJson::source() const {
    return {.patterns = patterns_,
            .wholePieceFirst = wholePieceFirst_,
            .normalisation = normalisation_,
            .vocabulary = {.tokens = tokens_,
                           .kinds = kinds_,
                           .merges = merges_,
                           .matching = matching_,
                           .beginOfText = beginOfText_,
                           .endTokens = endTokens_,
                           .addBeginOfText = addsBeginOfText_}};
}

}  // namespace moxie::engine
