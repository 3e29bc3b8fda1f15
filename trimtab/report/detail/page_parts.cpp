#include "trimtab/report/detail/page_parts.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "trimtab/report/detail/page_style.hpp"
#include "trimtab/report/svg/figure_chart.hpp"

namespace trimtab {

std::string page_begin(const std::string& title) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>" +
         escape(title) + "</title>\n<style>" + std::string(page_style()) +
         "</style>\n</head>\n<body>\n<main>\n";
}

std::string page_end() {
  return "<footer>Written by Trimtab.</footer>\n</main>\n</body>\n</html>\n";
}

std::string section(const std::string& title, const std::string& note, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<section>\n<h2>{}</h2>\n<p class=\"note\">{}</p>\n{}</section>\n", title,
                     note, content);
}

std::string sentence(std::string text) {
  const std::size_t end =
      std::min(text.size(), text.find_first_not_of("abcdefghijklmnopqrstuvwxyz"));
  // A word of the language, not a name such as "rapl_power" or "lr = 3".
  const bool is_word = end > 0 && (end == text.size() || text[end] == ' ' || text[end] == ',') &&
                       text.compare(end, 3, " = ") != 0;
  if (is_word) {
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  }
  return text + ".";
}

std::string heading_of(const std::string& name) {
  std::string heading = name;
  std::replace(heading.begin(), heading.end(), '_', ' ');
  heading = sentence(heading);
  heading.pop_back();
  return heading;
}

std::string lines_block(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += escape(line) + "\n";
  return "<pre class=\"lines\">" + text + "</pre>\n";
}

std::string figure_blocks(const std::vector<Figure>& figures) {
  std::string blocks;
  for (const Figure& figure : figures) {
    const std::string wide = figure_chart(figure, kScreen);
    if (wide.empty()) continue;
    blocks += fmt::format("<figure>\n<h3>{}</h3>\n{}{}<figcaption>{}</figcaption>\n</figure>\n",
                          escape(figure.title), wide, figure_chart(figure, kPhone),
                          escape(figure.caption));
  }
  return blocks;
}

}  // namespace trimtab
