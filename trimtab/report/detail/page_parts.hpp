#pragma once

#include <string>
#include <vector>

#include "trimtab/core/figure.hpp"

namespace trimtab {

// What every page of ours is made of.

/// The page up to its first section. @param title  not yet escaped.
std::string page_begin(const std::string& title);
std::string page_end();

/// A titled part of the page, or nothing when there is nothing in it. All is markup.
std::string section(const std::string& title, const std::string& note, const std::string& content);

/// "the finding" becomes "The finding."
std::string sentence(std::string text);

/// "scaling_law" becomes "Scaling law".
std::string heading_of(const std::string& name);

/// Lines as a terminal would show them.
std::string lines_block(const std::vector<std::string>& lines);

/// The figures with title and caption, for screens and for phones; those that show nothing are left
/// out.
std::string figure_blocks(const std::vector<Figure>& figures);

}  // namespace trimtab
