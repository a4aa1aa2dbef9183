// Keys for those who call all day; everything works without them.
"use strict";

const leads = [...document.querySelectorAll(".firm")];
const keys = document.querySelector(".keys");
const named = leads.findIndex((lead) => `#${lead.id}` === location.hash);
let at = named >= 0 ? named : Math.max(0, Number(sessionStorage.getItem("at")) || 0);

if (keys) keys.hidden = false; // without this script there are none
if (named >= 0) stand(named); // where the word before led to

function stand(place) {
  at = Math.min(Math.max(place, 0), leads.length - 1);
  sessionStorage.setItem("at", String(at));
  leads[at]?.focus();
}

function press(key) {
  const control = (leads[at] ?? document).querySelector(`[data-key="${key}"]`);
  if (control instanceof HTMLDetailsElement) {
    control.open = true;
    control.querySelector("form button, form input:not([type=hidden])")?.focus();
  } else {
    control?.click();
  }
}

function explain() {
  if (!keys) return;
  keys.open = !keys.open;
  keys.querySelector("summary").focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") stand(leads.includes(document.activeElement) ? at + 1 : at);
  else if (event.key === "k") stand(at - 1);
  else if (event.key === "o") leads[at]?.querySelector("h2 a")?.click();
  else if (event.key === "u") document.querySelector('.said [data-key="u"]')?.click();
  else if (["a", "r", "n", "w", "l"].includes(event.key)) press(event.key);
  else if (event.key === "?") explain();
  else if (event.key === "Escape") leads[at]?.querySelectorAll("details[open]").forEach((d) => { d.open = false; });
  else return;
  event.preventDefault();
});
