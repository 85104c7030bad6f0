#include "indexer/search_explanation.h"

namespace moxie::indexer {

std::string_view toString(Retriever retriever) {
    switch (retriever) {
        case Retriever::words:
            return "words";
        case Retriever::functions:
            return "functions";
        case Retriever::history:
            return "history";
        case Retriever::commits:
            return "commits";
        case Retriever::relatives:
            return "relatives";
    }
    return "";
}

std::string_view toString(PinKind kind) {
    switch (kind) {
        case PinKind::path:
            return "path";
        case PinKind::frame:
            return "frame";
        case PinKind::name:
            return "name";
        case PinKind::quote:
            return "quote";
    }
    return "";
}

std::string_view toString(PriorKind kind) {
    switch (kind) {
        case PriorKind::test:
            return "test";
        case PriorKind::vendored:
            return "vendored";
        case PriorKind::generated:
            return "generated";
        case PriorKind::data:
            return "data";
        case PriorKind::recency:
            return "recency";
    }
    return "";
}

std::string_view toString(CompanionKind kind) {
    switch (kind) {
        case CompanionKind::changedTogether:
            return "changed_together";
        case CompanionKind::called:
            return "called";
        case CompanionKind::relative:
            return "relative";
    }
    return "";
}

}  // namespace moxie::indexer
