// The list of a session's commands at the top of the terminal tab: two lines each, no widget per
// row. Threads: GUI thread only.
#pragma once
#include <QAbstractListModel>
#include <QListView>

#include "app/desktop/screens/output/command_list.h"

namespace moxie::desktop {

class Appearance;
class SessionModel;

class CommandModel final : public QAbstractListModel {
    Q_OBJECT

public:
    using QAbstractListModel::QAbstractListModel;

    void rebuild(const Conversation& now);
    void apply(const Conversation& now, const std::vector<ConversationChange>& changes);

    // Requires: 0 <= row < rowCount().
    const CommandRow& command(int row) const;
    // -1: there is none.
    int rowOf(const std::string& callId, int32_t turn) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;

private:
    CommandList list_;
};

class CommandView final : public QListView {
    Q_OBJECT

public:
    // Both outlive it.
    CommandView(CommandModel& model, const Appearance& appearance, QWidget* parent);

    // The names of rows are made of the current language.
    void retranslate();

private:
    void layOutAgain();

    const Appearance& appearance_;
};

}  // namespace moxie::desktop
