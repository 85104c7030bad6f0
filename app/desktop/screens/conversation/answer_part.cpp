// A piece of the model's answer: Markdown as styled words.
#include <algorithm>

#include "app/desktop/screens/conversation/hrefs.h"
#include "app/desktop/screens/conversation/part_text.h"
#include "app/desktop/screens/conversation/words.h"

namespace moxie::desktop {

namespace {

SpanStyle styleOf(const MarkdownBlock& block, const TextRun& run, TextRole font) {
    SpanStyle style = {.font = font, .flags = run.flags};
    if ((run.flags & kCode) != 0) {
        style.font = TextRole::code;
        style.ground = Role::sunken;
    }
    if ((run.flags & kImage) != 0) style.ink = Role::textMuted;
    if (run.link < 0 || size_t(run.link) >= block.links.size()) return style;
    const TextLink& link = block.links[size_t(run.link)];
    style.href = link.kind == TextLink::Kind::web
                     ? fromUtf8(link.target)
                     : placeHref(fromUtf8(link.target), link.line, link.column);
    return style;
}

// The runs of bytes [begin, end) of the block's text.
std::vector<RichSpan> runSpans(const MarkdownBlock& block, int32_t begin, int32_t end,
                               TextRole font) {
    std::vector<RichSpan> spans;
    const auto first =
        std::upper_bound(block.runs.begin(), block.runs.end(), begin,
                         [](int32_t at, const TextRun& run) { return at < run.end; });
    for (auto run = first; run != block.runs.end() && run->begin < end; ++run) {
        const int32_t from = std::max(begin, run->begin), to = std::min(end, run->end);
        QString text =
            fromUtf8(std::string_view(block.text).substr(size_t(from), size_t(to - from)));
        text.replace(QLatin1Char('\n'), QChar(QChar::LineSeparator));
        spans.push_back({std::move(text), styleOf(block, *run, font)});
    }
    return spans;
}

// "$$ ... $$": its source, because we have no typesetter for mathematics.
bool isMathematics(std::string_view source) {
    const size_t first = source.find_first_not_of(" \n"), last = source.find_last_not_of(" \n");
    if (first == std::string_view::npos || last - first < 4) return false;
    return source.substr(first, 2) == "$$" && source.substr(last - 1, 2) == "$$";
}

void addCode(PartText& part, const MarkdownBlock& block, const AnswerPiece& piece) {
    std::string_view code =
        std::string_view(block.text).substr(size_t(piece.begin), size_t(piece.end - piece.begin));
    const bool isLast = piece.end >= int32_t(block.text.size());
    if (!isLast && code.ends_with('\n')) code.remove_suffix(1);
    part.head.frame = BlockFrame::card;
    part.head.gapAbove = piece.begin == 0 ? 1 : 0;
    if (piece.begin == 0 && !block.language.empty()) part.head.title = fromUtf8(block.language);
    part.text.addLines(fromUtf8(code), {.font = TextRole::code});
    if (isLast) {
        part.text.addControl(ConversationTexts::tr("Copy"),
                             moxieHref("copy", {{"what", QStringLiteral("code")}}));
        part.text.addControl(ConversationTexts::tr("Apply to file"), moxieHref("apply"));
        part.text.addControl(ConversationTexts::tr("Open in editor"), moxieHref("code"));
    }
    const bool isWhole = isLast && piece.begin == 0;
    if (!isWhole)
        part.markdown =
            QStringLiteral("```%1\n%2\n```").arg(fromUtf8(block.language), fromUtf8(code));
}

void addMathematics(PartText& part, std::string_view source) {
    part.head.frame = BlockFrame::card;
    part.text.addLines(fromUtf8(source).trimmed(), {.font = TextRole::code});
}

void addTable(PartText& part, const MarkdownBlock& block, const AnswerPiece& piece) {
    RichTable table = {.columns = block.columns, .hasHead = piece.begin == 0};
    const size_t nColumns = block.columns.size();
    for (size_t i = size_t(piece.begin) * nColumns; i < size_t(piece.end) * nColumns; ++i)
        table.cells.push_back(
            {.spans = runSpans(block, block.cells[i].begin, block.cells[i].end, TextRole::body)});
    part.head.gapAbove = piece.begin == 0 ? 1 : 0;
    part.text.table = std::move(table);
}

QString itemMark(const MarkdownBlock& block) {
    if (block.task == TaskState::done) return QChar(0x2611);
    if (block.task == TaskState::open) return QChar(0x2610);
    if (block.ordinal >= 0) return QStringLiteral("%1.").arg(block.ordinal);
    return QChar(0x2022);
}

void addParagraph(PartText& part, const MarkdownBlock& block, const AnswerPiece& piece) {
    TextRole font = TextRole::body;
    part.head.gapAbove = block.isTight && piece.begin == 0 ? 0 : 1;
    if (block.kind == BlockKind::heading) {
        font = block.level == 1   ? TextRole::heading1
               : block.level == 2 ? TextRole::heading2
                                  : TextRole::heading3;
        part.head.gapAbove = 3;
    }
    RichParagraph paragraph;
    paragraph.spans = runSpans(block, piece.begin, piece.end, font);
    paragraph.indent = block.listDepth;
    if (block.isItemStart && piece.begin == 0) {
        paragraph.isHanging = true;
        paragraph.spans.insert(paragraph.spans.begin(),
                               {itemMark(block) + QLatin1Char('\t'), {.ink = Role::textMuted}});
    }
    part.text.paragraphs.push_back(std::move(paragraph));
}

}  // namespace

PartText answerPart(const AnswerText& answer, int64_t index) {
    PartText part;
    if (size_t(index) >= answer.pieces().size()) return part;
    const AnswerPiece& piece = answer.pieces()[size_t(index)];
    const MarkdownBlock& block = answer.blockOf(index);
    const std::string_view source = answer.sourceOf(block);
    switch (block.kind) {
        case BlockKind::code:
            addCode(part, block, piece);
            break;
        case BlockKind::table:
            addTable(part, block, piece);
            break;
        case BlockKind::rule:
            part.text.add(QString(24, QChar(0x2500)),
                          {.ink = Role::textMuted, .font = TextRole::small});
            break;
        case BlockKind::paragraph:
        case BlockKind::heading:
            if (isMathematics(source))
                addMathematics(part, source);
            else
                addParagraph(part, block, piece);
            break;
    }
    if (index == 0) {
        part.head.spoken = ConversationTexts::tr("Answer");
        part.head.gapAbove = std::max(part.head.gapAbove, 3);
    }
    if (block.quoteDepth > 0 && part.head.frame == BlockFrame::plain) {
        part.head.frame = BlockFrame::quiet;
        part.head.indent = block.quoteDepth - 1;
    }
    const bool isBox = block.kind == BlockKind::code || block.kind == BlockKind::table;
    if (isBox) part.head.indent = block.listDepth;
    if (!part.markdown.isEmpty()) return part;
    part.markdown = fromUtf8(source);
    while (part.markdown.endsWith(QLatin1Char('\n')))
        part.markdown.chop(1);
    return part;
}

}  // namespace moxie::desktop
