// Keys for those who call all day; everything works without them.
"use strict";

const leads = [...document.querySelectorAll(".firm")];
const keys = document.querySelector(".keys");
const inList = document.querySelector(".firms") !== null;
let at = leads.findIndex((lead) => `#${lead.id}` === location.hash); // where the word before led to

if (keys) keys.hidden = false; // without this script there are none
if (at >= 0) stand(at);

function stand(place) {
  at = Math.min(Math.max(place, 0), leads.length - 1);
  leads[at]?.focus();
}

// The lead that everybody sees is meant: the row that has the focus, or the one that the page is about.
function meant() {
  return document.activeElement?.closest(".firm") ?? (inList ? null : leads[0]);
}

function press(key) {
  const lead = meant();
  const control = lead?.querySelector(`[data-key="${key}"]`);
  if (!lead) stand(at);
  else if (control instanceof HTMLDetailsElement) {
    control.open = true;
    control.querySelector("form button:enabled, form input:not([type=hidden], [name=note])")?.focus();
  } else {
    control?.click();
  }
}

function explain() {
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

document.addEventListener("focusin", () => {
  const lead = document.activeElement?.closest(".firm");
  if (lead) at = leads.indexOf(lead);
});

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") stand(meant() ? at + 1 : at);
  else if (event.key === "k") stand(at - 1);
  else if (event.key === "o") meant()?.querySelector("h2 a")?.click();
  else if (event.key === "u") document.querySelector('.said [data-key="u"]')?.click();
  else if (["a", "r", "n", "w", "l"].includes(event.key)) press(event.key);
  else if (event.key === "?") explain();
  else if (event.key === "Escape") meant()?.querySelectorAll("details[open]").forEach((d) => { d.open = false; });
  else return;
  event.preventDefault();
});
