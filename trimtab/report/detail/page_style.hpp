#pragma once

#include <string_view>

namespace trimtab {

/// The style sheet of the HTML page: light and dark by the reader's preference, one column on
/// phones, plain on paper.
std::string_view page_style();

}  // namespace trimtab
