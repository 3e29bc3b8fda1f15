#include <iostream>

#include "trimtab/cli/commands.hpp"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  return trimtab::run_command_line(argc, argv, std::cout, std::cerr);
}
