"""Texts that want to be more than text: markup for a page, formulas for a spreadsheet."""

from __future__ import annotations

# Each leaves `window.ran` or an element with `data-ran` behind if it becomes markup; `tests.browser.markup_ran` looks.
MARKUP = (
    '<img src=x data-ran onerror="window.ran=1">',
    "</script><script>window.ran=1</script><b data-ran>b</b>",
    '"><svg data-ran onload="window.ran=1">',
    '\'><iframe data-ran srcdoc="<script>parent.ran=1</script>">',
    "<!--<script>window.ran=1</script><b data-ran>-->",
    "]]><b data-ran>b</b>",
    "&lt;b data-ran&gt;&#60;b data-ran&#62;",
    "{{constructor.constructor('window.ran=1')()}}${window.ran=1}",
    "\u202e\u2066<b data-ran>b</b>\u2028\u2029",
)
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", '=HYPERLINK("http://elsewhere.example","a")')
