// Which sessions the sidebar shows: four buttons of which one is down, on one line or two.
// Threads: GUI thread only.
#pragma once
#include <QWidget>
#include <array>

#include "app/desktop/model/session_list.h"

class QButtonGroup;
class QGridLayout;
class QToolButton;

namespace moxie::desktop {

class Appearance;

class FilterRow final : public QWidget {
    Q_OBJECT

public:
    explicit FilterRow(Appearance& appearance, QWidget* parent = nullptr);

    SessionFilter filter() const;
    // Shown on "Needs me".
    void setNeedMe(int count);

signals:
    void filterChosen(moxie::desktop::SessionFilter filter);

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void arrange();
    void retranslate();
    void applyLook();

    Appearance& appearance_;
    QButtonGroup* group_;
    QGridLayout* layout_;
    std::array<QToolButton*, 4> buttons_ = {};  // in the order of SessionFilter
    int nNeedMe_ = 0;
    int columns_ = 0;
    bool isEven_ = false;
};

}  // namespace moxie::desktop
