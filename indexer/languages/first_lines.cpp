#include "indexer/languages/first_lines.h"

#include <algorithm>

namespace moxie::indexer {
namespace {

constexpr int kModelineLines = 5;
constexpr size_t kEdgeBytesMax = 2'000;
constexpr std::string_view kNameEnds = " \t\r;:,=*";

std::string_view headLines(std::string_view text) {
    text = text.substr(0, kEdgeBytesMax);
    size_t end = 0;
    for (int i = 0; i < kModelineLines && end != text.npos; i++)
        end = text.find('\n', end == 0 ? 0 : end + 1);
    return text.substr(0, end);
}

std::string_view tailLines(std::string_view text) {
    if (text.size() > kEdgeBytesMax) text.remove_prefix(text.size() - kEdgeBytesMax);
    size_t at = text.size();
    for (int i = 0; i <= kModelineLines && at != text.npos && at > 0; i++)
        at = text.rfind('\n', at - 1);
    return at == text.npos ? text : text.substr(at);
}

std::string_view skipBlanks(std::string_view text) {
    return text.substr(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::string_view nameAt(std::string_view text) {
    text = skipBlanks(text);
    return text.substr(0, text.find_first_of(kNameEnds));
}

// -*- c++ -*-, -*- coding: utf-8; mode: ruby -*-
std::string_view emacsMode(std::string_view lines) {
    const size_t open = lines.find("-*-");
    if (open == lines.npos) return {};
    std::string_view inside = lines.substr(open + 3);
    const size_t close = inside.find("-*-");
    if (close == inside.npos || inside.substr(0, close).find('\n') != inside.npos) return {};
    inside = inside.substr(0, close);
    const size_t mode = inside.find("ode:");
    if (mode != inside.npos && mode > 0) return nameAt(inside.substr(mode + 4));
    return inside.find(':') == inside.npos ? nameAt(inside) : std::string_view();
}

// vim: set ft=ruby :, vi:syntax=c
std::string_view vimFiletype(std::string_view lines) {
    for (const std::string_view editor : {"vim:", "vi:", "ex:"}) {
        const size_t at = lines.find(editor);
        const bool begins =
            at == 0 || (at != lines.npos && (lines[at - 1] == ' ' || lines[at - 1] == '\t'));
        if (at == lines.npos || !begins) continue;
        const std::string_view line = lines.substr(at, lines.substr(at).find('\n'));
        for (const std::string_view key : {"filetype=", "ft=", "syntax="}) {
            const size_t value = line.find(key);
            if (value != line.npos) return nameAt(line.substr(value + key.size()));
        }
    }
    return {};
}

std::string_view modelineIn(std::string_view lines) {
    const std::string_view mode = emacsMode(lines);
    return mode.empty() ? vimFiletype(lines) : mode;
}

std::string_view lastPart(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string_view modelineOf(std::string_view text) {
    const std::string_view name = modelineIn(headLines(text));
    return name.empty() ? modelineIn(tailLines(text)) : name;
}

std::string_view interpreterOf(std::string_view text) {
    if (!text.starts_with("#!")) return {};
    std::string_view line = text.substr(2, std::min(text.find('\n'), size_t(200)) - 2);
    while (!line.empty()) {
        const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
        const std::string_view word = lastPart(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
        if (word.empty() || word == "env" || word.starts_with("-") || word.find('=') != word.npos)
            continue;
        return word;
    }
    return {};
}

std::string_view withoutVersion(std::string_view interpreter) {
    return interpreter.substr(
        0, std::min(interpreter.find_first_of("0123456789.-"), interpreter.size()));
}

bool startsAsXml(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    return headLines(text).find("<?xml version=") != std::string_view::npos;
}

bool startsAsManualPage(std::string_view text) {
    for (const std::string_view sign : {".TH ", ".Dd ", ".Dt "})
        if (text.starts_with(sign)) return true;
    const std::string_view head = headLines(text);
    return head.find("\n.TH ") != head.npos || head.find("\n.Dd ") != head.npos;
}

}  // namespace moxie::indexer
