#include "app/desktop/screens/composer/picture_strip.h"

#include <QAbstractListModel>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QListView>
#include <QPixmap>
#include <QToolButton>
#include <algorithm>
#include <utility>

#include "app/desktop/core/worker.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kStripEdge = 56;

}  // namespace

class PictureStrip::Model final : public QAbstractListModel {
public:
    using QAbstractListModel::QAbstractListModel;

    void add(Picture picture) {
        const int row = rowCount();
        beginInsertRows({}, row, row);
        pictures_.push_back(std::move(picture));
        endInsertRows();
    }

    void remove(int row) {
        beginRemoveRows({}, row, row);
        pictures_.erase(pictures_.begin() + row);
        endRemoveRows();
    }

    std::vector<Picture> take() {
        beginResetModel();
        std::vector<Picture> all = std::exchange(pictures_, {});
        endResetModel();
        return all;
    }

    int rowCount(const QModelIndex& parent = {}) const override {
        return parent.isValid() ? 0 : int(pictures_.size());
    }

    QString nameOf(int row) const {
        const QString& name = pictures_[size_t(row)].name;
        return name.isEmpty() ? PictureStrip::tr("Pasted picture") : name;
    }

    QVariant data(const QModelIndex& index, int role) const override {
        const Picture& picture = pictures_[size_t(index.row())];
        const QSize size = picture.thumbnail.size();
        switch (role) {
            case Qt::DecorationRole:
                return QPixmap::fromImage(picture.thumbnail);
            case Qt::ToolTipRole:
                return nameOf(index.row());
            case Qt::AccessibleTextRole:
                return PictureStrip::tr("Picture %1 of %2: %3")
                    .arg(QString::number(index.row() + 1), QString::number(rowCount()),
                         nameOf(index.row()));
            case Qt::SizeHintRole:
                return QSize(
                    std::max(grid(6),
                             size.scaled(grid(40), kStripEdge, Qt::KeepAspectRatio).width()) +
                        grid(2),
                    kStripEdge + grid(2));
            default:
                return {};
        }
    }

private:
    std::vector<Picture> pictures_;
};

PictureStrip::PictureStrip(Appearance& appearance, QWidget* parent)
    : QWidget(parent),
      appearance_(appearance),
      model_(new Model(this)),
      list_(new QListView(this)),
      remove_(new QToolButton(this)) {
    setObjectName(QStringLiteral("composer.pictures"));
    list_->setObjectName(QStringLiteral("composer.pictures.list"));
    list_->setModel(model_);
    list_->setFlow(QListView::LeftToRight);
    list_->setIconSize({grid(40), kStripEdge});
    list_->setFrameShape(QFrame::NoFrame);
    list_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list_->setFixedHeight(kStripEdge + grid(5));
    list_->installEventFilter(this);
    remove_->setObjectName(QStringLiteral("composer.pictures.remove"));
    remove_->setAutoRaise(true);
    remove_->setFocusPolicy(Qt::StrongFocus);
    connect(remove_, &QToolButton::clicked, this, &PictureStrip::removeChosen);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(grid(1));
    layout->addWidget(list_, 1);
    layout->addWidget(remove_, 0, Qt::AlignTop);
    connect(&appearance, &Appearance::changed, this, &PictureStrip::applyLook);
    hide();
    applyLook();
    retranslate();
}

PictureStrip::~PictureStrip() = default;

template <class Read>
void PictureStrip::read(Read read) {
    if (!worker_) worker_ = std::make_unique<Worker>();
    ++nReading_;
    worker_->run(
        *this, [read](const std::stop_token&) { return read(); },
        [this](base::Result<Picture> picture) {
            --nReading_;
            add(std::move(picture));
        });
    emit changed();
}

void PictureStrip::addFiles(const QStringList& paths) {
    for (const QString& path : paths)
        read([path] { return readPicture(path); });
}

void PictureStrip::addImage(const QImage& image) {
    read([image] { return makePicture(image); });
}

void PictureStrip::add(base::Result<Picture> picture) {
    if (!picture)
        emit refused(tr("The picture was not added: %1")
                         .arg(QString::fromStdString(picture.error().message())));
    else if (model_->rowCount() >= kPicturesOfMessageMax)
        emit refused(tr("A message takes %n pictures at most.", nullptr, kPicturesOfMessageMax));
    else
        model_->add(std::move(*picture));
    update();
}

bool PictureStrip::isEmpty() const {
    return model_->rowCount() == 0;
}

std::vector<engine::Image> PictureStrip::take() {
    std::vector<engine::Image> images;
    for (Picture& picture : model_->take())
        images.push_back(std::move(picture.image));
    update();
    return images;
}

void PictureStrip::removeChosen() {
    const int row = list_->currentIndex().row();
    if (row < 0) return;
    model_->remove(row);
    update();  // without any it hides, and the focus goes on to the message
}

void PictureStrip::update() {
    if (!list_->currentIndex().isValid() && !isEmpty())
        list_->setCurrentIndex(model_->index(model_->rowCount() - 1, 0));
    setVisible(!isEmpty());
    emit changed();
}

void PictureStrip::retranslate() {
    list_->setAccessibleName(tr("Pictures of this message"));
    remove_->setText(tr("Remove"));
    remove_->setAccessibleName(tr("Remove the chosen picture"));
    remove_->setToolTip(remove_->accessibleName());
}

void PictureStrip::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::Base, look.color(Role::surface));
    list_->setPalette(palette);
    remove_->setFont(look.font(TextRole::small));
}

void PictureStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) retranslate();
    QWidget::changeEvent(event);
}

bool PictureStrip::eventFilter(QObject* watched, QEvent* event) {
    if (watched == list_ && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Delete || key == Qt::Key_Backspace) {
            removeChosen();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

}  // namespace moxie::desktop
