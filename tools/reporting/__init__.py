# SPDX-License-Identifier: BSD-3-Clause
"""After-action reports: one incident file in, one page of HTML out. tools/report is the command.

    incident file -> schema (is it one?) -> incident (what follows from it) -> page (summary, plots, tables) -> HTML

Words of each language are in words_en and words_ja, numbers are written by figures, markup escapes all that is text.
"""
