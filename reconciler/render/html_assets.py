"""The style and the script of every HTML page: inside the page, with nothing fetched from anywhere."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #57606a; --paper: #ffffff; --card: #f6f8fa; --line: #d0d7de;
  --good: #116329; --warn: #7d4e00; --bad: #a40e26; --note: #0550ae; --focus: #0969da; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --dim: #a2abb5; --paper: #0d1117; --card: #161b22;
  --line: #3d444d; --good: #56d364; --warn: #e3b341; --bad: #ff9a94; --note: #79c0ff; --focus: #79c0ff; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.5rem; } footer { padding-bottom: 3rem; color: var(--dim); }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
a { color: var(--note); } :focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem; }
.verdict { font-size: 1.1rem; font-weight: 600; margin: .25rem 0; } .dim { color: var(--dim); }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); } .note { color: var(--note); }
.box { border-left: 4px solid var(--bad); background: var(--card); padding: .5rem 1rem; }
code, .value { font-family: ui-monospace, monospace; font-size: .9em; overflow-wrap: anywhere; }
li { overflow-wrap: anywhere; }
form { display: flex; flex-wrap: wrap; gap: .75rem 1rem; align-items: end; padding: .75rem 1rem;
  background: var(--card); border: 1px solid var(--line); border-radius: 6px; position: sticky; top: 0; z-index: 1; }
form[hidden] { display: none; }
label { display: grid; gap: .15rem; font-size: .85rem; }
input, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--dim);
  border-radius: 4px; padding: .3rem .5rem; }
output { margin-left: auto; }
article { border: 1px solid var(--line); border-radius: 6px; margin: .75rem 0; padding: .75rem 1rem; }
.many article { content-visibility: auto; contain-intrinsic-size: auto 8rem; }
article:target { border-color: var(--focus); box-shadow: 0 0 0 2px var(--focus); }
.part { margin-top: .5rem; } .part[hidden], article[hidden] { display: none; }
.sign { display: inline-block; min-width: 1.6em; font-family: ui-monospace, monospace; font-weight: 700; }
.what { font-weight: 600; }
.tag { border: 1px solid currentColor; border-radius: 1em; padding: 0 .5em; font-size: .8em; }
table { border-collapse: collapse; margin: .4rem 0 0 1.6em; }
th, td { text-align: left; vertical-align: top; padding: .1rem .8rem .1rem 0; overflow-wrap: anywhere; }
th { font-weight: 600; font-size: .85rem; color: var(--dim); }
.aside { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.graph { overflow: auto; border: 1px solid var(--line); border-radius: 6px; max-height: 40rem; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); }
svg rect { fill: var(--card); stroke: var(--dim); } svg .disruptive rect { stroke: var(--bad); stroke-width: 2.5; }
svg path { fill: none; stroke: var(--dim); }
@media print { :root { --ink: #000; --dim: #444; --paper: #fff; --card: #fff; --line: #999; --good: #000; --warn: #000;
  --bad: #000; --note: #000; } form, .skip { display: none; } .graph { max-height: none; overflow: visible; }
  article { break-inside: avoid; content-visibility: visible; } }
"""

SCRIPT = """
"use strict";
(() => {
  const form = document.querySelector("form");
  if (!form) return;
  const articles = [...document.querySelectorAll("article")].map((article) => ({
    article, words: null, parts: [...article.querySelectorAll(".part")] }));
  const total = articles.reduce((sum, each) => sum + each.parts.length, 0);
  const told = form.querySelector("output");
  const show = () => {
    const words = form.elements.search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    const facets = [...form.querySelectorAll("select")].filter((each) => each.value);
    let shown = 0;
    for (const each of articles) {
      if (words.length && each.words === null) each.words = each.article.textContent.toLowerCase();
      const found = words.every((word) => each.words.includes(word));
      let visible = 0;
      for (const part of each.parts) {
        const fits = found && facets.every((facet) => part.dataset[facet.name].split(" ").includes(facet.value));
        part.hidden = !fits;
        if (fits) visible += 1;
      }
      each.article.hidden = visible === 0;
      shown += visible;
    }
    told.textContent = `Showing ${shown} of ${total}`;
  };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.closest("[hidden]")) { form.reset(); show(); target.scrollIntoView(); }
  };
  form.hidden = false;
  form.addEventListener("input", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show));
  window.addEventListener("hashchange", reveal);
  show();
})();
"""
