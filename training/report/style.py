"""The report's style: light and dark, legible in print and to the colour-blind."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2330; --quiet: #566072; --line: #d9dee7; --panel: #f4f6f9;
  --blue: #2a6fbb; --orange: #c4661f; --grey: #b4bac5; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161d; --ink: #e6eaf1; --quiet: #a3adbd; --line: #2e3643;
  --panel: #1a202a; --blue: #6aa9ee; --orange: #e8954f; --grey: #5a6475; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 74rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
h1 { font-size: 1.7rem; margin: .5rem 0 1rem; } h2 { margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); }
h3 { margin: 1.5rem 0 .25rem; } figure h3 { margin: 0; font-size: 1rem; }
h4 { margin: 0 0 .5rem; overflow-wrap: anywhere; }
p { max-width: 60rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; }
.tiles div { padding: 1rem; background: var(--panel); border-radius: .5rem; }
.tiles b { display: block; font-size: 2rem; line-height: 1.2; color: var(--blue); }
.gate, .ask { padding: .75rem 1rem; border-left: 5px solid var(--orange); background: var(--panel); }
.gate-promote { border-color: var(--blue); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .75rem 0; }
th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
tbody th { font-weight: 500; } thead th { color: var(--quiet); font-weight: 600; font-size: .85rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; } figcaption, .small { color: var(--quiet); font-size: .9rem; } .small { margin: .25rem 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.25rem; }
.field { padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; overflow: hidden; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--quiet); font-size: 12px; font-family: inherit; } svg text.label { fill: var(--ink); }
.heat text { font-size: 11px; }
.grid { stroke: var(--line); } .zero { stroke: var(--quiet); stroke-dasharray: 2 3; fill: none; }
polyline.ours { fill: none; stroke: var(--blue); stroke-width: 2.5; }
polyline.other { fill: none; stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 5 4; }
polygon.area { fill: var(--blue); fill-opacity: .18; }
circle.ours { fill: var(--blue); } line.whisker { stroke: var(--blue); stroke-width: 1.5; }
rect.rest { fill: var(--grey); } rect.buyers, rect.for { fill: var(--blue); } rect.against { fill: var(--orange); }
rect.leads { fill: var(--grey); fill-opacity: .45; }
.levels { width: 100%; table-layout: fixed; margin: 0; font-size: .85rem; }
.levels th:first-child { width: 40%; } .levels th:nth-child(2) { width: 26%; }
.levels thead th { overflow-wrap: normal; }
.levels td, .levels th { padding: .1rem .25rem; border: 0; }
.levels .n { text-align: right; font-variant-numeric: tabular-nums; }
.quiet { color: var(--quiet); } .swing line { stroke: var(--quiet); }
@media print { .field, figure { break-inside: avoid; } }
"""
