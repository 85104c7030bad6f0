#include "app/desktop/screens/changes/checkpoint_page.h"

#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "app/desktop/screens/changes/spaced_rows.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

CheckpointPage::CheckpointPage(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      head_(new QLabel(this)),
      list_(new QListWidget(this)),
      explanation_(new QLabel(this)),
      restore_(new QPushButton(this)),
      branch_(new QPushButton(this)),
      back_(new QPushButton(this)),
      branchName_(new QLineEdit(this)) {
    head_->setObjectName(QStringLiteral("changes.points.title"));
    list_->setObjectName(QStringLiteral("changes.points.list"));
    list_->setFrameShape(QFrame::NoFrame);
    list_->setUniformItemSizes(true);
    list_->setItemDelegate(new SpacedRows(list_));
    explanation_->setObjectName(QStringLiteral("changes.points.text"));
    explanation_->setWordWrap(true);
    restore_->setObjectName(QStringLiteral("changes.points.restore"));
    branch_->setObjectName(QStringLiteral("changes.points.branch"));
    branchName_->setObjectName(QStringLiteral("changes.points.branchName"));
    back_->setObjectName(QStringLiteral("changes.points.back"));
    auto* top = new QHBoxLayout;
    top->addWidget(head_, 1);
    top->addWidget(back_);
    auto* bottom = new QHBoxLayout;
    bottom->setSpacing(grid(2));
    bottom->addWidget(restore_);
    bottom->addStretch(1);
    bottom->addWidget(branchName_, 2);
    bottom->addWidget(branch_);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(grid(3), grid(2), grid(3), grid(3));
    layout->setSpacing(grid(2));
    layout->addLayout(top);
    layout->addWidget(list_, 1);
    layout->addWidget(explanation_);
    layout->addLayout(bottom);
    connect(list_, &QListWidget::currentRowChanged, this, &CheckpointPage::explain);
    connect(back_, &QPushButton::clicked, this, &CheckpointPage::left);
    connect(restore_, &QPushButton::clicked, this, [this] {
        if (const SavedPoint* point = chosen())
            emit restoreWanted(QString::fromStdString(point->commit));
    });
    connect(branch_, &QPushButton::clicked, this, [this] {
        if (const SavedPoint* point = chosen())
            emit branchWanted(QString::fromStdString(point->commit), branchName_->text().trimmed());
    });
    connect(branchName_, &QLineEdit::textChanged, this,
            [this](const QString& name) { branch_->setEnabled(!name.trimmed().isEmpty()); });
    connect(&appearance_, &Appearance::changed, this, &CheckpointPage::restyle);
    retranslate();
}

const SavedPoint* CheckpointPage::chosen() const {
    const int row = list_->currentRow();
    return row < 0 || row >= int(points_.size()) ? nullptr : &points_[size_t(row)];
}

QString CheckpointPage::titleOf(const SavedPoint& point) const {
    const QString reason = QString::fromStdString(point.reason);
    if (reason.startsWith(QLatin1String("before turn ")))
        return tr("Before turn %1").arg(reason.mid(12));
    if (reason == QLatin1String("before review")) return tr("Before a rejection or an edit");
    if (reason == QLatin1String("before undo of a review")) return tr("Before an undo");
    if (reason.startsWith(QLatin1String("before undo of a restore")))
        return tr("Before the undo of a restore");
    if (reason == QLatin1String("before restore")) return tr("Before a restore");
    if (reason == QLatin1String("after restore")) return tr("After a restore");
    if (reason.startsWith(QLatin1String("after the turn"))) return tr("After a turn");
    return reason;
}

void CheckpointPage::setPoints(const std::vector<SavedPoint>& points) {
    if (points == points_ && list_->count() > 0) return;
    // Newer ones come in front: the row of the chosen one is another then.
    if (const SavedPoint* point = chosen(); point != nullptr && wanted_.empty())
        wanted_ = point->commit;
    points_ = points;
    const QLocale locale;
    list_->clear();
    for (const SavedPoint& point : points_) {
        const QString when = locale.toString(QDateTime::fromMSecsSinceEpoch(point.timeMs),
                                             QStringLiteral("yyyy-MM-dd HH:mm:ss"));
        list_->addItem(tr("%1    %2", "time and title of a checkpoint").arg(when, titleOf(point)));
    }
    list_->setCurrentRow(std::min(0, list_->count() - 1));
    choose(QString::fromStdString(wanted_));
    explain();
}

void CheckpointPage::focusList() {
    list_->setFocus(Qt::OtherFocusReason);
}

void CheckpointPage::choose(const QString& commit) {
    wanted_ = commit.toStdString();
    const auto found =
        std::find_if(points_.begin(), points_.end(),
                     [this](const SavedPoint& point) { return point.commit == wanted_; });
    if (found == points_.end()) return;
    wanted_.clear();
    list_->setCurrentRow(int(found - points_.begin()));
}

void CheckpointPage::explain() {
    const SavedPoint* point = chosen();
    restore_->setEnabled(point != nullptr);
    branchName_->setEnabled(point != nullptr);
    if (point == nullptr) {
        explanation_->setText(tr(
            "No checkpoints yet. One is taken before each turn of the agent, and before anything "
            "here writes a file."));
        return;
    }
    const QString kept =
        tr("Restoring makes the files as they were then. A checkpoint of now is taken first, and "
           "the restore can be undone. The branch, its commits and what is staged stay. Ignored "
           "and very large files stay as well.");
    const QString moved =
        tr("There have been commits since: after restoring, the files differ from the last commit. "
           "Restore the files only, or make a new branch that holds this checkpoint and leaves "
           "everything here as it is.");
    explanation_->setText(point->hasHeadMoved ? moved + QStringLiteral("\n\n") + kept : kept);
    branchName_->setText(QStringLiteral("checkpoint-") +
                         QString::fromStdString(point->commit.substr(0, 7)));
}

void CheckpointPage::retranslate() {
    head_->setText(tr("Checkpoints of this session"));
    list_->setAccessibleName(head_->text());
    back_->setText(tr("Back to the changes"));
    restore_->setText(tr("Restore these files"));
    branch_->setText(tr("Make branch"));
    branchName_->setAccessibleName(tr("Name of the new branch"));
    branchName_->setPlaceholderText(tr("Name of the new branch"));
    for (QPushButton* button : {back_, restore_, branch_})
        button->setAccessibleName(button->text());
    list_->clear();
    setPoints(std::exchange(points_, {}));
    restyle();
}

void CheckpointPage::restyle() {
    const Look& look = appearance_.look();
    head_->setFont(look.font(TextRole::heading3));
    QPalette muted = look.palette();
    muted.setColor(QPalette::WindowText, look.color(Role::textMuted));
    explanation_->setPalette(muted);
}

void CheckpointPage::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::LanguageChange) retranslate();
}

void CheckpointPage::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) return emit left();
    QWidget::keyPressEvent(event);
}

}  // namespace moxie::desktop
